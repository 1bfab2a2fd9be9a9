"""Chooses the runtime of a release by measurement, on the machine that will serve it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa_core.checkpoint import Checkpoint
from qa_core.cpu import cpu_computes_bf16
from qa_core.errors import ModelError
from qa_core.runtime import RUNTIMES, Inputs, Outputs, Session, Task, open_session

# Lowest correlation with fp32 at which a runtime may serve. Per-channel int8 of a span reader gave
# 0.989; a machine whose int8 kernels saturate, or a model that does not take to int8, falls below.
MIN_AGREEMENT = 0.97

_REFERENCE = "torch-fp32"
_N_ROUNDS = 5
_PAIRS = (
    ("How do I set the clock?", "Press MENU, turn the dial to Clock and press OK. "),
    ("What does error E-4 mean?", "Code: E-4 | Meaning: Paper jam | Remedy: Open the rear cover. "),
    (
        "Can I wash the filter?",
        "Rinse the filter under running water once a month; let it dry for 24 hours. ",
    ),
    ("Why is the screen dark?", "The screen dims itself when the battery is low. Charge the device. "),
)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One runtime on the fixed batch."""

    runtime: str
    batch_ms: float  # best of five
    agreement: float  # lowest correlation of an output with fp32's, over the tokens that are no padding


@dataclass(frozen=True, slots=True)
class RuntimeChoice:
    """The runtime to serve on, and what was measured of each that this machine has."""

    runtime: str
    measurements: tuple[Measurement, ...]


def choose_runtime(
    model_dir: Path, task: Task, cache: Path, n_threads: int, candidates: Sequence[str] = RUNTIMES
) -> RuntimeChoice:
    """Run the candidates on a small fixed batch; the fastest one that agrees with fp32 wins.

    The rounds are interleaved, so that a busy machine is as unfair to one as to another. Raises
    ModelError when the model cannot be loaded, or no candidate agrees.
    """
    names = [name for name in candidates if name != "torch-bf16" or cpu_computes_bf16()]
    reference = open_session(model_dir, task, _REFERENCE, cache, n_threads)
    inputs = fixed_batch(Checkpoint.open(model_dir), reference.input_names)
    expected = reference.run(inputs)
    sessions = {
        name: reference if name == _REFERENCE else open_session(model_dir, task, name, cache, n_threads)
        for name in names
    }
    agreements = {
        name: agreement(session.run(inputs), expected, inputs) for name, session in sessions.items()
    }
    batch_ms = _best_ms(sessions, inputs)
    measured = tuple(Measurement(name, batch_ms[name], agreements[name]) for name in names)
    agreeing = [each for each in measured if each.agreement >= MIN_AGREEMENT]
    if not agreeing:
        seen = ", ".join(f"{each.runtime} {each.agreement:.3f}" for each in measured)
        raise ModelError(f"No runtime agrees with fp32 ({seen or 'none tried'}). Serve on {_REFERENCE}.")
    return RuntimeChoice(min(agreeing, key=lambda each: each.batch_ms).runtime, measured)


def fixed_batch(checkpoint: Checkpoint, input_names: Sequence[str]) -> Inputs:
    """Question-passage pairs of 60 to 128 tokens, padded to the longest."""
    pairs = [(question, passage * (4 + n)) for n, (question, passage) in enumerate(_PAIRS)] * 2
    tokenizer = checkpoint.tokenizer()
    tokenizer.enable_truncation(min(128, checkpoint.config.get("max_position_embeddings") or 128))
    encodings = tokenizer.encode_batch(pairs)
    n_tokens = max(len(encoding.ids) for encoding in encodings)
    pad_id = checkpoint.config.get("pad_token_id") or 0
    rows = {
        "input_ids": [each.ids + [pad_id] * (n_tokens - len(each.ids)) for each in encodings],
        "attention_mask": [[1] * len(each.ids) + [0] * (n_tokens - len(each.ids)) for each in encodings],
        "token_type_ids": [each.type_ids + [0] * (n_tokens - len(each.ids)) for each in encodings],
    }
    return {name: np.asarray(rows[name], dtype=np.int64) for name in input_names}


def agreement(outputs: Outputs, expected: Outputs, inputs: Inputs) -> float:
    """Lowest Pearson correlation of an output with the expected one, leaving out padding."""
    tokens = inputs["attention_mask"].astype(bool)
    return min(_correlation(a[tokens], b[tokens]) for a, b in zip(outputs, expected, strict=True))


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return 0.0
    x, y = (values.astype(np.float64).ravel() for values in (a, b))
    x, y = x - x.mean(), y - y.mean()
    norm = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / norm if norm > 0 else 0.0


def _best_ms(sessions: dict[str, Session], inputs: Inputs) -> dict[str, float]:
    best = dict.fromkeys(sessions, float("inf"))
    for _ in range(_N_ROUNDS):
        for name, session in sessions.items():
            start = time.perf_counter()
            session.run(inputs)
            best[name] = min(best[name], 1000 * (time.perf_counter() - start))
    return best
