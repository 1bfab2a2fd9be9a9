"""The torch model of a span reader, from a folder that is looked at before anything in it is believed."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForQuestionAnswering, PreTrainedModel

from qa_core.errors import ModelError
from qa_core.inference.checkpoint import check_weights, read_json
from qa_core.inference.muted import muted_libraries

# Of no weight, and yet among the weights: what earlier versions of the library, or DeBERTa's training, left.
_IGNORED = re.compile(
    r"\b(position_ids|token_type_ids|inv_freq|version|_weight|task_type_embeddings\.weight"
    r"|(attn|attention)\.(masked_)?bias)$"
)
_FRESH_HEAD = "manualbot_fresh_head"  # an attribute of the model that is loaded


def load_span_model(
    folder: Path, *, fresh_head: bool = False, attention: str | None = None
) -> PreTrainedModel:
    """Any `AutoModelForQuestionAnswering`, in float32 on the CPU.

    With `fresh_head` a plain encoder is taken too: its span head is drawn with a fixed seed. Raises
    ModelError with the reason: weights pickled, corrupt or missing, a configuration that the weights do not
    fit, a head of another shape, weights that are no numbers, a model that needs code of its own, one of
    another kind.
    """
    check_weights(folder)
    read_json(folder / "config.json")
    try:
        model, info = _from_pretrained(folder, attention)
    except Exception as error:  # the libraries below raise whatever their file formats raise
        raise ModelError(f"{folder} cannot be loaded to read spans: {_reason(error)}") from error
    _check_shapes(folder, model, info["mismatched_keys"])
    missing = sorted(info["missing_keys"])
    _check_names(folder, "are missing", [name for name in missing if _is_of_encoder(model, name)])
    _check_names(folder, "have no place", _without_place(model, info["unexpected_keys"]))
    if missing and not fresh_head:
        raise ModelError(
            f"{folder} has no trained span head (missing: {', '.join(missing)}). "
            "Use a checkpoint fine-tuned for question answering."
        )
    check_finite(folder, model)
    setattr(model, _FRESH_HEAD, bool(missing))
    return model


def first_not_finite(weights: Iterable[tuple[str, torch.Tensor]]) -> str | None:
    """The name of the first that holds NaN or infinity, if any does."""
    return next((name for name, each in weights if not each.isfinite().all()), None)


def check_finite(folder: Path, model: nn.Module) -> None:
    """Raises ModelError for NaN or infinity, of which a training that went wrong leaves the weights full."""
    broken = first_not_finite(model.named_parameters())
    if broken is not None:
        raise ModelError(
            f"{folder} has weights that are not finite ({broken}). "
            "Train the model again with a smaller learning rate, or use another one"
        )


def has_fresh_head(model: PreTrainedModel) -> bool:
    """Whether the span head was drawn when the model was loaded, and not trained since."""
    return bool(getattr(model, _FRESH_HEAD, False))


def mark_head_trained(model: PreTrainedModel) -> None:
    """From now on the span head is not fresh."""
    setattr(model, _FRESH_HEAD, False)


def input_names(model: PreTrainedModel) -> tuple[str, ...]:
    """`input_ids`, `attention_mask` and, where the model has segments, `token_type_ids`."""
    accepted = inspect.signature(model.forward).parameters
    n_segments = getattr(model.config, "type_vocab_size", 0)
    has_segments = "token_type_ids" in accepted and isinstance(n_segments, int) and n_segments > 1
    return ("input_ids", "attention_mask", *(("token_type_ids",) if has_segments else ()))


def _from_pretrained(folder: Path, attention: str | None) -> tuple[PreTrainedModel, dict[str, Any]]:
    """The model with two labels, start and end, whatever its configuration says of them; what did not fit."""
    options = {} if attention is None else {"attn_implementation": attention}
    with muted_libraries(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model, info = AutoModelForQuestionAnswering.from_pretrained(
            str(folder),
            dtype=torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
            num_labels=2,
            ignore_mismatched_sizes=True,
            **options,
        )
    return model, info


def _check_shapes(
    folder: Path,
    model: PreTrainedModel,
    mismatched: Collection[tuple[str, Sequence[int], Sequence[int]]],
) -> None:
    """Raises ModelError for weights of another shape than the model's: (name, shape found, shape wanted)."""
    if not mismatched:
        return
    of_encoder = sorted(each for each in mismatched if _is_of_encoder(model, each[0]))
    name, found, wanted = (of_encoder or sorted(mismatched))[0]
    if of_encoder:
        raise ModelError(
            f"{folder} cannot be loaded to read spans: the weights do not match config.json "
            f"({name} is {list(found)}, not {list(wanted)}). Save the model again"
        )
    raise ModelError(
        f"{folder} cannot be loaded to read spans: its head gives {found[0]} numbers a token ({name}), not 2 "
        "(start and end). Use a plain encoder, or a checkpoint fine-tuned for extractive question answering"
    )


def _check_names(folder: Path, fault: str, names: Sequence[str]) -> None:
    if names:
        raise ModelError(
            f"The weights in {folder} do not match its config.json: {len(names)} tensors {fault}, "
            f"the first is {names[0]}. Save the model again"
        )


def _is_of_encoder(model: PreTrainedModel, name: str) -> bool:
    """Whether a tensor of this model is its encoder's, and not the span head's."""
    if model.base_model is model:  # T5 has no encoder apart from itself
        return not name.startswith("qa_outputs.")
    return name.startswith(f"{model.base_model_prefix}.")


def _without_place(model: PreTrainedModel, unexpected: Collection[str]) -> list[str]:
    """Those of the tensors that belong in the model's encoder; others are of a pooler or of another head."""
    parts = {name for name, _ in model.base_model.named_children()}
    return sorted(
        name
        for name in unexpected
        if name.removeprefix(f"{model.base_model_prefix}.").split(".")[0] in parts
        and not _IGNORED.search(name)
    )


def _reason(error: Exception) -> str:
    if "trust_remote_code" in str(error):
        return "it needs code of its own (trust_remote_code), and none that comes with a model is run"
    return str(error).strip() or repr(error)
