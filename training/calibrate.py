"""Fit the confidence, one of the two things that a release's calibration holds.

The other, how it ranks: retrieval/ranking_fit.py.

A question counts as helped if what is shown says the gold answer, or stands in the gold section: a
person who is shown the right section has been helped, even where the annotator copied other sentences.

Half of a manual's questions is a small sample, and questions on one topic share their fate: they are
weighted down by the size of their group, folds hold whole groups, and questions of another kind (the
reserve) can be added with a weight that held-out folds choose.

The threshold keeps two limits: of a manual's own questions few are declined, of others most. The one from
which on four in five answers help, which was taken before, rests on what the annotators named as the section,
and lay between 0.38 and 0.47 for three halves of one manual.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from qa_core.confidence import FEATURES, Calibrator
from qa_core.engine import Found
from qa_core.ranking import RankWeights, margin
from qa_core.types import Reading
from training.measuring.group_numbers import group_numbers
from training.measuring.questions import Question, is_in_gold_section

Floats = NDArray[np.float64]

MOST_OWN_DECLINED = 0.15  # of the questions that the manual answers
LEAST_FOREIGN_DECLINED = 0.8  # of those on another product's manual

_ZEROS, _ONES = (0.0,) * len(FEATURES), (1.0,) * len(FEATURES)
UNFITTED = Calibrator(RankWeights(), _ZEROS, _ONES, _ZEROS, 0.0, 0.5)


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
    group: Hashable | None = None  # questions on one topic; None: a group of its own
    raw: float = 0.0  # the reader's own score, see `raw_score`


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How the answers are weighed in the fit."""

    unanswerable_share: float = 1 / 3  # of the questions that confidence is fitted for
    group_exponent: float = 0.5  # a question weighs (size of its group) ** -group_exponent
    other_weight: float = 0.0  # of all questions of another kind together, the fitted ones' total being 1
    inverse_penalty: float = 1.0  # scikit-learn's C
    folds: int = 5


def raw_score(ranked: Sequence[Reading]) -> float:
    """The reader's own probability that the first passage's best span, not "no answer", is right.

    Softmax over these two: the score before calibration. 0 where nothing was read.
    """
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, margin(ranked[0]))))) if ranked else 0.0


def section_hit(sample: Sample, calibrator: Calibrator) -> bool:
    """Whether the passage that ranks first stands in the gold section."""
    ranked = calibrator.rank(sample.found.asked, sample.found.readings)
    return bool(ranked) and is_in_gold_section(ranked[0].hit.passage, sample.question)


def fit_confidence(
    judged: Sequence[Judged],
    calibrator: Calibrator,
    others: Sequence[Judged] = (),
    settings: FitSettings | None = None,
) -> Calibrator:
    """The calibrator with its logistic model fitted; the threshold stays as it is.

    `others` are questions of another kind, which enter the fit with `other_weight`.
    """
    settings = settings or FitSettings()
    model = _fitted(judged, others, settings)
    scaler, logistic = model[0], model[1]
    return replace(
        calibrator,
        fitted=None,
        means=tuple(map(float, scaler.mean_)),
        scales=tuple(float(scale) or 1.0 for scale in scaler.scale_),
        weights=tuple(map(float, logistic.coef_[0])),
        bias=float(logistic.intercept_[0]),
    )


def choose_settings(
    judged: Sequence[Judged], others: Sequence[Judged], candidates: Iterable[FitSettings]
) -> FitSettings:
    """The candidate whose predictions on held-out folds have the smallest log loss; of equals the first."""
    return min(candidates, key=lambda settings: held_out_loss(judged, others, settings))


def held_out_loss(judged: Sequence[Judged], others: Sequence[Judged], settings: FitSettings) -> float:
    """Log loss of predictions on folds that were held out, every question weighing as in the mix."""
    chances = np.clip(held_out(judged, others, settings), 1e-6, 1 - 1e-6)
    helps = np.array([each.helps for each in judged])
    losses = -np.log(np.where(helps, chances, 1 - chances))
    return float(np.average(losses, weights=mix_weights(judged, settings.unanswerable_share)))


def held_out(judged: Sequence[Judged], others: Sequence[Judged], settings: FitSettings) -> Floats:
    """The probability that each answer helps, from a fit on the folds without its group and on `others`."""
    groups = group_numbers(each.group for each in judged).tolist()
    n_folds = min(settings.folds, len(set(groups)))
    chances = np.zeros(len(judged))
    for fitted, left_out in GroupKFold(n_folds, shuffle=True, random_state=0).split(groups, groups=groups):
        model = _fitted([judged[i] for i in fitted], others, settings)
        chances[left_out] = model.predict_proba([judged[i].features for i in left_out])[:, 1]
    return chances


def mix_weights(judged: Sequence[Judged], unanswerable_share: float) -> Floats:
    """1 for each answerable question, and what makes the others `unanswerable_share` of all."""
    return _mixed(judged, np.ones(len(judged)), unanswerable_share)


def _mixed(judged: Sequence[Judged], weights: Floats, unanswerable_share: float) -> Floats:
    answerable = np.array([each.answerable for each in judged], dtype=bool)
    if answerable.all() or not answerable.any():
        return weights
    odds = unanswerable_share / (1 - unanswerable_share)
    factor = odds * weights[answerable].sum() / weights[~answerable].sum()
    return np.where(answerable, weights, factor * weights)


def _fitted(judged: Sequence[Judged], others: Sequence[Judged], settings: FitSettings) -> Pipeline:
    used = list(others) if settings.other_weight else []
    weights = _fit_weights(judged, settings)
    if used:
        extra = _fit_weights(used, settings)
        extra *= settings.other_weight * weights.sum() / extra.sum()
        weights = np.concatenate([weights, extra])
    answers = [*judged, *used]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=settings.inverse_penalty, max_iter=1000))
    values = np.array([each.features for each in answers])
    helps = np.array([each.helps for each in answers])
    weighted = {"standardscaler__sample_weight": weights, "logisticregression__sample_weight": weights}
    return model.fit(values, helps, **weighted)


def _fit_weights(judged: Sequence[Judged], settings: FitSettings) -> Floats:
    groups = group_numbers(each.group for each in judged).tolist()
    sizes = Counter(groups)
    weights = np.array([sizes[group] ** -settings.group_exponent for group in groups])
    return _mixed(judged, weights, settings.unanswerable_share)


def threshold_between(own: Floats, foreign: Floats) -> float:
    """The threshold that keeps both limits with the same room, or misses both by as little as can be.

    `own` and `foreign` are the confidences on questions that the manual answers and on others: at most
    MOST_OWN_DECLINED of the one may lie below it, and at least LEAST_FOREIGN_DECLINED of the other. Where
    several do alike, it is their mean.
    """
    candidates = np.unique(np.concatenate([own, foreign]))
    declined_own, declined_foreign = (
        np.searchsorted(np.sort(each), candidates) / len(each) for each in (own, foreign)
    )
    room = np.minimum(MOST_OWN_DECLINED - declined_own, declined_foreign - LEAST_FOREIGN_DECLINED)
    return float(candidates[np.isclose(room, room.max())].mean())
