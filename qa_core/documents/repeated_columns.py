"""Tables whose columns stand beside each other again, as in a legend: `No. | Part | No. | Part`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_FEWEST = 2  # columns that are repeated; one name may stand twice for other reasons

T = TypeVar("T")


def n_repeated(names: Sequence[str]) -> int:
    """How many columns the first are whose names a head repeats all over its width, or 0."""
    for n in range(_FEWEST, len(names) // 2 + 1):
        first = [*names[:n]]
        is_repeated = len(names) % n == 0 and first * (len(names) // n) == [*names]
        if is_repeated and all(first) and len(set(first)) == n:
            return n
    return 0


def below_each_other(rows: Sequence[tuple[T, ...]], n_columns: int) -> list[tuple[T, ...]]:
    """The rows of the first columns, then those of the next as many, and so on."""
    width = max(map(len, rows), default=0)
    return [row[at : at + n_columns] for at in range(0, width, n_columns) for row in rows]
