"""Tables of a PDF that go on over the ends of pages: their column names hold on all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_core.documents.pdf_tables import RuledTable
from qa_core.documents.tables import Cell, Grid, head_of

_NEAR = 12.0  # points within which columns on two pages are the same; pages may be set off to the side

Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """A table, in front of the line with the position `before`."""

    table: RuledTable
    page: int
    before: int


def grids_of(tables: Sequence[PlacedTable]) -> Iterator[Grid]:
    """The grid of each table, in order; each page of one that goes on has the head of the first."""
    run: list[PlacedTable] = []
    for placed in tables:
        if run and not _goes_on(run, placed):
            yield from _grids(run)
            run = []
        run.append(placed)
    yield from _grids(run)


def _goes_on(run: Sequence[PlacedTable], placed: PlacedTable) -> bool:
    """Whether a table stands first on the page after the run's, in its columns, without another head."""
    last, rows = run[-1], placed.table.rows
    if (last.page + 1, last.before) != (placed.page, placed.before) or not _have_same_columns(last, placed):
        return False
    are_bold = [all(cell.is_head for cell in row if cell.text) for row in rows]
    has_bold_head = are_bold[0] and not all(are_bold)
    return not has_bold_head or _texts(rows[:1]) == _texts(head_of(run[0].table.rows)[:1])


def _have_same_columns(a: PlacedTable, b: PlacedTable) -> bool:
    ours, theirs = a.table.columns, b.table.columns
    return len(ours) == len(theirs) and all(
        abs((x - ours[0]) - (y - theirs[0])) <= _NEAR for x, y in zip(ours, theirs, strict=True)
    )


def _grids(run: Sequence[PlacedTable]) -> Iterator[Grid]:
    if len(run) == 1:
        yield run[0].table.grid
        return
    head = head_of([row for placed in run for row in placed.table.rows])
    for i, placed in enumerate(run):
        rows = [row for row in placed.table.rows if any(cell.text for cell in row)]
        if i and head:
            is_repeated = _texts(rows[: len(head)]) == _texts(head)
            yield Grid((*head, *rows[len(head) if is_repeated else 0 :]), n_head=len(head))
        else:
            n_head = next((n for n, row in enumerate(rows, 1) if row is head[-1]), len(rows)) if head else 0
            yield Grid(tuple(rows), n_head)


def _texts(rows: Sequence[Row]) -> list[list[str]]:
    return [[cell.text for cell in row] for row in rows]
