"""How well a reader in training would rank and read, beside the rest of the search, without an index.

What the loss over single windows says of a reader is not what it is used for: the passages of one question
are held against each other by what supports them. So a reader is judged by the likelihood of the right
passage among those that were found (a conditional logit of retrieval score and support), and by how far its
best span in that passage is from the right one. The likelihood of that span's ends says something else: it
rose (2.85 to 2.63, on questions of TV-Remote that were set aside) where the token F1 of the span on held-out
ones fell (0.63 to 0.58).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_core.ranking import squashed_odds
from qa_core.reader import WindowLogits, best_spans
from qa_core.types import Hit
from qa_core.windows import Windower
from training.features import Feature, make_features
from training.feedback.triplet import Triplet
from training.reading.examples import Example
from training.reading.span_forward import SpanForward
from training.reading.validation import read_windows
from training.retraining.lessons import Search

Floats = NDArray[np.float64]

MAX_CASES = 40  # questions: two hundred windows for each share of the weights that is tried
N_READ = 5  # hits of each
SCALES = (2.0, 4.0, 8.0, 16.0)  # of the score in the softmax
SUPPORT_WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.2)  # of the reader's support beside the retrieval score


@dataclass(frozen=True, slots=True)
class ReadingCase:
    """A question with what was found for it, best first. One passage at least is right, one is wrong."""

    examples: tuple[Example, ...]  # the triplet's own passage has its span
    scores: tuple[float, ...]  # of retrieval
    right: tuple[bool, ...]  # whether the passage stands in the triplet's section


def reading_cases(triplets: Iterable[Triplet], search: Search) -> list[ReadingCase]:
    """The answered questions whose section was found, up to MAX_CASES."""
    cases = []
    for triplet in triplets:
        hits = search(triplet.question, triplet.product)[:N_READ]
        right = tuple(triplet.is_in_section(hit.passage) for hit in hits)
        if triplet.kind == "answer" and any(right) and not all(right):
            examples = tuple(_example(hit, triplet, n) for n, hit in enumerate(hits))
            cases.append(ReadingCase(examples, tuple(hit.score for hit in hits), right))
        if len(cases) == MAX_CASES:
            break
    return cases


@dataclass(frozen=True, slots=True)
class PreparedCases:
    """Cases with the windows of their passages, to be read with one set of weights after the other."""

    cases: tuple[ReadingCase, ...]
    examples: tuple[Example, ...]  # of all cases, in their order
    features: tuple[Feature, ...]

    @classmethod
    def of(cls, cases: Sequence[ReadingCase], windower: Windower) -> PreparedCases:
        """The windows of every case's passages."""
        examples = tuple(example for case in cases for example in case.examples)
        return cls(tuple(cases), examples, tuple(make_features(examples, windower)))


def case_losses(forward: SpanForward, prepared: PreparedCases) -> Floats:
    """What each case loses `[len(cases)]`, with the scale and weight that fit best.

    The negative log-likelihood of the right passage, and 1 minus the F1 of the best span in it.
    """
    cases, examples, features = prepared.cases, prepared.examples, prepared.features
    read = read_windows(forward, examples, features)
    supports = np.array([_support(parts) for parts in read])
    spans = _span_errors(features, read, len(examples))
    ends = np.cumsum([len(case.examples) for case in cases])
    rows = [slice(end - len(case.examples), end) for case, end in zip(cases, ends, strict=True)]
    by_setting = [
        [_passage_loss(case, scale, weight * supports[own]) for case, own in zip(cases, rows, strict=True)]
        for scale in SCALES
        for weight in SUPPORT_WEIGHTS
    ]
    best = min(by_setting, key=sum)
    losses: Floats = np.array(best) + np.array([spans[own].sum() for own in rows])
    return losses


def _passage_loss(case: ReadingCase, scale: float, read: Floats) -> float:
    scores = scale * (np.array(case.scores) + read)
    return float(np.logaddexp.reduce(scores) - np.logaddexp.reduce(scores[np.array(case.right)]))


def _support(parts: Sequence[WindowLogits]) -> float:
    found = [span.score for part in parts for span in best_spans(part)]
    return squashed_odds(found, min(part.null_score for part in parts)) if parts else 0.0


def _span_errors(features: Sequence[Feature], read: Sequence[Sequence[WindowLogits]], n: int) -> Floats:
    """1 minus the F1 of the best span's tokens, in the window that holds the right one; 0 without one."""
    errors = np.zeros(n)
    taken = [0] * n
    for feature in features:
        index = feature.example_index
        logits = read[index][taken[index]]
        taken[index] += 1
        if feature.start != feature.window.null_token:
            [best] = best_spans(logits, n_best=1)
            both = max(0, min(best.last, feature.end) - max(best.first, feature.start) + 1)
            n_tokens = best.last - best.first + feature.end - feature.start + 2
            errors[index] = 1 - 2 * both / n_tokens
    return errors


def _example(hit: Hit, triplet: Triplet, n: int) -> Example:
    own = hit.passage.text == triplet.context
    start, end = (triplet.start, triplet.end) if own else (None, None)
    return Example(
        f"{triplet.id}-{n}", triplet.question, hit.passage.text, start, end, hit.passage.section.heading_path
    )
