"""Learn how much people want to see: one sentence, or all that a passage says about it.

Annotators of one manual chose 50 words where those of another chose 30, and a release that shows 70 to
both is half right. Who corrects an answer marks where the right one begins and ends; the settings whose
excerpts agree best with that, by ROUGE-L, are what a release shows with from then on, also where nobody has
voted.

A thumbs-up tells that what was shown will do, not how much of it was needed: half of its score is agreement
with what was shown, the other half with the least that could have been shown of it. Otherwise the many who
are content would hold every excerpt at the length that it has. It can speak against settings, and for none.

Votes simulated on one half of the questions, measured on the other, means of 24 splits: on the held-out
manuals, where gold is short, ROUGE-L of what is shown +0.065 and its recall -0.019 (all splits change); on
the sample manuals +0.007 and -0.003 (3 change); on TV-Remote, for which the shipped settings were chosen,
nothing changes: `python -m training.recipes.shown DATA`. With recall counted beside F1, half or a quarter,
the same was exchanged for less: the settings with few words went first. With all of a thumbs-up's score for
what was shown nothing is ever learned; with the better of both as its score, a start from 85 words lost up to
0.13 on TV-Remote.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from qa_core.encoder import Encoder
from qa_core.engine import Found
from qa_core.excerpt import ExcerptSettings, show
from qa_core.excerpt_blocks import blocks_of
from qa_core.types import Reading
from training.measuring import metrics
from training.measuring.group_numbers import group_numbers
from training.retraining.steps import OnStep, untold
from training.retrieval.interpolation import N_ERRORS

Floats = NDArray[np.float64]

# No release learns to show less, whatever people mark. From 45 to 20 words, ROUGE-L of what is shown on the
# held-out manuals rises from 0.624 to 0.644, and its recall, the right words, falls from 0.746 to 0.704; on
# the sample manuals from 0.918 to 0.875.
LEAST_WORDS = 45
GRID = tuple(
    ExcerptSettings(max_words, floor, span_weight)
    for max_words, floor, span_weight in product((LEAST_WORDS, 70, 100), (0.15, 0.3), (1.0, 2.0))
)
LEAST = ExcerptSettings(max_words=20, floor=0.5, span_weight=2.0)  # the block that answers, and little else
MIN_CASES = 20  # with fewer questions excerpts stay as they are,
MIN_MARKED = 8  # and with fewer of them whose answer a person marked
_N_FOLDS = 5


@dataclass(frozen=True, slots=True)
class ExcerptCase:
    """A question that people voted on, and the reading of the passage that answers it."""

    found: Found
    reading: Reading  # with a span
    said: str  # the answer as a person marked it, or what was shown to somebody who was content with it
    is_marked: bool
    group: Hashable  # questions on one topic


def fit_excerpt(
    cases: Sequence[ExcerptCase], encoder: Encoder, present: ExcerptSettings, on_step: OnStep = untold
) -> ExcerptSettings:
    """The settings whose excerpts people would have been most content with, or the present ones.

    Others are taken where they gain on questions that they were not chosen on (cross-validation by group),
    by more than N_ERRORS standard errors.
    """
    if len(cases) < MIN_CASES or sum(case.is_marked for case in cases) < MIN_MARKED:
        return present
    settings = list(dict.fromkeys((present, *GRID)))
    gains = []
    for number, case in enumerate(cases, start=1):
        gains.append(gains_of(case, encoder, settings))
        on_step(number, len(cases))
    return settings[best_of(np.array(gains), [case.group for case in cases])]


def best_of(gains: Floats, groups: Sequence[Hashable]) -> int:
    """Which column of `gains` `[cases, settings]` to take; 0, the present settings, if none is surely better.

    The standard error is that of whole groups: questions on one topic share their fate.
    """
    numbers = group_numbers(groups)
    n_groups = len(set(numbers))
    if n_groups < _N_FOLDS:
        return 0
    held_out = np.zeros(len(gains))
    folds = GroupKFold(_N_FOLDS, shuffle=True, random_state=0)
    for fitted, left_out in folds.split(gains, groups=numbers):
        held_out[left_out] = gains[left_out, gains[fitted].sum(axis=0).argmax()]
    mean = held_out.mean()
    of_groups = np.bincount(numbers, weights=held_out - mean)
    error = np.sqrt((of_groups**2).sum() * n_groups / (n_groups - 1)) / len(gains)
    return int(gains.sum(axis=0).argmax()) if mean > N_ERRORS * error else 0


def excerpts(
    found: Found, reading: Reading, encoder: Encoder, settings: Sequence[ExcerptSettings]
) -> tuple[str, ...]:
    """What each of the settings shows of a reading, which must have a span."""
    passage = reading.hit.passage
    text = passage.section.text
    blocks = {each.max_words: blocks_of(passage, each.max_words) for each in settings}
    places = list(dict.fromkeys((b.start, b.end) for those in blocks.values() for b in those))
    vectors = encoder.encode([text[start:end] for start, end in places])
    similar = dict(zip(places, vectors @ found.vector, strict=True))
    shown = []
    for each in settings:
        own = blocks[each.max_words]
        similarities = np.array([similar[b.start, b.end] for b in own])
        excerpt = show(found.asked, reading, own, similarities, each).excerpt
        shown.append(text[excerpt.start : excerpt.end])
    return tuple(shown)


def gains_of(case: ExcerptCase, encoder: Encoder, settings: Sequence[ExcerptSettings]) -> Floats:
    """How much better each of the settings would have done than the first, -1 to 1 `[settings]`."""
    *shown, least = excerpts(case.found, case.reading, encoder, [*settings, LEAST])
    golds = (case.said,) if case.is_marked else (case.said, least)
    scores = {text: np.mean([metrics.rouge_l(text, gold) for gold in golds]) for text in set(shown)}
    gains: Floats = np.array([scores[text] - scores[shown[0]] for text in shown])
    return gains if case.is_marked else np.minimum(gains, 0.0)
