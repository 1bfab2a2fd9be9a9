"""Ruled tables of a PDF page: grids of lines, and the words in their cells."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import neg

from qa_core.documents.pdf.lines import joined_text
from qa_core.documents.pdf.page import Rule, Word
from qa_core.documents.pdf.unruled_rows import edges_between_rows
from qa_core.documents.tables import Cell, Grid

_NEAR = 3.0  # points within which lines meet or are one
_FOOT = 0.15  # of the page's height
_MOST_BANDS = 2  # of a table whose rows are not ruled: the head and all of them
_MIN_RULES_OVER_CUT = 4  # around a head and two rows, which tell that the table's rows are ruled


@dataclass(frozen=True, slots=True)
class RuledTable:
    """A table with the place that it takes on the page."""

    x0: float
    y0: float
    x1: float
    y1: float
    rows: tuple[tuple[Cell, ...], ...]
    columns: tuple[float, ...]  # the left edge of each
    is_ruled: bool = True  # else only its cells' places tell that it is one

    @property
    def grid(self) -> Grid:
        """The cells for `tables.table_lines`."""
        return Grid(self.rows)

    def holds(self, word: Word) -> bool:
        """Whether a word stands inside."""
        return self.x0 - 1 < (word.x0 + word.x1) / 2 < self.x1 + 1 and self.y0 < _middle(word) < self.y1


def find_tables(
    words: Sequence[Word],
    rules: Sequence[Rule],
    page_height: float,
    counts: Mapping[str, int] | None = None,
) -> list[RuledTable]:
    """The ruled tables of a page with two columns or more, top to bottom.

    How often the document has each word (`counts`) tells whether a narrow cell breaks one.
    """
    foot = _FOOT * page_height
    tables = [table for group in _groups(rules) if (table := _table(words, group, foot, counts or {}))]
    return sorted(tables, key=lambda table: -table.y1)


def _groups(rules: Sequence[Rule]) -> Iterator[list[Rule]]:
    """Rules that touch each other, directly or through others."""
    waiting = list(rules)
    while waiting:
        group = [waiting.pop()]
        for rule in group:
            touching = [other for other in waiting if _touch(rule, other)]
            group += touching
            met = set(map(id, touching))
            waiting = [other for other in waiting if id(other) not in met]
        yield group


def _touch(a: Rule, b: Rule) -> bool:
    return a.x0 - _NEAR <= b.x1 and b.x0 - _NEAR <= a.x1 and a.y0 - _NEAR <= b.y1 and b.y0 - _NEAR <= a.y1


def _table(
    words: Sequence[Word], rules: Sequence[Rule], foot: float, counts: Mapping[str, int]
) -> RuledTable | None:
    columns = _edges(x for rule in rules if not rule.is_horizontal for x in (rule.x0,))
    verticals = [rule for rule in rules if not rule.is_horizontal]
    horizontals = [rule for rule in rules if rule.is_horizontal]
    rows = _edges(rule.y0 for rule in horizontals)[::-1]
    if len(columns) < 3 or len(rows) < 2:
        return None
    bottom = _open_bottom(columns, verticals)
    if len(rows) >= _MIN_RULES_OVER_CUT and bottom is not None and bottom < min(foot, rows[-1] - _NEAR):
        rows.append(bottom)
    inside = [
        word
        for word in words
        if columns[0] < (word.x0 + word.x1) / 2 < columns[-1] and rows[-1] < _middle(word) < rows[0]
    ]
    edges = _edges_between_rows(inside, columns, rows, verticals)
    rows = sorted([*rows, *edges], reverse=True)
    horizontals += [Rule(columns[0], y, columns[-1], y) for y in edges]
    owner = _owners(columns, rows, verticals, horizontals)
    padding = max(min((_padding(word, columns) for word in inside), default=0.0), 0.0)
    words_of = _words_by_cell(inside, columns, rows, owner)
    cells = {
        first: _cell(
            words_of.get(first, []), columns[max(column for _, column in places) + 1] - padding, counts
        )
        for first, places in _members(owner).items()
    }
    grid = tuple(
        tuple(cells[owner[row, column]] for column in range(len(columns) - 1)) for row in range(len(rows) - 1)
    )
    return RuledTable(columns[0], rows[-1], columns[-1], rows[0], grid, tuple(columns[:-1]))


def _edges_between_rows(
    words: Sequence[Word], columns: Sequence[float], rows: Sequence[float], verticals: Sequence[Rule]
) -> list[float]:
    """Where rules would be between the rows below a table's head, if it has but one band for all of them."""
    bands = [
        (top, bottom, inside)
        for top, bottom in pairwise(rows)
        if (inside := [word for word in words if bottom < _middle(word) <= top])
    ]
    if not 0 < len(bands) <= _MOST_BANDS:
        return []
    if any(edges_between_rows(head, columns) for _, _, head in bands[:-1]):
        return []
    top, bottom, inside = bands[-1]
    y = (top + bottom) / 2
    are_parted = all(
        any(_on(rule.x0, x) and rule.y0 <= y <= rule.y1 for rule in verticals) for x in columns[1:-1]
    )
    return edges_between_rows(inside, columns) if are_parted else []


def _open_bottom(columns: Sequence[float], verticals: Sequence[Rule]) -> float | None:
    """Where all columns end alike.

    At a page's foot, with nothing ruled there, a last row is cut that goes on over the page.
    """
    ends = [min(rule.y0 for rule in verticals if _on(rule.x0, x)) for x in columns]
    return max(ends) if max(ends) - min(ends) <= _NEAR else None


def _padding(word: Word, columns: Sequence[float]) -> float:
    """How far a word begins behind the rule on its left."""
    return min(word.x0 - x for x in columns if x <= (word.x0 + word.x1) / 2)


def _middle(word: Word) -> float:
    return word.y + word.size * 0.3


def _edges(values: Iterable[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > _NEAR:
            edges.append(value)
    return edges


Place = tuple[int, int]  # row and column


def _owners(
    columns: Sequence[float], rows: Sequence[float], verticals: Sequence[Rule], horizontals: Sequence[Rule]
) -> dict[Place, Place]:
    """Each place with the first place of the cell that covers it: cells merge where no rule parts them."""
    owner: dict[Place, Place] = {}
    for row in range(len(rows) - 1):
        for column in range(len(columns) - 1):
            place = (row, column)
            owner[place] = place
            y = (rows[row] + rows[row + 1]) / 2
            x = (columns[column] + columns[column + 1]) / 2
            if row and not any(_on(h.y0, rows[row]) and h.x0 <= x <= h.x1 for h in horizontals):
                owner[place] = owner[row - 1, column]
            elif column and not any(_on(v.x0, columns[column]) and v.y0 <= y <= v.y1 for v in verticals):
                owner[place] = owner[row, column - 1]
    return owner


def _on(value: float, edge: float) -> bool:
    return abs(value - edge) <= _NEAR


def _members(owner: dict[Place, Place]) -> dict[Place, list[Place]]:
    members: dict[Place, list[Place]] = {}
    for place, first in owner.items():
        members.setdefault(first, []).append(place)
    return members


def _words_by_cell(
    words: Sequence[Word], columns: Sequence[float], rows: Sequence[float], owner: dict[Place, Place]
) -> dict[Place, list[Word]]:
    """The words inside of a table by the first place of their cell, which need not be a rectangle."""
    found: dict[Place, list[Word]] = {}
    for word in words:
        row = bisect_right(rows, -_middle(word), key=neg) - 1  # they go downwards
        column = bisect_left(columns, (word.x0 + word.x1) / 2) - 1
        found.setdefault(owner[row, column], []).append(word)
    return found


def _cell(words: Sequence[Word], right: float, counts: Mapping[str, int]) -> Cell:
    is_head = bool(words) and all(word.is_bold for word in words)
    return Cell(joined_text(words, right, counts), is_head)
