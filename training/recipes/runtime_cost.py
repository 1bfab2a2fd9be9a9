"""What each serving runtime costs: F1 and speed on the same questions, with the same threads.

    python -m training.recipes.runtime_cost DATA [--model DIR] [--questions 1000] [--threads N] [--work DIR]

The questions are the calibration reserve's, on their own contexts. Speed is measured after a warm-up.
"""

from __future__ import annotations

import argparse
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qa_core.inference.runtime import RUNTIMES
from qa_core.installation import WEIGHTS
from qa_core.reader import Reader
from training.reading.evaluate_reader import GoldContext, HitReader, Prediction, predict_all, score
from training.recipes.reserve_contexts import answerable
from training.recipes.reserve_manual import read_reserve

REFERENCE = "torch-fp32"
N_WARM_UP = 64  # questions


@dataclass(frozen=True, slots=True)
class RuntimeCost:
    """One runtime's figures over the same questions."""

    runtime: str
    exact_match: float  # 0 to 100
    f1: float
    same_answer: float  # share of questions with the reference's very span
    null_margin_shift: float  # mean absolute difference of the null margin to the reference's
    questions_per_s: float


def read_timed(reader: HitReader, questions: Sequence[GoldContext]) -> tuple[tuple[Prediction, ...], float]:
    """The predictions, and how many questions were read a second."""
    predict_all(reader, questions[:N_WARM_UP])
    started = time.perf_counter()
    predictions = predict_all(reader, questions)
    return predictions, len(questions) / (time.perf_counter() - started)


def cost(
    runtime: str,
    questions: Sequence[GoldContext],
    predictions: Sequence[Prediction],
    reference: Sequence[Prediction],
    questions_per_s: float,
) -> RuntimeCost:
    """The runtime's figures beside the reference's predictions."""
    report = score(questions, predictions)
    same = [p.text == r.text for p, r in zip(predictions, reference, strict=True)]
    shifts = [abs(p.null_margin - r.null_margin) for p, r in zip(predictions, reference, strict=True)]
    return RuntimeCost(
        runtime,
        report.value("exact_match") or 0.0,
        report.value("f1") or 0.0,
        float(np.mean(same)),
        float(np.mean(shifts)),
        questions_per_s,
    )


def markdown(costs: Sequence[RuntimeCost], n_questions: int, n_threads: int) -> str:
    """One line a runtime, differences to the first one in brackets."""
    first = costs[0]
    lines = [
        f"{n_questions:,} questions of the calibration reserve, {n_threads} threads.",
        "",
        "| runtime | EM | F1 | same answer | null margin moves by | questions a second |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for each in costs:
        change = "" if each is first else f" ({each.f1 - first.f1:+.2f})"
        lines.append(
            f"| {each.runtime} | {each.exact_match:.2f} | {each.f1:.2f}{change} | {each.same_answer:.1%} "
            f"| {each.null_margin_shift:.3f} | {each.questions_per_s:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the questions on every runtime and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with qa/")
    parser.add_argument("--model", type=Path, default=WEIGHTS / "reader")
    parser.add_argument("--questions", type=int, default=1_000, metavar="N")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), metavar="N")
    parser.add_argument("--work", type=Path, default=Path("var/recipes/runtime_cost"), metavar="DIR")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    questions = answerable(read_reserve(options.data))[: options.questions]
    costs: list[RuntimeCost] = []
    reference: tuple[Prediction, ...] = ()
    for runtime in (REFERENCE, *(name for name in reversed(RUNTIMES) if name != REFERENCE)):
        reader = Reader.open(options.model, runtime, options.work / "runtimes", options.threads)
        predictions, speed = read_timed(reader, questions)
        reference = reference or predictions
        costs.append(cost(runtime, questions, predictions, reference, speed))
    table = markdown(costs, len(questions), options.threads)
    (options.work / "runtime_cost.md").write_text(table + "\n", encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
