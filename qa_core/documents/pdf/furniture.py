"""What a printed manual repeats on its pages: headers, footers, page numbers, the table of contents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qa_core.documents.blocks import typed_line
from qa_core.documents.contents import contents_in, fold, led_in
from qa_core.documents.pdf.lines import AS_LARGE, LARGER, TextLine, body_size, rows_of
from qa_core.documents.pdf.page import Page, Word
from qa_core.documents.pdf.tables import RuledTable, find_tables

_ZONE = 0.12  # of the page's height, at its top and at its bottom
_MIN_SHARE = 0.3  # of the pages: left and right pages may have headers of their own
_MIN_SHARE_OF_TITLE = 0.3  # as well, of the pages
_MOST_FRAMED = 3  # rows of a table that is a header or footer
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|p\.)?\s*(?:\d{1,4}|[ivxl]{1,6})\s*(?:(?:of|/|von)\s*\d{1,4})?\W*",
    re.IGNORECASE,
)
_LETTERED_NUMBER = re.compile(r"\W*[A-Z]-\d{1,3}\W*")  # of a page of an appendix
_MIN_PAGES_OF_TITLE = 6  # that one stands on with their numbers, if it looks like a heading
_SHARE_OF_TITLE = 0.6  # of the pages, as well
_ENDS_WITH_NUMBER = re.compile(r"(.*\D)\s+\d{1,4}")


def without_furniture(pages: Sequence[Page]) -> list[Page]:
    """The pages without the rows at their edges that repeat or number them."""
    titles = _running_titles(pages)
    numbered = _numbered_rows(pages)
    at_edges = [_edge_rows(page) for page in pages]
    repeated = _repeated_rows(pages, at_edges)
    cleaned = []
    for page, rows in zip(pages, at_edges, strict=True):
        dropped = {
            id(word)
            for row in rows
            if id(row[0]) in repeated
            or _PAGE_NUMBER.fullmatch(_text(row))
            or id(row[0]) in numbered
            or titles & set(_placed_parts(row))
            for word in row
        }
        cleaned.append(replace(page, words=tuple(word for word in page.words if id(word) not in dropped)))
    return cleaned


def _repeated_rows(pages: Sequence[Page], at_edges: Sequence[Sequence[list[Word]]]) -> set[int]:
    """The ids of the first words of rows that other pages have at the same place.

    Their numbers may differ, but for those in front of steps; in what looks like a heading they count the
    pages of most of the manual.
    """
    body = body_size((round(word.size * 2) / 2, word.text) for page in pages for word in page.words)
    found: dict[_Repeat, dict[int, list[int]]] = {}  # by what repeats, then by page
    for page, rows in zip(pages, at_edges, strict=True):
        for row in rows:
            for repeat in _repeats(row, page, body):
                found.setdefault(repeat, {}).setdefault(page.number, []).append(id(row[0]))
    n_pages = _n_pages(pages)
    often = [on_pages for repeat, on_pages in found.items() if len(on_pages) >= repeat.fewest(n_pages)]
    return {first for on_pages in often for firsts in on_pages.values() for first in firsts}


@dataclass(frozen=True, slots=True)
class _Repeat:
    """A row as it may stand on other pages: its text, and how far it is from the edge."""

    text: str
    place: int
    least: int  # pages
    share: float = _MIN_SHARE

    def fewest(self, n_pages: int) -> float:
        """On how many pages it has to stand to be furniture."""
        return max(self.least, self.share * n_pages)


def _repeats(row: Sequence[Word], page: Page, body: float) -> Iterator[_Repeat]:
    text = _text(row).casefold()
    is_low = row[0].y < page.height / 2
    place = round(row[0].y if is_low else page.height - row[0].y)
    is_heading = _looks_like_heading(row, body, is_low=is_low)
    is_item = typed_line(_text(row)).kind != "paragraph"
    yield _Repeat(text, place, 3 if is_heading or is_item else 2)
    is_lettered = _LETTERED_NUMBER.fullmatch(_text(row)) is not None
    if is_heading and is_lettered:
        return
    least, share = 2, 0.0 if is_lettered else _MIN_SHARE
    if is_heading:
        least, share = _MIN_PAGES_OF_TITLE, _SHARE_OF_TITLE
    for found in list(re.finditer(r"\d{1,6}", text))[is_item:]:
        runs_with_page = f"{text[: found.start()]}#{int(found[0]) - page.number}#{text[found.end() :]}"
        yield _Repeat(runs_with_page, place, least, share)
    if not (is_item or is_heading):
        yield _Repeat(re.sub(r"\d+", "#", text), place, 3)


def _looks_like_heading(row: Sequence[Word], body: float, *, is_low: bool) -> bool:
    """Whether a row is larger than the text, or bold and as large, and not at the foot."""
    size = min(word.size for word in row)
    is_bold = all(word.is_bold for word in row) and size >= body * AS_LARGE and not is_low
    return size >= body * LARGER or is_bold


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
    """The lines without those of a table of contents: a title, and the number of its page.

    A leader to nothing is a blank to fill in.
    """
    known = {fold(title) for title in titles}
    led = [found for at, line in enumerate(lines) if (found := led_in(line.text, at))]
    empty = {each.at for each in led if not each.value}
    entries = contents_in(led, known | {fold(line.text) for line in lines}) | empty
    return [line for at, line in enumerate(lines) if at not in entries and not _is_entry(line, known)]


def _is_entry(line: TextLine, titles: set[str]) -> bool:
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
