"""How a reader is fine-tuned, with the defaults. Imports no torch: `manualbot fine-tune --help` reads it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from qa_core.errors import SettingsError

DtypeChoice = Literal["auto", "float32", "bfloat16"]  # "auto" measures what is faster here

# The shipped reader on 800 questions, 200 to validate on, two splits. The upper two of six layers at 8e-5:
# the loss falls from 1.525 to 1.190 and from 1.718 to 1.265; F1 rises from 77.7 to 79.4 and from 62.9 to
# 74.8. All layers at 3e-5: 1.207 and 1.275 after one epoch, and up from there; F1 falls to 76.6 on the
# first split.
UPPER_LAYERS_RATE = 8e-5
ALL_LAYERS_RATE = 3e-5
FRESH_HEAD_RATE = 3e-4  # all layers

_LOWEST = {
    "n_epochs": 1,
    "learning_rate": 0,
    "batch_size": 1,
    "warmup": 0,
    "weight_decay": 0,
    "embedding_rate": 0,
    "n_frozen_layers": 0,
    "validation_share": 0,
    "patience": 1,
    "seed": 0,
    "checkpoint_every": 1,
}
_HIGHEST = {"validation_share": 1, "warmup": 1, "seed": 2**32}  # that it is below
_WHOLE = ("n_epochs", "batch_size", "n_frozen_layers", "patience", "seed", "checkpoint_every")
_MAY_BE_NONE = ("learning_rate", "n_frozen_layers")


@dataclass(frozen=True, slots=True)
class FineTuneSettings:
    """How to fine-tune on some hundreds or thousands of questions."""

    n_epochs: int = 3
    learning_rate: float | None = None  # None: see `rate_for`
    batch_size: int = 16  # windows
    warmup: float = 0.1  # of all steps
    weight_decay: float = 0.01
    embedding_rate: float = 0.0  # of `learning_rate`, for the embeddings; 0 freezes them
    # The lowest of the encoder that are not trained, with its embeddings. None: two thirds; 0 for a new span
    # head, or where the embeddings are to be trained.
    n_frozen_layers: int | None = None
    validation_share: float = 0.2  # of the questions, whole contexts; 0 trains on all
    patience: int = 2  # epochs without a better one before training stops early
    keeps_trained: bool = False  # take a trained epoch even where none is better than the model before
    seed: int = 0
    checkpoint_every: int = 50  # steps; and after each epoch
    dtype: DtypeChoice = "auto"

    def __post_init__(self) -> None:
        """Raises SettingsError for a value that nothing can be trained with."""
        for name, lowest in _LOWEST.items():
            value = getattr(self, name)
            if value is None and name in _MAY_BE_NONE:
                continue
            if not isinstance(value, int if name in _WHOLE else (int, float)):
                raise SettingsError(f"{name} is {value!r}. Give a {'whole ' * (name in _WHOLE)}number")
            if not lowest <= value < _HIGHEST.get(name, math.inf):
                raise SettingsError(f"{name} is {value!r}. Give a number from {lowest} on{_below(name)}")
        if self.dtype not in get_args(DtypeChoice):
            choices = ", ".join(get_args(DtypeChoice))
            raise SettingsError(f"dtype is {self.dtype!r}. Choose one of: {choices}")

    def rate_for(self, *, fresh_head: bool, n_frozen_layers: int) -> float:
        """The learning rate: what is given, or what suits what is trained."""
        if self.learning_rate is not None:
            return self.learning_rate
        if fresh_head:
            return FRESH_HEAD_RATE
        return UPPER_LAYERS_RATE if n_frozen_layers else ALL_LAYERS_RATE


def _below(name: str) -> str:
    return f" and below {_HIGHEST[name]}" if name in _HIGHEST else ""
