"""How far confidence can be believed: calibration error, AUROC, coverage at a precision, reliability.

Bins have equal mass: each holds the same weight of answers, so that no bin's share rests on a handful
(Nixon et al. 2019, "Measuring Calibration in Deep Learning"). Weights let questions count as in the mix
that the figures are stated for. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.measuring import metrics
from training.measuring.group_numbers import group_numbers

Floats = NDArray[np.float64]

N_BINS = 10
N_RESAMPLES = 1_000
TARGET_PRECISION = 0.8


@dataclass(frozen=True, slots=True)
class Judgements:
    """Scores in 0 to 1 and whether each answer was right; arrays of one length."""

    scores: Floats  # [n]
    right: Floats  # [n], 0 or 1
    weights: Floats  # [n], of each answer in every figure
    groups: NDArray[
        np.int64
    ]  # [n]: what is resampled together; each answer by itself where it does not matter

    @classmethod
    def of(
        cls,
        scores: Sequence[float],
        right: Sequence[bool],
        weights: Sequence[float] | None = None,
        groups: Sequence[Hashable] | None = None,
    ) -> Judgements:
        """From plain sequences; raises ValueError if their lengths differ. A group None is one of its own."""
        n = len(scores)
        weight = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
        group = group_numbers(range(n) if groups is None else groups)
        if {len(right), len(weight), len(group)} != {n}:
            raise ValueError(
                f"{n} scores, but {len(right)} judged, {len(weight)} weights, {len(group)} groups"
            )
        return cls(np.asarray(scores, dtype=np.float64), np.asarray(right, dtype=np.float64), weight, group)

    def take(self, rows: NDArray[np.int64]) -> Judgements:
        """These rows alone, in this order."""
        return Judgements(self.scores[rows], self.right[rows], self.weights[rows], self.groups[rows])

    def __len__(self) -> int:
        """How many answers."""
        return len(self.scores)


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like score: how many, their mean score, and the share that was right."""

    n: int
    share: float  # of all weight
    score: float
    right: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the range in which 95 % of its bootstrap resamples lie."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """The figures of one score over a set of answers; None where they cannot be computed."""

    n: int
    n_bins: int
    bins: tuple[Bin, ...]
    calibration_error: Interval
    auroc: float | None
    coverage: float  # the largest share that one threshold lets through at TARGET_PRECISION
    mean_score: float
    share_right: float


def equal_mass_bins(judged: Judgements, n_bins: int = N_BINS) -> tuple[Bin, ...]:
    """The answers by ascending score, cut where equal parts of the weight end; empty bins are left out.

    Equal scores stay together: they would otherwise be split by the order in which they came.
    """
    order = np.argsort(judged.scores, kind="stable")
    scores, right, weights = judged.scores[order], judged.right[order], judged.weights[order]
    middle = (np.cumsum(weights) - weights / 2) / weights.sum()
    _, first_of_tie = np.unique(scores, return_index=True)
    tie = np.searchsorted(first_of_tie, np.arange(len(scores)), side="right") - 1
    tied = np.bincount(tie, weights=middle * weights) / np.bincount(tie, weights=weights)
    number = np.minimum((tied[tie] * n_bins).astype(np.int64), n_bins - 1)
    return tuple(
        _bin(scores[own], right[own], weights[own], weights.sum())
        for own in (number == i for i in range(n_bins))
        if own.any()
    )


def _bin(scores: Floats, right: Floats, weights: Floats, total: float) -> Bin:
    weight = weights.sum()
    return Bin(
        len(scores), float(weight / total), float(weights @ scores / weight), float(weights @ right / weight)
    )


def calibration_error(judged: Judgements, n_bins: int = N_BINS) -> float:
    """Expected calibration error: |mean score - share right|, mean over equal-mass bins."""
    return sum(each.share * abs(each.score - each.right) for each in equal_mass_bins(judged, n_bins))


def coverage_at(judged: Judgements, precision: float = TARGET_PRECISION) -> float:
    """The largest share of all that one threshold lets through with at least this precision."""
    shares, precisions = risk_coverage(judged)
    reached = shares[precisions >= precision - 1e-9]
    return float(reached.max()) if len(reached) else 0.0


def risk_coverage(judged: Judgements) -> tuple[Floats, Floats]:
    """For every threshold from the highest score down: the share let through, and its precision.

    El-Yaniv & Wiener 2010. Both arrays are `[distinct scores]`; precision is 1 minus the risk.
    """
    order = np.argsort(-judged.scores, kind="stable")
    scores, weights = judged.scores[order], judged.weights[order]
    covered, right = np.cumsum(weights), np.cumsum(weights * judged.right[order])
    last_of_tie = np.append(scores[1:] != scores[:-1], True)
    return (covered / weights.sum())[last_of_tie], (right / covered)[last_of_tie]


def auroc(judged: Judgements) -> float | None:
    """The chance that a right answer scores above a wrong one, ties half; None if either is missing."""
    return metrics.auroc(judged.scores.tolist(), judged.right.tolist(), judged.weights.tolist())


def bootstrap(
    judged: Judgements,
    figure: Callable[[Judgements], float],
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> Interval:
    """The figure with its 95 % percentile interval, whole groups drawn with replacement.

    Efron & Tibshirani 1993. Of a figure that cannot be negative, like calibration error, resamples lie
    above it on average: noise within bins adds to it.
    """
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(judged.groups == group) for group in np.unique(judged.groups)]
    values = []
    for _ in range(n_resamples):
        drawn = rng.integers(len(members), size=len(members))
        values.append(figure(judged.take(np.concatenate([members[i] for i in drawn]))))
    low, high = np.percentile(values, (2.5, 97.5))
    return Interval(figure(judged), float(low), float(high))


def reliability(
    judged: Judgements, n_bins: int = N_BINS, n_resamples: int = N_RESAMPLES
) -> Reliability | None:
    """All figures of these answers; None of none."""
    if not len(judged):
        return None
    total = judged.weights.sum()
    return Reliability(
        n=len(judged),
        n_bins=n_bins,
        bins=equal_mass_bins(judged, n_bins),
        calibration_error=bootstrap(judged, lambda drawn: calibration_error(drawn, n_bins), n_resamples),
        auroc=auroc(judged),
        coverage=coverage_at(judged),
        mean_score=float(judged.weights @ judged.scores / total),
        share_right=float(judged.weights @ judged.right / total),
    )


def before_after_table(before: Reliability, after: Reliability) -> str:
    """The figures of the raw score and of the confidence fitted on it, as Markdown."""
    lines = ["| figure | before: raw score | after: confidence |", "|---|---:|---:|"]
    rows: list[tuple[str, Callable[[Reliability], str]]] = [
        (f"expected calibration error ↓ ({before.n_bins} equal-mass bins)", _error_cell),
        ("AUROC ↑", lambda each: "–" if each.auroc is None else f"{each.auroc:.3f}"),
        (f"coverage at {TARGET_PRECISION:.0%} precision ↑", lambda each: f"{each.coverage:.1%}"),
        ("mean score", lambda each: f"{each.mean_score:.3f}"),
        ("share right", lambda each: f"{each.share_right:.3f}"),
        ("answers", lambda each: f"{each.n:,}"),
    ]
    lines += [f"| {name} | {cell(before)} | {cell(after)} |" for name, cell in rows]
    return "\n".join(lines)


def _error_cell(each: Reliability) -> str:
    error = each.calibration_error
    return f"{error.value:.3f} ({error.low:.3f} to {error.high:.3f})"
