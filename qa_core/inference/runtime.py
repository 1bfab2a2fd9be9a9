"""Runs a Hugging Face model on one of several runtimes, behind one small interface.

An `onnx-*` session with a warm cache imports neither torch nor transformers: seconds and hundreds
of megabytes that serving does not need.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from qa_core.durable import make_folder
from qa_core.errors import ModelError, ModelMemoryError
from qa_core.inference.checkpoint import Checkpoint, file_sha256
from qa_core.inference.cpu import cpu_overflows_int8
from qa_core.locks import one_at_a_time

if TYPE_CHECKING:
    from qa_core.inference.onnx_export import Forward

logger = logging.getLogger(__name__)

Task = Literal["encode", "read"]
Inputs = Mapping[str, NDArray[np.int64]]
Outputs = tuple[NDArray[np.float32], ...]

RUNTIMES = ("onnx-int8", "onnx-fp32", "torch-bf16", "torch-fp32")

_EXPORT_VERSION = 3  # raise it when the same libraries should export something else
_BUILDING = ".building-"
_DIGEST = "model.sha256"  # beside an exported model: of its bytes as they were written
_LONGEST_REPAIR_S = 600.0  # that others are waited for
_LONGEST_BUILD_S = 86_400.0  # what is older was left by a process that was killed
# What onnxruntime says where the system has no more: none of it is a fault of the model's file.
_SIGNS_OF_WANT = ("bad_alloc", "Failed to allocate", "pthread_create", "Resource temporarily unavailable")
_EXPORTED_BY = ("torch", "transformers", "sentence-transformers", "onnx", "onnxscript", "onnxruntime")


class Session(Protocol):
    """A model ready to run."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """`input_ids`, `attention_mask` and, where the model has segments, `token_type_ids`."""

    def run(self, inputs: Inputs) -> Outputs:
        """Takes arrays `[batch, tokens]` of `input_names`; see `open_session` for what comes out."""


def alone(
    input_ids: Sequence[int] | NDArray[np.int64], type_ids: Sequence[int] | NDArray[np.int64]
) -> Inputs:
    """One text of `[tokens]` as a batch of its own, without padding."""
    ids = np.asarray(input_ids, dtype=np.int64)[None]
    types = np.asarray(type_ids, dtype=np.int64)[None]
    return {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}


def open_session(model_dir: Path, task: Task, runtime: str, cache: Path, n_threads: int) -> Session:
    """Open the model in `model_dir` on a runtime, exporting and quantising into `cache` where needed.

    `encode` gives `(last_hidden_state,)` of `[batch, tokens, dim]`; `read` gives
    `(start_logits, end_logits)` of `[batch, tokens]`. Raises ModelError for a folder that cannot be
    used: missing, pickled, corrupt, or of the wrong kind.
    """
    if runtime not in RUNTIMES:
        raise ModelError(f"No runtime {runtime!r}. Choose one of: {', '.join(RUNTIMES)}")
    checkpoint = Checkpoint.open(model_dir)
    if runtime.startswith("torch"):
        return TorchSession(checkpoint, task, runtime, n_threads)
    path = onnx_path(checkpoint, task, runtime, cache)
    build = partial(_build, checkpoint, task, runtime, path, cache)
    if not path.parent.exists():
        build()
    try:
        return _open_whole(path, n_threads)
    except ModelMemoryError:  # the file is sound
        raise
    except ModelError:
        with one_at_a_time(cache / "repair.lock", "Repairing an exported model", _LONGEST_REPAIR_S):
            return _open_repaired(path, build, n_threads)


def _open_whole(path: Path, n_threads: int) -> OnnxSession:
    """Raises ModelError where the exported model is damaged, and ModelMemoryError where there is no room."""
    if not _is_whole(path):
        raise ModelError(f"{path} is not as it was written.")
    return OnnxSession(path, n_threads)


def _open_repaired(path: Path, build: Callable[[], None], n_threads: int) -> OnnxSession:
    """Another process may have built it again just now: what it opens stays."""
    try:
        return _open_whole(path, n_threads)
    except ModelMemoryError:
        raise
    except ModelError as error:
        logger.warning("%s Building it again.", error)
    with suppress(FileNotFoundError):
        shutil.rmtree(path.parent)
    build()
    return OnnxSession(path, n_threads)


def onnx_path(checkpoint: Checkpoint, task: Task, runtime: str, cache: Path) -> Path:
    """Where the exported model lies once it is built: named by model, task, runtime and libraries."""
    return cache / f"{checkpoint.digest}-{task}-{runtime}-{_exporter()}" / "model.onnx"


def prune_exports(cache: Path, digests: Collection[str]) -> None:
    """Remove the exported models of all checkpoints but these, what other libraries exported, and what an
    export that was killed has left.
    """
    for folder in cache.glob("*-*/"):
        with suppress(FileNotFoundError):  # an export has ended, or another process removes the same
            if not _is_needed(folder, digests):
                shutil.rmtree(folder)


def _is_needed(folder: Path, digests: Collection[str]) -> bool:
    """Whether an export is under way in this folder, or what it holds is of one of these checkpoints."""
    if folder.name.startswith(_BUILDING):
        return time.time() - folder.stat().st_mtime < _LONGEST_BUILD_S
    is_of_these = any(folder.name.startswith(f"{digest}-") for digest in digests)
    return is_of_these and folder.name.endswith(f"-{_exporter()}")


def _exporter() -> str:
    versions = "-".join(version(name) for name in _EXPORTED_BY)
    bytes_are = "u8" if cpu_overflows_int8() else "s8"  # a home that moves to another machine exports anew
    return f"{_EXPORT_VERSION}-{bytes_are}-{versions}".replace("/", "_")


def _build(checkpoint: Checkpoint, task: Task, runtime: str, path: Path, cache: Path) -> None:
    """Build in a folder of its own, then rename: a reader sees all of the model or nothing."""
    from qa_core.inference import onnx_export  # noqa: PLC0415 - imports torch

    logger.info("Exporting %s for %s; this is done once.", checkpoint.folder, runtime)
    make_folder(cache)
    with tempfile.TemporaryDirectory(prefix=_BUILDING, dir=cache) as building:
        built = Path(building) / "built"
        built.mkdir()
        fp32 = onnx_path(checkpoint, task, "onnx-fp32", cache)
        if runtime == "onnx-fp32" or not _is_whole(fp32):
            fp32 = (built if runtime == "onnx-fp32" else Path(building)) / "model.onnx"
            onnx_export.export_fp32(checkpoint, task, fp32)
        if runtime == "onnx-int8":
            onnx_export.quantize_int8(fp32, built / "model.onnx")
        (built / _DIGEST).write_text(file_sha256(built / "model.onnx"), encoding="ascii")
        try:
            os.replace(built, path.parent)
        except OSError:
            if not path.is_file():  # otherwise another process was first: its copy is as good
                raise


def _is_whole(path: Path) -> bool:
    """Whether an exported model is there, every byte of it as it was written."""
    try:
        return file_sha256(path) == path.with_name(_DIGEST).read_text(encoding="ascii")
    except (OSError, ValueError):
        return False


class OnnxSession:
    """A model file run by onnxruntime."""

    def __init__(self, path: Path, n_threads: int) -> None:
        import onnxruntime  # noqa: PLC0415 - not needed on the torch runtimes

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = n_threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Shapes vary: remembered allocation plans are never used again.
        options.enable_mem_pattern = False
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's errors share no base class but Exception
            if isinstance(error, MemoryError) or any(sign in str(error) for sign in _SIGNS_OF_WANT):
                raise ModelMemoryError(
                    f"{path} cannot be opened for want of memory or threads ({error}). "
                    f"Free some memory, or lower MANUALBOT_THREADS ({n_threads})"
                ) from error
            raise ModelError(f"{path} cannot be opened ({error}).") from error
        # Give the arena back after each run: it would otherwise stay as large as the largest batch.
        self._options = onnxruntime.RunOptions()
        self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self._input_names = tuple(node.name for node in self._session.get_inputs())

    @property
    def input_names(self) -> tuple[str, ...]:
        """What `run` takes."""
        return self._input_names

    def run(self, inputs: Inputs) -> Outputs:
        """One forward pass."""
        return tuple(self._session.run(None, {n: inputs[n] for n in self._input_names}, self._options))


class TorchSession:
    """A model run by torch on the CPU, in fp32 or bf16."""

    def __init__(self, checkpoint: Checkpoint, task: Task, runtime: str, n_threads: int) -> None:
        import torch  # noqa: PLC0415 - slow

        from qa_core.inference.onnx_export import load_forward  # noqa: PLC0415 - imports torch

        torch.set_num_threads(n_threads)
        self._forward: Forward = load_forward(checkpoint, task)
        if runtime == "torch-bf16":
            self._forward = self._forward.to(torch.bfloat16)

    @property
    def input_names(self) -> tuple[str, ...]:
        """What `run` takes."""
        return self._forward.input_names

    def run(self, inputs: Inputs) -> Outputs:
        """One forward pass."""
        import torch  # noqa: PLC0415 - slow

        with torch.inference_mode():
            tensors = [torch.from_numpy(inputs[name]) for name in self.input_names]
            return tuple(output.float().numpy() for output in self._forward(*tensors))
