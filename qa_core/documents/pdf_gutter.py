"""Where two columns of running text on a PDF page part."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from statistics import median

from qa_core.documents.pdf_lines import rows_of
from qa_core.documents.pdf_page import Word

_GUTTER = 10.0  # points between two columns of text
_MIN_COLUMN_LINES = 6


def find_gutter(words: Sequence[Word]) -> float | None:
    """Where two columns of running text part, or None.

    There, next to no row has a word; and the rows on both sides fill their columns, which tells
    text in two columns from a list of names and values. Of several such places it is the middle of the
    widest one that the fewest rows cross.
    """
    left, right = min(word.x0 for word in words), max(word.x1 for word in words)
    rows = rows_of(words)
    places = {x: n for x in _steps(left, right) if (n := _crossings(rows, x, (left, right))) is not None}
    if not places:
        return None
    fewest = min(places.values())
    runs = groupby(_steps(left, right), key=lambda x: places.get(x) == fewest)
    gaps = [list(run) for is_free, run in runs if is_free]
    widest = max(gaps, key=len)
    return (widest[0] + widest[-1]) / 2


def _steps(left: float, right: float) -> list[float]:
    return [left + (right - left) * step / 100 for step in range(25, 76)]


def _crossings(rows: Sequence[Sequence[Word]], x: float, edges: tuple[float, float]) -> int | None:
    """How many rows cross the place of a gutter, or None if no columns part there."""
    free = [row for row in rows if not _crosses(row, x)]
    before = [row for row in free if row[0].x1 <= x]
    if len(rows) - len(free) > 0.3 * len(rows) or len(before) < _MIN_COLUMN_LINES:
        return None
    beside = [word for row in free for word in row]
    left, right = [w for w in beside if w.x1 <= x], [w for w in beside if w.x0 >= x]
    are_filled = _fills(left, x - edges[0]) and _fills(right, edges[1] - x)
    return len(rows) - len(free) if are_filled else None


def _crosses(row: Sequence[Word], x: float) -> bool:
    return any(word.x0 - 2 < x < word.x1 + 2 for word in row) or _spans(row, x)


def _fills(words: Sequence[Word], width: float) -> bool:
    rows = rows_of(words)
    return len(rows) >= _MIN_COLUMN_LINES and median(row[-1].x1 - row[0].x0 for row in rows) > 0.6 * width


def is_across(row: Sequence[Word], gutter: float) -> bool:
    """Whether a row runs over the gutter, with a word or a mere space lying on it."""
    return any(word.x0 < gutter < word.x1 for word in row) or _spans(row, gutter)


def _spans(row: Sequence[Word], gutter: float) -> bool:
    """Whether a row runs on over the gutter, a mere space lying on it."""
    left = [word.x1 for word in row if word.x1 <= gutter]
    right = [word.x0 for word in row if word.x0 >= gutter]
    return bool(left and right) and min(right) - max(left) < _GUTTER * 0.8
