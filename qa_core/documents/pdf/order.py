"""Lines and tables of a PDF page in reading order, two columns one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from math import inf

from qa_core.documents.pdf.gutter import find_gutter, is_across
from qa_core.documents.pdf.lines import LARGER, TextLine, rows_of
from qa_core.documents.pdf.page import Word
from qa_core.documents.pdf.side_heads import n_in_margin, text_edge
from qa_core.documents.pdf.tables import RuledTable

_NEAR = 10.0  # points that a table may stick out of its column
_APART = 1.2  # a heading is farther from what it does not lead
_ENDS = (".", "!", ";")  # of sentences, which are no headings

Row = Sequence[Word]
Item = Row | RuledTable


def in_order(
    words: Sequence[Word], tables: Sequence[RuledTable], page: int, gutter: float | None = None
) -> list[TextLine | RuledTable]:
    """The tables of a page, and the lines of the words outside of them; a gutter may be known already."""
    if not words:
        return list(_column((), tables, (0.0, 0.0), page))
    if gutter is None:
        gutter = find_gutter(words, [table for table in tables if table.is_ruled])
    edges = (min(word.x0 for word in words), max(word.x1 for word in words))
    if gutter is None:
        return list(_column(rows_of(words), tables, edges, page))
    ordered: list[TextLine | RuledTable] = []
    band: list[Item] = []
    for item in _top_down(rows_of(words), tables):
        if _is_across(item, gutter):
            n_headings = _n_headings(band, item, gutter)
            columns, headings = band[: len(band) - n_headings], band[len(band) - n_headings :]
            ordered += _two_columns(columns, gutter, edges, page)
            ordered += _two_columns(headings, gutter, edges, page)
            ordered.append(item if isinstance(item, RuledTable) else TextLine(tuple(item), page, edges))
            band = []
        else:
            band.append(item)
    return ordered + _two_columns(band, gutter, edges, page)


def _is_across(item: Item, gutter: float) -> bool:
    if isinstance(item, RuledTable):
        return item.x0 + _NEAR < gutter < item.x1 - _NEAR
    return is_across(item, gutter)


def _n_headings(band: Sequence[Item], across: Item, gutter: float) -> int:
    """How many short headings at the end of two columns belong to what runs over both.

    They stand apart, below the end of both columns, and nearer to that text or table.
    """
    text = next(filter(_is_text, band), None) if isinstance(across, RuledTable) else across
    top = across.y1 if isinstance(across, RuledTable) else across[0].y
    if text is None or isinstance(text, RuledTable):
        return 0
    headings = list(takewhile(lambda item: _is_heading_of(item, text, gutter), reversed(band)))
    for n in range(len(headings), 0, -1):
        below = _bottom(headings[0]) - top
        above = min(map(_bottom, band[: len(band) - n]), default=inf) - _bottom(headings[n - 1])
        if above > _APART * below:
            return n
    return 0


def _is_text(item: Item) -> bool:
    return not isinstance(item, RuledTable) and not all(word.is_bold for word in item)


def _bottom(item: Item) -> float:
    return item.y0 if isinstance(item, RuledTable) else item[0].y


def _is_heading_of(item: Item, text: Row, gutter: float) -> bool:
    if isinstance(item, RuledTable) or item[-1].x1 > gutter or item[-1].text.endswith(_ENDS):
        return False
    is_bolder = all(word.is_bold for word in item) and not all(word.is_bold for word in text)
    return is_bolder or min(word.size for word in item) >= LARGER * max(word.size for word in text)


def _two_columns(
    band: Sequence[Item], gutter: float, edges: tuple[float, float], page: int
) -> list[TextLine | RuledTable]:
    """What stands left of the gutter, then what stands right of it."""
    words = [word for item in band if not isinstance(item, RuledTable) for word in item]
    left = rows_of([word for word in words if word.x1 <= gutter])
    right = rows_of([word for word in words if word.x0 >= gutter])
    tables = [item for item in band if isinstance(item, RuledTable)]
    on_left = [table for table in tables if (table.x0 + table.x1) / 2 < gutter]
    on_right = [table for table in tables if table not in on_left]
    return [
        *_column(left, on_left, (edges[0], gutter), page),
        *_column(right, on_right, (gutter, edges[1]), page),
    ]


def _column(
    rows: Sequence[Row], tables: Sequence[RuledTable], edges: tuple[float, float], page: int
) -> Iterator[TextLine | RuledTable]:
    """One column from top to bottom; headings in its margin stand in front of the text beside them."""
    edge = text_edge(rows)
    heads: list[Row] = []
    beside: list[Row] = []

    def held() -> Iterator[TextLine]:
        right = max((row[-1].x1 for row in heads), default=0.0)
        yield from (TextLine(tuple(row), page, (edges[0], right)) for row in heads)
        yield from (TextLine(tuple(row), page, edges) for row in beside)

    for item in _top_down(rows, tables):
        if not isinstance(item, RuledTable) and edge and (n_words := n_in_margin(item, edge)):
            heads.append(item[:n_words])
            beside.append(item[n_words:])
            continue
        yield from held()
        heads, beside = [], []
        yield item if isinstance(item, RuledTable) else TextLine(tuple(item), page, edges)
    yield from held()


def _top_down(rows: Sequence[Row], tables: Sequence[RuledTable]) -> list[Item]:
    items: list[Item] = [*rows, *tables]
    return sorted(items, key=lambda item: -item.y1 if isinstance(item, RuledTable) else -item[0].y)
