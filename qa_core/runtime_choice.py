"""Chooses the runtime of a release by measurement, on the machine that will serve it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa_core.checkpoint import Checkpoint, most_tokens
from qa_core.cpu import cpu_computes_bf16
from qa_core.errors import ModelError
from qa_core.runtime import RUNTIMES, Inputs, Outputs, Session, Task, alone, open_session

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
    """One runtime on the fixed pairs."""

    runtime: str
    ms: float  # for all pairs, one after the other: best of five
    agreement: float  # lowest correlation of an output with fp32's, over the tokens of all pairs


@dataclass(frozen=True, slots=True)
class RuntimeChoice:
    """The runtime to serve on, and what was measured of each that this machine has."""

    runtime: str
    measurements: tuple[Measurement, ...]


def choose_runtime(
    model_dir: Path, task: Task, cache: Path, n_threads: int, candidates: Sequence[str] = RUNTIMES
) -> RuntimeChoice:
    """Run the candidates on a few fixed pairs; the fastest one that agrees with fp32 wins.

    The rounds are interleaved, so that a busy machine is as unfair to one as to another. Raises
    ModelError when the model cannot be loaded, or no candidate agrees.
    """
    names = [name for name in candidates if name != "torch-bf16" or cpu_computes_bf16()]
    reference = open_session(model_dir, task, _REFERENCE, cache, n_threads)
    inputs = fixed_inputs(Checkpoint.open(model_dir), reference.input_names)
    expected = [reference.run(each) for each in inputs]
    sessions = {
        name: reference if name == _REFERENCE else open_session(model_dir, task, name, cache, n_threads)
        for name in names
    }
    agreements = {
        name: agreement([session.run(each) for each in inputs], expected)
        for name, session in sessions.items()
    }
    ms = _best_ms(sessions, inputs)
    measured = tuple(Measurement(name, ms[name], agreements[name]) for name in names)
    agreeing = [each for each in measured if each.agreement >= MIN_AGREEMENT]
    if not agreeing:
        seen = ", ".join(f"{each.runtime} {each.agreement:.3f}" for each in measured)
        raise ModelError(f"No runtime agrees with fp32 ({seen or 'none tried'}). Serve on {_REFERENCE}.")
    return RuntimeChoice(min(agreeing, key=lambda each: each.ms).runtime, measured)


def fixed_inputs(checkpoint: Checkpoint, input_names: Sequence[str]) -> list[Inputs]:
    """Question-passage pairs of 60 to 128 tokens, each alone, as they are served."""
    pairs = [(question, passage * (4 + n)) for n, (question, passage) in enumerate(_PAIRS)]
    tokenizer = checkpoint.tokenizer()
    tokenizer.enable_truncation(min(128, most_tokens(checkpoint.config) or 128))
    made = [alone(each.ids, each.type_ids) for each in tokenizer.encode_batch(pairs)]
    return [{name: inputs[name] for name in input_names} for inputs in made]


def agreement(outputs: Sequence[Outputs], expected: Sequence[Outputs]) -> float:
    """Lowest Pearson correlation of an output with the expected one, each over the tokens of all runs."""
    return min(
        _correlation(_together(a), _together(b))
        for a, b in zip(zip(*outputs, strict=True), zip(*expected, strict=True), strict=True)
    )


def _together(arrays: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate([array.ravel() for array in arrays])


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return 0.0
    x, y = a.astype(np.float64), b.astype(np.float64)
    x, y = x - x.mean(), y - y.mean()
    norm = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / norm if norm > 0 else 0.0


def _best_ms(sessions: dict[str, Session], inputs: Sequence[Inputs]) -> dict[str, float]:
    best = dict.fromkeys(sessions, float("inf"))
    for _ in range(_N_ROUNDS):
        for name, session in sessions.items():
            start = time.perf_counter()
            for each in inputs:
                session.run(each)
            best[name] = min(best[name], 1000 * (time.perf_counter() - start))
    return best
