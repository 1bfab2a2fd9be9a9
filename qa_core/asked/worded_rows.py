"""The row of a table that has by far most of what a question asks, where the reader takes another.

Rows are short and alike: "Key: F5 | Action: copy" is followed by the key of the next, and a small reader,
which sees them as one text, takes that for the end of this. Words that few rows have tell them apart.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from qa_core.asked.row_cells import cells_within
from qa_core.tokens import tokenize

_Part = tuple[int, int]  # of a text: where it starts and ends
_FAR_BEHIND = 0.5  # of what the best row has: the most that a row has which surely is not meant
_LETTER = re.compile(r"(?<![\w'’])[^\W\d_](?![^\W_])")  # by itself, which may be no token: "Box S"


def worded_row(
    question: str, text: str, rows: Sequence[_Part], marked: _Part, names: frozenset[str]
) -> _Part | None:
    """What answers in the row that is asked for in place of the one that `text[slice(*marked)]` is of.

    The cell of the column that the question names, or all of the row. None where what is marked is of no row,
    of the best one, or of one that is hardly worse; or where several are the best, unless the question has
    all of the label of one of these alone. `names` are the tokens of what the manual and its product are
    called.
    """
    if not any(start <= marked[0] < end for start, end in rows):
        return None
    columns = _tokens(" ".join(cell.name(text) or "" for row in rows for cell in cells_within(text, *row)))
    asked = _tokens(question) - names - columns
    shared = {row: asked & _tokens(text[slice(*row)]) for row in rows}
    n_with = Counter(token for tokens in shared.values() for token in tokens)
    worth = {row: sum(math.log(1 + len(rows) / n_with[token]) for token in shared[row]) for row in rows}
    most = max(worth.values())
    best = [row for row in rows if worth[row] == most]
    touched = [row for row in rows if row[0] < marked[1] and row[1] > marked[0]]
    if len(best) > 1:
        written = asked | _letters(question)
        whole = [row for row in best if frozenset() < _label(text, row) <= written]
        is_other = len(whole) == 1 and whole[0] not in touched and set(touched) <= set(best)
        return whole[0] if is_other else None
    if any(worth[row] > _FAR_BEHIND * most for row in touched):
        return None
    return _named_cell(question, text, best[0], asked) or best[0]


def _label(text: str, row: _Part) -> frozenset[str]:
    """The tokens and the lone letters of what leads a row."""
    first = cells_within(text, *row)[0]
    label = text[first.value : first.end]
    return _tokens(label) | _letters(label)


def _named_cell(question: str, text: str, row: _Part, asked: frozenset[str]) -> _Part | None:
    """The row's cell whose column a question names, where it has nothing else of what is asked."""
    named = [
        (cell.value, cell.end)
        for cell in cells_within(text, *row)
        if (name := _tokens(cell.name(text) or ""))
        and name <= _tokens(question)
        and asked.isdisjoint(_tokens(text[cell.value : cell.end]))
    ]
    return named[0] if len(named) == 1 else None


def _letters(text: str) -> frozenset[str]:
    return frozenset(map(str.casefold, _LETTER.findall(text)))


def _tokens(text: str) -> frozenset[str]:
    return frozenset(tokenize(text))
