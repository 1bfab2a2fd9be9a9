"""What a printed manual repeats on its pages: headers, footers, page numbers, the table of contents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from qa_core.documents.pdf_lines import TextLine, rows_of
from qa_core.documents.pdf_page import Page, Word

_ZONE = 0.12  # of the page's height, at its top and at its bottom
_MIN_SHARE = 0.3  # of the pages: left and right pages may have headers of their own
_MIN_SHARE_OF_TITLE = 0.3  # as well, of the pages
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|p\.)?\s*(?:\d{1,4}|[ivxl]{1,6}|[A-Z]-\d{1,3})\s*(?:(?:of|/|von)\s*\d{1,4})?\W*",
    re.IGNORECASE,
)
_LEADER = re.compile(r"(?:\s*\.){4,}\s*[\divxl-]*\s*$|\s*(?:_{4,}|…{2,}|·{4,})\s*\d*\s*$")
_ENDS_WITH_NUMBER = re.compile(r"(.*\D)\s+\d{1,4}")


def without_furniture(pages: Sequence[Page]) -> list[Page]:
    """The pages without the rows at their edges that repeat, whatever numbers stand in them."""
    titles = _running_titles(pages)
    at_edges = [[(row, _folded(row)) for row in _edge_rows(page)] for page in pages]
    counts = Counter(key for rows in at_edges for key in {key for _, key in rows})
    repeated = {key for key, n in counts.items() if n >= max(2, _MIN_SHARE * len(pages))}
    cleaned = []
    for page, rows in zip(pages, at_edges, strict=True):
        dropped = {
            id(word)
            for row, key in rows
            if key in repeated or _PAGE_NUMBER.fullmatch(_text(row)) or titles & set(_placed_parts(row))
            for word in row
        }
        cleaned.append(replace(page, words=tuple(word for word in page.words if id(word) not in dropped)))
    return cleaned


Placed = tuple[str, int, int]  # text and place


def _running_titles(pages: Sequence[Page]) -> set[Placed]:
    """What stands at the same place of most pages, beside a chapter's name that changes."""
    outermost = [
        {part for row in (rows[0], rows[-1]) for part in _placed_parts(row)}
        for page in pages
        if (rows := rows_of(page.words))
    ]
    counts = Counter(part for parts in outermost for part in parts)
    return {part for part, n in counts.items() if n >= max(3, _MIN_SHARE_OF_TITLE * len(pages))}


def _placed_parts(row: Sequence[Word]) -> list[Placed]:
    parts = TextLine(tuple(row), 0, (0.0, 0.0)).parts()
    texts = [(_text(part), part) for part in parts if len(parts) > 1]
    return [(text, round(part[0].x0), round(part[0].y)) for text, part in texts if len(text) >= 4]


def without_contents(lines: Sequence[TextLine], titles: Sequence[str]) -> list[TextLine]:
    """The lines without those of a table of contents: a title, and the number of its page."""
    known = {fold(title) for title in titles}
    return [line for line in lines if not _is_entry(line, known)]


def fold(text: str) -> str:
    """Words alone, case folded."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _is_entry(line: TextLine, titles: set[str]) -> bool:
    if _LEADER.search(line.text):
        return True
    numbered = _ENDS_WITH_NUMBER.fullmatch(line.text)
    return numbered is not None and len(line.parts()) > 1 and fold(numbered[1]) in titles


def _edge_rows(page: Page) -> list[list[Word]]:
    low, high = page.height * _ZONE, page.height * (1 - _ZONE)
    return rows_of([word for word in page.words if word.y < low or word.y > high])


def _text(row: Sequence[Word]) -> str:
    return " ".join(word.text for word in row)


def _folded(row: Sequence[Word]) -> str:
    return re.sub(r"\d+", "#", _text(row).casefold())
