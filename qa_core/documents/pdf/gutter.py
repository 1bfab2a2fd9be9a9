"""Where two columns of running text on a PDF page part."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median

from qa_core.documents.pdf.lines import LARGER, rows_of
from qa_core.documents.pdf.page import Word
from qa_core.documents.pdf.tables import RuledTable

_GUTTER = 10.0  # points between two columns of text
_MIN_COLUMN_LINES = 6
_MIN_HEADED_LINES = 3  # of a column that begins or goes on with a heading
_MIN_WORDS = 5  # of the first line of a text's end; a table's values have fewer
_FARTHEST = 1.6  # of the type size, from one line to the next of one block
_MANY_LINES = 15  # that no table has on one side alone
_BESIDE = 0.75  # of the type size: half of what lines are apart, and a little

Row = Sequence[Word]


def find_gutter(words: Sequence[Word], tables: Sequence[RuledTable] = ()) -> float | None:
    """Where two columns of running text part, or None. No word stands in one of the tables.

    There, next to no row has a word; and the rows on both sides, those of tables among them, fill
    their columns, which tells text in two columns from a list of names and values. Of several such
    places it is the middle of the widest one that the fewest rows cross.
    """
    left, right = min(word.x0 for word in words), max(word.x1 for word in words)
    rows = rows_of(words)
    steps = _steps(left, right)
    places = {x: n for x in steps if (n := _crossings(rows, tables, x, (left, right))) is not None}
    if not places:
        return None
    fewest = min(places.values())
    runs = groupby(steps, key=lambda x: places.get(x) == fewest)
    gaps = [list(run) for is_free, run in runs if is_free]
    widest = max(gaps, key=len)
    return (widest[0] + widest[-1]) / 2


def _steps(left: float, right: float) -> list[float]:
    return [left + (right - left) * step / 100 for step in range(25, 76)]


def _crossings(
    rows: Sequence[Row], tables: Sequence[RuledTable], x: float, edges: tuple[float, float]
) -> int | None:
    """How many rows cross the place of a gutter, or None if no columns part there."""
    free = [row for row in rows if not _crosses(row, x)]
    crossing = [row for row in rows if _crosses(row, x)]
    if len(crossing) > 0.3 * len(rows):
        return None
    beside = [word for row in free for word in row]
    left = _Side([w for w in beside if w.x1 <= x], [table for table in tables if table.x1 <= x])
    right = _Side([w for w in beside if w.x0 >= x], [table for table in tables if table.x0 >= x])
    are_filled = left.fills(x - edges[0]) and right.fills(edges[1] - x)
    are_columns = are_filled and _are_long(left, right, crossing) and _are_beside(left, right)
    return len(crossing) if are_columns else None


class _Side:
    """What stands on one side of a gutter."""

    def __init__(self, words: Sequence[Word], tables: Sequence[RuledTable]) -> None:
        self.rows = rows_of(words)
        self.tables = tables
        of_tables = [table.x1 - table.x0 for table in tables for _ in table.rows]
        self.widths = [row[-1].x1 - row[0].x0 for row in self.rows] + of_tables

    def fills(self, width: float) -> bool:
        """Whether most rows are nearly as wide as the column."""
        return bool(self.widths) and median(self.widths) > 0.6 * width

    def has_beside(self, row: Row) -> bool:
        """Whether a row of the other side has one here, or a table, on its height."""
        y, near = row[0].y, _BESIDE * row[0].size
        in_table = any(table.y0 < y < table.y1 for table in self.tables)
        return in_table or any(abs(other[0].y - y) < near for other in self.rows)


def _are_beside(left: _Side, right: _Side) -> bool:
    """Whether columns stand beside each other, not a line here, then one further right."""
    sides = ((left, right), (right, left))
    return any(sum(map(other.has_beside, side.rows)) >= len(side.rows) / 2 for side, other in sides)


def _are_long(left: _Side, right: _Side, crossing: Sequence[Row]) -> bool:
    """Whether both columns have the lines of running text.

    A short one is told by a heading in it, by a column beside it that is too long for a table, or as
    the text's end.
    """
    shorter, longer = sorted((left, right), key=lambda side: len(side.widths))
    if len(shorter.widths) >= _MIN_COLUMN_LINES:
        return True
    if len(left.widths) >= _MIN_COLUMN_LINES and _is_end_of_text(left, right, crossing):
        return True
    is_short = len(shorter.widths) < _MIN_HEADED_LINES or len(longer.widths) < _MIN_COLUMN_LINES
    if is_short or not shorter.rows:
        return False
    if len(crossing) <= 1 and len(longer.widths) >= _MANY_LINES:
        return True
    text_size = median(word.size for side in (shorter, longer) for row in side.rows for word in row)
    return any(_is_heading(row, longer.rows, text_size) for row in shorter.rows)


def _is_end_of_text(left: _Side, right: _Side, crossing: Sequence[Row]) -> bool:
    """Whether some lines of running text begin where the column left of them does, and are one block.

    What runs over both columns stands above.
    """
    if right.tables or not left.rows or not right.rows or len(right.rows[0]) < _MIN_WORDS:
        return False
    first, size = right.rows[0][0], right.rows[0][0].size
    if any(row[0].y < first.y for row in crossing):
        return False
    gaps = (above[0].y - below[0].y for above, below in pairwise(right.rows))
    return abs(first.y - left.rows[0][0].y) < size and all(gap < _FARTHEST * size for gap in gaps)


def _is_heading(row: Row, others: Sequence[Row], text_size: float) -> bool:
    """Whether a row is larger than the text, or bold with nothing bold beside it, as in a table's head."""
    if min(word.size for word in row) >= LARGER * text_size:
        return True
    beside = [word for other in others for word in other if abs(word.y - row[0].y) < text_size]
    return all(word.is_bold for word in row) and not any(word.is_bold for word in beside)


def _crosses(row: Row, x: float) -> bool:
    return any(word.x0 - 2 < x < word.x1 + 2 for word in row) or _spans(row, x)


def is_across(row: Row, gutter: float) -> bool:
    """Whether a row runs over the gutter, with a word or a mere space lying on it."""
    return any(word.x0 < gutter < word.x1 for word in row) or _spans(row, gutter)


def _spans(row: Row, gutter: float) -> bool:
    """Whether a row runs on over the gutter, a mere space lying on it."""
    left = [word.x1 for word in row if word.x1 <= gutter]
    right = [word.x0 for word in row if word.x0 >= gutter]
    return bool(left and right) and min(right) - max(left) < _GUTTER * 0.8
