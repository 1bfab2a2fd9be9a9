"""Learn how much people want to see: one sentence, or all that a passage says about it.

Annotators of one manual chose 50 words where those of another chose 30, and a release that shows 70 to
both is half right. Who corrects an answer marks where the right one begins and ends; the settings whose
excerpts agree best with that, by ROUGE-L, are what a release shows with from then on, also where nobody has
voted.

A thumbs-up tells that what was shown will do, not how much of it was needed: half of its score is agreement
with what was shown, the other half with the least that could have been shown of it. Otherwise the many who
are content would hold every excerpt at the length that it has.

Votes simulated on one half of the questions, measured on the other, by ROUGE-L of what is shown, means of 24
splits: on the sample manuals, where gold is short, +0.123 (all splits change); on TV-Remote, for which the
shipped settings were chosen, 0.000 (none does): `python -m training.recipes.shown DATA`. With all of a
thumbs-up's score for what was shown nothing is ever learned; with the better of both as its score, a start
from 85 words lost up to 0.13 on TV-Remote.
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
from qa_core.excerpt import ExcerptSettings, blocks_of, choose_excerpt, evidence
from qa_core.types import Reading
from training import metrics

Floats = NDArray[np.float64]

GRID = tuple(
    ExcerptSettings(max_words, floor, span_weight)
    for max_words, floor, span_weight in product((20, 30, 45, 70, 100), (0.15, 0.3), (1.0, 2.0))
)
LEAST = ExcerptSettings(max_words=20, floor=0.5, span_weight=2.0)  # the block that answers, and little else
MIN_CASES = 20  # with fewer questions excerpts stay as they are
N_ERRORS = 1.6  # standard errors that the gain on held-out questions must be above zero
_N_FOLDS = 5


@dataclass(frozen=True, slots=True)
class ExcerptCase:
    """A question that people voted on, and the reading of the passage that answers it."""

    found: Found
    reading: Reading  # with a span
    marked: str | None  # the answer as a person marked it; None: content with what was shown
    seen: str | None  # what that was; None: as the present settings show it
    group: Hashable  # questions on one topic


def fit_excerpt(cases: Sequence[ExcerptCase], encoder: Encoder, present: ExcerptSettings) -> ExcerptSettings:
    """The settings whose excerpts people would have been most content with, or the present ones.

    Others are taken where they gain on questions that they were not chosen on (cross-validation by group),
    by more than N_ERRORS standard errors.
    """
    if len(cases) < MIN_CASES:
        return present
    settings = list(dict.fromkeys((present, *GRID)))
    values = np.array([agreements(case, encoder, settings) for case in cases])
    return settings[better_one(values, [case.group for case in cases])]


def better_one(values: Floats, groups: Sequence[Hashable]) -> int:
    """Which column of `values` `[cases, settings]` to take; 0, the present one, if none is surely better."""
    numbers = _group_numbers(groups)
    if len(values) < MIN_CASES or len(set(numbers)) < _N_FOLDS:
        return 0
    gains = values - values[:, :1]
    held_out = np.zeros(len(values))
    folds = GroupKFold(_N_FOLDS, shuffle=True, random_state=0)
    for fitted, left_out in folds.split(gains, groups=numbers):
        held_out[left_out] = gains[left_out, gains[fitted].sum(axis=0).argmax()]
    error = held_out.std(ddof=1) / np.sqrt(len(values))
    return int(gains.sum(axis=0).argmax()) if held_out.mean() > N_ERRORS * error else 0


def excerpts(
    found: Found, reading: Reading, encoder: Encoder, settings: Sequence[ExcerptSettings]
) -> tuple[str, ...]:
    """What each of the settings shows of a reading, which must have a span."""
    passage = reading.hit.passage
    text = passage.section.text
    blocks = {each.max_words: blocks_of(passage, each) for each in settings}
    places = list(dict.fromkeys((b.start, b.end) for those in blocks.values() for b in those))
    vectors = encoder.encode([text[start:end] for start, end in places])
    similar = dict(zip(places, vectors @ found.vector, strict=True))
    shown = []
    for each in settings:
        own = blocks[each.max_words]
        similarities = np.array([similar[b.start, b.end] for b in own])
        strength = evidence(found.asked, reading, own, similarities, each)
        excerpt = choose_excerpt(reading, own, strength, each).excerpt
        shown.append(text[excerpt.start : excerpt.end])
    return tuple(shown)


def agreements(case: ExcerptCase, encoder: Encoder, settings: Sequence[ExcerptSettings]) -> Floats:
    """How well each of the settings would have done, 0 to 1 `[settings]`; the first are the present ones."""
    *shown, least = excerpts(case.found, case.reading, encoder, [*settings, LEAST])
    golds = (case.seen or shown[0], least) if case.marked is None else (case.marked,)
    scores = {text: np.mean([metrics.rouge_l(text, gold) for gold in golds]) for text in set(shown)}
    return np.array([scores[text] for text in shown])


def _group_numbers(groups: Sequence[Hashable]) -> list[int]:
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(group, len(numbers)) for group in groups]
