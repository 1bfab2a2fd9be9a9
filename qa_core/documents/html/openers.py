"""Headings that open a part of a page by a click: summaries, questions of an FAQ, heads of accordions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from qa_core.documents.blocks import REMARK, SIGNAL_WORDS, Block, Heading, Line, clean
from qa_core.documents.html.furniture import is_skipped
from qa_core.documents.html.text import BLOCK_TAGS

_CLASS = re.compile(
    r"(?:^|[\s_-])(?:mcdropdownhead|faq[_-]{1,2}question"
    r"|(?:accordion|collapsible|expander|spoiler)[_-]{0,2}(?:head(?:er|ing)?|title|button|question))(?:$|\s)",
    re.IGNORECASE,
)
_NOTE = re.compile(rf"(?:^|\s)(?:{SIGNAL_WORDS}|admonition|alert|callout)(?:$|\s)", re.IGNORECASE)
_MORE = (
    r"(?:all|answers?|code|details?|examples?|full|info(?:rmation)?|less|lists?|more|outputs?|results?"
    r"|solutions?|tables?|text)"
)
_INVITES = re.compile(
    r"(?:(?:click|tap|press)(?: here)? .*|.*\b(?:click|tap) to (?:expand|open|see|show|view)\b.*"
    r"|(?:(?:collapse|expand|hide|open|read|see|show|toggle|view)\b(?:\W+(?:the|this|for))*)?"
    rf"(?:\W*{_MORE})*|{REMARK})\W*",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"step \d.*|\d{1,2}\W*", re.IGNORECASE)  # steps of one task, which is read as a whole
_LONGEST = 120
_OPENER_AND_BODY = 2
_RANK = 2  # where no heading stands above
_HOLDERS = frozenset(["li", "td", "th", "dd", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"])


def opens_part(element: HtmlElement) -> bool:
    """Whether it is the short text that a click opens the part behind it by, and that says what is in it."""
    if not _is_opener(element) or any(above.tag in _HOLDERS for above in element.iterancestors()):
        return False
    text = clean(element.text_content())
    has_part = element.getnext() is not None or bool((element.tail or "").strip())
    is_note = _NOTE.search(element.getparent().get("class") or "") is not None
    if not has_part or is_note or not 2 <= len(text) <= _LONGEST or _is_within_sentence(element):
        return False
    if _INVITES.fullmatch(text) or _COUNTED.fullmatch(text):
        return False
    return not any(child.tag in BLOCK_TAGS for child in element.iterdescendants())


def _is_opener(element: HtmlElement) -> bool:
    if element.tag == "button":
        return element.get("aria-expanded") is not None and not is_skipped(element)
    return element.tag == "summary" or _CLASS.search(element.get("class") or "") is not None


def _is_within_sentence(element: HtmlElement) -> bool:
    before = element.getprevious()
    text = element.getparent().text if before is None else before.tail
    return any(map(str.isalnum, text or ""))


@dataclass(frozen=True, slots=True)
class _Above:
    """A heading that is read under; `part` holds it with what it opens, if it does."""

    heading: Heading
    part: HtmlElement | None

    @property
    def is_around(self) -> bool:
        """Whether all of the part is what the heading opens."""
        return self.part is not None and (self.part.tag == "details" or len(self.part) == _OPENER_AND_BODY)


@dataclass(slots=True)
class Outline:
    """The headings that what is read stands under; the part that a click opens ends before the section."""

    path: list[_Above] = field(default_factory=list)  # outermost first
    left: Heading | None = None  # what the text behind a part stands under, until anything follows

    def rank_of(self, opener: HtmlElement) -> int:
        """One below the heading that an opener stands under."""
        above = self._around(opener)
        return above[-1].heading.level + 1 if above else _RANK

    def least_rank(self, heading: HtmlElement) -> int:
        """The outermost rank of a heading in the part where it stands."""
        return max((each.heading.level + 1 for each in self._around(heading) if each.is_around), default=1)

    def add(self, heading: Heading, element: HtmlElement) -> None:
        """A heading has been read."""
        part = element.getparent() if opens_part(element) else None
        above = [each for each in self._around(element) if each.heading.level < heading.level]
        self.path = [*above, _Above(heading, part)]
        self.left = None

    def leave(self, element: HtmlElement) -> None:
        """The end of an element has been read, which may be that of a part."""
        at = next((i for i, above in enumerate(self.path) if above.part is element), None)
        if at is not None:
            self.path = self.path[:at]
            self.left = self.path[-1].heading if self.path else None

    def resumed(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The blocks as they are read; text behind a part stands under the heading around it again."""
        for block in blocks:
            if self.left is not None and isinstance(block, Line):
                yield self.left
            self.left = None
            yield block

    def _around(self, element: HtmlElement) -> list[_Above]:
        """The path without a part that ends where the element begins, right beside its opener."""
        beside = element.getparent()
        return [each for each in self.path if each.part is not beside or each.part is None or each.is_around]
