"""The second stage of fine-tuning: examples to train on and examples to validate on."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from qa_core.errors import DataError
from training.examples import Example


@dataclass(frozen=True, slots=True)
class Split:
    """Two parts that share no context."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]


def split_by_context(examples: Sequence[Example], validation_share: float = 0.2, seed: int = 0) -> Split:
    """Whole contexts, drawn with `seed`, until `validation_share` of the questions are reached.

    What is known of a context from training would flatter the validation. Both parts keep the order of
    `examples`. Raises DataError where there is only one context to divide.
    """
    if validation_share <= 0:
        return Split(tuple(examples), ())
    n_questions: dict[str, int] = {}
    for example in examples:
        n_questions[example.context] = n_questions.get(example.context, 0) + 1
    if len(n_questions) < 2:
        raise DataError(
            f"All {len(examples)} questions are on one context: none is left to validate on. "
            "Add questions on others, give validation data, or train without (validation share 0)"
        )
    drawn = _draw(n_questions, max(1, round(validation_share * len(examples))), seed)
    return Split(
        tuple(e for e in examples if e.context not in drawn), tuple(e for e in examples if e.context in drawn)
    )


def _draw(n_questions: dict[str, int], n_wanted: int, seed: int) -> set[str]:
    contexts = list(n_questions)
    random.Random(seed).shuffle(contexts)  # noqa: S311 - reproducible, not secret
    drawn, n_drawn = set[str](), 0
    for context in contexts:
        if n_drawn + n_questions[context] <= n_wanted:
            drawn.add(context)
            n_drawn += n_questions[context]
    return drawn or {min(contexts, key=lambda context: n_questions[context])}
