"""A Hugging Face model folder on disk: what it must hold, and its digest. Imports no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer

from qa_core.errors import ModelError

PICKLED = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt", "*.h5", "*.msgpack")

# Every file that can change what the model computes; all others (README, training logs) may differ.
_DIGESTED = (
    "*.safetensors",
    "model.safetensors.index.json",
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "modules.json",
    "sentence_*_config.json",
    "config_sentence_transformers.json",
    "*/config.json",
)


# How the families name the number of positions that a model has: BERT and most, GPT-2, LED, MPT.
_POSITIONS = ("max_position_embeddings", "n_positions", "max_encoder_position_embeddings", "max_seq_len")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model folder that was found complete: safetensors weights, `config.json`, `tokenizer.json`."""

    folder: Path
    digest: str  # 16 hex digits over weights, tokenizer and configuration
    config: dict[str, Any]

    @classmethod
    def open(cls, folder: Path) -> Checkpoint:
        """Check the folder; raises ModelError for weights that are missing, pickled or corrupt."""
        check_weights(folder)
        config = read_json(folder / "config.json")
        if not (folder / "tokenizer.json").is_file():
            raise ModelError(
                f"No tokenizer.json in {folder}: only fast tokenizers are read. "
                "Write one: AutoTokenizer.from_pretrained(folder).save_pretrained(folder)"
            )
        return cls(folder, _digest(folder), config)

    def tokenizer(self) -> Tokenizer:
        """The tokenizer, with truncation and padding off."""
        path = self.folder / "tokenizer.json"
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises a bare Exception
            raise ModelError(f"{path} is not a tokenizer ({error}). Save the model again.") from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer


def check_weights(folder: Path) -> None:
    """Raises ModelError unless all weights are there, as safetensors whose files are whole."""
    if not folder.is_dir():
        raise ModelError(f"No model folder at {folder}. Give the path of a saved Hugging Face model.")
    for weights in _weight_files(folder):
        _check_weights(weights)
    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").is_file() or not index.is_file():
        return
    shards = read_json(index).get("weight_map")
    if not isinstance(shards, dict) or not shards:
        raise ModelError(f"{index} names no weights. Copy or download the model again.")
    missing = sorted({str(name) for name in shards.values() if not (folder / str(name)).is_file()})
    if missing:
        raise ModelError(
            f"{index} names {len(missing)} files that are not there ({', '.join(missing[:3])}). "
            "Copy or download the model again."
        )


def n_positions(config: Mapping[str, Any]) -> int | None:
    """How many positions a model with this `config.json` has; None where it does not say."""
    limits = [limit for limit in map(config.get, _POSITIONS) if isinstance(limit, int) and limit > 0]
    return min(limits, default=None)


def most_tokens(config: Mapping[str, Any]) -> int | None:
    """How many tokens a model with this `config.json` reads at once; None where it does not say."""
    found = n_positions(config)
    return None if found is None else found - 2  # RoBERTa counts its positions from 2


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a model folder; raises ModelError when it is missing or broken."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"No {path.name} in {path.parent}. Save the model again.") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}). Save the model again.") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path} holds a {type(value).__name__}, not an object. Save the model again.")
    return value


def file_sha256(path: Path) -> str:
    """The sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _weight_files(folder: Path) -> list[Path]:
    weights = sorted(folder.glob("*.safetensors"))
    if weights:
        return weights
    pickled = sorted(path.name for pattern in PICKLED for path in folder.glob(pattern))
    if pickled:
        raise ModelError(
            f"{folder} has only pickled weights ({', '.join(pickled)}), which can run code when they are "
            "loaded. Convert them on a machine you trust: model.save_pretrained(folder)"
        )
    raise ModelError(f"No *.safetensors in {folder}. Save the model there: model.save_pretrained(folder)")


def _check_weights(path: Path) -> None:
    try:
        with safe_open(path, framework="np") as tensors:
            names = list(tensors.keys())
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is corrupt ({error}). Copy or download the model again.") from error
    if not names:
        raise ModelError(f"{path} holds no tensors. Copy or download the model again.")


def _digest(folder: Path) -> str:
    paths = {path for pattern in _DIGESTED for path in folder.glob(pattern) if path.is_file()}
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.relative_to(folder).as_posix()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()[:16]
