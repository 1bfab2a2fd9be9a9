"""Tables of a PDF page without ruled lines: rows whose parts stand below each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

from qa_core.documents.blocks import typed_line
from qa_core.documents.pdf_lines import joined_text, rows_of
from qa_core.documents.pdf_page import Word
from qa_core.documents.pdf_tables import RuledTable
from qa_core.documents.tables import Cell

_NEAR = 4.0  # points within which parts begin below each other
_FARTHEST = 4.0  # of the type size, from one row's baseline to the next
_MIN_ROWS = 2
_MOST_WORDS = 12  # in the middle of a column's cells; more are columns of running text
_WIDE_GAP = 1.6  # of the type size: parts a row
_COLUMN_GAP = 0.5  # of the type size: parts it where a column begins
_OVERLAP = 0.9  # of the type size: lines that are closer stand beside each other
_LEADERS = re.compile(r"(?:\.\s?){4,}|…{2,}|_{4,}")

Part = Sequence[Word]


@dataclass(slots=True)
class _Region:
    """Rows that share their columns, top to bottom; `starts` are the columns' left edges."""

    starts: list[float]
    rows: list[list[Part]] = field(default_factory=list)

    def columns_of(self, parts: Sequence[Part]) -> list[int] | None:
        """The column of each part, or None if one stands in none or reaches into the next."""
        columns: list[int] = []
        for part in parts:
            near = [i for i, x in enumerate(self.starts) if abs(part[0].x0 - x) <= _NEAR]
            if (
                not near
                or near[0] in columns
                or any(x < part[-1].x1 - _NEAR for x in self.starts[near[0] + 1 :])
            ):
                return None
            columns.append(near[0])
        return columns


def find_aligned_tables(words: Sequence[Word]) -> list[RuledTable]:
    """The tables among words that stand in no ruled one, top to bottom."""
    return [table for region in _regions(words) if (table := _table(region))]


def _regions(words: Sequence[Word]) -> Iterator[_Region]:
    region: _Region | None = None
    for band in _bands(words):
        if region is not None:
            lines = [list(_parted(row, region.starts)) for row in band]
            if _goes_on(region, lines):
                region.rows += lines
                continue
            yield region
        parts = list(_parted(band[0], ()))
        region = _Region([part[0].x0 for part in parts], [parts]) if len(parts) > 1 == len(band) else None
    if region is not None:
        yield region


def _bands(words: Sequence[Word]) -> Iterator[list[list[Word]]]:
    """Rows, together with those too close to stand below each other: cells centred on their row."""
    band: list[list[Word]] = []
    for row in rows_of(words):
        if band and band[-1][0].y - row[0].y >= _OVERLAP * row[0].size:
            yield band
            band = []
        band.append(row)
    if band:
        yield band


def _parted(row: Sequence[Word], starts: Sequence[float]) -> Iterator[Part]:
    """The words of a row, parted at wide gaps, and at small ones where one of the columns begins."""
    part: list[Word] = []
    for word in row:
        gap = word.x0 - part[-1].x1 if part else 0.0
        offset = min((abs(word.x0 - x) for x in starts), default=inf)
        begins = offset <= 1.0 or (offset <= _NEAR and gap > _COLUMN_GAP * word.size)
        if gap > _WIDE_GAP * word.size or (part and begins):
            yield part
            part = []
        part.append(word)
    yield part


def _goes_on(region: _Region, band: Sequence[Sequence[Part]]) -> bool:
    above, first = region.rows[-1][0][0], band[0][0][0]
    if above.y - first.y > _FARTHEST * first.size or any(region.columns_of(line) is None for line in band):
        return False
    is_lone = len(band) == len(band[0]) == 1
    return not is_lone or first.x0 > region.starts[0] + _NEAR or _is_tight(region, first)


def _is_tight(region: _Region, first: Word) -> bool:
    """Whether a lone part in the first column is the rest of a wrapped cell, as its small letter says."""
    above = region.rows[-1]
    return len(above) > 1 and first.text[:1].islower() and above[0][0].y - first.y < 1.6 * first.size


def _table(region: _Region) -> RuledTable | None:
    full = [row for row in region.rows if len(row) > 1]
    if len(full) < _MIN_ROWS or not _is_tabular(region, full):
        return None
    groups = _grouped(region)
    words = [word for row in region.rows for part in row for word in part]
    right = max(word.x1 for word in words)
    cells = tuple(_cells(region, group, right) for group in groups)
    y0, y1 = words[-1].y - 1, words[0].y + words[0].size
    return RuledTable(region.starts[0], y0, right, y1, cells, tuple(region.starts), is_ruled=False)


def _is_tabular(region: _Region, rows: Sequence[Sequence[Part]]) -> bool:
    """Whether it is neither a list with wide markers, nor contents, nor text in columns."""
    firsts = [_text(row[0]) for row in rows]
    if sum(1 for text in firsts if typed_line(f"{text} x").kind != "paragraph") > len(rows) / 2:
        return False
    lasts = [_text(row[-1]) for row in rows]
    if any(_LEADERS.search(text) for text in (*firsts, *lasts)):
        return False
    if len(region.starts) == 2 and sum(text.isdigit() for text in lasts) > 0.8 * len(rows):
        return False
    lengths = sorted(len(part) for row in rows for part in row)
    return lengths[len(lengths) // 2] <= _MOST_WORDS and not _is_prose(region, rows)


def _is_prose(region: _Region, rows: Sequence[Sequence[Part]]) -> bool:
    """Whether the first column's lines nearly all reach the gap, as those of running text do."""
    widths = [row[0][-1].x1 - row[0][0].x0 for row in rows if row[0][0].x0 < region.starts[1] - _NEAR]
    return bool(widths) and sorted(widths)[len(widths) // 4] > 0.8 * (region.starts[1] - region.starts[0])


def _grouped(region: _Region) -> Iterator[list[list[Part]]]:
    """Lines that make up one row of the table each."""
    gaps = [a[0][0].y - b[0][0].y for a, b in zip(region.rows, region.rows[1:], strict=False)]
    size = region.rows[0][0][0].size
    apart = [gap for gap in gaps if gap >= _OVERLAP * size]
    closest = min(apart, default=0.0)
    is_spaced = max(apart, default=0.0) > 1.07 * closest
    group = [region.rows[0]]
    for gap, row in zip(gaps, region.rows[1:], strict=True):
        is_close = is_spaced and gap <= 1.07 * closest
        if gap < _OVERLAP * size or _is_wrapped(region, group[0], row, is_close=is_close):
            group.append(row)
        else:
            yield group
            group = [row]
    yield group


def _is_wrapped(region: _Region, first: Sequence[Part], row: Sequence[Part], *, is_close: bool) -> bool:
    """Whether a line goes on with the row above: nothing in its first column, or words broken off."""
    if row[0][0].x0 > region.starts[0] + _NEAR:
        return True
    are_small = [part[0].text[:1].islower() for part in row]
    return (is_close and any(are_small)) or (are_small[0] and not first[0][0].text[:1].islower())


def _cells(region: _Region, lines: Sequence[Sequence[Part]], right: float) -> tuple[Cell, ...]:
    columns: list[list[Word]] = [[] for _ in region.starts]
    for line in lines:
        for column, part in zip(region.columns_of(line) or (), line, strict=False):
            columns[column] += part
    return tuple(
        Cell(joined_text(words, right + 1000), bool(words) and all(word.is_bold for word in words))
        for words in columns
    )


def _text(part: Part) -> str:
    return " ".join(word.text for word in part)
