"""The text of HTML elements: inline runs with their links."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from qa_core.documents.blocks import RAISED, clean
from qa_core.documents.html.breaks import without_soft_breaks
from qa_core.documents.html.furniture import is_skipped, is_within_sentence
from qa_core.documents.html.maths import formula_text
from qa_core.documents.html.navigation import are_labels

BLOCK_TAGS_TEXT = """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main nav ol p pre section summary
    table tbody td tfoot th thead tr ul menu dir listing
"""
BLOCK_TAGS = frozenset(BLOCK_TAGS_TEXT.split())
_OUTSIDE = re.compile(r"\s*(?:https?:)?//|\s*(?:mailto|tel|ftp):", re.IGNORECASE)
_FILE_NAME = re.compile(
    r"\S+\.(?:png|jpe?g|gif|svg|webp|bmp)|(?:image|icon|img|figure|picture|logo)s?[\s\d]*", re.IGNORECASE
)
_LONGEST_ALT = 40
SEPARATORS = re.compile(r"[\s|•·/,;›»>&<«‹–-]+")
LINE_BREAK = "\x1e"
_PERMALINK = re.compile(r"\s*[¶§#🔗↩↑^\u200b\ufe0e\ue000-\uf8ff]*\s*")  # with letters that are icons
_NO_PLACE = re.compile(r"\s*(?:#|javascript:.*|)\s*", re.IGNORECASE)
_POPUP = re.compile(r"popup|tooltip", re.IGNORECASE)

_EXPONENT = re.compile(r"\s*([0-9+\u2010-\u2013\u2212-]+)\s*")

_SPACE_BEFORE = re.compile(
    r" +(?!(?<=\d ): \d)"  # but for that of a ratio: `5 : 1`
    r"(?=(?:[.,;:!?]+|[)\]}”]|[®™©℠]|['’](?:s|t|re|ll|ve)\b)(?:[\s.,;:!?)\]}”]|$))"
)
_SPACE_AFTER = re.compile(r"(?<=[(\[{“]) +")


@dataclass(slots=True)
class Run:
    """Inline text as it is collected, with how much of it are links."""

    parts: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)  # the part inside links to elsewhere in the help
    alts: int = 0  # how many parts are the words of images

    def lines(self) -> list[str]:
        """The text, line by line; of line breaks, those end a line that fold no sentence."""
        return without_soft_breaks([tidy(text) for text in "".join(self.parts).split(LINE_BREAK)])

    @property
    def is_navigation(self) -> bool:
        """Whether there is nothing but links to elsewhere, but for words such as `Next: ` before them."""
        linked = SEPARATORS.sub("", "".join(self.linked))
        if not linked:
            return False
        left = Counter(self.linked)
        others: list[str] = []
        for part in self.parts:
            others += [] if left[part] > 0 else [part]
            left[part] -= 1
        text = "".join(others)
        return not SEPARATORS.sub("", text) or are_labels(text)

    @property
    def is_only_images(self) -> bool:
        """Whether no word stands beside the images."""
        return self.alts > 0 and sum(1 for part in self.parts if part.strip()) == self.alts


def tidy(text: str) -> str:
    """Clean text, without the spaces that pretty-printed tags leave before punctuation."""
    return _SPACE_AFTER.sub("", _SPACE_BEFORE.sub("", clean(text)))


def inline(element: HtmlElement, run: Run, *, linked: bool = False) -> None:
    """Add an inline element's text to `run`, without the tail behind the element."""
    if (is_skipped(element) and not is_within_sentence(element)) or _is_permalink(element):
        return
    if element.tag == "br":
        run.parts.append(2 * LINE_BREAK if _ends_title(element) else LINE_BREAK)
    elif element.tag == "img":
        _add_alt(element, run)
    elif element.tag == "math":
        _add(formula_text(element), run, linked=linked)
        return
    elif element.tag == "q":
        run.parts.append("“")
    linked = linked or (element.tag == "a" and is_inner_link(element))
    if element.tag == "sup" and (exponent := _exponent(element, run)):
        _add(exponent, run, linked=linked)
        return
    _add(element.text, run, linked=linked)
    for child in element:
        if isinstance(child.tag, str):
            glue = " " if child.tag in BLOCK_TAGS or _POPUP.search(child.get("class") or "") else ""
            run.parts.append(": " if _is_type(child, run) else glue)
            inline(child, run, linked=linked)
            run.parts.append(glue)
        _add(child.tail, run, linked=linked)
    if element.tag == "q":
        run.parts.append("”")


def _ends_title(line_break: HtmlElement) -> bool:
    """Whether all that stands before a line break is bold, and a sentence of its own follows."""
    bold = line_break.getprevious()
    if bold is None or bold.tag not in ("b", "strong") or (bold.tail or "").strip():
        return False
    above = bold.getprevious()
    before = bold.getparent().text if above is None else above.tail
    is_first = not (before or "").strip() and (above is None or above.tag in BLOCK_TAGS)
    return is_first and (line_break.tail or "").lstrip()[:1].isupper()


def _is_type(element: HtmlElement, run: Run) -> bool:
    """Whether it is the type of a term, as docutils writes it, with no colon before it."""
    before = next((part.rstrip() for part in reversed(run.parts) if part.strip()), "")
    is_named = element.get("class") == "classifier" and element.getparent().tag == "dt"
    return is_named and not before.endswith(":")


def _exponent(element: HtmlElement, run: Run) -> str | None:
    """The digits and signs of a `sup` as superscripts, if a letter or digit is right before it.

    `10<sup>3</sup>` is not 103. What links to a footnote is none.
    """
    before = next((part[-1] for part in reversed(run.parts) if part), "")
    text = element.text_content()
    found = _EXPONENT.fullmatch(text)
    if found is None or not before.isalnum() or element.find(".//a") is not None:
        return None
    link = next(element.iterancestors("a"), None)
    is_footnote = link is not None and link.text_content().strip() == text.strip()
    return None if is_footnote else found[1].translate(RAISED)


def text_of(element: HtmlElement) -> str:
    """All text below an element on one line."""
    run = Run()
    inline(element, run)
    return tidy("".join(run.parts).replace(LINE_BREAK, " "))


def _add(text: str | None, run: Run, *, linked: bool) -> None:
    if text:
        run.parts.append(text)
        if linked:
            run.linked.append(text)


def _add_alt(element: HtmlElement, run: Run) -> None:
    alt = clean(element.get("alt") or "")
    if alt and len(alt) <= _LONGEST_ALT and not _FILE_NAME.fullmatch(alt):
        run.parts.append(f" {alt} ")
        run.alts += 1


def is_inner_link(element: HtmlElement) -> bool:
    """Whether an `a` leads to elsewhere in the help, and not out of it."""
    href = element.get("href")
    return href is not None and not _OUTSIDE.match(href) and not _NO_PLACE.fullmatch(href)


def _is_permalink(element: HtmlElement) -> bool:
    """Whether an `a` is only the mark behind a heading or caption that links to itself."""
    return (
        element.tag == "a"
        and (element.get("href") or "").startswith("#")
        and _PERMALINK.fullmatch(element.text_content()) is not None
        and element.find(".//img") is None
    )
