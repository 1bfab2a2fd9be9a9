"""How an HTML list counts its items: in numbers, letters or Roman numbers."""

from __future__ import annotations

import re

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
