"""Ranking and calibrated confidence: which passage answers, and how probable it is that it does.

A reader's softmax says how sure it is of a span given that the passage answers; it says little about
whether any passage does. So the probability comes from a logistic model over reader, null and retrieval
scores, fitted on questions with known answers (Kamath et al. 2020, "Selective Question Answering under
Domain Shift").
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qa_core.errors import ReleaseError
from qa_core.tokens import tokenize
from qa_core.types import Reading

FEATURES = (
    "lead",  # the first passage's rank score (retrieval, reader and null score) minus the second's
    "dense",  # cosine similarity of question and first passage
    "block",  # the highest cosine similarity of the question and a sentence, row or list of that passage
    "coverage",  # share of the question's words that stand in the passage or its headings
    "n_words",  # words of the question that BM25 counts, as log(1 + n)
)


@dataclass(frozen=True, slots=True)
class Calibrator:
    """The fitted model: one of a release's parts, kept as JSON."""

    reader_weight: float  # of the reader's margin beside the retrieval score, in ranking
    means: tuple[float, ...]  # of each feature
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float  # the default: below this confidence the bot declines

    @classmethod
    def open(cls, path: Path) -> Calibrator:
        """Read a calibration file; ReleaseError if it does not fit this code."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["features"] != list(FEATURES):
                raise ValueError("it was fitted on other features")
            calibrator = cls(
                means=_numbers(content, "means"),
                scales=_numbers(content, "scales"),
                weights=_numbers(content, "weights"),
                reader_weight=float(content["reader_weight"]),
                bias=float(content["bias"]),
                threshold=float(content["threshold"]),
            )
            if not all(calibrator.scales):
                raise ValueError("it has a scale of zero")
            return calibrator
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ReleaseError(f"{path} is not a calibration file: {error}. Use another release") from error

    def save(self, path: Path) -> None:
        """Write the file that `open` reads."""
        path.write_text(json.dumps({"features": FEATURES, **asdict(self)}, indent=1) + "\n", encoding="utf-8")

    def rank(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """The readings in the order in which they answer best; ties keep the order of retrieval."""
        return tuple(sorted(readings, key=self.rank_score, reverse=True))

    def rank_score(self, reading: Reading) -> float:
        """Retrieval and reading together."""
        return reading.hit.score + self.reader_weight * margin(reading)

    def confidence(self, values: Sequence[float]) -> float:
        """The probability that the first passage answers, 0 to 1, from its `features`."""
        parts = zip(values, self.means, self.scales, self.weights, strict=True)
        logit = self.bias + sum(w * (value - mean) / scale for value, mean, scale, w in parts)
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))

    def features(self, question: str, ranked: Sequence[Reading], best_block: float) -> tuple[float, ...]:
        """The values of FEATURES for a question's readings, ranked; there must be one at least."""
        first = ranked[0]
        second = self.rank_score(ranked[1]) if len(ranked) > 1 else self.rank_score(first) - 1
        words = set(tokenize(question))
        passage = first.hit.passage
        seen = set(tokenize(f"{passage.heading}\n{passage.text}"))
        return (
            self.rank_score(first) - second,
            first.hit.dense,
            best_block,
            len(words & seen) / max(len(words), 1),
            math.log1p(len(words)),
        )


def _numbers(content: dict[str, Any], name: str) -> tuple[float, ...]:
    values = tuple(map(float, content[name]))
    if len(values) != len(FEATURES):
        raise ValueError(f"{name!r} does not have one number for each feature")
    return values


def margin(reading: Reading) -> float:
    """The best span's score minus the null score; far below zero where there is no span."""
    return reading.spans[0].score - reading.null_score if reading.spans else -20.0
