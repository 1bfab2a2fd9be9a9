"""Headings in the margin of a PDF page, beside the text that they are above in the order of reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from qa_core.documents.pdf.page import Word

_NEAR = 4.0  # points within which rows begin below each other
_NARROWEST = 40.0  # points, of a margin with headings
_GAP = 0.7  # of the type size, at least, between a heading and the text beside it
_SHARE = 0.5  # of the rows that have to begin where the text does
_WIDTH = 0.6  # of the text's column, which half of these rows fill

Row = Sequence[Word]


def text_edge(rows: Sequence[Row]) -> float | None:
    """Where a page's text begins right of a margin, or None if most of it begins at the page's left.

    Options as `-v` and other words in small letters are no headings, but explained by the text beside them.
    """
    if not rows:
        return None
    left, right = min(row[0].x0 for row in rows), max(row[-1].x1 for row in rows)
    begins = [_begin(row) for row in rows]
    [(edge, _)] = Counter(map(round, begins)).most_common(1)
    beside = [row for row, x in zip(rows, begins, strict=True) if abs(x - edge) <= _NEAR]
    widths = [row[-1].x1 - edge for row in beside]
    is_text = len(beside) >= _SHARE * len(rows) and median(widths) >= _WIDTH * (right - edge)
    if not is_text or edge - left < _NARROWEST:
        return None
    are_heads = [False, *(n_in_margin(row, edge) > 0 for row in rows)]
    firsts = [
        row[0].text[0] for row, (above, own) in zip(rows, pairwise(are_heads), strict=True) if own > above
    ]
    return float(edge) if all(first.isupper() or first.isdigit() for first in firsts) else None


def n_in_margin(row: Row, edge: float) -> int:
    """How many words of a row are a heading in the margin left of the text; 0 if it has none beside text."""
    head = [word for word in row if word.x0 < edge - _NEAR]
    text = row[len(head) :]
    if not head or not text or abs(text[0].x0 - edge) > _NEAR or all(word.is_bold for word in text):
        return 0
    is_apart = text[0].x0 - head[-1].x1 >= _GAP * head[-1].size
    return len(head) if is_apart and all(word.is_bold for word in head) else 0


def _begin(row: Row) -> float:
    """Where a row begins, behind what is bold."""
    return next((word for word in row if not word.is_bold), row[0]).x0
