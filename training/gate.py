"""The gate: is a candidate better than the current release, and has it forgotten nothing? Pure.

Better is decided on held-out questions by the paired bootstrap (Koehn 2004, "Statistical Significance
Tests for Machine Translation Evaluation"): questions are drawn again and again with replacement, whole
groups together, and the share of draws in which the candidate's mean is the higher one is P(better).
Not worse is decided on the regression set: the fall of each figure stays within its margin.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.measuring.group_numbers import group_numbers

Floats = NDArray[np.float64]

_MORE_DIGITS = 4  # at most, where two numbers are nearly the same
_MOST_DRAWN = 1_000_000  # groups at once: 8 MB for each of the three numbers of a group


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What a candidate has to reach. Margins are in the figure's own unit, 0 to 1."""

    min_probability: float = 0.9  # that it is better on the held-out questions
    answers_margin: float = 0.03  # by which answers to the regression set may be worse
    abstention_margin: float = 0.05  # by which what it declines, and what it does not, may be worse
    min_held_out: int = 10  # questions; with fewer nothing can be said
    min_regression: int = 20  # questions with an answer
    min_unanswerable: int = 5
    min_topics: int = 5  # groups of held-out questions: of one or two that gain, every draw gains
    min_score: float = 0.2  # of the better one on the held-out questions; below, the votes are doubtful
    n_resamples: int = 10_000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """What current release and candidate score on one question, 0 to 1 each."""

    current: float
    candidate: float
    group: Hashable = None  # questions on one topic are drawn together; None: a group of its own


@dataclass(frozen=True, slots=True)
class Evidence:
    """The scores on the frozen questions."""

    held_out: tuple[Pair, ...]
    answers: tuple[Pair, ...]  # regression set, answerable: whether what is found helps
    answered: tuple[Pair, ...]  # regression set, answerable: whether it is answered at all
    declined: tuple[Pair, ...]  # regression set, unanswerable: whether it is declined


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of both; the interval holds 95 % of the resampled differences."""

    n: int
    current: float
    candidate: float
    low: float
    high: float
    probability: float  # that the candidate is better

    @property
    def difference(self) -> float:
        """Candidate minus current."""
        return self.candidate - self.current


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the candidate takes over, and why or why not, in whole sentences."""

    passed: bool
    reasons: tuple[str, ...]
    held_out: Comparison
    answers: Comparison
    answered: Comparison
    declined: Comparison


def judge(evidence: Evidence, settings: GateSettings | None = None) -> Verdict:
    """Hold the candidate against the current release."""
    settings = settings or GateSettings()
    compared = [
        compare(pairs, settings)
        for pairs in (evidence.held_out, evidence.answers, evidence.answered, evidence.declined)
    ]
    held_out, answers, answered, declined = compared
    objections = [
        *_too_few(held_out.n, settings.min_held_out, "held-out questions"),
        *_too_alike(evidence.held_out, settings),
        *_too_few(answers.n, settings.min_regression, "questions with an answer in the regression set"),
        *_too_few(declined.n, settings.min_unanswerable, "questions without an answer in the regression set"),
        *_doubtful(held_out, settings),
        *_not_better(held_out, settings),
        *_worse(answers, settings.answers_margin, "answers on the regression set", "help"),
        *_worse(answered, settings.abstention_margin, "questions of the regression set", "are answered"),
        *_worse(declined, settings.abstention_margin, "questions without an answer", "are declined"),
    ]
    reasons = tuple(objections) or _in_favour(held_out, answers, declined, settings)
    return Verdict(not objections, reasons, held_out, answers, answered, declined)


def compare(pairs: Sequence[Pair], settings: GateSettings) -> Comparison:
    """Both means, and the paired bootstrap of their difference; zeros of no pairs."""
    if not pairs:
        return Comparison(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    current = np.array([pair.current for pair in pairs])
    candidate = np.array([pair.candidate for pair in pairs])
    differences = _resampled(candidate - current, group_numbers(pair.group for pair in pairs), settings)
    low, high = np.percentile(differences, (2.5, 97.5))
    return Comparison(
        n=len(pairs),
        current=float(current.mean()),
        candidate=float(candidate.mean()),
        low=float(low),
        high=float(high),
        probability=float((differences > 1e-12).mean()),
    )


def _resampled(differences: Floats, groups: NDArray[np.int64], settings: GateSettings) -> Floats:
    """The mean difference in each of `n_resamples` draws of whole groups."""
    totals = np.bincount(groups, weights=differences)
    sizes = np.bincount(groups)
    rng = np.random.default_rng(settings.seed)
    n_at_once = max(1, _MOST_DRAWN // len(totals))
    means = []
    for at in range(0, settings.n_resamples, n_at_once):
        n_draws = min(n_at_once, settings.n_resamples - at)
        drawn = rng.integers(len(totals), size=(n_draws, len(totals)))
        means.append(totals[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    return np.concatenate(means)


def _too_few(n: int, needed: int, what: str) -> list[str]:
    if n >= needed:
        return []
    return [f"There are only {n} {what}; at least {needed} are needed to tell whether it is better."]


def _too_alike(held_out: Sequence[Pair], settings: GateSettings) -> list[str]:
    n_topics = len(set(group_numbers(pair.group for pair in held_out)))
    if not held_out or n_topics >= settings.min_topics:
        return []
    topics = "one topic" if n_topics == 1 else f"{n_topics} topics"
    return [
        f"The held-out questions are on {topics} only, and at least {settings.min_topics} are needed: what "
        "asks nearly the same, or has the same answer, is one topic, and a gain on it may be luck. Approve "
        "triplets on other topics: manualbot triplets list."
    ]


def _not_better(held_out: Comparison, settings: GateSettings) -> list[str]:
    if held_out.n == 0 or held_out.probability >= settings.min_probability:
        return []
    probability, needed = _told_apart(held_out.probability, settings.min_probability, 2)
    return [f"{_scores(held_out, probability)}, and {needed} is needed."]


def _scores(held_out: Comparison, probability: str) -> str:
    candidate, current = _told_apart(100 * held_out.candidate, 100 * held_out.current, 1)
    return (
        f"On {held_out.n} held-out questions it scores {candidate} % where the current release scores "
        f"{current} %: the probability that it is better is {probability}"
    )


def _told_apart(a: float, b: float, n_digits: int) -> tuple[str, str]:
    """Both numbers, with more digits than these where it takes more to tell them apart."""
    tried = range(n_digits, n_digits + _MORE_DIGITS)
    n = next((n for n in tried if f"{a:.{n}f}" != f"{b:.{n}f}"), n_digits)
    return f"{a:.{n}f}", f"{b:.{n}f}"


def _doubtful(held_out: Comparison, settings: GateSettings) -> list[str]:
    best = max(held_out.current, held_out.candidate)
    if held_out.n == 0 or best >= settings.min_score:
        return []
    return [
        f"On {held_out.n} held-out questions neither release scores more than {_percent(best)}: what people "
        "said there is rather wrong than hard to find. Look through the triplets: manualbot triplets list."
    ]


def _worse(compared: Comparison, margin: float, what: str, verb: str) -> list[str]:
    if compared.n == 0 or compared.difference >= -margin - 1e-9:
        return []
    return [
        f"Of {compared.n} {what} {_percent(compared.candidate)} {verb}, where it was "
        f"{_percent(compared.current)}: {-100 * compared.difference:.1f} points fewer, and at most "
        f"{100 * margin:.0f} are tolerated."
    ]


def _in_favour(
    held_out: Comparison, answers: Comparison, declined: Comparison, settings: GateSettings
) -> tuple[str, ...]:
    return (
        f"{_scores(held_out, f'{held_out.probability:.2f}')}.",
        f"On the regression set {_percent(answers.candidate)} of {answers.n} answers help (before: "
        f"{_percent(answers.current)}; {100 * settings.answers_margin:.0f} points fewer are tolerated), and "
        f"{_percent(declined.candidate)} of {declined.n} questions without an answer are declined (before: "
        f"{_percent(declined.current)}).",
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
