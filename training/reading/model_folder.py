"""Model folders: load one to train it, save what came out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoTokenizer

from qa_core.durable import room_wanted
from qa_core.errors import ModelError
from qa_core.inference.checkpoint import read_json
from qa_core.inference.muted import muted_libraries
from qa_core.inference.span_model import load_span_model
from qa_core.reader import check_vocabulary
from training.reading.layers import further_names

if TYPE_CHECKING:
    from transformers import PreTrainedModel

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
# What an earlier model may have left in a folder, and transformers would read with the new one.
_FURTHER_WEIGHTS = ("model-[0-9]*-of-[0-9]*.safetensors", "model.safetensors.index.json")
_TOKENIZER_ANYWHERE = (
    *TOKENIZER_FILES,
    *("vocab.json", "vocab.txt", "merges.txt", "spm.model", "spiece.model", "sentencepiece.bpe.model"),
)


def load_model(model_dir: Path) -> PreTrainedModel:
    """The model of a folder in float32 with dropout off; a plain encoder gets a new span head.

    Raises ModelError if it is pickled, corrupt or of another kind.
    """
    model = load_span_model(model_dir, fresh_head=True)
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    for name, value in model.config.to_dict().items():
        if "drop" in name and isinstance(value, float):
            setattr(model.config, name, 0.0)
    return model


def save_weights(model: PreTrainedModel, folder: Path) -> None:
    """Write the model to `folder` as fp16 safetensors with its config; shards of an earlier one are removed.

    Raises ModelError where a weight is beyond fp16, or the disk does not take the files.
    """
    again = further_names(model)  # what shares memory is written once, and tied again when it is loaded
    tensors = {name: _half(name, each) for name, each in model.state_dict().items() if name not in again}
    model.config.architectures = [type(model).__name__]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        model.config.save_pretrained(folder)
        partial = folder / "model.safetensors.partial"
        save_file(tensors, partial, metadata={"format": "pt"})
        partial.chmod(0o644)  # it is written for the owner alone
        partial.replace(folder / "model.safetensors")
        _remove(folder, _FURTHER_WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"The model cannot be saved to {folder}: {error}. {_next_step(folder, error)}"
        ) from error


def _next_step(folder: Path, error: Exception) -> str:
    if folder.exists() and not folder.is_dir():
        return "It is a file: give a folder"
    if isinstance(error, OSError) and room_wanted(error) is None:
        return "Give a folder that this user can write to"
    return "Is the disk full?"


def _remove(folder: Path, patterns: Iterable[str]) -> None:
    for path in [path for pattern in patterns for path in folder.glob(pattern)]:
        path.unlink()


def _half(name: str, tensor: torch.Tensor) -> torch.Tensor:
    tensor = tensor.detach().cpu()
    if not tensor.is_floating_point():
        return tensor.clone()
    half = tensor.to(torch.float16, copy=True).contiguous()
    if not torch.isfinite(half).all():
        raise ModelError(f"The weight {name} holds values beyond fp16 or none; lower the learning rate")
    return half


@dataclass(frozen=True, slots=True)
class TokenizerFiles:
    """A tokenizer, and the files that make it up: they are copied, never written anew."""

    tokenizer: Tokenizer
    files: dict[str, bytes]

    @classmethod
    def open(cls, folder: Path) -> TokenizerFiles:
        """The tokenizer of a model folder, converted from its vocabulary if there is no `tokenizer.json`.

        Raises ModelError where nothing in the folder can be read as a tokenizer, for one without words, and
        for one with more tokens than the model of the folder knows.
        """
        opened = cls._read(folder) if (folder / "tokenizer.json").is_file() else cls._converted(folder)
        check_vocabulary(opened.tokenizer, read_json(folder / "config.json"), folder)
        return opened

    @classmethod
    def _converted(cls, folder: Path) -> TokenizerFiles:
        try:
            with muted_libraries(), tempfile.TemporaryDirectory(prefix="tokenizer-") as converted:
                AutoTokenizer.from_pretrained(
                    str(folder), local_files_only=True, trust_remote_code=False
                ).save_pretrained(converted)
                return cls._read(Path(converted))
        except Exception as error:  # each converter raises its own
            raise ModelError(
                f"{folder} has no tokenizer.json, and none can be made from its other files ({error}). "
                "Save the model with its tokenizer: AutoTokenizer.from_pretrained(…).save_pretrained(folder)"
            ) from error

    def save(self, folder: Path) -> None:
        """Write the files; those of another tokenizer that were there are removed."""
        try:
            for name, content in self.files.items():
                (folder / name).write_bytes(content)
            _remove(folder, [name for name in _TOKENIZER_ANYWHERE if name not in self.files])
        except OSError as error:
            raise ModelError(
                f"The tokenizer cannot be saved to {folder}: {error}. {_next_step(folder, error)}"
            ) from error

    @classmethod
    def _read(cls, folder: Path) -> TokenizerFiles:
        files = {n: (folder / n).read_bytes() for n in TOKENIZER_FILES if (folder / n).is_file()}
        try:
            return cls(Tokenizer.from_buffer(files["tokenizer.json"]), files)
        except Exception as error:  # the library raises a bare Exception
            raise ModelError(
                f"{folder / 'tokenizer.json'} is no tokenizer ({error}). Save the model again"
            ) from error
