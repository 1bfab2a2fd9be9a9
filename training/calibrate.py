"""Fit what a release's calibration holds: the reader's weight in ranking, and the confidence.

A question counts as helped if what is shown says the gold answer, or stands in the gold section: a
person who is shown the right section has been helped, even where the annotator copied other sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qa_core.confidence import FEATURES, Calibrator, features
from qa_core.engine import Found
from qa_core.types import Reading
from training.evaluate import TARGET_PRECISION
from training.questions import Question, is_in_section

READER_WEIGHTS = (0.0, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2)
UNFITTED = Calibrator(0.05, (0.0,) * len(FEATURES), (1.0,) * len(FEATURES), (0.0,) * len(FEATURES), 0.0, 0.5)


@dataclass(frozen=True, slots=True)
class Sample:
    """A question with what was found for it."""

    question: Question
    found: Found


@dataclass(frozen=True, slots=True)
class Judged:
    """A ranked sample and whether its answer helps."""

    question: str
    ranked: tuple[Reading, ...]
    helps: bool


def section_hit(sample: Sample, calibrator: Calibrator) -> bool:
    """Whether the passage that ranks first stands in the gold section."""
    section = sample.question.section
    ranked = calibrator.rank(sample.found.readings)
    return bool(section and ranked) and is_in_section(ranked[0].hit.passage, section or "")


def choose_reader_weight(samples: Sequence[Sample], calibrator: Calibrator = UNFITTED) -> float:
    """The weight with the highest section hit@1; of equal ones the smallest."""
    known = [sample for sample in samples if sample.question.section]

    def n_hits(weight: float) -> int:
        candidate = replace(calibrator, reader_weight=weight)
        return sum(section_hit(sample, candidate) for sample in known)

    return max(READER_WEIGHTS, key=lambda weight: (n_hits(weight), -weight))


def fit_confidence(judged: Sequence[Judged], calibrator: Calibrator, folds: int = 5) -> Calibrator:
    """The calibrator with its logistic model fitted, and the threshold that gives 0.8 precision.

    The threshold comes from predictions on folds that were held out of the fit.
    """
    usable = [each for each in judged if each.ranked and each.ranked[0].spans]
    values = np.array([features(each.question, each.ranked, calibrator) for each in usable])
    helps = np.array([each.helps for each in usable])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1000))
    splits = StratifiedKFold(folds, shuffle=True, random_state=0)
    held_out = cross_val_predict(model, values, helps, cv=splits, method="predict_proba")[:, 1]
    model.fit(values, helps)
    scaler, logistic = model[0], model[1]
    return replace(
        calibrator,
        means=tuple(map(float, scaler.mean_)),
        scales=tuple(map(float, scaler.scale_)),
        weights=tuple(map(float, logistic.coef_[0])),
        bias=float(logistic.intercept_[0]),
        threshold=threshold_at(held_out, helps, TARGET_PRECISION),
    )


def threshold_at(confidences: NDArray[np.float64], helps: NDArray[np.bool_], precision: float) -> float:
    """The lowest confidence from which on at least `precision` of the answers help; 1 if none does."""
    order = np.argsort(-confidences, kind="stable")
    n_given = np.arange(1, len(order) + 1)
    reached = np.flatnonzero(np.cumsum(helps[order]) / n_given >= precision)
    return float(confidences[order[reached[-1]]]) if len(reached) else 1.0
