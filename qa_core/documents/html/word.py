"""Lists as Word writes them to HTML: paragraphs whose style names a level, with typed markers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import takewhile

from lxml.html import HtmlElement

from qa_core.documents.blocks import Line, clean
from qa_core.documents.numerals import step_label

_LEVEL = re.compile(r"mso-list:\s*\w+\s+level(\d)", re.IGNORECASE)
_GAP = re.compile(r"font:\s*7(?:\.0)?pt\s*['\"]?Times New Roman", re.IGNORECASE)
_SIGNS = re.compile(r"font-family:\s*['\"]?(?:Wingdings|Symbol|Courier New)", re.IGNORECASE)
_MARGIN = re.compile(r"margin-left:\s*(\d*\.?\d+)(pt|in|cm)", re.IGNORECASE)
_POINTS = {"pt": 1.0, "in": 72.0, "cm": 28.35}
_INDENT = 36.0
_ROUND_BULLET = "o"  # of the second level, in Courier
_NUMBER = re.compile(r"\(?(\d{1,3})[.)]*")


def is_word_item(element: HtmlElement) -> bool:
    """Whether a paragraph is an item of one of Word's lists."""
    if element.tag != "p":
        return False
    return _LEVEL.search(element.get("style") or "") is not None or _gap(element) is not None


def take_marker(element: HtmlElement) -> tuple[str, int]:
    """The typed marker of an item, which is taken out of it, and the item's level from 0."""
    found = _LEVEL.search(element.get("style") or "")
    for span in element.iter("span"):
        if found and "mso-list:ignore" in (span.get("style") or "").lower():
            marker = clean(span.text_content())
            span.drop_tree()
            return marker, int(found[1]) - 1
    gap = _gap(element)
    if gap is not None:
        return _taken_before(gap, element), _level_by_margin(element)
    return "", int(found[1]) - 1 if found else 0


def _gap(element: HtmlElement) -> HtmlElement | None:
    """The narrow space that Word's filtered pages have behind a marker, where one begins the paragraph."""
    gap = next((span for span in element.iter("span") if _GAP.search(span.get("style") or "")), None)
    if gap is None or gap.text_content().strip():
        return None
    marker = "".join(_texts_before(gap, element)).strip()
    if len(marker) == 1:
        return gap if not marker.isalnum() or _is_sign(gap, element) else None
    is_mark = marker.endswith((".", ")")) and (_NUMBER.fullmatch(marker) or step_label(marker))
    return gap if is_mark else None


def _is_sign(gap: HtmlElement, element: HtmlElement) -> bool:
    """Whether a letter before the gap is set in a font that shows it as a bullet."""
    before = takewhile(lambda part: part is not gap, element.iter())
    return any(_SIGNS.search(part.get("style") or "") for part in before)


def _texts_before(gap: HtmlElement, element: HtmlElement) -> Iterator[str]:
    for part in element.iter():
        if part is gap:
            return
        yield part.text or ""
        if gap not in part.iterdescendants() and part is not element:
            yield part.tail or ""


def _taken_before(gap: HtmlElement, element: HtmlElement) -> str:
    """What stands before the gap; both are taken out."""
    marker = "".join(_texts_before(gap, element)).strip()
    for part in list(element.iter()):
        if part is gap:
            break
        part.text = None
        if gap not in part.iterdescendants() and part is not element:
            part.tail = None
    gap.drop_tree()
    return marker


def _level_by_margin(element: HtmlElement) -> int:
    """The level of an item by its margin, half an inch a level; the style of lists has the first one."""
    found = _MARGIN.search(element.get("style") or "")
    points = float(found[1]) * _POINTS[found[2].lower()] if found else _INDENT
    return max(round(points / _INDENT) - 1, 0)


def word_items(lines: Iterable[Line], marker: str) -> Iterator[Line]:
    """An item's paragraphs, the first one as a step or bullet."""
    number, label = _NUMBER.fullmatch(marker), None if marker == _ROUND_BULLET else step_label(marker)
    for i, line in enumerate(lines):
        if i or not marker:
            yield line
        elif number or label:
            yield replace(line, kind="step", number=int(number[1]) if number else None, label=label)
        else:
            yield replace(line, kind="bullet", number=None)
