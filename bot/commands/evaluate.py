"""`manualbot evaluate` and `evaluate-reader`: the figures, on questions with known answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from training.evaluate import Report

RUNTIMES = ("onnx-int8", "onnx-fp32", "torch-bf16", "torch-fp32")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def evaluate(
    questions: Annotated[Path, typer.Argument(metavar="QUESTIONS.jsonl", help="One JSON object a line.")],
    as_json: AsJson = False,
    no_decline: Annotated[bool, typer.Option("--no-decline", help="Answer every question.")] = False,
) -> None:
    """Measure the current release on questions with known answers."""
    from bot.opening import open_engine
    from bot.terminal.progress import show_progress
    from training.evaluate import evaluate as measure
    from training.measuring.questions import read_questions

    asked = read_questions(questions)
    engine = open_engine()
    with show_progress("Asking", len(asked)) as on_asked:
        report = measure(engine, asked, decline=not no_decline, on_asked=on_asked)
    _print(report, as_json)


def evaluate_reader(  # noqa: PLR0913, PLR0917 - an option each
    squad: Annotated[Path, typer.Argument(metavar="SQUAD.json", help="A file in SQuAD's format.")],
    as_json: AsJson = False,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="This model, not the release's.")
    ] = None,
    runtime: Annotated[
        str | None, typer.Option("--runtime", metavar="NAME", help=f"One of {', '.join(RUNTIMES)}.")
    ] = None,
    null_threshold: Annotated[
        float, typer.Option("--null-threshold", help="No answer if none exceeds the best span by more.")
    ] = 0.0,
    max_answer_tokens: Annotated[
        int | None,
        typer.Option(
            "--max-answer-tokens",
            metavar="N",
            min=1,
            help="The longest answer that is considered. Usual for SQuAD: 30; in service: 200.",
        ),
    ] = None,
) -> None:
    """Measure the reader alone, on the contexts that hold the answers (SQuAD 1.1 or 2.0)."""
    if runtime is not None and runtime not in RUNTIMES:
        raise typer.BadParameter(f"{runtime!r} is none of {', '.join(RUNTIMES)}", param_hint="'--runtime'")
    from bot.opening import open_reader
    from bot.terminal.progress import show_progress
    from training.reading.evaluate_reader import evaluate_reader as measure
    from training.reading.evaluate_reader import read_squad

    questions = read_squad(squad)
    reader = open_reader(model, runtime)
    if max_answer_tokens is not None:
        reader = reader.limited(max_answer_tokens)
    with show_progress("Reading", len(questions)) as on_read:
        report = measure(reader, questions, null_threshold, on_read)
    _print(report, as_json)


def _print(report: Report, as_json: bool) -> None:
    from bot.render.terminal import open_console, print_json, print_table

    if as_json:
        print_json(report.as_json())
    else:
        rows = [(metric.name, metric.value, metric.n) for metric in report.metrics]
        print_table(open_console(), ("figure", "value", "questions"), rows)
