"""What each epoch of the encoder's training brought."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetrieverEpoch:
    """Number 0 is before training."""

    number: int
    train_loss: float | None  # mean over the epoch
    mrr: float | None  # on the cases that are not trained on
