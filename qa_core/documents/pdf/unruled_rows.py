"""Tables of a PDF page whose columns are ruled and whose rows are not: where rules between rows would be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa_core.documents.blocks import typed_line
from qa_core.documents.pdf.lines import rows_of
from qa_core.documents.pdf.page import Word

_SPACE = 0.25  # of the type size, between two words
_MIN_FILLED = 2  # columns of a row
_MIN_SURE = 2  # rows below the first; two lines alone may be one row with breaks in its cells


@dataclass(frozen=True, slots=True)
class _Line:
    """What stands on one baseline, column by column; `is_ended` are the columns that end a line above it."""

    cells: tuple[tuple[Word, ...], ...]
    is_ended: tuple[bool, ...]

    @property
    def middle(self) -> float:
        """Its height on the page."""
        return next(word.y + word.size * 0.3 for cell in self.cells for word in cell)

    @property
    def begins_row(self) -> bool:
        """Whether a name stands in the first column, and not the rest of one that is wrapped."""
        return bool(self.cells[0]) and (any(self.is_ended) or not self.cells[0][0].text[0].islower())


def edges_between_rows(words: Sequence[Word], columns: Sequence[float]) -> list[float]:
    """The heights of the edges between rows of words that no rules part, or none where they are one row.

    `columns` are the places of the vertical rules.
    """
    lines = list(_lines(words, columns))
    if not (_are_rows(lines) or _are_full(lines)) or _are_lists(lines):
        return []
    return [(above.middle + line.middle) / 2 for above, line in pairwise(lines) if line.begins_row]


def _are_rows(lines: Sequence[_Line]) -> bool:
    """Whether most lines end a row, as more would have fit into their columns: a wrapped line is full."""
    first, *below = lines
    begun = [line for line in below if line.begins_row]
    n_sure = sum(any(line.is_ended) and _n_filled(line) >= _MIN_FILLED for line in begun)
    n_within = sum(any(line.is_ended) for line in below if not line.begins_row)
    is_named = bool(first.cells[0])
    return is_named and n_sure >= _MIN_SURE and 2 * n_sure >= len(begun) and n_within < n_sure


def _are_full(lines: Sequence[_Line]) -> bool:
    """Whether every line has a name and something in each other column, and most end a row."""
    n_ended = sum(any(line.is_ended) for line in lines[1:])
    are_full = all(line.begins_row and all(line.cells) for line in lines)
    return are_full and len(lines) > _MIN_SURE and 2 * n_ended >= len(lines) - 1


def _lines(words: Sequence[Word], columns: Sequence[float]) -> Iterator[_Line]:
    padding = max(min(word.x0 - max(x for x in columns if x <= _center(word)) for word in words), 0.0)
    rooms = [right - left - 2 * padding for left, right in pairwise(columns)]
    above: list[tuple[Word, ...]] = [()] * len(rooms)
    for row in rows_of(words):
        cells = [
            tuple(word for word in row if left < _center(word) <= right) for left, right in pairwise(columns)
        ]
        ended = [_would_fit(*each) for each in zip(above, cells, rooms, strict=True)]
        yield _Line(tuple(cells), tuple(ended))
        above = [cell or before for cell, before in zip(cells, above, strict=True)]


def _center(word: Word) -> float:
    return (word.x0 + word.x1) / 2


def _would_fit(above: Sequence[Word], below: Sequence[Word], room: float) -> bool:
    """Whether the first word of a line would have fit into the line above it."""
    if not above or not below:
        return False
    width = above[-1].x1 - above[0].x0 + _SPACE * below[0].size + below[0].x1 - below[0].x0
    return width < room


def _n_filled(line: _Line) -> int:
    return sum(map(bool, line.cells))


def _are_lists(lines: Sequence[_Line]) -> bool:
    """Whether cells behind the first hold lists, whose items are no rows."""
    texts = (" ".join(word.text for word in cell) for line in lines for cell in line.cells[1:] if cell)
    return any(typed_line(text).kind != "paragraph" for text in texts)
