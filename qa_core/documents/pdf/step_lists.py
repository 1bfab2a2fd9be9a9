"""Lists of steps that stand beside each other on a PDF page, with no lines between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from qa_core.documents.panels import step_lists
from qa_core.documents.pdf.lines import joined_text, rows_of
from qa_core.documents.pdf.page import Word
from qa_core.documents.pdf.regions import NEAR
from qa_core.documents.pdf.tables import RuledTable
from qa_core.documents.tables import Cell

_MARK = re.compile(r"(\d{1,2})[.)]")
_GAP = 0.5  # of the type size, from a list to the one beside it, at least
_LEADING = 1.6  # of the type size, from line to line of one step
_FARTHEST = 4.0  # of the type size, from step to step

Row = Sequence[Word]


def find_step_lists(words: Sequence[Word]) -> list[RuledTable]:
    """The lists beside each other among words that stand in no table: each a row of cells, top to bottom."""
    found: list[RuledTable] = []
    rows = rows_of(words)
    at, free = 0, 0  # where lists may begin, and the first row that is in none yet
    while at < len(rows):
        starts = _starts(rows[at])
        n_rows = _n_rows(rows[at:], starts)
        first = at - 1 if n_rows and at > free and _are_titles(rows[at - 1], rows[at][0], starts) else at
        table = _table(rows[first : at + n_rows], starts) if n_rows else None
        if table:
            found.append(table)
            free = at + n_rows
        at += n_rows if table else 1
    return found


@dataclass(slots=True)
class _List:
    """A list that is read line by line."""

    start: float
    last: Row = ()  # its last line
    number: int = 0  # of its last step

    def takes(self, line: Row) -> bool:
        """Whether a line is nothing, the next step, or goes on with the last one."""
        if not line:
            return True
        above, self.last = self.last, line
        gap = (above[0].y - line[0].y) / line[0].size if above else 0.0
        begins = abs(line[0].x0 - self.start) <= NEAR
        if begins and (mark := _MARK.fullmatch(line[0].text)):
            before, self.number = self.number, int(mark[1])
            return (not above or self.number == before + 1) and gap <= _FARTHEST
        return bool(above) and gap <= _LEADING and not (begins and above[-1].text.endswith("."))


def _starts(row: Row) -> list[float]:
    """Where steps begin that stand beside each other in a row, the first at its left end; else nothing."""
    gaps = (inf, *((b.x0 - a.x1) / b.size for a, b in pairwise(row)))
    marks = [w for gap, w in zip(gaps, row, strict=True) if gap > _GAP and _MARK.fullmatch(w.text)]
    return [word.x0 for word in marks] if len(marks) > 1 and marks[0] is row[0] else []


def _n_rows(rows: Sequence[Row], starts: Sequence[float]) -> int:
    """How many rows go on with the lists that begin in the first: each list takes what is in its column."""
    lists = [_List(x) for x in starts]
    n_rows = 0
    for row in rows:
        parts = _parts(row, starts) if starts else []
        if not parts or not all(each.takes(part) for each, part in zip(lists, parts, strict=True)):
            break
        n_rows += 1
    return n_rows


def _are_titles(row: Row, first: Word, starts: Sequence[float]) -> bool:
    """Whether a row right above the first steps has something in each column."""
    parts = _parts(row, starts)
    return bool(parts) and all(parts) and row[0].y - first.y <= _FARTHEST * first.size


def _parts(row: Row, starts: Sequence[float]) -> list[Row]:
    """What of a row stands in each column; nothing at all where something reaches into the next."""
    lefts = [x - NEAR for x in starts]
    parts: list[Row] = [[w for w in row if a <= w.x0 < b] for a, b in pairwise((*lefts, inf))]
    is_apart = all(
        b.x0 - a.x1 > _GAP * b.size for a, b in pairwise(row) if any(a.x0 < x <= b.x0 for x in lefts)
    )
    are_inside = all(word.x1 < x + NEAR for word in row for x in lefts if word.x0 < x)
    return parts if is_apart and are_inside and row[0].x0 >= lefts[0] else []


def _table(rows: Sequence[Row], starts: Sequence[float]) -> RuledTable | None:
    """The lists as one row of cells, or None if they are none."""
    columns = zip(*(_parts(row, starts) for row in rows), strict=True)
    cells = tuple(Cell(joined_text([word for part in parts for word in part])) for parts in columns)
    if not step_lists([[cell.text for cell in cells]]):
        return None
    words = [word for row in rows for word in row]
    y0, y1 = rows[-1][0].y - 1, rows[0][0].y + rows[0][0].size
    x0, x1 = min(word.x0 for word in words), max(word.x1 for word in words)
    return RuledTable(x0, y0, x1, y1, (cells,), tuple(starts), is_ruled=False)
