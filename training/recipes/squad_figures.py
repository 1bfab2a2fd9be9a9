"""SQuAD's dev sets, whole; the no-answer threshold of v2.0 is chosen on other data.

    python -m training.recipes.squad_figures DATA [--model DIR] [--runtime onnx-int8] [--work DIR]

The threshold is the one with the best F1 on the questions on articles of both parts of the reserve, and as
many of them altered so that they are not answered (see `reserve_contexts`). It is known to one or two units
only: drawn again and again from these questions, the best one lies between -0.5 and 2 nine times in ten.
Answers are as long as is usual on SQuAD (`--max-answer-tokens`, the default of transformers' run_qa.py): on
the reserve that gives half a point more exact match and F1 than the 200 tokens of service, which instructions
in manuals need. DIR gets `null_threshold.json` and `squad.json`; the table is printed as Markdown.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from qa_core.installation import WEIGHTS
from qa_core.reader import Reader
from training.evaluate import Report
from training.reading.evaluate_reader import (
    GoldContext,
    HitReader,
    best_threshold,
    evaluate_reader,
    predict_all,
    read_squad,
)
from training.recipes.protocols import progress
from training.recipes.reserve_contexts import altered, answerable, of_articles
from training.recipes.reserve_manual import read_reserve

MAX_ANSWER_TOKENS = 30
DEV_SETS = {"SQuAD v1.1 dev": "squad-dev-v1.1.json", "SQuAD v2.0 dev": "squad-dev-v2.0.json"}


@dataclass(frozen=True, slots=True)
class NullThreshold:
    """A no-answer threshold, and what it was chosen on."""

    threshold: float
    f1: float  # on the questions that it was chosen on, 0 to 100
    n_answerable: int
    n_unanswerable: int


@dataclass(frozen=True, slots=True)
class DevFigures:
    """The report on one dev set, and how long reading it took."""

    name: str
    n: int
    report: Report
    seconds: float


def choose_threshold(
    reader: HitReader, asked: Sequence[GoldContext], not_answered: Sequence[GoldContext]
) -> NullThreshold:
    """The threshold with the best F1 on these questions."""
    questions = (*asked, *not_answered)
    predictions = predict_all(reader, questions, progress("reserve"))
    f1, threshold = best_threshold(questions, predictions)
    return NullThreshold(threshold, f1, len(asked), len(not_answered))


def measure(reader: HitReader, name: str, questions: Sequence[GoldContext], threshold: float) -> DevFigures:
    """Read and score one set."""
    started = time.perf_counter()
    report = evaluate_reader(reader, questions, threshold, progress(name))
    return DevFigures(name, len(questions), report, time.perf_counter() - started)


def spread(questions: Sequence[GoldContext], limit: int | None) -> Sequence[GoldContext]:
    """Every n-th question, `limit` in all; all where there are no more."""
    if limit is None:
        return questions
    return questions[:: max(1, len(questions) // max(1, limit))][:limit]


def markdown(chosen: NullThreshold, figures: Sequence[DevFigures]) -> str:
    """One line a set."""
    lines = [
        f"No-answer threshold {chosen.threshold:.2f}: F1 {chosen.f1:.1f} on the reserve "
        f"({chosen.n_answerable:,} questions and {chosen.n_unanswerable:,} altered).",
        "",
        "| set | questions | EM | F1 | HasAns F1 | NoAns F1 | best F1 of any threshold | seconds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for each in figures:
        values = {metric.name: metric.value for metric in each.report.metrics}
        names = ("exact_match", "f1", "HasAns_f1", "NoAns_f1", "best_f1")
        cells = " | ".join("–" if values.get(name) is None else f"{values[name]:.1f}" for name in names)
        lines.append(f"| {each.name} | {each.n:,} | {cells} | {each.seconds:.0f} |")
    return "\n".join(lines)


def main() -> None:
    """Choose the threshold, read both sets, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with qa/")
    parser.add_argument("--model", type=Path, default=WEIGHTS / "reader")
    parser.add_argument("--runtime", default="onnx-int8")
    parser.add_argument("--work", type=Path, default=Path("var/recipes/squad"), metavar="DIR")
    parser.add_argument("--max-answer-tokens", type=int, default=MAX_ANSWER_TOKENS, metavar="N")
    parser.add_argument("--sets", nargs="+", choices=DEV_SETS, default=tuple(DEV_SETS), metavar="NAME")
    parser.add_argument(
        "--limit", type=int, metavar="N", help="of each dev set every n-th question, N in all"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    options.work.mkdir(parents=True, exist_ok=True)
    threads = len(os.sched_getaffinity(0))
    reader = Reader.open(options.model, options.runtime, options.work / "runtimes", threads)
    reader = reader.limited(options.max_answer_tokens)
    reserve = of_articles([*read_reserve(options.data), *read_reserve(options.data, "table")])
    asked = answerable(reserve)
    chosen = choose_threshold(reader, asked, altered(reserve, len(asked)))
    (options.work / "null_threshold.json").write_text(json.dumps(asdict(chosen), indent=1) + "\n")
    figures = []
    for name in options.sets:
        questions = read_squad(options.data / "qa" / DEV_SETS[name])
        figures.append(measure(reader, name, spread(questions, options.limit), chosen.threshold))
    content = {
        "reader": {"digest": reader.digest, "runtime": options.runtime},
        "max_answer_tokens": options.max_answer_tokens,
        "null_threshold": asdict(chosen),
        "sets": {each.name: {**each.report.as_json(), "seconds": each.seconds} for each in figures},
    }
    (options.work / "squad.json").write_text(json.dumps(content, indent=1) + "\n")
    print(markdown(chosen, figures))


if __name__ == "__main__":
    main()
