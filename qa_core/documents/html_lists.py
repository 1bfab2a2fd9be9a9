"""The marks of the items of HTML lists: numbers, letters, Roman numbers, and bullets in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from qa_core.documents.numerals import numeral, step_label

LABEL = "data-manualbot-label"  # what the DOCX reader hands over: the mark that Word shows
_FORMS = {
    "lower-alpha": "a",
    "lower-latin": "a",
    "upper-alpha": "A",
    "upper-latin": "A",
    "lower-roman": "i",
    "upper-roman": "I",
}
_STYLE = re.compile(r"list-style(?:-type)?\s*:[^;]*?\b([a-z]+-(?:alpha|latin|roman))\b", re.IGNORECASE)
_CLASS = re.compile(r"(?:^|\s)(lower|upper)-?(alpha|latin|roman)(?:$|\s)", re.IGNORECASE)


def label_of(item: HtmlElement, number: int) -> str | None:
    """The mark of an item of a numbered list, or None where it is the plain number."""
    return step_label(item.get(LABEL) or "") or step_label(f"{numeral(number, _form(item.getparent()))}.")


def _form(numbered: HtmlElement) -> str:
    if styled := _STYLE.search(numbered.get("style") or ""):
        return _FORMS[styled[1].lower()]
    if named := _CLASS.search(numbered.get("class") or ""):
        return _FORMS[f"{named[1]}-{named[2]}".lower()]
    return numbered.get("type") or "1"


def numbers_of(numbered: HtmlElement, items: Sequence[HtmlElement]) -> Iterator[int]:
    """The number of each item, as far as the list tells where it begins or goes on."""
    number = whole_number(numbered.get("start"), 1)
    for item in items:
        number = whole_number(item.get("value"), number)
        yield number
        number += 1


def mark_items(cell: HtmlElement) -> None:
    """Write the marks of a cell's lists into its text, which is read on one line."""
    for listed in cell.iter("ol", "ul"):
        items = [child for child in listed if child.tag == "li"]
        if len(items) > 1:
            for item, number in zip(items, numbers_of(listed, items), strict=True):
                mark = (label_of(item, number) or f"{number}.") if listed.tag == "ol" else "•"
                item.text = f"{mark} {item.text or ''}"


def whole_number(text: str | None, default: int) -> int:
    """What an attribute says, if that is a whole number."""
    return int(text) if text and text.isascii() and text.isdigit() else default
