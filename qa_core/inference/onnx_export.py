"""Torch model → ONNX file, fp32 or int8. Slow, and done once a model: nothing here is imported to serve."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import torch

from qa_core.errors import ModelError
from qa_core.inference.cpu import cpu_overflows_int8
from qa_core.inference.muted import muted_libraries
from qa_core.inference.span_model import check_finite, input_names, load_span_model

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from qa_core.inference.checkpoint import Checkpoint

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


def load_forward(checkpoint: Checkpoint, task: Task, attention: str | None = None) -> Forward:
    """The model in fp32 on the CPU, ready to run.

    Raises ModelError when the folder holds another kind, or weights that are no numbers.
    """
    if task == "read":
        model = load_span_model(checkpoint.folder, attention=attention)
    else:
        model = _load_encoder(checkpoint, attention)
        check_finite(checkpoint.folder, model)
    return Forward(model, task, input_names(model)).eval()


def export_fp32(checkpoint: Checkpoint, task: Task, path: Path) -> None:
    """Write the model as ONNX with free batch and token axes.

    Raises ModelError for a model that the exporter does not take. Eager attention: onnxruntime runs that
    graph faster than the one of `sdpa` (45 to 36 passages a CPU second in int8, 26 to 23 in fp32).
    """
    forward = load_forward(checkpoint, task, attention="eager")
    ids = torch.randint(5, 100, (2, 16), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    values = {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}
    axes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    try:
        with muted_libraries(), redirect_stderr(io.StringIO()):  # where it prints a graph that it cannot take
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
    except (OSError, MemoryError):
        raise
    except Exception as error:  # what the exporter says takes hundreds of lines
        raise ModelError(
            f"{checkpoint.folder} holds a {type(forward.model).__name__}, which cannot be exported to ONNX "
            f"({type(error).__name__}). Run it without: MANUALBOT_RUNTIME=torch-fp32"
        ) from error


def quantize_int8(fp32: Path, path: Path) -> None:
    """Weights to int8, a scale for each channel (per tensor costs far more accuracy).

    Where sums of products of unsigned and signed bytes overflow, weights are unsigned: that is exact there,
    and elsewhere slower (agreement of the shipped reader with fp32 0.993 and not 0.992, of the encoder 0.990
    and not 0.987; of a tiny random one more).
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415 - slow

    with muted_libraries():
        weight_type = QuantType.QUInt8 if cpu_overflows_int8() else QuantType.QInt8
        quantize_dynamic(fp32, path, per_channel=True, weight_type=weight_type)


def _load_encoder(checkpoint: Checkpoint, attention: str | None) -> PreTrainedModel:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - slow

    options: dict[str, object] = {"dtype": torch.float32, "use_safetensors": True}
    options |= {} if attention is None else {"attn_implementation": attention}
    try:
        with muted_libraries():
            encoder = SentenceTransformer(
                str(checkpoint.folder), device="cpu", local_files_only=True, model_kwargs=options
            )
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        raise ModelError(f"{checkpoint.folder} cannot be loaded to encode: {error}") from error
    return cast("PreTrainedModel", encoder[0].auto_model)
