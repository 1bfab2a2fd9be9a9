"""Groups of questions on one topic as numbers, for whatever draws or deals whole groups. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import NDArray


def group_numbers(groups: Iterable[Hashable]) -> NDArray[np.int64]:
    """The number of each group, from 0 in the order in which they come; None is a group of its own."""
    numbers: dict[Hashable, int] = {}
    names = (("alone", n) if group is None else ("group", group) for n, group in enumerate(groups))
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)
