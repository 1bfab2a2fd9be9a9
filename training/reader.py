"""Fine-tune the span reader: batches by length, the fastest number format, checkpoints, resume.

The model is any `AutoModelForQuestionAnswering`. Dropout is off: on a CPU drawing its mask costs more
than the forward pass, and in one to three epochs it is not missed.
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional
from torch.optim.lr_scheduler import LambdaLR
from transformers import AutoModelForQuestionAnswering, PreTrainedModel

from qa_core.errors import ModelError
from qa_core.windows import pad
from training.features import Feature

logger = logging.getLogger(__name__)

LENGTH_MULTIPLE = 16  # oneDNN compiles its kernels for each shape: few shapes, few compilations
SORTED_BATCHES = 50  # how many batches are sorted by length together


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How to fine-tune. The defaults are the ones that the shipped reader was made with."""

    learning_rate: float = 3e-4
    embedding_rate: float = 0.2  # of `learning_rate`, for the word embeddings
    warmup: float = 0.06  # of all steps
    weight_decay: float = 0.01
    batch_size: int = 32
    seed: int = 0
    checkpoint_every: int = 200  # steps
    average_from: float = 0.5  # of all steps: weights are averaged from there on
    average_decay: float = 0.99
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"  # "auto" measures what is faster here


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training stands."""

    step: int
    n_steps: int
    loss: float  # exponential mean over the last steps
    tokens_per_s: float
    left_s: float


def keep_freed_memory() -> None:
    """Tell glibc to keep freed memory: without it every large activation is paged in anew (2x slower).

    See mallopt(3): M_MMAP_MAX is -4, M_TRIM_THRESHOLD -1, M_TOP_PAD -2.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # another libc: only slower
        return
    for option, value in ((-4, 0), (-1, 2**31 - 1), (-2, 256 * 2**20)):
        mallopt(option, value)


def fastest_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 on CUDA; on a CPU whichever of float32 and bfloat16 multiplies faster there."""
    if device.type == "cuda":
        return torch.bfloat16
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        left, right = torch.ones(2048, 384, dtype=dtype), torch.ones(1536, 384, dtype=dtype)
        runs = []
        for _ in range(6):
            started = time.perf_counter()
            functional.linear(left, right)
            runs.append(time.perf_counter() - started)
        seconds[dtype] = min(runs)
    return min(seconds, key=lambda dtype: seconds[dtype])


def load_model(model_dir: Path) -> PreTrainedModel:
    """The model of a folder in float32 with dropout off; ModelError if it is pickled or corrupt."""
    if not list(model_dir.glob("*.safetensors")):
        raise ModelError(f"{model_dir} has no safetensors weights; pickled checkpoints are refused")
    try:
        model: PreTrainedModel = AutoModelForQuestionAnswering.from_pretrained(model_dir, dtype=torch.float32)
    except Exception as error:  # the libraries below raise whatever their file formats raise
        raise ModelError(f"{model_dir} cannot be loaded: {error}") from error
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    for name in ("hidden_dropout_prob", "attention_probs_dropout_prob"):
        if hasattr(model.config, name):
            setattr(model.config, name, 0.0)
    return model


def batches_of(features: Sequence[Feature], batch_size: int, seed: int) -> list[list[int]]:
    """One epoch: indexes of features in batches of like length, in an order drawn from `seed`."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(features))
    lengths = np.array([len(f.window.input_ids) for f in features])
    batches: list[list[int]] = []
    for start in range(0, len(order), batch_size * SORTED_BATCHES):
        chunk = order[start : start + batch_size * SORTED_BATCHES]
        chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
        batches += [chunk[i : i + batch_size].tolist() for i in range(0, len(chunk), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def span_loss(logits: tuple[torch.Tensor, torch.Tensor], batch: Sequence[Feature]) -> torch.Tensor:
    """Mean cross-entropy of start and end over the tokens where a span, or "none", may stand."""
    length = logits[0].shape[1]
    allowed = torch.zeros(len(batch), length, dtype=torch.bool)
    for row, feature in enumerate(batch):
        allowed[row, feature.window.first : feature.window.last] = True
        allowed[row, feature.window.null_token] = True
    losses = []
    for scores, gold in zip(logits, ([f.start for f in batch], [f.end for f in batch]), strict=True):
        possible = scores.float().masked_fill(~allowed.to(scores.device), -1e4)
        losses.append(functional.cross_entropy(possible, torch.tensor(gold, device=scores.device)))
    return torch.stack(losses).mean()


class ReaderTraining:
    """One training run over a fixed list of epochs; survives being killed.

    `epochs` holds the features of each epoch, in order. `folder` keeps the checkpoint.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        epochs: Sequence[Sequence[Feature]],
        settings: TrainingSettings,
        folder: Path,
        n_steps: int | None = None,
    ) -> None:
        self.model = model
        self.settings = settings
        self.folder = folder
        self._epochs = epochs
        self._plan = [
            (epoch, batch)
            for epoch, features in enumerate(epochs)
            for batch in batches_of(features, settings.batch_size, settings.seed + epoch)
        ]
        self.n_steps = min(n_steps or len(self._plan), len(self._plan))
        self.step = 0
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        auto = settings.dtype == "auto"
        self._dtype = fastest_dtype(self._device) if auto else getattr(torch, settings.dtype)
        keep_freed_memory()
        nn.Module.to(self.model, self._device)
        self.model.train()
        self._takes_types = (getattr(model.config, "type_vocab_size", None) or 0) > 1
        self._average: dict[str, torch.Tensor] | None = None
        self._optimizer = self._make_optimizer()
        self._schedule = LambdaLR(self._optimizer, self._rate_at)

    def _rate_at(self, step: int) -> float:
        """Linear warm-up, then linear decay to zero, as a share of the learning rate."""
        n_warmup = round(self.n_steps * self.settings.warmup)
        if step < n_warmup:
            return step / n_warmup
        return max(0.0, (self.n_steps - step) / max(1, self.n_steps - n_warmup))

    def run(self, on_progress: Callable[[Progress], None] | None = None) -> None:
        """Train to the end, from the checkpoint if there is one; leaves averaged weights in the model."""
        torch.manual_seed(self.settings.seed)
        self._resume()
        loss_mean, n_tokens, started, first_step = None, 0, time.monotonic(), self.step
        for epoch, indexes in self._plan[self.step : self.n_steps]:
            batch = [self._epochs[epoch][i] for i in indexes]
            loss = self._train_on(batch)
            loss_mean = loss if loss_mean is None else 0.98 * loss_mean + 0.02 * loss
            n_tokens += sum(len(f.window.input_ids) for f in batch)
            self.step += 1
            if self.step % self.settings.checkpoint_every == 0:
                self.checkpoint()
            if on_progress:
                elapsed = time.monotonic() - started
                per_step = elapsed / (self.step - first_step)
                left_s = per_step * (self.n_steps - self.step)
                on_progress(Progress(self.step, self.n_steps, loss_mean, n_tokens / elapsed, left_s))
        if self._average is not None:
            self.model.load_state_dict(self._average)

    def _train_on(self, batch: Sequence[Feature]) -> float:
        inputs = pad([f.window for f in batch], multiple=LENGTH_MULTIPLE)
        if not self._takes_types:
            del inputs["token_type_ids"]
        tensors = {name: torch.from_numpy(array).to(self._device) for name, array in inputs.items()}
        low = self._dtype != torch.float32
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=low):
            out = self.model(**tensors)
        loss = span_loss((out.start_logits, out.end_logits), batch)
        if not torch.isfinite(loss):
            raise ModelError(f"The loss is {loss.item()} at step {self.step}; lower the learning rate")
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._update_average()
        return float(loss.item())

    def _make_optimizer(self) -> torch.optim.Optimizer:
        embeddings, decayed, plain = [], [], []
        for name, parameter in self.model.named_parameters():
            if "embeddings" in name:
                embeddings.append(parameter)
            elif parameter.ndim == 1:
                plain.append(parameter)
            else:
                decayed.append(parameter)
        rate, decay = self.settings.learning_rate, self.settings.weight_decay
        groups = [
            {"params": embeddings, "lr": rate * self.settings.embedding_rate, "weight_decay": 0.0},
            {"params": decayed, "lr": rate, "weight_decay": decay},
            {"params": plain, "lr": rate, "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, fused=True)

    def _update_average(self) -> None:
        if self.step < self.n_steps * self.settings.average_from:
            return
        state = self.model.state_dict()
        if self._average is None:
            self._average = {name: tensor.detach().clone() for name, tensor in state.items()}
            return
        with torch.no_grad():
            for name, tensor in state.items():
                if tensor.is_floating_point():
                    self._average[name].lerp_(tensor, 1 - self.settings.average_decay)

    def checkpoint(self) -> None:
        """Write the state so that a killed run goes on from here; the last one survives a crash."""
        self.folder.mkdir(parents=True, exist_ok=True)
        state = {
            "step": self.step,
            "dtype": self._dtype,
            "settings": asdict(self.settings),
            "model": self.model.state_dict(),
            "average": self._average,
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
        }
        temporary = self.folder / "checkpoint.tmp"
        torch.save(state, temporary)
        os.replace(temporary, self.folder / "checkpoint.pt")

    def _resume(self) -> None:
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self._device, weights_only=True)
        if state["settings"] != asdict(self.settings):
            raise ModelError(f"{path} belongs to other settings; remove it to start anew")
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._average, self.step = state["average"], state["step"]
        self._dtype = state["dtype"]  # a measurement could choose another one now
        logger.info("Resumed at step %d of %d", self.step, self.n_steps)


def save_weights(model: PreTrainedModel, folder: Path) -> None:
    """Write the model to `folder` as fp16 safetensors with its config, atomically per file."""
    folder.mkdir(parents=True, exist_ok=True)
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(folder)
    tensors = {
        name: tensor.half().contiguous() if tensor.is_floating_point() else tensor.contiguous()
        for name, tensor in model.state_dict().items()
    }
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # it is written for the owner alone
