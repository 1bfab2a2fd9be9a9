"""Known questions: which passage people found right, or wrong, for a question that was asked.

A question that is near a known one lifts the known passage by `WEIGHT · (cosine - LEAST_COSINE)`, or lowers
it where people voted it down. It is document expansion by queries (Nogueira et al. 2019, doc2query), with the
queries that people really asked, kept apart from the passage: so it goes with its release, and comes back
with it. How both numbers were chosen: training/recipes/known_questions.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa_core.durable import write_file
from qa_core.errors import ReleaseError

Floats = NDArray[np.float32]

LEAST_COSINE = 0.8  # of two questions' vectors: below it they have nothing to do with each other
WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question and a passage that answers it, or does not."""

    question: str
    passage_id: str
    is_right: bool = True


class Memory:
    """The known questions of a release whose passages are in an index."""

    def __init__(self, known: Sequence[KnownQuestion], vectors: Floats, row_of: Mapping[str, int]) -> None:
        """`vectors` are the questions' unit vectors `[len(known), dim]`; `row_of` is each passage's row."""
        there = [n for n, each in enumerate(known) if each.passage_id in row_of]
        self._vectors = vectors[there]
        self._rows = np.array([row_of[known[n].passage_id] for n in there], dtype=np.int64)
        self._right = np.array([known[n].is_right for n in there], dtype=bool)

    def bonus(self, vector: Floats, n_rows: int) -> Floats:
        """What is added to the score of each row for a question's unit vector `[dim]`: 0 for most.

        Of several known questions on a passage the nearest counts, right and wrong ones apart.
        """
        bonus = np.zeros(n_rows, dtype=np.float32)
        if not len(self._rows):
            return bonus
        strength = WEIGHT * np.maximum(self._vectors @ vector - LEAST_COSINE, 0.0)
        malus = bonus.copy()
        np.maximum.at(bonus, self._rows[self._right], strength[self._right])
        np.maximum.at(malus, self._rows[~self._right], strength[~self._right])
        return np.asarray(bonus - malus, dtype=np.float32)


def read_known(path: Path) -> tuple[KnownQuestion, ...]:
    """What `write_known` wrote; ReleaseError for another file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return tuple(KnownQuestion(**record) for record in content["known_questions"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(
            f"{path} is not a file of known questions: {error}. Use another release"
        ) from error


def write_known(path: Path, known: Sequence[KnownQuestion]) -> None:
    """Write a release's part; equal questions give equal bytes."""
    records = sorted((asdict(each) for each in known), key=lambda r: (r["question"], r["passage_id"]))
    write_file(path, json.dumps({"known_questions": records}, indent=0, ensure_ascii=False) + "\n")
