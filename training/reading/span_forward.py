"""Features in batches through the model: order, padding, number format, loss."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import PreTrainedModel

from qa_core.errors import ModelError, first_line
from qa_core.inference.checkpoint import most_tokens
from qa_core.inference.span_model import input_names
from qa_core.windows import pad
from training.features import Feature
from training.reading.fine_tune_settings import DtypeChoice
from training.reading.layers import SplitModel
from training.reading.training_speed import best_device, fastest_dtype, keep_freed_memory

log = logging.getLogger(__name__)

# Lengths are rounded up: oneDNN compiles its kernels for each shape. In float32 a padded token costs more.
LENGTH_MULTIPLES = {torch.bfloat16: 16, torch.float32: 8}
SORTED_BATCHES = 50  # how many batches are sorted by length together
MAX_KEPT_BYTES = 512 << 20  # of what frozen layers made: a thousand questions take 240 MB
READ_BATCH = 32  # windows, where nothing is learned
_ALIKE = 0.02  # of the highest logit: by so much a model in two parts may differ from the whole

Batch = Sequence[Feature]


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


def batches_by_length(features: Batch, batch_size: int) -> Iterator[list[int]]:
    """Indexes of features in batches from the shortest to the longest."""
    order = sorted(range(len(features)), key=lambda i: len(features[i].window.input_ids))
    for at in range(0, len(order), batch_size):
        yield order[at : at + batch_size]


class SpanForward:
    """The model's forward pass on batches of features, on the device and in the format that are fastest.

    Not every model can be run in bfloat16, or reads text alone: that is tried out on the first batch. Where
    bfloat16 is at fault `dtype` is float32 from then on; else, or if it was asked for, ModelError says so.
    """

    def __init__(self, model: PreTrainedModel, dtype: DtypeChoice) -> None:
        self.model = model
        self.device = best_device()
        self.dtype = fastest_dtype(self.device) if dtype == "auto" else getattr(torch, dtype)
        self._asked = dtype
        self._is_tried = False  # whether the model can be run in `dtype`
        self._input_names = input_names(model)
        self._pad_id = int(getattr(model.config, "pad_token_id", None) or 0)
        self._most_tokens = most_tokens(model.config.to_dict())
        self._split: SplitModel | None = None
        self._kept: dict[int, tuple[Feature, torch.Tensor]] = {}  # by the feature's id, which lives on so
        keep_freed_memory()
        nn.Module.to(model, self.device)

    def __call__(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Start and end logits, each `[batch, tokens]`."""
        self._try_out(batch)
        inputs = self._inputs(batch)
        if self._split is not None and all(id(feature) in self._kept for feature in batch):
            hidden = self._hidden(batch, inputs["input_ids"].shape[1])
            with self._number_format():
                return _logits(self._split.above(inputs, hidden))
        with self._number_format():
            return _logits(self.model(**inputs))

    def _try_out(self, batch: Batch) -> None:
        """Run the model once, and settle the format. Raises ModelError where it cannot be run at all."""
        if self._is_tried:
            return
        try:
            self._run_once(batch[:1])
        except ModelError as error:
            if self._asked != "auto" or self.dtype == torch.float32:
                raise
            log.info("%s; it runs in float32", error)
            self.dtype = torch.float32
            self._run_once(batch[:1])
        self._is_tried = True

    def _run_once(self, batch: Batch) -> None:
        try:
            with torch.no_grad(), self._number_format():
                self.model(**self._inputs(batch))
        except (torch.OutOfMemoryError, MemoryError):
            raise
        except Exception as error:  # each family raises its own
            kind, reason = type(self.model).__name__, first_line(error)
            if self.dtype != torch.float32:
                raise ModelError(f"{kind} cannot be run in bfloat16 ({reason}). Choose float32") from error
            raise ModelError(
                f"{kind} cannot read a question with its context ({reason}). "
                "Use a model that reads text alone, with its own tokenizer"
            ) from error

    def keep_below(self, n_layers: int, features: Batch) -> bool:
        """Run the lowest layers, which are frozen, on the features once and for all; whether that was done.

        It is not where they take more than MAX_KEPT_BYTES, and for a model that cannot be run in two parts:
        that is tried out. Results stay the same but for rounding; the same features always give the same.
        """
        width = getattr(self.model.config, "hidden_size", None)
        n_tokens = sum(len(feature.window.input_ids) for feature in features)
        if not (n_layers and n_tokens and width) or n_tokens * width * 4 > MAX_KEPT_BYTES:
            return False
        self._try_out(features)
        self._kept = {}
        was_training = self.model.training
        self.model.train(False)
        try:
            self._keep(SplitModel(self.model, n_layers), features)
        except Exception as error:  # noqa: BLE001 - each family raises its own; as a whole the model runs
            self._split, self._kept = None, {}
            log.info("The frozen layers run each time: %s", error)
        finally:
            self.model.train(was_training)
        return self._split is not None

    def _keep(self, split: SplitModel, features: Batch) -> None:
        with torch.no_grad():
            for rows in batches_by_length(features, READ_BATCH):
                batch = [features[i] for i in rows]
                inputs = self._inputs(batch)
                with self._number_format():
                    hidden = split.below(inputs).cpu()
                for feature, row in zip(batch, hidden, strict=True):
                    self._kept[id(feature)] = (feature, row[: len(feature.window.input_ids)].clone())
            self._begin(split, features[:2])

    def _begin(self, split: SplitModel, batch: Batch) -> None:
        """Run in two parts from now on. Raises ModelError where they give something else than the whole."""
        self._split = None
        whole = self(batch)
        self._split = split
        allowed = allowed_tokens(batch, whole[0].shape[1]).to(self.device)
        for one, other in zip(whole, self(batch), strict=True):
            apart, scale = ((each * allowed).abs().max().item() for each in (one - other, one))
            if not apart <= _ALIKE * scale:
                raise ModelError(f"in two parts {type(self.model).__name__} is off by {apart:.3g}")

    def _inputs(self, batch: Batch) -> dict[str, torch.Tensor]:
        multiple = LENGTH_MULTIPLES[self.dtype]
        inputs = pad([f.window for f in batch], self._pad_id, multiple, self._most_tokens)
        return {name: torch.from_numpy(inputs[name]).to(self.device) for name in self._input_names}

    def _hidden(self, batch: Batch, length: int) -> torch.Tensor:
        rows = [self._kept[id(feature)][1] for feature in batch]
        hidden = rows[0].new_zeros(len(rows), length, rows[0].shape[1])
        for place, row in zip(hidden, rows, strict=True):
            place[: len(row)] = row
        return hidden.to(self.device)

    def _number_format(self) -> torch.autocast:
        low = self.dtype != torch.float32
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=low)


def _logits(out: Any) -> tuple[torch.Tensor, torch.Tensor]:
    return out.start_logits, out.end_logits
