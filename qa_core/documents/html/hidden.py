"""What an HTML page's own style sheet hides for good, told apart from what a click or a print shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from qa_core.documents.html.furniture import hides, is_opened_by_click

_MOST = 1 / 3  # of the page's letters; a sheet that hides more is not meant for the page as it is saved
_NOISE = re.compile(r"/\*.*?\*/|<!--|-->|\"[^\"]*\"|'[^']*'", re.DOTALL)
_SIMPLE = re.compile(r"(?P<tag>[a-z][a-z0-9]*)?(?:\.(?P<name>[\w-]+)|#(?P<id>[\w-]+))?", re.IGNORECASE)
_SHOWS = re.compile(r"(?:^|[;\s])(?:display\s*:\s*(?!none)\w|visibility\s*:\s*visible)", re.IGNORECASE)
_NAME = re.compile(r"[.#]([\w-]+)")
_STATE = re.compile(r"[:+~\[]")  # what the reader did, as in `:checked ~ div`
_WORD = re.compile(r"[\w-]+")
_SHEETS = "//style[not(ancestor::noscript or ancestor::svg)]"
_SCRIPTS = (
    "//script[not(contains(@type, 'json'))]/text()|//@onclick|//@aria-controls|//@data-target"
    "|//@data-bs-target|//a/@href[starts-with(., '#')]"
)


@dataclass(frozen=True, slots=True)
class _Rule:
    selector: str
    is_hiding: bool  # else it shows
    is_nested: bool  # in an @-block, such as one for print


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is shown sometimes: names that rules or scripts speak of, tags behind a state."""

    names: frozenset[str]
    tags: frozenset[str]

    def has(self, element: HtmlElement) -> bool:
        names = {*(element.get("class") or "").split(), element.get("id")}
        return element.tag in self.tags or bool(names & self.names)


def hide_by_sheets(root: HtmlElement) -> None:
    """Hide in the elements themselves what simple rules of the page's `<style>` hide.

    Nothing is hidden where that would leave out more than a third of the text.
    """
    rules = [rule for sheet in root.xpath(_SHEETS) if _is_for_screens(sheet) for rule in _rules(sheet)]
    hidden = set(_hidden(root, rules))
    outermost = [element for element in hidden if hidden.isdisjoint(element.iterancestors())]
    if sum(map(_n_letters, outermost)) <= _MOST * _n_letters(root):
        for element in hidden:
            element.set("style", "display:none")


def _hidden(root: HtmlElement, rules: Sequence[_Rule]) -> Iterator[HtmlElement]:
    simple = [
        (match, rule.is_hiding)
        for rule in rules
        if not rule.is_nested and (match := _SIMPLE.fullmatch(rule.selector))
    ]
    if not any(is_hiding for _, is_hiding in simple):
        return
    shown = _shown(root, rules)
    for element in root.iter(*{(match["tag"] or "*").lower() for match, is_hiding in simple if is_hiding}):
        if _SHOWS.search(element.get("style") or "") or shown.has(element) or is_opened_by_click(element):
            continue
        matching = [(_weight(match), is_hiding) for match, is_hiding in simple if _matches(match, element)]
        if matching and sorted(matching, key=lambda rule: rule[0])[-1][1]:
            yield element


def _is_for_screens(sheet: HtmlElement) -> bool:
    return (sheet.get("media") or "all").strip().lower() in ("all", "screen")


def _rules(sheet: HtmlElement) -> Iterator[_Rule]:
    """The rules that show or hide, one for each selector of a list."""
    blocks: list[str] = []
    text = ""
    for piece in re.split(r"([{}])", _NOISE.sub(" ", sheet.text_content())):
        if piece == "{":
            blocks.append(text.rpartition(";")[2].strip())
        elif piece == "}" and blocks:
            selectors = [one.strip() for one in blocks.pop().split(",")]
            is_hiding = hides(text)
            if not selectors[0].startswith("@") and (is_hiding or _SHOWS.search(text)):
                yield from (_Rule(one, is_hiding, bool(blocks)) for one in selectors if one)
        text = "" if piece in ("{", "}") else piece


def _shown(root: HtmlElement, rules: Sequence[_Rule]) -> _Shown:
    names = {word for text in root.xpath(_SCRIPTS) for word in _WORD.findall(text)}
    tags: set[str] = set()
    for rule in rules:
        is_simple = _SIMPLE.fullmatch(rule.selector) is not None and not rule.is_nested
        if rule.is_hiding or is_simple:
            continue
        last = re.split(r"[\s>+~]+", rule.selector)[-1]
        names |= set(_NAME.findall(last))
        if rule.is_nested or _STATE.search(rule.selector):
            tags.add(last.lower())
    return _Shown(frozenset(names), frozenset(tags))


def _matches(selector: re.Match[str], element: HtmlElement) -> bool:
    tag, name, own = selector["tag"], selector["name"], selector["id"]
    return (
        (tag is None or tag.lower() == element.tag)
        and (own is None or own == element.get("id"))
        and (name is None or name in (element.get("class") or "").split())
    )


def _weight(selector: re.Match[str]) -> tuple[bool, bool, bool]:
    """The specificity of a selector."""
    return selector["id"] is not None, selector["name"] is not None, selector["tag"] is not None


def _n_letters(element: HtmlElement) -> int:
    own = [part.text for part in element.iter() if part.tag not in ("script", "style")]
    tails = [part.tail for part in element.iterdescendants()]
    return sum(len("".join(text.split())) for text in (*own, *tails) if text)
