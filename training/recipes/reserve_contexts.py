"""The calibration reserve as questions on given contexts, half of them not answerable: as in SQuAD v2.0.

Not answerable, by `unanswerable`, are, in equal parts: questions on what is left of their context without
the sentences that answer; questions with a name or number exchanged; and questions on the most similar
context that does not hold the answer. By `altered` they are more like what people wrote for SQuAD v2.0:
questions on the same context that look answerable.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from training.reading.augment import some, with_another_name, with_opposite, without_answer
from training.reading.evaluate_reader import GoldContext
from training.reading.examples import Example
from training.recipes.reader_material import hard_negatives

_REVIEWS = ("Amazon", "Filtered Reddit")  # how the titles of SQuADshifts' reviews and posts begin


def gold_context(example: Example) -> GoldContext:
    """The example as the reader's evaluation asks it."""
    golds = () if example.answer is None else (example.answer, *example.other_answers)
    title = " ".join(example.heading_path)
    return GoldContext(example.id, example.question, example.context, golds, title)


def answerable(examples: Sequence[Example]) -> tuple[GoldContext, ...]:
    """The questions that their contexts answer."""
    return tuple(gold_context(each) for each in examples if each.answer is not None)


def unanswerable(examples: Sequence[Example], n: int, seed: int = 0) -> tuple[GoldContext, ...]:
    """`n` questions that their contexts do not answer, a third of each kind, as far as there are so many."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    asked = [each for each in examples if each.answer is not None]
    n_near = min(n // 3, len(asked))
    near = hard_negatives(asked, n_near, seed)
    renamed = some((with_another_name(each, rng) for each in rng.sample(asked, len(asked))), n // 3)
    n_cut = n - len(near) - len(renamed)
    cut = some((without_answer(each, 10_000, rng) for each in rng.sample(asked, len(asked))), n_cut)
    return tuple(gold_context(each) for each in (*near, *renamed, *cut))


def altered(examples: Sequence[Example], n: int, seed: int = 0) -> tuple[GoldContext, ...]:
    """`n` questions with a name or number exchanged, or a word for its opposite, half each if they exist."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    asked = [each for each in examples if each.answer is not None]
    opposite = some((with_opposite(each, rng) for each in rng.sample(asked, len(asked))), n // 2)
    renamed = (with_another_name(each, rng) for each in rng.sample(asked, len(asked)))
    return tuple(gold_context(each) for each in (*opposite, *some(renamed, n - len(opposite))))


def of_articles(examples: Sequence[Example]) -> list[Example]:
    """Those on encyclopedia articles, which SQuAD is made of: no shop reviews, no forum posts."""
    return [each for each in examples if not " ".join(each.heading_path).startswith(_REVIEWS)]
