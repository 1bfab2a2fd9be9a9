"""Halves A and B of a question set, whole groups each, so that no half has seen the other's answers."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

SEEDS = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class Halves:
    """Positions of the questions in either half, ascending."""

    a: tuple[int, ...]  # may choose fusion, thresholds and settings
    b: tuple[int, ...]  # gives the figures


def split_halves(groups: Sequence[Hashable], seed: int) -> Halves:
    """Deal whole groups, the largest first, to the half that has fewer questions; ties by lot.

    `groups` names the group of each question. The order among groups of one size is drawn too.
    """
    lot = random.Random(seed)  # noqa: S311 - no secret
    sizes = list(Counter(groups).items())
    lot.shuffle(sizes)
    sizes.sort(key=lambda item: -item[1])
    dealt: dict[Hashable, int] = {}
    n_questions = [0, 0]
    for group, size in sizes:
        half = lot.randrange(2) if n_questions[0] == n_questions[1] else n_questions.index(min(n_questions))
        dealt[group] = half
        n_questions[half] += size
    a, b = (tuple(i for i, group in enumerate(groups) if dealt[group] == half) for half in (0, 1))
    return Halves(a, b)
