"""The lines of a PDF table without ruled lines: their columns, and which of them make up one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from qa_core.documents.pdf.page import Word

NEAR = 4.0  # points within which parts begin below each other
OVERLAP = 0.9  # of the type size: lines that are closer stand beside each other
AS_CLOSE = 1.07  # of what lines are apart at least: no farther than the lines of one row

Part = Sequence[Word]


@dataclass(slots=True)
class Region:
    """Rows that share their columns, top to bottom; `starts` are the columns' left edges."""

    starts: list[float]
    rows: list[list[Part]] = field(default_factory=list)

    def columns_of(self, parts: Sequence[Part]) -> list[int] | None:
        """The column of each part, or None if one stands in none or reaches into the next."""
        columns: list[int] = []
        for part in parts:
            near = [i for i, x in enumerate(self.starts) if abs(part[0].x0 - x) <= NEAR]
            if (
                not near
                or near[0] in columns
                or any(x < part[-1].x1 - NEAR for x in self.starts[near[0] + 1 :])
            ):
                return None
            columns.append(near[0])
        return columns


def spacing(region: Region) -> tuple[float, bool]:
    """How far a region's lines are apart at least, and whether others, which begin rows, are farther."""
    apart = [gap for gap in _line_gaps(region) if gap >= OVERLAP * region.rows[0][0][0].size]
    closest = min(apart, default=0.0)
    return closest, max(apart, default=0.0) > AS_CLOSE * closest


def _line_gaps(region: Region) -> list[float]:
    return [above[0][0].y - below[0][0].y for above, below in pairwise(region.rows)]


def grouped(region: Region) -> Iterator[list[list[Part]]]:
    """Lines that make up one row of the table each."""
    if centred := _centred(region):
        yield from centred
        return
    size = region.rows[0][0][0].size
    closest, is_spaced = spacing(region)
    group = [region.rows[0]]
    for gap, row in zip(_line_gaps(region), region.rows[1:], strict=True):
        is_close = is_spaced and gap <= AS_CLOSE * closest
        if _has_no_name(region, row):
            is_row = len(row) > 1 if is_spaced else _begins_cells(region, row)
            is_wrapped = is_close or not is_row
        else:
            is_wrapped = _is_wrapped(group[0], row, is_close=is_close)
        if gap < OVERLAP * size or is_wrapped:
            group.append(row)
        else:
            yield group
            group = [row]
    yield group


def _has_no_name(region: Region, row: Sequence[Part]) -> bool:
    """Whether nothing stands in the first column."""
    return row[0][0].x0 > region.starts[1] - NEAR


def _begins_cells(region: Region, row: Sequence[Part]) -> bool:
    """Whether a line with nothing in the first column fills all others, with the beginnings of cells."""
    is_full = len(row) == len(region.starts) - 1 > 1
    return is_full and not any(part[0].text[:1].islower() for part in row)


def _centred(region: Region) -> list[list[list[Part]]]:
    """The rows of a table whose cells stand in the middle of them, as a name below its row's first line.

    Empty if it is none, or if its rows are no farther apart than the lines of a cell.
    """
    farthest = AS_CLOSE * _leading(region)
    groups = [[region.rows[0]]]
    for gap, row in zip(_line_gaps(region), region.rows[1:], strict=True):
        if gap > farthest:
            groups.append([])
        groups[-1].append(row)
    named = [[at for at, row in enumerate(group) if not _has_no_name(region, row)] for group in groups]
    are_named = all(places and len(places) == places[-1] - places[0] + 1 for places in named)
    return groups if are_named and any(places[0] for places in named) else []


def _leading(region: Region) -> float:
    """How far the lines of a cell are apart: what is least in any column."""
    size = region.rows[0][0][0].size
    columns: dict[int, list[float]] = {}
    for row in region.rows:
        for column, part in zip(region.columns_of(row) or (), row, strict=False):
            columns.setdefault(column, []).append(part[0].y)
    gaps = (above - below for ys in columns.values() for above, below in pairwise(ys))
    return min((gap for gap in gaps if gap >= OVERLAP * size), default=0.0)


def _is_wrapped(first: Sequence[Part], row: Sequence[Part], *, is_close: bool) -> bool:
    """Whether a line goes on with the row above: its words are broken off, or it is the rest of a cell."""
    are_small = [part[0].text[:1].islower() for part in row]
    is_rest = is_close and (any(are_small) or len(row) == 1 < len(first))
    return is_rest or (are_small[0] and not first[0][0].text[:1].islower())
