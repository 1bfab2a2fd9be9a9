"""What stands between the horizontal rules of a PDF page, and how far it is one table's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from operator import itemgetter
from statistics import median

from qa_core.documents.pdf.lines import rows_of
from qa_core.documents.pdf.page import Rule, Word

SAME = 3.0  # points within which rules begin and end alike
COLUMN_GAP = 0.6  # of the type size: wider than a space
_TITLE_HEIGHT = 2.4  # of the type size, from rule to rule around a title within the table
_MOST_HEAD_LINES = 4
_MOST_WORDS = 12  # in the middle of a table's cells; more are columns of running text
_MIN_WORDS = 3  # in the middle of the lines of running text, of which most are
_FULL = 0.7  # of the column's width at least, a fourth of them aside; there are
_MIN_LINES = 4  # between two rules, or more

Span = tuple[float, float]  # left and right edge
Sized = tuple[float, float, float]  # left and right edge, type size at the left
Row = Sequence[Word]


@dataclass(frozen=True)
class Part:
    """What stands between two rules."""

    above: Rule
    below: Rule
    words: Sequence[Word]

    @cached_property
    def rows(self) -> list[list[Row]]:
        """The lines, each parted where columns may be."""
        return _pieces(self.words)

    @cached_property
    def spans(self) -> list[Sized]:
        """Where words stand below each other."""
        return _spans(self.words)

    @cached_property
    def is_title(self) -> bool:
        """Whether it is a lone line at the left, the title of the rows below."""
        if not self.words or self.above.y0 - self.below.y0 > _TITLE_HEIGHT * self.words[0].size:
            return False
        is_left = self.words[0].x0 < self.above.x0 + self.words[0].size
        return is_left and len(self.spans) == 1 and not self.words[-1].text.endswith((".", ":"))


class Run:
    """A head and parts below it, as far as they are looked at, and the columns of these."""

    def __init__(self, head: Part, verticals: Sequence[Rule]) -> None:
        top = head.above
        upright = [v.y1 for v in verticals if is_over(top, v.x0) and v.y0 < top.y0]
        self._highest = max(upright, default=-inf)  # of what parts the words
        self._head = head
        self._body: list[Part] = []
        self._spans: list[Sized] = []
        self._lines: list[list[Row]] = []  # of each column
        self._are_filled = True

    def take(self, part: Part) -> bool:
        """Take the next part, and tell whether words stand in columns between all of the rules."""
        if self._are_filled and not part.is_title:
            self._add(part)
        is_parted = self._highest > part.below.y0
        if is_parted or not self._are_filled or len(self._spans) < 2 or not self._head.words:
            return False
        columns = _edges(self._spans)
        firsts = [_cells([row], columns)[0] for row in self._head.rows]
        n_filled = sum(map(bool, _cells(self._head.rows, columns)))
        return n_filled > 1 and _are_names(firsts) and not self._is_prose()

    def _add(self, part: Part) -> None:
        """Add a part to the columns; where these are others than before, all parts are cut anew."""
        before, self._spans = self._spans, _merged([*self._spans, *part.spans])
        self._body.append(part)
        added = [part]
        if len(before) != len(self._spans) or any(
            a[0] < b[0] or a[1] > b[1] for a, b in zip(before, self._spans, strict=True)
        ):
            added, self._lines = self._body, [[] for _ in self._spans]
        columns = _edges(self._spans)
        for other in added:
            self._are_filled &= sum(map(bool, _cells(other.rows, columns))) > 1
            for row in other.rows:
                for at, cell in enumerate(_cells([row], columns)):
                    self._lines[at] += [cell] if cell else []

    def _is_prose(self) -> bool:
        """Whether lines are long, or many between two rules and running text in all columns."""
        is_long = median([len(line) for lines in self._lines for line in lines]) > _MOST_WORDS
        n_lines = min(map(len, self._lines))
        is_tall = n_lines >= _MIN_LINES * len(self._body)
        return is_long or (is_tall and all(map(_is_running, self._lines, _edges(self._spans))))


def _is_running(lines: Sequence[Row], column: Span) -> bool:
    """Whether lines of some words nearly all reach the column's end, and break within sentences."""
    widths = sorted(line[-1].x1 - line[0].x0 for line in lines)
    is_full = widths[len(widths) // 4] > _FULL * (column[1] - column[0])
    n_small = sum(line[0].text[0].islower() for line in lines)
    return is_full and 2 * n_small >= len(lines) and median(map(len, lines)) >= _MIN_WORDS


def _are_names(firsts: Sequence[Row]) -> bool:
    """Whether lines may be one row: no two begin like the names of rows."""
    return len(firsts) <= _MOST_HEAD_LINES and sum(cell[0].text[0].isupper() for cell in firsts if cell) < 2


def columns_of(words: Sequence[Word]) -> list[Span]:
    """Where words stand below each other, parted by what is blank in all lines."""
    return _edges(_spans(words))


def _spans(words: Sequence[Word]) -> list[Sized]:
    return _merged([(word.x0, word.x1, word.size) for word in words])


def _merged(spans: Sequence[Sized]) -> list[Sized]:
    """Spans as one each that no more than a space parts."""
    merged: list[Sized] = []
    for x0, x1, size in sorted(spans, key=itemgetter(0)):
        if merged and x0 - merged[-1][1] <= COLUMN_GAP * size:
            merged[-1] = merged[-1][0], max(merged[-1][1], x1), merged[-1][2]
        else:
            merged.append((x0, x1, size))
    return merged


def _edges(spans: Sequence[Sized]) -> list[Span]:
    return [(x0, x1) for x0, x1, _ in spans]


def in_columns(words: Sequence[Word], columns: Sequence[Span]) -> list[list[Word]]:
    """The words of each column: the parts of lines that reach over it most, or else are nearest to it."""
    return _cells(_pieces(words), columns)


def _pieces(words: Sequence[Word]) -> list[list[Row]]:
    """The lines, each parted where columns may be."""
    return [
        [[word for word in row if left <= word.x0 <= right] for left, right in columns_of(row)]
        for row in rows_of(words)
    ]


def _cells(lines: Sequence[Sequence[Row]], columns: Sequence[Span]) -> list[list[Word]]:
    cells: list[list[Word]] = [[] for _ in columns]
    for line in lines:
        for piece in line:
            left, right = piece[0].x0, max(word.x1 for word in piece)
            away = [max(x0, left) - min(x1, right) for x0, x1 in columns]
            cells[away.index(min(away))] += piece
    return cells


def is_over(rule: Rule, x: float) -> bool:
    """Whether a rule is above or below a place, or nearly so."""
    return rule.x0 - SAME < x < rule.x1 + SAME
