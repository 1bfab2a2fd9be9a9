"""Tables of a PDF that go on over the ends of pages: their column names hold on all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_core.documents.blocks import clean
from qa_core.documents.pdf.lines import join_lines
from qa_core.documents.pdf.tables import RuledTable
from qa_core.documents.tables import Cell, Grid, head_of

_NEAR = 12.0  # points within which columns on two pages are the same; pages may be set off to the side
_ENDS = (".", "!", "?")

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
    pages = [[row for row in placed.table.rows if any(cell.text for cell in row)] for placed in run]
    n_heads = [
        next((n for n, row in enumerate(pages[0], 1) if row is head[-1]), len(pages[0])) if head else 0
    ]
    n_heads += [len(head) if _texts(rows[: len(head)]) == _texts(head) else 0 for rows in pages[1:]]
    bodies = _with_whole_rows([rows[n:] for rows, n in zip(pages, n_heads, strict=True)])
    yield Grid((*pages[0][: n_heads[0]], *bodies[0]), n_heads[0])
    for rows in bodies[1:]:
        yield Grid((*head, *rows) if rows else (), n_head=len(head))


def _with_whole_rows(pages: Sequence[Sequence[Row]]) -> list[list[Row]]:
    """The rows of each page; one that goes on at the top of the next page stands on the first, as a whole."""
    others = [row for i, rows in enumerate(pages) for row in rows[1 if i else 0 :]]
    if not others or not all(map(_is_named, others)):
        return [list(rows) for rows in pages]
    whole: list[list[Row]] = []
    for rows in pages:
        above = next((earlier for earlier in reversed(whole) if earlier), None)
        if above and rows and _is_rest(rows[0], above[-1], others):
            above[-1] = _joined(above[-1], rows[0])
            whole.append(list(rows[1:]))
        else:
            whole.append(list(rows))
    return whole


def _is_named(row: Row) -> bool:
    """Whether a name begins a row, and not the rest of one."""
    return bool(row[0].text) and not row[0].text[0].islower()


def _is_rest(row: Row, above: Row, others: Sequence[Row]) -> bool:
    """Whether a row goes on with sentences of the one above, with small letters.

    So do not values, names such as `pH`, whose rows are full, or cells that all begin small in their columns.
    """
    if _is_named(row) or len(row) != len(above) or all(cell.text for cell in row):
        return False
    filled = [i for i, cell in enumerate(row) if cell.text]
    small = [i for i in filled if row[i].text[0].islower()]
    are_rests = bool(small) and all(above[i].text and not above[i].text.endswith(_ENDS) for i in small)
    begun = [row[i].text[0] for i in filled if i not in small and not above[i].text.endswith(_ENDS)]
    are_large = all(o[i].text[0].isupper() for o in others for i in small if i < len(o) and o[i].text)
    return are_rests and are_large and not begun and not any(row[i].text[0].isdigit() for i in filled)


def _joined(above: Row, below: Row) -> Row:
    """Two parts of a row as one; a cell that spans several columns still does."""
    whole: dict[tuple[int, int], Cell] = {}
    for a, b in zip(above, below, strict=True):
        text = clean(join_lines(a.text, b.text, keep_hyphen=False)) if a.text and b.text else a.text or b.text
        whole.setdefault((id(a), id(b)), Cell(text, a.is_head))
    return tuple(whole[id(a), id(b)] for a, b in zip(above, below, strict=True))


def _texts(rows: Sequence[Row]) -> list[list[str]]:
    return [[cell.text for cell in row] for row in rows]
