"""The vectors of questions, each computed once, however many parts of a retraining ask for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from training.steps import OnStep, untold

Floats = NDArray[np.float32]

_BATCH = 64  # questions between two looks at whether it is to go on: some tenths of a second


class QuestionVectors:
    """Remembers what it has encoded."""

    def __init__(self, encode: Callable[[Sequence[str]], Floats]) -> None:
        """`encode`: questions → unit vectors `[questions, dim]`."""
        self._encode = encode
        self._known: dict[str, Floats] = {}

    def __call__(self, questions: Sequence[str], on_step: OnStep = untold) -> Floats:
        """Unit vectors `[len(questions), dim]`, in order."""
        if not questions:
            return self._encode([])
        new = [question for question in dict.fromkeys(questions) if question not in self._known]
        for at in range(0, len(new), _BATCH):
            batch = new[at : at + _BATCH]
            self._known.update(zip(batch, self._encode(batch), strict=True))
            on_step(at + len(batch), len(new))
        return np.array([self._known[question] for question in questions])
