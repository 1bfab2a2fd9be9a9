"""How a reader is fine-tuned, with the defaults. Imports no torch: `manualbot fine-tune --help` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.span_forward import DtypeChoice

TRAINED_HEAD_RATE = 3e-5  # 800 questions, loss of the shipped reader 1.202; with 1e-4 it is 1.233
FRESH_HEAD_RATE = 3e-4


@dataclass(frozen=True, slots=True)
class FineTuneSettings:
    """How to fine-tune on some hundreds or thousands of questions."""

    n_epochs: int = 3
    learning_rate: float | None = None  # None: TRAINED_HEAD_RATE or FRESH_HEAD_RATE, as the span head is
    batch_size: int = 16  # windows
    warmup: float = 0.1  # of all steps
    weight_decay: float = 0.01
    embedding_rate: float = 0.0  # of `learning_rate`, for the embeddings; 0 freezes them
    n_frozen_layers: int = 0  # the lowest of the encoder that are not trained, with its embeddings
    validation_share: float = 0.2  # of the questions, whole contexts; 0 trains on all
    patience: int = 2  # epochs without a better one before training stops early
    keeps_trained: bool = False  # take a trained epoch even where none is better than the model before
    seed: int = 0
    checkpoint_every: int = 50  # steps; and after each epoch
    dtype: DtypeChoice = "auto"

    def rate_for(self, *, fresh_head: bool) -> float:
        """The learning rate: what is given, or what suits a span head that is new or trained already."""
        if self.learning_rate is not None:
            return self.learning_rate
        return FRESH_HEAD_RATE if fresh_head else TRAINED_HEAD_RATE
