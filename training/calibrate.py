"""Fit what a release's calibration holds: the reader's weight in ranking, and the confidence.

A question counts as helped if what is shown says the gold answer, or stands in the gold section: a
person who is shown the right section has been helped, even where the annotator copied other sentences.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qa_core.confidence import FEATURES, Calibrator
from qa_core.engine import Found
from training.evaluate import TARGET_PRECISION
from training.questions import Question, is_in_section

Floats = NDArray[np.float64]

READER_WEIGHTS = (0.0, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1)
UNANSWERABLE_SHARE = 1 / 3  # of the questions that confidence and threshold are fitted for
UNFITTED = Calibrator(0.02, (0.0,) * len(FEATURES), (1.0,) * len(FEATURES), (0.0,) * len(FEATURES), 0.0, 0.5)


@dataclass(frozen=True, slots=True)
class Sample:
    """A question with what was found for it."""

    question: Question
    found: Found


@dataclass(frozen=True, slots=True)
class Judged:
    """The features of an answer, and whether it helps."""

    features: tuple[float, ...]
    helps: bool
    answerable: bool = True


def section_hit(sample: Sample, calibrator: Calibrator) -> bool:
    """Whether the passage that ranks first stands in the gold section."""
    section = sample.question.section
    ranked = calibrator.rank(sample.found.readings)
    return bool(section and ranked) and is_in_section(ranked[0].hit.passage, section or "")


def choose_reader_weight(samples: Sequence[Sample], calibrator: Calibrator = UNFITTED) -> float:
    """The smallest weight whose section hit@1 is within one standard error of the best one's.

    The one-standard-error rule (Breiman et al. 1984): the reader's scores are the part of the ranking
    that transfers worst from one kind of manual to another.
    """
    known = [sample for sample in samples if sample.question.section]
    shares = {
        weight: fmean(section_hit(sample, replace(calibrator, reader_weight=weight)) for sample in known)
        for weight in READER_WEIGHTS
    }
    best = max(shares.values())
    error = math.sqrt(best * (1 - best) / len(known))
    return min(weight for weight, share in shares.items() if share >= best - error)


def fit_confidence(judged: Sequence[Judged], calibrator: Calibrator, folds: int = 5) -> Calibrator:
    """The calibrator with its logistic model fitted, and the threshold that gives 0.8 precision.

    Questions are weighted so that one in three is unanswerable. The threshold comes from predictions on
    folds that were held out of the fit.
    """
    values = np.array([each.features for each in judged])
    helps = np.array([each.helps for each in judged])
    weights = _weights(np.array([each.answerable for each in judged]))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1000))
    held_out = np.zeros(len(judged))
    splits = StratifiedKFold(folds, shuffle=True, random_state=0)
    for fitted, left_out in splits.split(values, helps):
        model.fit(values[fitted], helps[fitted], logisticregression__sample_weight=weights[fitted])
        held_out[left_out] = model.predict_proba(values[left_out])[:, 1]
    model.fit(values, helps, logisticregression__sample_weight=weights)
    scaler, logistic = model[0], model[1]
    return replace(
        calibrator,
        means=tuple(map(float, scaler.mean_)),
        scales=tuple(map(float, scaler.scale_)),
        weights=tuple(map(float, logistic.coef_[0])),
        bias=float(logistic.intercept_[0]),
        threshold=threshold_at(held_out, helps, weights, TARGET_PRECISION),
    )


def _weights(answerable: NDArray[np.bool_]) -> Floats:
    """1 for each answerable question, and what makes the others UNANSWERABLE_SHARE of all."""
    n_unanswerable = int((~answerable).sum())
    if not n_unanswerable or not answerable.any():
        return np.ones(len(answerable))
    odds = UNANSWERABLE_SHARE / (1 - UNANSWERABLE_SHARE)
    return np.where(answerable, 1.0, odds * answerable.sum() / n_unanswerable)


def threshold_at(confidences: Floats, helps: NDArray[np.bool_], weights: Floats, precision: float) -> float:
    """The lowest confidence from which on at least `precision` of the answers help; 1 if none does."""
    order = np.argsort(-confidences, kind="stable")
    precisions = np.cumsum((weights * helps)[order]) / np.cumsum(weights[order])
    reached = np.flatnonzero(precisions >= precision)
    return float(confidences[order[reached[-1]]]) if len(reached) else 1.0
