"""Which HTML elements are headings: by tag, role or class; in a page without any, by bold type."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from qa_core.documents.blocks import REMARK, clean, typed_line
from qa_core.documents.html.text import BLOCK_TAGS, text_of

_TAG = re.compile(r"h([1-6])")
_CLASS = re.compile(r"(?:^|\s)(?:heading[_-]?|h)([1-6])(?:$|\s)", re.IGNORECASE)
_NAMES = (
    (re.compile(r"(?:^|\s)MsoTitle(?:$|\s)"), 1),
    (re.compile(r"(?:^|\s)(?:heading|head(?:ing)?-?line|section-?(?:title|head(?:ing)?))(?:$|\s)", re.I), 2),
    (re.compile(r"(?:^|\s)sub-?(?:heading|head|section-?title)(?:$|\s)", re.I), 3),
)
_BOX_TITLE = re.compile(r"(?:^|\s)panelHeader(?:$|\s)")  # of a Confluence panel: heads nothing below it
_DOCS_TITLE = re.compile(r"(?:^|\s)title(?:$|\s)")  # of a page from Google Docs, where it has
_DOCS_ID = "h."  # in front of its id
_TAIL = re.compile(r"\s*[¶§#🔗\ue000-\uf8ff]+$")  # or the letter of an icon
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_LONGEST_BOLD = 80
_NO_HEADING = re.compile(
    rf"{REMARK}|(?:example|fig(?:ure)?|listing|table|abb|tab)\.?\s*\d.*|list of (?:examples|figures|tables)",
    re.IGNORECASE,
)
_HOLDERS = ("li", "td", "th", "dd", "blockquote")
_ENDS = (".", ",", ";", ":", "!")
_BOLD_RANK = 2


def rank_of(element: HtmlElement) -> int | None:
    """A heading's rank, 1 to 6, by its tag, its role or its class; None if it is none."""
    found = _TAG.fullmatch(element.tag)
    if found is None and element.tag in ("p", "div"):
        if element.get("role") == "heading":
            level = element.get("aria-level") or ""
            return int(level) if level.isascii() and level.isdigit() else 2
        name = element.get("class") or ""
        if _DOCS_TITLE.search(name) and (element.get("id") or "").startswith(_DOCS_ID):
            return 1
        found = _CLASS.search(name)
        if found is None and name and _is_short(element):
            return next((rank for pattern, rank in _NAMES if pattern.search(name)), None)
    return int(found[1]) if found else None


def heading_text(element: HtmlElement) -> str:
    """A heading's text without the sign that links to it."""
    return _TAIL.sub("", text_of(element))


def has_headings(root: HtmlElement) -> bool:
    """Whether the page marks its headings: more than the one over all."""
    n_marked = 0
    for element in root.iter("h1", "h2", "h3", "h4", "h5", "h6", "p", "div"):
        n_marked += rank_of(element) is not None
        if n_marked > 1:
            return True
    return False


def bold_rank(element: HtmlElement) -> int | None:
    """The rank of a paragraph that is a short bold line with text behind it; None for others."""
    if element.tag not in ("p", "div") or not _is_short(element) or not _is_bold(element):
        return None
    if _BOX_TITLE.search(element.get("class") or ""):
        return None
    text = clean(element.text_content())
    behind = element.getnext()
    if behind is None or (behind.tag in ("p", "div") and _is_bold(behind)):
        return None
    is_text = text.endswith(_ENDS) or _NO_HEADING.fullmatch(text) is not None
    return None if is_text or typed_line(text).kind != "paragraph" else _BOLD_RANK


def is_bold_title(element: HtmlElement) -> bool:
    """Whether a bold line titles text in a page that marks its other headings; in lists it leads items."""
    if bold_rank(element) is None:
        return False
    is_within = element.xpath(f"boolean({'|'.join(f'ancestor::{tag}' for tag in _HOLDERS)})")
    return not is_within and rank_of(element.getnext()) is None


def _is_short(element: HtmlElement) -> bool:
    has_blocks = any(child.tag in BLOCK_TAGS for child in element.iterdescendants())
    return not has_blocks and 2 <= len(clean(element.text_content())) <= _LONGEST_BOLD


def _is_bold(element: HtmlElement) -> bool:
    if _BOLD_STYLE.search(element.get("style") or ""):
        return True
    bold = {id(part): part for outer in element.iter("b", "strong") for part in [_outermost(outer, element)]}
    length = sum(len("".join(part.text_content().split())) for part in bold.values())
    return 0 < len("".join(element.text_content().split())) <= length


def _outermost(part: HtmlElement, within: HtmlElement) -> HtmlElement:
    outermost = part
    while part is not within:
        if part.tag in ("b", "strong"):
            outermost = part
        part = part.getparent()
    return outermost
