"""HTML lists: the marks of their items, and whether items that are links are navigation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from qa_core.documents.html.text import SEPARATORS
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

_TO_PAGES = re.compile(
    r"\b(?:articles?|chapters?|contents|index|inhalt|links?|pages?|sections?|see also|topics?)\b",
    re.IGNORECASE,
)
_NO_PAGE = re.compile(r"\s*(?:mailto|tel|ftp):", re.IGNORECASE)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])


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


def has_own_words(listed: HtmlElement) -> bool:
    """Whether a list has text outside of its items, as one has that only indents."""
    return any((text or "").strip() for text in (listed.text, *(child.tail for child in listed)))


def is_link_list(listed: HtmlElement) -> bool:
    """Whether every item of a list of three or more is one link: a table of contents."""
    items = _items(listed)
    return len(items) >= 3 and all(map(_is_link, items))


def says_its_links(listed: HtmlElement) -> bool:
    """Whether the links in a list are its words: a text leads to it, or they are steps among others."""
    if _is_led(listed):
        return True
    items = _items(listed)
    is_of_sentences = all(item.text_content().rstrip().endswith((".", "!")) for item in items)
    return listed.tag == "ol" and (is_of_sentences or not all(map(_is_link, items)))


def _items(listed: HtmlElement) -> list[HtmlElement]:
    return [child for child in listed if child.tag == "li"]


def _is_link(item: HtmlElement) -> bool:
    """Whether an item is nothing but links to pages."""
    links = [link for link in item.iter("a") if link.get("href") and not _NO_PAGE.match(link.get("href"))]
    linked = sum(len(SEPARATORS.sub("", link.text_content())) for link in links)
    return linked > 0 and linked == len(SEPARATORS.sub("", item.text_content()))


def _is_led(listed: HtmlElement) -> bool:
    """Whether a text right above a list ends with a colon and names no pages."""
    above = listed.getprevious()
    if above is None:
        text = listed.getparent().text or ""
    elif (above.tail or "").strip():
        text = above.tail
    else:
        text = "" if above.tag in _HEADINGS else above.text_content()
    return text.rstrip().endswith(":") and not _TO_PAGES.search(text)
