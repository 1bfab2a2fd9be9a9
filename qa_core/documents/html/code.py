"""Code in HTML: its lines as they are, without their numbers and what copies them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from qa_core.documents.blocks import Line
from qa_core.documents.html.furniture import is_skipped

_NUMBERS = re.compile(r"(?:^|[\s_-])(?:linenos?|line-?numbers?|gutter)(?:$|[\s_-])", re.IGNORECASE)
_STRUCK = frozenset(["del", "s", "strike"])  # in code they colour it or show a change
_ONLY_NUMBERS = re.compile(r"[\d\s]*")


def code_lines(element: HtmlElement, level: int) -> Iterator[Line]:
    """The lines of a `pre` that are not empty."""
    for line in "".join(_below(element)).expandtabs(4).split("\n"):
        if line.strip():
            yield Line("code", line.rstrip(), level)


def _pieces(element: HtmlElement) -> Iterator[str]:
    if element.tag == "br":
        yield "\n"
    elif element.tag in _STRUCK or not (is_skipped(element) or _is_gutter(element)):
        yield from _below(element)


def _below(element: HtmlElement) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield from _pieces(child)
        yield child.tail or ""


def _is_gutter(element: HtmlElement) -> bool:
    """Whether it holds the numbers of lines and nothing else; `code` may only be named for having some."""
    is_named = element.tag != "code" and _NUMBERS.search(element.get("class") or "") is not None
    return is_named and _ONLY_NUMBERS.fullmatch(element.text_content()) is not None
