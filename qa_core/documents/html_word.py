"""Lists as Word writes them to HTML: paragraphs whose style names a level, with typed markers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lxml.html import HtmlElement

from qa_core.documents.blocks import Line, clean
from qa_core.documents.numerals import step_label

_LEVEL = re.compile(r"mso-list:\s*\w+\s+level(\d)", re.IGNORECASE)
_NUMBER = re.compile(r"\(?(\d{1,3})[.)]*")


def is_word_item(element: HtmlElement) -> bool:
    """Whether a paragraph is an item of one of Word's lists."""
    return element.tag == "p" and _LEVEL.search(element.get("style") or "") is not None


def take_marker(element: HtmlElement) -> tuple[str, int]:
    """The typed marker of an item, which is taken out of it, and the item's level from 0."""
    found = _LEVEL.search(element.get("style") or "")
    level = int(found[1]) - 1 if found else 0
    for span in element.iter("span"):
        if "mso-list:ignore" in (span.get("style") or "").lower():
            marker = clean(span.text_content())
            span.drop_tree()
            return marker, level
    return "", level


def word_items(lines: Iterable[Line], marker: str) -> Iterator[Line]:
    """An item's paragraphs, the first one as a step or bullet."""
    number, label = _NUMBER.fullmatch(marker), step_label(marker)
    for i, line in enumerate(lines):
        if i or not marker:
            yield line
        elif number or label:
            yield replace(line, kind="step", number=int(number[1]) if number else None, label=label)
        else:
            yield replace(line, kind="bullet", number=None)
