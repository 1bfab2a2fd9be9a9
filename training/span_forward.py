"""Features in batches through the model: order, padding, number format, loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import PreTrainedModel

from qa_core.span_model import input_names
from qa_core.windows import pad
from training.features import Feature
from training.training_speed import best_device, fastest_dtype, keep_freed_memory

# Lengths are rounded up: oneDNN compiles its kernels for each shape. In float32 a padded token costs more.
LENGTH_MULTIPLES = {torch.bfloat16: 16, torch.float32: 8}
SORTED_BATCHES = 50  # how many batches are sorted by length together

Batch = Sequence[Feature]
DtypeChoice = Literal["auto", "float32", "bfloat16"]


def batches_of(features: Batch, batch_size: int, seed: int) -> list[list[int]]:
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


def allowed_tokens(batch: Batch, length: int) -> torch.Tensor:
    """`bool [batch, length]`: the tokens where a span, or "none", may stand."""
    allowed = torch.zeros(len(batch), length, dtype=torch.bool)
    for row, feature in enumerate(batch):
        allowed[row, feature.window.first : feature.window.last] = True
        allowed[row, feature.window.null_token] = True
    return allowed


def span_loss(logits: tuple[torch.Tensor, torch.Tensor], batch: Batch) -> torch.Tensor:
    """Mean cross-entropy of start and end over the tokens where a span, or "none", may stand."""
    allowed = allowed_tokens(batch, logits[0].shape[1])
    losses = []
    for scores, gold in zip(logits, ([f.start for f in batch], [f.end for f in batch]), strict=True):
        possible = scores.float().masked_fill(~allowed.to(scores.device), -1e4)
        losses.append(functional.cross_entropy(possible, torch.tensor(gold, device=scores.device)))
    return torch.stack(losses).mean()


class SpanForward:
    """The model's forward pass on batches of features, on the device and in the format that are fastest."""

    def __init__(self, model: PreTrainedModel, dtype: DtypeChoice) -> None:
        self.model = model
        self.device = best_device()
        self.dtype = fastest_dtype(self.device) if dtype == "auto" else getattr(torch, dtype)
        self._input_names = input_names(model)
        self._pad_id = int(getattr(model.config, "pad_token_id", None) or 0)
        keep_freed_memory()
        nn.Module.to(model, self.device)

    def __call__(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Start and end logits, each `[batch, tokens]`."""
        inputs = pad([f.window for f in batch], self._pad_id, multiple=LENGTH_MULTIPLES[self.dtype])
        tensors = {name: torch.from_numpy(inputs[name]).to(self.device) for name in self._input_names}
        low = self.dtype != torch.float32
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=low):
            out = self.model(**tensors)
        return out.start_logits, out.end_logits
