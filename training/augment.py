"""Examples made from examples: shorter contexts, and questions that their context nearly answers."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import replace

from qa_core.units import split_sentences
from training.examples import Example

_NAME = re.compile(r"(?<=[\w,;] )[A-Z][\w'’-]+(?: (?:of |the )?[A-Z][\w'’-]+)*")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*\d|(?<![\w.,])\d(?![\w.,])")


def crop(example: Example, n_chars: int, rng: random.Random) -> Example:
    """The answer's sentences with as many neighbours, drawn on either side, as fit in `n_chars`.

    An example without an answer, or whose sentences are longer, comes back with what there is.
    """
    sentences = list(split_sentences(example.context, 0, len(example.context)))
    if example.start is None or example.end is None:
        first = last = rng.randrange(len(sentences)) if sentences else 0
        answer = None
    else:
        answer = (example.start, example.end)
        touched = [i for i, (start, end) in enumerate(sentences) if start < answer[1] and end > answer[0]]
        first, last = (touched[0], touched[-1]) if touched else (0, len(sentences) - 1)
    while True:
        grown = [(first - 1, last)] * (first > 0) + [(first, last + 1)] * (last + 1 < len(sentences))
        grown = [(i, j) for i, j in grown if sentences[j][1] - sentences[i][0] <= n_chars]
        if not grown:
            break
        first, last = rng.choice(grown)
    begin, end = (sentences[first][0], sentences[last][1]) if sentences else (0, len(example.context))
    if answer is None:
        return replace(example, context=example.context[begin:end])
    begin, end = min(begin, answer[0]), max(end, answer[1])
    return replace(
        example, context=example.context[begin:end], start=answer[0] - begin, end=answer[1] - begin
    )


def without_answer(example: Example, n_chars: int, rng: random.Random) -> Example | None:
    """The question on a part of its context that does not say the answer; None if every part does."""
    answer = (example.answer or "").casefold()
    silent = [
        (start, end)
        for start, end in split_sentences(example.context, 0, len(example.context))
        if answer and answer not in example.context[start:end].casefold()
    ]
    runs: list[tuple[int, int]] = []
    for start, end in silent:
        joins = runs and not example.context[runs[-1][1] : start].strip() and end - runs[-1][0] <= n_chars
        if joins:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    runs = [(start, end) for start, end in runs if answer not in example.context[start:end].casefold()]
    if not runs:
        return None
    start, end = max(runs, key=lambda run: (run[1] - run[0], rng.random()))
    return replace(example, id=f"{example.id}-cut", context=example.context[start:end], start=None, end=None)


def with_another_name(example: Example, rng: random.Random) -> Example | None:
    """The question with one of its names or numbers exchanged for another of the context.

    What it asks then is rarely answered, though every word of it occurs; None if nothing can be exchanged.
    """
    for pattern in rng.sample((_NAME, _NUMBER), 2):
        asked = list(pattern.finditer(example.question))
        others = sorted(
            {m.group() for m in pattern.finditer(example.context)}
            - {m.group() for m in asked}
            - {example.answer or ""}
        )
        others = [each for each in others if each not in example.question]
        if asked and others:
            old = rng.choice(asked)
            question = example.question[: old.start()] + rng.choice(others) + example.question[old.end() :]
            return replace(example, id=f"{example.id}-name", question=question, start=None, end=None)
    return None


def some(examples: Iterable[Example | None], n: int) -> list[Example]:
    """The first `n` that exist."""
    found: list[Example] = []
    for example in examples:
        if len(found) == n:
            break
        if example is not None:
            found.append(example)
    return found
