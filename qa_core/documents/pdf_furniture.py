"""What a printed manual repeats on its pages: headers, footers, page numbers, the table of contents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from qa_core.documents.pdf_lines import TextLine, rows_of
from qa_core.documents.pdf_page import Page, Word
from qa_core.documents.pdf_tables import RuledTable, find_tables

_ZONE = 0.12  # of the page's height, at its top and at its bottom
_MIN_SHARE = 0.3  # of the pages: left and right pages may have headers of their own
_MIN_SHARE_OF_TITLE = 0.3  # as well, of the pages
_MOST_FRAMED = 3  # rows of a table that is a header or footer
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|p\.)?\s*(?:\d{1,4}|[ivxl]{1,6}|[A-Z]-\d{1,3})\s*(?:(?:of|/|von)\s*\d{1,4})?\W*",
    re.IGNORECASE,
)
_LEADER = re.compile(r"(?:\s*\.){4,}\s*[\divxl-]*\s*$|\s*(?:_{4,}|…{2,}|·{4,})\s*\d*\s*$")
_ENDS_WITH_NUMBER = re.compile(r"(.*\D)\s+\d{1,4}")


def without_furniture(pages: Sequence[Page]) -> list[Page]:
    """The pages without the rows at their edges that repeat, whatever numbers stand in them."""
    titles = _running_titles(pages)
    numbered = _numbered_rows(pages)
    at_edges = [[(row, _folded(row)) for row in _edge_rows(page)] for page in pages]
    placed = {(page.number, key) for page, rows in zip(pages, at_edges, strict=True) for _, key in rows}
    counts = Counter(key for _, key in placed)
    repeated = {key for key, n in counts.items() if n >= max(2, _MIN_SHARE * _n_pages(pages))}
    cleaned = []
    for page, rows in zip(pages, at_edges, strict=True):
        dropped = {
            id(word)
            for row, key in rows
            if key in repeated
            or _PAGE_NUMBER.fullmatch(_text(row))
            or id(row[0]) in numbered
            or titles & set(_placed_parts(row))
            for word in row
        }
        cleaned.append(replace(page, words=tuple(word for word in page.words if id(word) not in dropped)))
    return cleaned


def _n_pages(layers: Sequence[Page]) -> int:
    """How many pages there are; one with turned text has several layers."""
    return len({layer.number for layer in layers})


def _fewest(layers: Sequence[Page]) -> float:
    """On how many pages a title or number has to stand to be a running one."""
    return max(3, _MIN_SHARE_OF_TITLE * _n_pages(layers))


Placed = tuple[str, int, int]  # text and place


def _running_titles(pages: Sequence[Page]) -> set[Placed]:
    """What stands at the same place of most pages, beside a chapter's name that changes."""
    outermost = [{part for row in _outermost(page) for part in _placed_parts(row)} for page in pages]
    counts = Counter(part for parts in outermost for part in parts)
    fewest = _fewest(pages)
    return {part for part, n in counts.items() if n >= fewest}


def _numbered_rows(pages: Sequence[Page]) -> set[int]:
    """The ids of the first words of outermost rows that have the page's number at one end, apart."""
    found: dict[int, dict[int, list[int]]] = {}  # by the offset of the numbers, then by page
    for page in pages:
        for row in _outermost(page):
            for text in _end_parts(row) if _is_at_edge(row, page) else ():
                if text.isdecimal():
                    on_pages = found.setdefault(page.number - int(text), {})
                    on_pages.setdefault(page.number, []).append(id(row[0]))
    fewest = _fewest(pages)
    often = [on_pages for on_pages in found.values() if len(on_pages) >= fewest]
    return {first for on_pages in often for firsts in on_pages.values() for first in firsts}


def _end_parts(row: Sequence[Word]) -> list[str]:
    parts = TextLine(tuple(row), 0, (0.0, 0.0)).parts()
    return [_text(parts[0]), _text(parts[-1])] if len(parts) > 1 else []


def _outermost(page: Page) -> list[list[Word]]:
    rows = rows_of(page.words)
    return [rows[0], rows[-1]] if rows else []


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
    """The rows at the page's edges that belong to no table which goes on in the text."""
    tables = [table for table in find_tables(page.words, page.rules, page.height) if _goes_on(table, page)]
    free = [word for word in page.words if not any(table.holds(word) for table in tables)]
    return [row for row in rows_of(free) if _is_at_edge(row, page)]


def _goes_on(table: RuledTable, page: Page) -> bool:
    """Whether a table is more than a framed header or footer."""
    is_within_edge = table.y1 < page.height * _ZONE or table.y0 > page.height * (1 - _ZONE)
    return len(table.rows) > _MOST_FRAMED and not is_within_edge


def _is_at_edge(row: Sequence[Word], page: Page) -> bool:
    return not page.height * _ZONE <= row[0].y <= page.height * (1 - _ZONE)


def _text(row: Sequence[Word]) -> str:
    return " ".join(word.text for word in row)


def _folded(row: Sequence[Word]) -> str:
    return re.sub(r"\d+", "#", _text(row).casefold())
