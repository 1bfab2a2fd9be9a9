"""HTML tables → rows that keep their column names; tables that only lay out a page are told apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from qa_core.documents.blocks import Line
from qa_core.documents.html.furniture import is_skipped
from qa_core.documents.html.lists import mark_items
from qa_core.documents.html.text import text_of
from qa_core.documents.tables import Cell, Grid, table_lines

_MAX_SPAN = 1000


@dataclass(frozen=True, slots=True)
class Table:
    """A table's rows as lines, or, where it only lays out the page, its cells to walk through."""

    caption: str = ""
    lines: tuple[Line, ...] = ()
    cells: tuple[HtmlElement, ...] = ()
    is_layout: bool = False


def read_table(element: HtmlElement) -> Table:
    """What a `table` holds. Tables nested in its cells are those cells' text."""
    rows = [row for row in _rows(element) if not is_skipped(row)]
    cells = [[cell for cell in row if cell.tag in ("td", "th") and not is_skipped(cell)] for row in rows]
    caption = next((text_of(child) for child in element if child.tag == "caption"), "")
    if _is_layout(element, cells):
        return Table(caption, cells=tuple(cell for row in cells for cell in row), is_layout=True)
    n_head = sum(1 for row in rows if row.getparent().tag == "thead")
    return Table(caption, tuple(table_lines(_grid(cells, n_head or None))))


def _rows(table: HtmlElement) -> Iterator[HtmlElement]:
    """The table's own rows, head first."""
    groups = [child for child in table if child.tag in ("thead", "tbody", "tfoot", "tr")]
    for group in sorted(groups, key=lambda group: group.tag != "thead"):
        if group.tag == "tr":
            yield group
        else:
            yield from (row for row in group if row.tag == "tr")


def _is_layout(table: HtmlElement, rows: Sequence[Sequence[HtmlElement]]) -> bool:
    """Whether the cells are a page's parts, not a table's values.

    So it is if headings stand in it, if all text is in one column, or if its only row holds lists,
    tables or several paragraphs.
    """
    if table.get("role") in ("presentation", "none") or table.xpath(
        "boolean(.//h1|.//h2|.//h3|.//h4|.//h5|.//h6)"
    ):
        return True
    filled = {at for row in rows for at, cell in enumerate(row) if cell.text_content().strip()}
    if len(filled) < 2:
        return True
    return len(rows) == 1 and table.xpath("count(.//p|.//li|.//table)") > len(rows[0])


@dataclass(slots=True)
class _Placing:
    """Which places of the grid are taken by cells from rows above."""

    taken: dict[int, tuple[Cell, int]] = field(default_factory=dict)  # column → cell, rows still to come


def _grid(rows: Sequence[Sequence[HtmlElement]], n_head: int | None) -> Grid:
    """The cells in their places, with `colspan` and `rowspan` filled in."""
    placing = _Placing()
    return Grid(tuple(tuple(_place(elements, placing)) for elements in rows), n_head)


def _place(elements: Sequence[HtmlElement], placing: _Placing) -> list[Cell]:
    row: list[Cell] = []
    for element in elements:
        _fill_from_above(row, placing)
        mark_items(element)
        cell = Cell(text_of(element), is_head=element.tag == "th" or _is_bold(element))
        height = _span(element, "rowspan")
        for _ in range(_span(element, "colspan")):
            if height > 1:
                placing.taken[len(row)] = (cell, height - 1)
            row.append(cell)
    _fill_from_above(row, placing)
    while placing.taken and max(placing.taken) >= len(row):  # a row too short for what reaches into it
        row.append(Cell(""))
        _fill_from_above(row, placing)
    return row


def _fill_from_above(row: list[Cell], placing: _Placing) -> None:
    while len(row) in placing.taken:
        cell, height = placing.taken.pop(len(row))
        if height > 1:
            placing.taken[len(row)] = (cell, height - 1)
        row.append(cell)


def _is_bold(element: HtmlElement) -> bool:
    bold = sum(len(part.text_content().strip()) for part in element.iter("b", "strong"))
    return 0 < len(element.text_content().strip()) <= bold


def _span(element: HtmlElement, name: str) -> int:
    text = element.get(name) or ""
    return min(max(int(text), 1), _MAX_SPAN) if text.isascii() and text.isdigit() else 1
