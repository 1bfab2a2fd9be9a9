"""Fit how much retrieval, reader and words count in ranking, on questions whose section is known.

A conditional logit (McFadden 1974), the "listwise softmax" of learning to rank: the weights make the
passages of the gold section as probable as can be among those that were read. No weight is below zero: a
passage is never the worse for what speaks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from qa_core.ranking import RankValues, RankWeights, rank_values
from training.calibrate import Sample
from training.measuring.questions import is_in_gold_section

Floats = NDArray[np.float64]

PENALTY = 3.0  # on the squared weights of the standardised values
# On the squared distance from the present weights. The shipped ones were fitted on TV-Remote: fitted again on
# 40 of its questions, they lose 1.1 points hit@1 on its other half with a penalty of 1, and 0.4 with 30.
PRESENT_PENALTY = 30.0
_SCALES = (1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)  # of the present weights in the softmax
_N_VALUES = len(fields(RankValues))
_LEAST = 1e-3  # of the retrieval score's standardised weight, which the others are divided by


def fit_ranking(samples: Sequence[Sample], present: RankWeights | None = None) -> RankWeights:
    """The weights that put passages of the gold section first; without questions that tell, the present ones.

    A question tells if some of its readings, not all, stand in its section. The fit is drawn towards the
    `present` weights (a Gaussian prior, whose mean is scaled as fits best); without them towards zero.
    """
    values, right = [], []
    for sample in samples:
        inside = _in_gold_section(sample)
        if inside.any() and not inside.all():
            asked = sample.found.asked
            values.append(np.array([astuple(rank_values(asked, each)) for each in sample.found.readings]))
            right.append(inside)
    if not values:
        return present or RankWeights()
    scales = np.concatenate(values).std(axis=0)
    scales[scales == 0] = 1.0
    questions = _Questions([each / scales for each in values], right)
    if present is None:
        weights = questions.fitted(np.zeros(_N_VALUES), PENALTY) / scales
    else:
        mean = np.array([1.0, *astuple(present)]) * scales
        scale = max(_SCALES, key=lambda each: -questions.loss(each * mean)[0])
        weights = questions.fitted(scale * mean, PRESENT_PENALTY) / scales
    retrieval, *others = (float(weight) for weight in weights)
    return RankWeights(*(weight / retrieval for weight in others))


def _in_gold_section(sample: Sample) -> NDArray[np.bool_]:
    passages = (reading.hit.passage for reading in sample.found.readings)
    return np.array([is_in_gold_section(passage, sample.question) for passage in passages], dtype=bool)


@dataclass(frozen=True, slots=True)
class _Questions:
    """The standardised values of each question `[readings, _N_VALUES]`, and which readings are right."""

    values: Sequence[Floats]
    right: Sequence[NDArray[np.bool_]]

    def loss(self, weights: Floats) -> tuple[float, Floats]:
        """The negative log-likelihood of the weights `[_N_VALUES]`, and its gradient."""
        total, gradient = 0.0, np.zeros(_N_VALUES)
        for each, inside in zip(self.values, self.right, strict=True):
            chances = _softmax(each @ weights)
            found = np.where(inside, chances, 0.0)
            total -= float(np.log(found.sum() + 1e-12))
            gradient = gradient + each.T @ (chances - found / (found.sum() + 1e-12))
        return total, gradient

    def fitted(self, mean: Floats, penalty: float) -> Floats:
        """The weights of the least loss, `penalty` times the squared distance from `mean` included."""

        def penalised(weights: Floats) -> tuple[float, Floats]:
            (total, gradient), away = self.loss(weights), weights - mean
            return total + penalty * float(away @ away), gradient + 2 * penalty * away

        start = np.array([max(float(mean[0]), 1.0), *mean[1:]])
        bounds = [(_LEAST, None), *((0.0, None) for _ in mean[1:])]
        result: Any = minimize(penalised, start, jac=True, method="L-BFGS-B", bounds=bounds)
        return np.asarray(result.x, dtype=np.float64)


def _softmax(scores: Floats) -> Floats:
    chances: Floats = np.exp(scores - scores.max())
    return np.asarray(chances / chances.sum())
