"""The vectors of texts, each computed once, however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from training.retraining.steps import OnStep, untold

Floats = NDArray[np.float32]

_BATCH = 64  # texts between two looks at whether it is to go on: some tenths of a second


class KeptVectors:
    """Remembers what it has encoded."""

    def __init__(self, encode: Callable[[Sequence[str]], Floats]) -> None:
        """`encode`: texts → unit vectors `[texts, dim]`."""
        self._encode = encode
        self._known: dict[str, Floats] = {}

    def __call__(self, texts: Sequence[str], on_step: OnStep = untold) -> Floats:
        """Unit vectors `[len(texts), dim]`, in order."""
        if not texts:
            return self._encode([])
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for at in range(0, len(new), _BATCH):
            batch = new[at : at + _BATCH]
            self._known.update(zip(batch, self._encode(batch), strict=True))
            on_step(at + len(batch), len(new))
        return np.array([self._known[text] for text in texts])
