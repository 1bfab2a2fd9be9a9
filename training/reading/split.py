"""The second stage of fine-tuning: examples to train on and examples to validate on."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from qa_core.errors import DataError
from training.reading.examples import Example

_MAX_OFF = 0.1  # of the share that was asked for


@dataclass(frozen=True, slots=True)
class Split:
    """Two parts that share no context."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    asked_share: float | None = None  # of the questions that should be validated on; None if they were given

    @property
    def missed_share(self) -> float | None:
        """The share that was reached, where it is off by more than ten points of what was asked for."""
        reached = len(self.validation) / max(1, len(self.train) + len(self.validation))
        if self.asked_share is None or round(abs(reached - self.asked_share), 9) <= _MAX_OFF:
            return None
        return reached


def split_by_context(examples: Sequence[Example], validation_share: float = 0.2, seed: int = 0) -> Split:
    """Whole contexts, drawn with `seed`, until `validation_share` of the questions are reached.

    What is known of a context from training would flatter the validation. Neither part is left without a
    context, and both keep the order of `examples`. Raises DataError where there is but one context.
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
    train = tuple(e for e in examples if e.context not in drawn)
    validation = tuple(e for e in examples if e.context in drawn)
    return Split(train, validation, validation_share)


def _draw(n_questions: dict[str, int], n_wanted: int, seed: int) -> set[str]:
    contexts = list(n_questions)
    random.Random(seed).shuffle(contexts)  # noqa: S311 - reproducible, not secret
    drawn, n_drawn = set[str](), 0
    for context in contexts:
        if len(drawn) + 1 == len(contexts):  # the last one is trained on
            break
        if n_drawn + n_questions[context] <= n_wanted:
            drawn.add(context)
            n_drawn += n_questions[context]
    return drawn or {min(contexts, key=lambda context: n_questions[context])}
