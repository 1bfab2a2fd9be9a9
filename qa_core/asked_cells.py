"""The cell that a question asks for: the row of a table whose label it has, and the column that it names.

"Weight of the E7" wants the last cell of `Weight | Longhaul E5: 33.4 kg | Longhaul E7: 36.2 kg`. A small
reader takes what stands before the label in the row above, or what the sister model has: of 166 cells of
tables with a column per model 40 are marked without this, and 148 with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa_core.cells import Cell, cells_of
from qa_core.marks import Mark
from qa_core.measures import measures_of
from qa_core.products import Products, product_key
from qa_core.tokens import tokenize

_ENOUGH = 0.5  # of the words of a row's label that a question has
_N_REMEMBERED = 100  # tables whose columns' names are kept
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")  # "Weight (kg)"
_BETWEEN_MERGED = ", "  # columns' names over a cell that spans them
_BETWEEN_MEASURES = re.compile(r" [x×] ")  # "Width x height"
_SET_AT_FIRST = frozenset({"default", "defaults", "delivered", "delivery", "factory", "preset"})
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[Cell, ...]
    names: tuple[str, ...]  # of the columns behind the label
    labels: tuple[frozenset[str], ...]  # tokens of what the row tells, without those of asides
    words: frozenset[str]  # all tokens of the label

    def n_asked(self, asked: frozenset[str]) -> int:
        return len(self.words & asked)

    def share_asked(self, asked: frozenset[str]) -> float:
        return max(len(label & asked) / max(len(label), 1) for label in self.labels)


def asked_cell(question: str, text: str, rows: Iterable[tuple[int, int]]) -> tuple[int, int] | None:
    """The offsets of the one cell that is asked for among these rows, `text[start:end]`; None where unsure.

    Unsure it is where the question names no column of a row, or several, or another row is as near. A table
    of one column needs no name of it for a measure.
    """
    parsed = [_row(text, start, end) for start, end in rows]
    names = frozenset(name for row in parsed for name in row.names if name)
    measures = measures_of(question)
    row = _asked_row(parsed, measures.union(tokenize(question)))
    if row is None:
        return None
    if len(names) < 2 and len(row.cells) == 2 and not measures.isdisjoint(row.words):
        return row.cells[1].value, row.cells[1].end
    named = _named(question, names)
    cells = zip(row.cells[1:], row.names, strict=True)
    own = [cell for cell, name in cells if not named.isdisjoint(_keys(name, names))]
    return (own[0].value, own[0].end) if len(own) == 1 else None


def _row(text: str, start: int, end: int) -> _Row:
    row = text[start:end]
    cells = tuple(Cell(start + c.start, start + c.value, start + c.end) for c in cells_of(row))
    names = tuple(_plain(cell.name(text) or "") for cell in cells[1:])
    label = text[cells[0].value : cells[0].end]
    labels = tuple(frozenset(tokenize(part)) for part in _BETWEEN_MEASURES.split(_plain(label)))
    return _Row(cells, names, labels, frozenset(tokenize(label)))


def _plain(name: str) -> str:
    """A name without its unit or another aside, where more is left."""
    return " ".join(_ASIDE.sub(" ", name).split()) or name


def _asked_row(rows: Sequence[_Row], asked: frozenset[str]) -> _Row | None:
    """The row of whose label the question has most words, and half at least.

    Of several such the one of whose label it has the largest share.
    """
    most = max((row.n_asked(asked) for row in rows), default=0)
    nearest = [row for row in rows if row.n_asked(asked) == most > 0]
    share = max((row.share_asked(asked) for row in nearest), default=0.0)
    nearest = [row for row in nearest if row.share_asked(asked) == share]
    return nearest[0] if len(nearest) == 1 and share >= _ENOUGH else None


def _named(question: str, names: frozenset[str]) -> frozenset[str]:
    """The keys of the columns that a question names: as it names products, or a model in any spelling.

    "Default" names the column "Factory setting" alone: of which model it is the default is another matter.
    """
    alone = frozenset(name for name in names if len(_keys(name, names)) == 1)
    set_first = frozenset(product_key(name) for name in alone if _is_set_at_first(name))
    if set_first and _is_set_at_first(question):
        return set_first
    codes = {product_key(name): _WORD.findall(name.casefold()) for name in alone}
    written = {
        key
        for key, words in codes.items()
        if any(map(str.isdigit, key)) and Mark.of(tuple(words)).is_in(question)
    }
    found = written | _columns(alone).named_in(question)
    return frozenset(key for key in found if not any(set(codes[key]) < set(codes[more]) for more in written))


def _is_set_at_first(text: str) -> bool:
    return not _SET_AT_FIRST.isdisjoint(_WORD.findall(text.casefold()))


@lru_cache(maxsize=_N_REMEMBERED)
def _columns(names: frozenset[str]) -> Products:
    return Products(names)


def _keys(name: str, names: frozenset[str]) -> frozenset[str]:
    """The keys of the columns that a cell's name is of: several where it spans them."""
    parts = frozenset(name.split(_BETWEEN_MERGED))
    return frozenset(map(product_key, parts if parts <= names else [name]))
