"""The training loop of the span reader: batches by length, the fastest number format, checkpoints, resume.

The model is any `AutoModelForQuestionAnswering`. Dropout is off: on a CPU drawing its mask costs more
than the forward pass, and in one to three epochs it is not missed.
"""

from __future__ import annotations

import logging
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from transformers import PreTrainedModel

from qa_core.errors import ModelError
from training.reading.distillation import Beliefs, distilled_loss
from training.reading.fine_tune_settings import DtypeChoice
from training.reading.interruption import Interrupted, deferred_interrupt
from training.reading.layers import (
    decay_groups,
    freeze,
    is_embedding,
    load_trained,
    require_finite,
    trained_state,
)
from training.reading.span_forward import Batch, SpanForward, batches_of, span_loss
from training.reading.training_state import read_state, write_state

logger = logging.getLogger(__name__)

_NEAR = 10  # steps: so near the end of an epoch, which writes a checkpoint, no other one is written


class OtherTrainingError(ModelError):
    """The checkpoint in a folder is sound, and another run's."""


@dataclass(frozen=True, slots=True)
class SpanTrainingSettings:
    """How to train. What the shipped reader was made with is in training/recipes/shipped_reader.py."""

    learning_rate: float = 3e-4
    embedding_rate: float = 0.2  # of `learning_rate`, for the embeddings; 0 freezes them
    warmup: float = 0.06  # of all steps
    weight_decay: float = 0.01
    batch_size: int = 32
    seed: int = 0
    checkpoint_every: int = 200  # steps
    average_from: float = 0.5  # of all steps: weights are averaged from there on; above 1 never
    average_decay: float = 0.99
    dtype: DtypeChoice = "auto"
    n_frozen_layers: int = 0  # the lowest ones of the encoder; with any, its embeddings are frozen too
    distilled: float = 0.7  # share of the loss that is a teacher's, where there is one
    temperature: float = 2.0  # by which both's logits are divided there


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What is trained on, epoch by epoch."""

    epochs: Sequence[Batch]  # the features of each, in order
    identity: str = ""  # names the data and the model, so that no other run goes on with the checkpoint
    beliefs: Sequence[Beliefs] = ()  # of a teacher, on each epoch's features


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """Where a training stands."""

    step: int
    n_steps: int
    loss: float  # exponential mean over the last steps
    tokens_per_s: float
    left_s: float


OnProgress = Callable[[TrainingProgress], None]
OnEpoch = Callable[[int, float], bool]  # (epoch from 1, its mean training loss) → whether to go on


def make_optimizer(model: PreTrainedModel, settings: SpanTrainingSettings) -> torch.optim.Optimizer:
    """Fused AdamW over what is not frozen: the embeddings at their own rate (0 freezes), no decay of vectors.

    Raises ModelError where more layers are to be frozen than there are.
    """
    rate = settings.learning_rate
    freeze(model, settings.n_frozen_layers, embeddings=settings.embedding_rate <= 0)
    trained = [(name, each) for name, each in model.named_parameters() if each.requires_grad]
    groups = decay_groups((each for name, each in trained if not is_embedding(name)), settings.weight_decay)
    if embeddings := [each for name, each in trained if is_embedding(name)]:
        own_rate = rate * settings.embedding_rate
        groups.append({"params": embeddings, "lr": own_rate, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, lr=rate, fused=True)


class ReaderTraining:
    """One training run over a fixed list of epochs; survives being killed.

    `folder` keeps the checkpoint, which holds what is trained of the model and nothing that is frozen.
    """

    def __init__(
        self, model: PreTrainedModel, data: TrainingData, settings: SpanTrainingSettings, folder: Path
    ) -> None:
        self.model = model
        self.settings = settings
        self.folder = folder
        self.data = data
        self._plan = [
            (epoch, batch)
            for epoch, features in enumerate(data.epochs)
            for batch in self._batches(features, settings.seed + epoch)
        ]
        epoch_of = [epoch for epoch, _ in self._plan]
        self._ends = [
            bisect_right(epoch_of, epoch) for epoch in range(len(data.epochs))
        ]  # steps done by then
        self.n_steps = len(self._plan)
        self.step = 0
        self.forward = SpanForward(model, settings.dtype)
        self._average: dict[str, torch.Tensor] | None = None
        self._epoch_loss = (0.0, 0)  # sum and number of windows since the epoch began
        self._optimizer = make_optimizer(model, settings)
        self._schedule = LambdaLR(self._optimizer, self._rate_at)

    def _batches(self, features: Batch, seed: int) -> list[list[int]]:
        """Indexes of an epoch's features, batch by batch."""
        return batches_of(features, self.settings.batch_size, seed)

    def _rate_at(self, step: int) -> float:
        """Linear warm-up, then linear decay to zero, as a share of the learning rate."""
        n_warmup = round(self.n_steps * self.settings.warmup)
        if step < n_warmup:
            return step / n_warmup
        return max(0.0, (self.n_steps - step) / max(1, self.n_steps - n_warmup))

    @property
    def n_epochs_done(self) -> int:
        """How many epochs are behind."""
        return len(self.data.epochs) if self.step >= len(self._plan) else self._plan[self.step][0]

    def run(self, on_progress: OnProgress | None = None, on_epoch: OnEpoch | None = None) -> None:
        """Train to the end, from the checkpoint if there is one; leaves averaged weights in the model.

        With `on_epoch` each epoch ends with a checkpoint. Ctrl-C writes one and raises Interrupted.
        """
        torch.manual_seed(self.settings.seed)
        self.resume()
        self.model.train()
        with deferred_interrupt() as interrupted:
            self._steps(on_progress, on_epoch, interrupted)
        require_finite(trained_state(self.model))
        if self._average is not None:
            load_trained(self.model, self._average)

    def _steps(
        self, on_progress: OnProgress | None, on_epoch: OnEpoch | None, interrupted: Callable[[], bool]
    ) -> None:
        loss_mean, n_tokens, started, first_step = None, 0, time.monotonic(), self.step
        for epoch, indexes in self._plan[self.step :]:
            loss = self._train_on(epoch, indexes)
            loss_mean = loss if loss_mean is None else 0.98 * loss_mean + 0.02 * loss
            n_tokens += sum(len(self.data.epochs[epoch][i].window.input_ids) for i in indexes)
            self.step += 1
            goes_on = True
            if on_epoch and self.n_epochs_done > epoch:
                goes_on = self._end_epoch(on_epoch)
            elif self._is_checkpoint_due(epochs_write_one=on_epoch is not None):
                self.checkpoint()
            if on_progress:
                elapsed = time.monotonic() - started
                left_s = elapsed / (self.step - first_step) * (self.n_steps - self.step)
                on_progress(TrainingProgress(self.step, self.n_steps, loss_mean, n_tokens / elapsed, left_s))
            if interrupted():
                self._stop_here()
            if not goes_on:
                return

    def _is_checkpoint_due(self, *, epochs_write_one: bool) -> bool:
        if self.step % self.settings.checkpoint_every:
            return False
        return not (epochs_write_one and any(abs(self.step - end) < _NEAR for end in self._ends))

    def _end_epoch(self, on_epoch: OnEpoch) -> bool:
        total, n_windows = self._epoch_loss
        goes_on = on_epoch(self.n_epochs_done, total / n_windows)
        self.model.train()
        self._epoch_loss = (0.0, 0)
        self.checkpoint()
        return goes_on

    def _stop_here(self) -> None:
        self.checkpoint()
        raise Interrupted(f"step {self.step} of {self.n_steps}", self.folder)

    def _train_on(self, epoch: int, indexes: Sequence[int]) -> float:
        batch = [self.data.epochs[epoch][i] for i in indexes]
        loss = self._loss(epoch, indexes, batch)
        if not torch.isfinite(loss):
            raise ModelError(f"The loss is {loss.item()} at step {self.step}; lower the learning rate")
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._update_average()
        value = float(loss.item())
        total, n_windows = self._epoch_loss
        self._epoch_loss = (total + value * len(batch), n_windows + len(batch))
        return value

    def _loss(self, epoch: int, indexes: Sequence[int], batch: Batch) -> torch.Tensor:
        logits = self.forward(batch)
        labelled = span_loss(logits, batch)
        if not self.data.beliefs:
            return labelled
        believed = self.data.beliefs[epoch].batch(indexes, logits[0].shape[1])
        taught = distilled_loss(logits, batch, believed, self.settings.temperature)
        return self.settings.distilled * taught + (1 - self.settings.distilled) * labelled

    def _update_average(self) -> None:
        if self.step < self.n_steps * self.settings.average_from:
            return
        state = trained_state(self.model)
        if self._average is None:
            self._average = {name: tensor.detach().clone() for name, tensor in state.items()}
            return
        with torch.no_grad():
            for name, tensor in state.items():
                if tensor.is_floating_point():
                    self._average[name].lerp_(tensor, 1 - self.settings.average_decay)

    def checkpoint(self) -> None:
        """Write the state so that a killed run goes on from here; the last one survives a crash."""
        state = {
            "step": self.step,
            "dtype": self.forward.dtype,
            "settings": asdict(self.settings),
            "identity": self.data.identity,
            "epoch_loss": self._epoch_loss,
            "random": torch.get_rng_state(),
            "model": trained_state(self.model),
            "average": self._average,
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
        }
        write_state(self.folder, state)

    def resume(self) -> bool:
        """Take up the checkpoint; False if there is none.

        Raises OtherTrainingError if it is another run's, ModelError if it is damaged.
        """
        state = read_state(self.folder, self.forward.device)
        if state is None:
            return False
        if (state["settings"], state.get("identity", "")) != (asdict(self.settings), self.data.identity):
            raise OtherTrainingError(
                f"{self.folder} belongs to other data, another model or other settings. "
                "Give those again, or remove it to start anew"
            )
        load_trained(self.model, state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._average, self.step = state["average"], state["step"]
        self._epoch_loss = state.get("epoch_loss", (0.0, 0))
        if "random" in state:
            torch.set_rng_state(state["random"].cpu())
        self.forward.dtype = state["dtype"]  # a measurement could choose another one now
        logger.info("Resumed at step %d of %d", self.step, self.n_steps)
        return True
