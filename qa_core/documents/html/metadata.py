"""What an HTML page says of itself: title, product, version and address."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from qa_core.documents.blocks import Metadata, clean, metadata_from
from qa_core.documents.html.headings import heading_text
from qa_core.documents.html.text import tidy


def read_metadata(root: HtmlElement) -> Metadata:
    """The values in the page's `meta` tags, its title and its canonical address."""
    values: dict[str, object] = {}
    for meta in root.iter("meta"):
        name = meta.get("name") or meta.get("property") or ""
        values.setdefault(name.casefold().removeprefix("og:").removeprefix("dc."), meta.get("content"))
    title = root.find(".//head/title")
    if title is not None and clean(title.text or ""):
        values["title"] = _page_title(tidy(title.text or ""), root)
    canonical = root.xpath("//link[@rel='canonical']/@href")
    if canonical:
        values["url"] = str(canonical[0])
    return metadata_from(values)


def _page_title(text: str, root: HtmlElement) -> str:
    """A page's title without the name of the site behind it, or before it where a heading is behind."""
    parts: list[str] = re.split(r"\s+[|»·]\s+", text)
    headings = {heading_text(heading) for heading in root.iter("h1")}
    pieces = [piece for part in parts for piece in (part, re.split(r"\s+[–—-]\s+", part)[0])]
    return next((piece for piece in pieces if piece in headings), parts[0])
