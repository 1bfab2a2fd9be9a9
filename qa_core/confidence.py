"""A release's calibration: which passage answers, how probable it is that it does, how much of it is shown.

A reader's softmax says how sure it is of a span given that the passage answers; it says little about
whether any passage does. So the probability comes from a logistic model over reader, null and retrieval
scores, fitted on questions with known answers (Kamath et al. 2020, "Selective Question Answering under
Domain Shift").
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from qa_core.errors import ReleaseError
from qa_core.excerpt import DEFAULT_EXCERPT, ExcerptSettings
from qa_core.ranking import RankWeights, coverage, rank_score
from qa_core.tokens import tokenize
from qa_core.types import Reading

FEATURES = (
    "lead",  # the first passage's rank score minus the second's
    "dense",  # cosine similarity of question and first passage
    "block",  # the highest cosine similarity of the question and a sentence, row or list of that passage
    "coverage",  # share of the question's words, save its product's, that the passage or its headings have
    "n_words",  # words of the question that BM25 counts, as log(1 + n)
)


_EXCERPT_BEFORE = ExcerptSettings(85, 0.15, 0.5)  # of all releases before a calibration named it


@dataclass(frozen=True, slots=True)
class Calibrator:
    """The fitted model: one of a release's parts, kept as JSON."""

    ranking: RankWeights
    means: tuple[float, ...]  # of each feature
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float  # the default: below this confidence the bot declines
    excerpt: ExcerptSettings = DEFAULT_EXCERPT  # how much of the first passage is shown
    fitted: Calibrator | None = None  # of a retraining: the last one that known answers were fitted to

    @classmethod
    def open(cls, path: Path) -> Calibrator:
        """Read a calibration file; ReleaseError if it does not fit this code."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["features"] != list(FEATURES):
                raise ValueError("it was fitted on other features")
            fitted = content.get("fitted")
            return replace(cls._of(content), fitted=None if fitted is None else cls._of(fitted))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ReleaseError(f"{path} is not a calibration file: {error}. Use another release") from error

    @classmethod
    def _of(cls, content: dict[str, Any]) -> Calibrator:
        calibrator = cls(
            means=_numbers(content, "means"),
            scales=_numbers(content, "scales"),
            weights=_numbers(content, "weights"),
            ranking=_ranking(content),
            bias=float(content["bias"]),
            threshold=float(content["threshold"]),
            excerpt=_excerpt(content),
        )
        if not all(calibrator.scales):
            raise ValueError("it has a scale of zero")
        return calibrator

    @property
    def beginning(self) -> Calibrator:
        """Where a retraining begins, the first or a later one: at `fitted`, or at this one itself."""
        return self if self.fitted is None else self.fitted

    def save(self, path: Path) -> None:
        """Write the file that `open` reads."""
        path.write_text(json.dumps({"features": FEATURES, **asdict(self)}, indent=1) + "\n", encoding="utf-8")

    def rank(self, question: str, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """The readings in the order in which they answer best; ties keep the order of retrieval."""
        return tuple(
            sorted(readings, key=lambda each: rank_score(question, each, self.ranking), reverse=True)
        )

    def confidence(self, values: Sequence[float]) -> float:
        """The probability that the first passage answers, 0 to 1, from its `features`."""
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.logit(values)))))

    def logit(self, values: Sequence[float]) -> float:
        """The logarithm of that probability's odds."""
        parts = zip(values, self.means, self.scales, self.weights, strict=True)
        return self.bias + sum(w * (value - mean) / scale for value, mean, scale, w in parts)

    def features(self, question: str, ranked: Sequence[Reading], best_block: float) -> tuple[float, ...]:
        """The values of FEATURES for a question's readings, ranked; there must be one at least."""
        first = ranked[0]
        scores = [rank_score(question, each, self.ranking) for each in ranked[:2]]
        return (
            scores[0] - scores[1] if len(scores) > 1 else 1.0,
            first.hit.dense,
            best_block,
            coverage(question, first.hit),
            math.log1p(len(set(tokenize(question)))),
        )


def _ranking(content: dict[str, Any]) -> RankWeights:
    """Files of before there were others name the reader's weight alone."""
    given = content["ranking"] if "ranking" in content else {"reader": content["reader_weight"]}
    return RankWeights(**{name: float(value) for name, value in given.items()})


def _excerpt(content: dict[str, Any]) -> ExcerptSettings:
    given = content.get("excerpt")
    if given is None:
        return _EXCERPT_BEFORE
    max_words, floor, span_weight = given["max_words"], given["floor"], given["span_weight"]
    if max_words < 1:
        raise ValueError("it shows excerpts of no words")
    return ExcerptSettings(int(max_words), float(floor), float(span_weight))


def _numbers(content: dict[str, Any], name: str) -> tuple[float, ...]:
    values = tuple(map(float, content[name]))
    if len(values) != len(FEATURES):
        raise ValueError(f"{name!r} does not have one number for each feature")
    return values
