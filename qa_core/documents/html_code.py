"""Code in HTML: its lines as they are, without their numbers and what copies them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from qa_core.documents.blocks import Line
from qa_core.documents.html_furniture import is_skipped

_NUMBERS = re.compile(r"(?:^|[\s_-])(?:linenos?|line-?numbers?|gutter)(?:$|[\s_-])", re.IGNORECASE)


def code_lines(element: HtmlElement, level: int) -> Iterator[Line]:
    """The lines of a `pre` that are not empty."""
    for line in "".join(_pieces(element)).expandtabs(4).split("\n"):
        if line.strip():
            yield Line("code", line.rstrip(), level)


def _pieces(element: HtmlElement) -> Iterator[str]:
    if element.tag == "br":
        yield "\n"
    elif not is_skipped(element) and not _NUMBERS.search(element.get("class") or ""):
        yield element.text or ""
        for child in element:
            if isinstance(child.tag, str):
                yield from _pieces(child)
            yield child.tail or ""
