"""What a fine-tuning brought: the figures of each epoch, and what they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.reading.epochs import Epoch
from training.reading.loading import LeftOut


@dataclass(frozen=True, slots=True)
class ReportedEpoch:
    """An epoch and what is to be seen in it."""

    epoch: Epoch
    observation: str


@dataclass(frozen=True, slots=True)
class FineTuneReport:
    """A finished fine-tuning. `epochs` begins with number 0, the model before training."""

    epochs: tuple[ReportedEpoch, ...]
    best: int  # number of the epoch whose weights were kept; 0: those from before training
    stopped_early: bool
    n_train: int  # questions
    n_answered: int  # of them, those that their context answers
    n_validation: int
    n_shared: int  # of these, those on a context that is trained on
    n_windows: int  # trained on, each epoch
    n_unfit: int  # questions not trained on: no window holds their answer whole
    n_placed: int  # answers without an offset that stand several times in their context
    left_out: tuple[LeftOut, ...]
    fresh_head: bool  # whether the span head was new: a plain encoder
    settings: Mapping[str, Any]  # with the learning rate that was taken
    identity: str  # digest of base weights, examples and settings
    dtype: str
    device: str
    seconds: float  # of this process: a resumed run counts from where it went on
    missed_share: float | None = None  # of the questions: validated on, where far from what was asked for

    @property
    def best_epoch(self) -> Epoch:
        """The epoch whose weights were kept."""
        return next(each.epoch for each in self.epochs if each.epoch.number == self.best)

    def as_json(self) -> dict[str, Any]:
        """One JSON object, `report.json`."""
        epochs = [{**asdict(each.epoch), "observation": each.observation} for each in self.epochs]
        return {**asdict(self), "epochs": epochs}
