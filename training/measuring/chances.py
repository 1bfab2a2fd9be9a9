"""How probable a release makes the right passage, from the scores that it ranks by. Pure.

Whether the right passage comes first is a yes or no: with a few dozen questions two releases can hardly be
told apart by it. A softmax over the scores of the passages that were read says by how much it leads or
trails. The softmax's temperature is fitted to the questions at hand, for each release its own (Guo et al.
2017, "On Calibration of Modern Neural Networks"), so that scores that lie wider apart alone gain nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

_LEAST_CHANCE = 0.02  # in the fit: one question that was not found shall not decide the temperature
_LOG_TEMPERATURES = (-4.0, 1.0)


@dataclass(frozen=True, slots=True)
class Ranked:
    """The passages that were read for a question, in any order."""

    scores: tuple[float, ...]
    right: tuple[bool, ...]

    def chance(self, temperature: float) -> float:
        """The probability of the right passages together; 0 if none was read."""
        if not any(self.right):
            return 0.0
        scores = np.array(self.scores) / temperature
        together = np.logaddexp.reduce(scores[np.array(self.right)]) - np.logaddexp.reduce(scores)
        return math.exp(float(together))


def chances_of(ranked: Sequence[Ranked]) -> tuple[float, ...]:
    """The probability of each question's right passages, at the temperature that fits all of them best."""
    found = [each for each in ranked if any(each.right)]
    if not found:
        return (0.0,) * len(ranked)

    def loss(log_temperature: float) -> float:
        temperature = math.exp(log_temperature)
        return -sum(math.log(max(each.chance(temperature), _LEAST_CHANCE)) for each in found)

    fitted = minimize_scalar(loss, bounds=_LOG_TEMPERATURES, method="bounded")
    return tuple(each.chance(math.exp(float(fitted.x))) for each in ranked)
