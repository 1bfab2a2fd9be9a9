"""Numbered panels of a PDF page that no lines part: a number, a picture and a text, several in a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa_core.documents.panels import panel_steps
from qa_core.documents.pdf.lines import LARGER, joined_text, rows_of
from qa_core.documents.pdf.page import Word
from qa_core.documents.pdf.tables import RuledTable
from qa_core.documents.tables import Cell

_NUMBER = re.compile(r"\d{1,2}[.)]?")
_APART = 30.0  # points from number to number, at least
_GAP = 6.0  # points between the texts of two panels, at least
_LEADING = 1.6  # of the type size, from line to line of one panel
_PICTURE = 2.5  # of the type size, from a number to its text at least, with a picture between

Row = Sequence[Word]


@dataclass(frozen=True, slots=True)
class _Band:
    """A row of panels: their numbers, and the lines of text below the pictures."""

    numbers: Row
    lines: Sequence[Row]


def find_panels(words: Sequence[Word]) -> list[RuledTable]:
    """The grids of panels among words that stand in no table, top to bottom."""
    found: list[RuledTable] = []
    rows = rows_of(words)
    at = 0
    while at < len(rows):
        bands, free = _bands(rows[at:])
        table = _table(bands, free) if bands else None
        if table:
            found.append(table)
        at += sum(1 + len(band.lines) for band in bands) if table else 1
    return found


def _bands(rows: Sequence[Row]) -> tuple[list[_Band], list[set[int]]]:
    """The rows of panels that begin in the first row, and where nothing stands between their columns."""
    numbers = rows[0] if _are_numbers(rows[0]) and len(rows[0]) > 1 else ()
    free = [set(range(int(a.x1) + 1, int(b.x0))) for a, b in pairwise(numbers)]
    bands: list[_Band] = []
    while numbers:
        rows = rows[1:]
        lines: list[Row] = []
        for row in rows:
            left = [_without(places, row) for places in free]
            if _goes_on(bands, numbers, row) or not all(left) or not _is_next_line(lines, row):
                break
            lines.append(row)
            free = left
        bands.append(_Band(numbers, lines))
        rows = rows[len(lines) :]
        numbers = rows[0] if rows and _goes_on(bands[:-1], numbers, rows[0]) else ()
    return bands, free


def _are_numbers(row: Row) -> bool:
    """Whether a row is nothing but numbers that count on, far from each other."""
    if not all(_NUMBER.fullmatch(word.text) for word in row):
        return False
    return all(_value(b) == _value(a) + 1 and b.x0 - a.x1 >= _APART for a, b in pairwise(row))


def _goes_on(above: Sequence[_Band], numbers: Row, row: Row) -> bool:
    """Whether a row has the numbers of the next row of panels, in the columns of the first."""
    first = above[0].numbers if above else numbers
    is_next = _are_numbers(row) and _value(row[0]) == _value(numbers[-1]) + 1
    return is_next and all(abs(a.x0 - b.x0) < _APART for a, b in zip(first, row, strict=False))


def _is_next_line(lines: Sequence[Row], row: Row) -> bool:
    """Whether a line is the first below the pictures, or goes on with the one above."""
    if not lines:
        return True
    above = lines[-1]
    is_near = above[0].y - row[0].y <= _LEADING * above[0].size
    return is_near and max(word.size for word in row) < LARGER * above[0].size


def _without(places: set[int], row: Row) -> set[int]:
    return {x for x in places if not any(w.x0 - _GAP / 2 < x < w.x1 + _GAP / 2 for w in row)}


def _value(word: Word) -> int:
    return int(word.text.rstrip(".)"))


def _table(bands: Sequence[_Band], free: Sequence[set[int]]) -> RuledTable | None:
    """The panels as a table, or None if these are other numbers."""
    if not any(map(_is_panel, bands)):
        return None
    edges = [float(max(places)) for places in free]
    rows = tuple(tuple(_cells(band, edges)) for band in bands)
    if not panel_steps([[cell.text for cell in row] for row in rows]):
        return None
    lines = [line for band in bands for line in (band.numbers, *band.lines)]
    words = [word for line in lines for word in line]
    x0, x1 = min(word.x0 for word in words), max(word.x1 for word in words)
    y0, y1 = lines[-1][0].y - 1, lines[0][0].y + lines[0][0].size
    return RuledTable(x0, y0, x1, y1, rows, (x0, *edges), is_ruled=False)


def _is_panel(band: _Band) -> bool:
    """Whether the numbers are larger than the text or a picture is below them; else they head columns."""
    if not band.lines:
        return False
    number, text = band.numbers[0], band.lines[0][0]
    return number.size >= LARGER * text.size or number.y - text.y > _PICTURE * text.size


def _cells(band: _Band, edges: Sequence[float]) -> Iterator[Cell]:
    words = [word for line in band.lines for word in line]
    for left, right in pairwise((float("-inf"), *edges, float("inf"))):
        numbers = [word.text for word in band.numbers if left < word.x0 < right]
        text = joined_text([word for word in words if left < word.x0 < right])
        yield Cell(" ".join([*numbers, text]).strip())
