"""Torch model → ONNX file, fp32 or int8. Slow, and done once a model: nothing here is imported to serve."""

from __future__ import annotations

import inspect
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import torch

from qa_core.errors import ModelError

if TYPE_CHECKING:
    from qa_core.checkpoint import Checkpoint

Task = Literal["encode", "read"]
OUTPUTS: dict[Task, tuple[str, ...]] = {
    "encode": ("last_hidden_state",),
    "read": ("start_logits", "end_logits"),
}


class Forward(torch.nn.Module):
    """A model behind positional inputs, with a tuple of tensors as its output."""

    def __init__(self, model: torch.nn.Module, task: Task, input_names: tuple[str, ...]) -> None:
        super().__init__()
        self.model, self.task, self.input_names = model, task, input_names

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """`int64 [batch, tokens]` each, in the order of `input_names`."""
        output = self.model(**dict(zip(self.input_names, inputs, strict=True)))
        return tuple(output[name] for name in OUTPUTS[self.task])


def load_forward(checkpoint: Checkpoint, task: Task, attention: str = "sdpa") -> Forward:
    """The model in fp32 on the CPU, ready to run; raises ModelError when the folder holds another kind."""
    options = {"dtype": torch.float32, "use_safetensors": True, "attn_implementation": attention}
    try:
        with _quiet():
            model = _load_encoder(checkpoint, options) if task == "encode" else _load(checkpoint, options)
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        raise ModelError(f"{checkpoint.folder} cannot be loaded to {task}: {error}") from error
    return Forward(model, task, _input_names(model)).eval()


def export_fp32(checkpoint: Checkpoint, task: Task, path: Path) -> None:
    """Write the model as ONNX with free batch and token axes.

    Eager attention: onnxruntime runs that graph faster than the one of `sdpa` (45 to 36 passages a
    CPU second in int8, 26 to 23 in fp32).
    """
    forward = load_forward(checkpoint, task, attention="eager")
    ids = torch.randint(5, 100, (2, 16), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    values = {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}
    axes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with _quiet():
        torch.onnx.export(
            forward,
            tuple(values[name] for name in forward.input_names),
            str(path),
            input_names=list(forward.input_names),
            output_names=list(OUTPUTS[task]),
            dynamic_shapes={"inputs": tuple(axes for _ in forward.input_names)},
            dynamo=True,
            external_data=False,
            verbose=False,
        )


def quantize_int8(fp32: Path, path: Path) -> None:
    """Weights to int8, a scale for each channel (per tensor costs far more accuracy)."""
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415 - slow

    with _quiet():
        quantize_dynamic(fp32, path, per_channel=True, weight_type=QuantType.QInt8)


def _load_encoder(checkpoint: Checkpoint, options: dict[str, object]) -> torch.nn.Module:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - slow

    encoder = SentenceTransformer(
        str(checkpoint.folder), device="cpu", local_files_only=True, model_kwargs=options
    )
    return cast(torch.nn.Module, encoder[0].auto_model)


def _load(checkpoint: Checkpoint, options: dict[str, object]) -> torch.nn.Module:
    from transformers import AutoModelForQuestionAnswering  # noqa: PLC0415 - slow

    model, info = AutoModelForQuestionAnswering.from_pretrained(
        str(checkpoint.folder), local_files_only=True, output_loading_info=True, **options
    )
    missing = sorted(info["missing_keys"])
    if any(name.startswith("qa_outputs") for name in missing):
        raise ModelError(
            f"{checkpoint.folder} has no trained span head (missing: {', '.join(missing)}). "
            "Use a checkpoint fine-tuned for question answering."
        )
    return cast(torch.nn.Module, model)


def _input_names(model: torch.nn.Module) -> tuple[str, ...]:
    accepted = inspect.signature(model.forward).parameters
    n_segments = getattr(model.config, "type_vocab_size", 0)
    has_segments = "token_type_ids" in accepted and isinstance(n_segments, int) and n_segments > 1
    return ("input_ids", "attention_mask", *(("token_type_ids",) if has_segments else ()))


@contextmanager
def _quiet() -> Iterator[None]:
    """Loading, exporting and quantising print progress bars, and warnings nobody here can act on."""
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415 - slow

    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    muted = [logging.getLogger(name) for name in ("root", "torch.onnx", "transformers", "onnxscript")]
    levels = [logger.level for logger in muted]
    try:
        for logger in muted:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(muted, levels, strict=True):
            logger.setLevel(level)
        if bars:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
