"""The row of a table whose range has the amount that is asked about: "17 to 21" for "19 degrees of hardness".

No word says which of such rows is meant, and to a small reader they are alike. Ranges tell rows apart where
those of a column hardly overlap: sizes of cuffs, levels of hardness, but not what a setting may be set to.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from qa_core.asked.amounts import is_counted
from qa_core.asked.row_cells import cells_of
from qa_core.asked.unit_symbols import SYMBOLS
from qa_core.tokens import tokenize

_AMOUNT = r"[-−]?\d+(?:[.,]\d+)?"
_UNIT = r"(?: ?([°%a-zA-Zµ²³/]+))?"
_ASKED = re.compile(rf"(?<![\w.,/-])({_AMOUNT})(?![\w.,/-]*\d){_UNIT}")
_BETWEEN = re.compile(rf"(?:from )?({_AMOUNT}){_UNIT} ?(?:to|through|[-‐–—~…]|\.\.\.?) ?({_AMOUNT}){_UNIT}")
_MORE = r"(?: on| up| and (?:more|over|up))?"
_FROM = re.compile(rf"(?:from|over|above|more than|at least|>|≥) ?({_AMOUNT}){_UNIT}{_MORE}")
_UP_TO = re.compile(rf"(?:up to|under|below|less than|at most|<|≤) ?({_AMOUNT}){_UNIT}")
_SHARES = frozenset({"%", "°"})  # of a scale that the column tells


@dataclass(frozen=True, slots=True, order=True)
class _Range:
    low: float
    high: float
    unit: str
    row: tuple[int, int]
    column: str

    def has(self, amount: float, unit: str) -> bool:
        """Whether an amount lies in it, and is not told in another unit."""
        return self.low <= amount <= self.high and (not unit or not self.unit or unit == self.unit)


def rows_with_amount(
    question: str, text: str, rows: Iterable[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Of these rows `text[start:end]` the one with the range of an amount of the question; none where unsure.

    An amount has a unit or something that is counted behind it, or the question names the column.
    """
    amounts = list(_ASKED.finditer(question))
    if not amounts:  # as in most questions: nothing of the rows is looked at
        return ()
    asked = frozenset(tokenize(question))
    found: set[tuple[int, int]] = set()
    for ranges in _told_apart(text, rows):
        names_column = not asked.isdisjoint(tokenize(ranges[0].column))
        for each in amounts:
            if names_column or is_counted(question, each.end(1)):
                amount, unit = _number(each[1]), _symbol(each[2])
                found.update(own.row for own in ranges if own.has(amount, unit))
    return tuple(found) if len(found) == 1 else ()


def _told_apart(text: str, rows: Iterable[tuple[int, int]]) -> Iterator[list[_Range]]:
    """The ranges of each column that has several, of one unit: none overlaps another but at its ends."""
    columns: dict[str, list[_Range]] = defaultdict(list)
    for start, end in rows:
        for number, cell in enumerate(cells_of(text[start:end])):
            value, name = text[start + cell.value : start + cell.end], cell.name(text[start:end])
            bounds = _bounds(value)
            if bounds is not None:
                column = name or str(number)
                columns[column].append(_Range(*bounds, (start, end), name or ""))
    for ranges in columns.values():
        ranges.sort()
        is_one_scale = len({each.unit for each in ranges} - {""}) < 2
        if len(ranges) > 1 and is_one_scale and all(one.high <= other.low for one, other in pairwise(ranges)):
            yield ranges


def _bounds(value: str) -> tuple[float, float, str] | None:
    """The lowest and the highest amount of a cell that is a range, and its unit."""
    value = value.strip().lower()
    if found := _BETWEEN.fullmatch(value):
        low, high = _number(found[1]), _number(found[3])
        return (low, high, _symbol(found[4] or found[2])) if low <= high else None
    if found := _FROM.fullmatch(value):
        return _number(found[1]), math.inf, _symbol(found[2])
    if found := _UP_TO.fullmatch(value):
        return -math.inf, _number(found[1]), _symbol(found[2])
    return None


def _number(written: str) -> float:
    return float(written.replace("−", "-").replace(",", "."))


def _symbol(unit: str | None) -> str:
    """A unit's symbol; empty for other words, which may say the same otherwise: "degrees"."""
    folded = (unit or "").lower()
    return folded if folded in SYMBOLS or folded in _SHARES else ""
