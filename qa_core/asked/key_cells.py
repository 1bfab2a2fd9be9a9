"""The first cell of a row where that is asked for: the part number of a filter, where numbers lead the rows.

A reader looks for it behind the part's name, where the number in the next row stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from qa_core.asked.row_cells import Cell, cells_within
from qa_core.asked.row_keys import NUMBER_WORD
from qa_core.tokens import tokenize

_NUMBER = re.compile(rf"(?<![^\W_]){NUMBER_WORD}(?![^\W_])", re.IGNORECASE)
_WHICH = re.compile(r"\b(?:what|which) ([^?.!,]+)", re.IGNORECASE)
_ORDERED_BY = frozenset(tokenize("article catalogue item order part product reference"))  # numbers
_SAYING = frozenset(tokenize("belongs means stands"))
# Of the question's words that a row has: a number is looked for by a part's name, the rest by what it does.
_ENOUGH_FOR_NUMBER = 0.5
_ENOUGH = 2 / 3

_Row = tuple[int, int]  # where it starts and ends


def asked_key(
    question: str, text: str, rows: Iterable[_Row], names: frozenset[str]
) -> tuple[Cell, _Row] | None:
    """The first cell that is asked for among the rows of a table, `text[start:end]`, with its row.

    None where the question does not ask for what the first column has, or for that of several rows. `names`
    are the tokens of what the manual and its product are called.
    """
    found: list[tuple[float, Cell, _Row]] = []
    asked = _tokens(question)
    for start, end in rows:
        key, *others = cells_within(text, start, end)
        column = _tokens(_NUMBER.sub("number", key.name(text) or ""))
        if others and (name := _name_asked(column, question, asked)):
            besides = asked - name - names - _SAYING
            if besides.isdisjoint(_tokens(text[key.value : key.end])):
                least = _ENOUGH_FOR_NUMBER if "number" in column else _ENOUGH
                found.append((_likeness(besides, text, others, least), key, (start, end)))
    best = max((likeness for likeness, *_ in found), default=0.0)
    nearest = [(key, row) for likeness, key, row in found if likeness == best > 0]
    return nearest[0] if len(nearest) == 1 else None


def _name_asked(column: frozenset[str], question: str, asked: frozenset[str]) -> frozenset[str]:
    """The tokens that ask for what is in a column: "which size", or a number to order by; else empty.

    What one manual calls a part number is an article number in the next.
    """
    signs = asked & {"no", "nr", "number"}
    if "number" in column and not column.isdisjoint(_ORDERED_BY):
        words = asked & _ORDERED_BY
        return words | signs if words and signs else frozenset()
    which = _WHICH.search(question)
    return column if column and which and column <= _tokens(which[1]) else frozenset()


def _likeness(asked: frozenset[str], text: str, cells: Sequence[Cell], least: float) -> float:
    """The share of what is asked in the cells, `least` or else 0, and that of one cell in what is asked."""
    told = [_tokens(text[cell.value : cell.end]) for cell in cells]
    shared = len(asked & frozenset().union(*told)) / max(len(asked), 1)
    return shared + max(len(asked & each) / max(len(each), 1) for each in told) if shared >= least else 0.0


def _tokens(text: str) -> frozenset[str]:
    return frozenset(tokenize(text))
