"""Pairs in batches for MultipleNegativesRanking: nothing in a batch may be its own negative. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Literal

from training.retraining.lessons import EncoderPair

Kind = Literal["query", "document"]


def batches_of(pairs: Sequence[EncoderPair], batch_size: int, seed: int) -> list[list[EncoderPair]]:
    """One epoch in batches that hold no passage twice, and no question: else one would be its own negative.

    A batch of a single pair without negatives has nothing to learn from and is left out.
    """
    waiting = list(pairs)
    random.Random(seed).shuffle(waiting)  # noqa: S311 - reproducible, not secret
    batches = []
    while waiting:
        batch: list[EncoderPair] = []
        seen: set[str] = set()
        left: list[EncoderPair] = []
        for n, pair in enumerate(waiting):
            if len(batch) == batch_size:
                left += waiting[n:]
                break
            texts = {pair.question, pair.positive, *pair.negatives}
            if not texts & seen:
                batch.append(pair)
                seen |= texts
            else:
                left.append(pair)
        if len(batch) > 1 or batch[0].negatives:
            batches.append(batch)
        waiting = left
    return batches


def columns_of(batch: Sequence[EncoderPair]) -> Iterator[tuple[list[str], Kind]]:
    """Questions, positives, and as many columns of negatives as every pair of the batch has."""
    yield [pair.question for pair in batch], "query"
    yield [pair.positive for pair in batch], "document"
    for n in range(min(len(pair.negatives) for pair in batch)):
        yield [pair.negatives[n] for pair in batch], "document"
