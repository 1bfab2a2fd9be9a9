"""Tables of a PDF page without ruled lines whose values end below each other, as numbers do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from qa_core.documents.pdf.lines import TextLine, joined_text, rows_of
from qa_core.documents.pdf.page import Word
from qa_core.documents.pdf.regions import NEAR, Part
from qa_core.documents.pdf.tables import RuledTable
from qa_core.documents.tables import Cell

_FARTHEST = 2.5  # of the type size, from one row's baseline to the next
_FEWEST_ROWS = 3
_FEWEST_COLUMNS = 3  # two may be the contents: titles and the numbers of their pages
_MOST_WORDS = 6  # of a cell

Row = Sequence[Part]


def find_flush_tables(words: Sequence[Word]) -> list[RuledTable]:
    """The tables among words that stand in no other one, top to bottom."""
    rows = [TextLine(tuple(row), 0, (0.0, 0.0)).parts() for row in rows_of(words)]
    found: list[RuledTable] = []
    at = 0
    while at < len(rows):
        n_rows = _n_rows(rows[at:])
        if n_rows:
            has_head = at > 0 and _is_head(rows[at - 1], rows[at : at + n_rows])
            found.append(_table(rows[at - has_head : at + n_rows]))
        at += n_rows or 1
    return found


def _n_rows(rows: Sequence[Row]) -> int:
    """How many rows from the first on are one table's; 0 if there is none."""
    n = 1
    while n < len(rows) and _is_near(rows[n - 1], rows[n]) and all(map(_is_column, _columns(rows[: n + 1]))):
        n += 1
    columns = _columns(rows[:n])
    is_table = n >= _FEWEST_ROWS and len(columns) >= _FEWEST_COLUMNS
    flush = [column for column in columns if not _are_alike([part[0].x0 for part in column])]
    return n if is_table and flush and all(map(_are_values, flush)) and _are_apart(columns) else 0


def _is_near(above: Row, below: Row) -> bool:
    first = below[0][0]
    return len(above) == len(below) and above[0][0].y - first.y <= _FARTHEST * first.size


def _columns(rows: Sequence[Row]) -> list[tuple[Part, ...]]:
    return list(zip(*rows, strict=True))


def _is_column(parts: Sequence[Part]) -> bool:
    """Whether short texts begin or end below each other."""
    is_short = all(len(part) <= _MOST_WORDS for part in parts)
    edges = [part[0].x0 for part in parts], [part[-1].x1 for part in parts]
    return is_short and any(map(_are_alike, edges))


def _are_alike(places: Sequence[float]) -> bool:
    return max(places) - min(places) <= NEAR


def _are_values(column: Sequence[Part]) -> bool:
    """Whether most of a column's texts have a number; the first may be its name."""
    n_values = sum(any(char.isdigit() for word in part for char in word.text) for part in column[1:])
    return 2 * n_values > len(column) - 1


def _are_apart(columns: Sequence[Sequence[Part]]) -> bool:
    return all(
        max(part[-1].x1 for part in left) < min(part[0].x0 for part in right)
        for left, right in pairwise(columns)
    )


def _is_head(row: Row, rows: Sequence[Row]) -> bool:
    """Whether a row right above a table has a name over each column, however it is aligned."""
    if not _is_near(row, rows[0]):
        return False
    columns = _columns([row, *rows])
    return _are_apart(columns) and all(len(part) <= _MOST_WORDS for part in row)


def _table(rows: Sequence[Row]) -> RuledTable:
    columns = tuple(min(part[0].x0 for part in column) for column in _columns(rows))
    right = max(row[-1][-1].x1 for row in rows)
    cells = tuple(tuple(_cell(part) for part in row) for row in rows)
    first, last = rows[0][0][0], rows[-1][0][0]
    return RuledTable(columns[0], last.y - 1, right, first.y + first.size, cells, columns, is_ruled=False)


def _cell(words: Part) -> Cell:
    return Cell(joined_text(words), all(word.is_bold for word in words))
