"""Notes and warnings in HTML: their titles are no headings, though some tools mark them so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from qa_core.documents.blocks import SIGNAL_WORDS, Line, clean, signal_word

_SIGNAL = re.compile(SIGNAL_WORDS, re.IGNORECASE)
_TITLE = re.compile(rf"{SIGNAL_WORDS}(?:\s*[:.!?,;].*|\s+[–—-]\s.*)?", re.IGNORECASE)  # `Caution: hot`
_MANY = re.compile(r"notes\b.*", re.IGNORECASE)
_NOTE = re.compile(rf"(?:^|\s)(?:{SIGNAL_WORDS}|admonition|alert|callout)(?:$|\s)", re.IGNORECASE)
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
    return is_alone and not _is_all(heading, around) and _is_named_title(heading, around)


def _is_all(heading: HtmlElement, around: HtmlElement) -> bool:
    """Whether nothing stands in the box but the heading: what follows the box belongs to it."""
    return len(heading.text_content().strip()) == len(around.text_content().strip())


def _is_named_title(heading: HtmlElement, around: HtmlElement) -> bool:
    """Whether a heading says that a note or warning follows, or a tool has made it a note's title."""
    text = clean(heading.text_content())
    is_signal = _TITLE.fullmatch(text) is not None
    if around.tag == "section" or heading.tag in _SECTION_RANKS:
        return is_signal and not _MANY.fullmatch(text)
    kinds = (around.get("class") or "").split()
    is_title = heading.get("class") == "title" and bool(kinds) and _SIGNAL.fullmatch(kinds[0]) is not None
    return is_signal or is_title or "admonition" in kinds


def boxed_note(table: HtmlElement) -> tuple[str, HtmlElement] | None:
    """The kind of a note that is set as a table, and the note's cell.

    The first cell has the kind alone, or an icon that is named so.
    """
    cells = table.xpath("./tr/td|./tbody/tr/td")
    is_row = len(cells) == 2 and cells[0].getnext() is cells[1] and not table.xpath(".//caption|.//th")
    if not is_row:
        return None
    written = clean(cells[0].text_content())
    names = [written] if written else cells[0].xpath(".//@alt|.//@title")
    kind = next(filter(None, (signal_word(clean(name)) for name in names)), None)
    return (kind, cells[1]) if kind else None


def joined(paragraphs: Sequence[Line]) -> str:
    """The paragraphs of an item on one line; a lone `Note` leads what follows."""
    *before, last = (line.text for line in paragraphs)
    return " ".join([*(f"{text}:" if _SIGNAL.fullmatch(text) else text for text in before), last])
