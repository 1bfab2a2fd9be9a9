"""Token vectors → one unit vector a text, the way a sentence-transformers folder says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qa_core.errors import ModelError
from qa_core.inference.checkpoint import Checkpoint, n_positions, read_json

Pool = Literal["mean", "cls"]

_MODULES = ("Transformer", "Pooling", "Normalize")
_NO_LIMIT = 1_000_000  # from here on it is none: transformers writes 1e30 where a tokenizer has no limit


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """How a folder's encoder turns a text into a vector."""

    pool: Pool
    max_tokens: int  # with [CLS] and [SEP]
    lower_case: bool  # lower-case before the tokenizer sees the text
    question_prompt: str  # in front of a question
    passage_prompt: str  # in front of a passage

    @classmethod
    def read(cls, checkpoint: Checkpoint) -> EncoderConfig:
        """Read `modules.json` and what it names; a folder without it is a plain transformer, mean-pooled.

        Raises ModelError for anything that would need more than mean or CLS pooling and a norm.
        """
        folder = checkpoint.folder
        transformer = _optional(folder / "sentence_bert_config.json")
        prompts = _optional(folder / "config_sentence_transformers.json").get("prompts") or {}
        return cls(
            pool=_pool(folder),
            max_tokens=_max_tokens(checkpoint, transformer),
            lower_case=bool(transformer.get("do_lower_case")),
            question_prompt=str(prompts.get("query") or ""),
            passage_prompt=str(prompts.get("document") or prompts.get("passage") or ""),
        )


def pool_tokens(vectors: NDArray[np.float32], pool: Pool) -> NDArray[np.float32]:
    """The vectors `[tokens, dim]` of one text → its unit vector `[dim]`."""
    pooled = vectors[0] if pool == "cls" else vectors.mean(axis=0)
    return np.asarray(pooled / max(float(np.linalg.norm(pooled)), 1e-12), dtype=np.float32)


def _pool(folder: Path) -> Pool:
    path = folder / "modules.json"
    if not path.is_file():
        return "mean"
    modules = _modules(path)
    kinds = [str(module.get("type", "")).rsplit(".", 1)[-1] for module in modules]
    official = all(str(module.get("type", "")).startswith("sentence_transformers.") for module in modules)
    if not official or kinds[:2] != ["Transformer", "Pooling"] or not set(kinds) <= set(_MODULES):
        raise ModelError(
            f"{folder} is an encoder of {' → '.join(kinds) or 'no modules'}; supported is "
            "Transformer → Pooling, with or without Normalize. Use another encoder."
        )
    return _pooling_mode(read_json(folder / str(modules[1].get("path", "")) / "config.json"), folder)


def _modules(path: Path) -> list[dict[str, Any]]:
    try:
        modules = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}). Save the model again.") from error
    if not isinstance(modules, list) or not all(isinstance(module, dict) for module in modules):
        raise ModelError(f"{path} is not a list of modules. Save the model again.")
    return modules


def _pooling_mode(config: dict[str, Any], folder: Path) -> Pool:
    """Old folders name the mode in flags (`pooling_mode_mean_tokens: true`), new ones by its name."""
    flags = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    names = {
        key.removeprefix("pooling_mode_").removesuffix("_tokens").removesuffix("_token") for key in flags
    }
    mode = config.get("pooling_mode", "+".join(sorted(names)))
    if mode == "mean" and config.get("include_prompt", True):
        return "mean"
    if mode == "cls":
        return "cls"
    raise ModelError(
        f"{folder} pools with {mode!r} (include_prompt: {config.get('include_prompt', True)}); supported "
        "are 'mean', prompts included, and 'cls'. Use another encoder."
    )


def _max_tokens(checkpoint: Checkpoint, transformer: dict[str, Any]) -> int:
    asked = transformer.get("max_seq_length")
    if not isinstance(asked, int):
        asked = _optional(checkpoint.folder / "tokenizer_config.json").get("model_max_length")
    told = (asked, n_positions(checkpoint.config))
    limits = [limit for limit in told if isinstance(limit, int) and 0 < limit < _NO_LIMIT]
    if not limits:
        raise ModelError(
            f"{checkpoint.folder} does not say how many tokens it takes. "
            'Add {"max_seq_length": 256} as its sentence_bert_config.json.'
        )
    return min(limits)


def _optional(path: Path) -> dict[str, Any]:
    return read_json(path) if path.is_file() else {}
