"""Notes and warnings in HTML: their titles are no headings, though some tools mark them so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from qa_core.documents.blocks import Line, clean

_WORDS = "attention|caution|danger|hint|important|notes?|notice|tip|warning"
_SIGNAL = re.compile(rf"(?:{_WORDS})", re.IGNORECASE)
_TITLE = re.compile(rf"(?:{_WORDS})\b.*", re.IGNORECASE)
_NOTE = re.compile(rf"(?:^|\s)(?:{_WORDS}|admonition|alert|callout)(?:$|\s)", re.IGNORECASE)
_HEADINGS = ".//h1|.//h2|.//h3|.//h4|.//h5|.//h6"
_SECTION_RANKS = ("h1", "h2")


def is_note_title(heading: HtmlElement) -> bool:
    """Whether a heading only titles a note: it is the only one in it, and all that it begins with.

    A part of the manual may be called one as well, as `Safety` in a box for warnings is.
    """
    around = next(
        (above for above in heading.iterancestors() if _NOTE.search(above.get("class") or "")), None
    )
    if around is None or around.tag not in ("div", "aside", "section", "blockquote"):
        return False
    first = next((text for text in around.itertext() if text.strip()), "")
    is_alone = first in heading.itertext() and len(around.xpath(_HEADINGS)) <= 1
    return is_alone and (heading.tag not in _SECTION_RANKS or _is_signal(heading))


def _is_signal(heading: HtmlElement) -> bool:
    """Whether a heading says that a note or warning follows."""
    return _TITLE.fullmatch(clean(heading.text_content())) is not None


def boxed_note(table: HtmlElement) -> tuple[str, HtmlElement] | None:
    """The kind of a note that is set as a table, with an icon in its first cell, and the note's cell."""
    cells = table.xpath("./tr/*|./tbody/tr/*")
    if len(cells) != 2 or "icon" not in (cells[0].get("class") or "").split():
        return None
    names = [cells[0].text_content(), *cells[0].xpath(".//@alt|.//@title")]
    kind = next((clean(name) for name in names if _SIGNAL.fullmatch(clean(name))), None)
    return (kind, cells[1]) if kind else None


def joined(paragraphs: Sequence[Line]) -> str:
    """The paragraphs of an item on one line; a lone `Note` leads what follows."""
    *before, last = (line.text for line in paragraphs)
    return " ".join([*(f"{text}:" if _SIGNAL.fullmatch(text) else text for text in before), last])
