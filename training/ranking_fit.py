"""Fit how much retrieval, reader and words count in ranking, on questions whose section is known.

A conditional logit (McFadden 1974), the "listwise softmax" of learning to rank: the weights make the
passages of the gold section as probable as can be among those that were read. No weight is below zero: a
passage is never the worse for what speaks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from qa_core.ranking import RankWeights, rank_values
from training.calibrate import Sample
from training.questions import is_in_section

Floats = NDArray[np.float64]

PENALTY = 3.0  # on the squared weights of the standardised values
_LEAST = 1e-3  # of the retrieval score's standardised weight, which the others are divided by


def fit_ranking(samples: Sequence[Sample]) -> RankWeights:
    """The weights that put passages of the gold section first; retrieval alone where no question tells.

    A question tells if some of its readings, not all, stand in its section.
    """
    values, right = [], []
    for sample in samples:
        inside = _in_gold_section(sample)
        if inside.any() and not inside.all():
            asked = sample.found.asked
            values.append(np.array([rank_values(asked, each) for each in sample.found.readings]))
            right.append(inside)
    if not values:
        return RankWeights()
    scales = np.concatenate(values).std(axis=0)
    scales[scales == 0] = 1.0
    weights = _fitted([each / scales for each in values], right) / scales
    retrieval, reader, coverage, block = (float(weight) for weight in weights)
    return RankWeights(reader / retrieval, coverage / retrieval, block / retrieval)


def _in_gold_section(sample: Sample) -> NDArray[np.bool_]:
    section = sample.question.section
    readings = sample.found.readings if section else ()
    return np.array([is_in_section(each.hit.passage, section or "") for each in readings], dtype=bool)


def _fitted(values: Sequence[Floats], right: Sequence[NDArray[np.bool_]]) -> Floats:
    """Weights `[4]` of each question's values `[readings, 4]`."""

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, gradient = PENALTY * float(weights @ weights), 2 * PENALTY * weights
        for each, inside in zip(values, right, strict=True):
            chances = _softmax(each @ weights)
            found = np.where(inside, chances, 0.0)
            total -= float(np.log(found.sum() + 1e-12))
            gradient = gradient + each.T @ (chances - found / (found.sum() + 1e-12))
        return total, gradient

    start = np.array([1.0, 0.0, 0.0, 0.0])
    bounds = [(_LEAST, None), (0.0, None), (0.0, None), (0.0, None)]
    result: Any = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(result.x, dtype=np.float64)


def _softmax(scores: Floats) -> Floats:
    chances: Floats = np.exp(scores - scores.max())
    return np.asarray(chances / chances.sum())
