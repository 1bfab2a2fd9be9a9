"""`manualbot fine-tune`: triplets in, a reader that has learned from them out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.reading.fine_tune_settings import (
    ALL_LAYERS_RATE,
    FRESH_HEAD_RATE,
    UPPER_LAYERS_RATE,
    FineTuneSettings,
)

if TYPE_CHECKING:
    from training.reader import QAModel
    from training.reading.fine_tune_folder import FineTuneFolder
    from training.reading.fine_tune_report import FineTuneReport, ReportedEpoch
    from training.reading.fine_tuning import Watch
    from training.reading.loading import LoadedTriplets

N_LISTED = 20  # records left out that are named
DEFAULT = FineTuneSettings()
MAX_SEED = 2**32 - 1
_RATE_HELP = (
    f"The highest one. [default: {UPPER_LAYERS_RATE:g}; {ALL_LAYERS_RATE:g} with no frozen layers; "
    f"{FRESH_HEAD_RATE:g} for a new span head]"
)
_FREEZE_HELP = "Leave the N lowest as they are: faster. [default: two thirds; 0 for a new span head]"


def fine_tune(  # noqa: PLR0913 - one parameter an option
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="SQuAD's format, or triplets in JSON or JSONL.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder for the model.")],
    *,
    base: Annotated[
        Path | None, typer.Option("--base", metavar="DIR", help="Start from this model, not the shipped one.")
    ] = None,
    epochs: Annotated[
        int, typer.Option("--epochs", min=1, help="At most; it may stop early.")
    ] = DEFAULT.n_epochs,
    learning_rate: Annotated[
        float | None, typer.Option("--learning-rate", min=0.0, help=_RATE_HELP)
    ] = DEFAULT.learning_rate,
    batch_size: Annotated[
        int, typer.Option("--batch-size", min=1, help="Windows in a step.")
    ] = DEFAULT.batch_size,
    freeze_layers: Annotated[
        int | None, typer.Option("--freeze-layers", metavar="N", min=0, help=_FREEZE_HELP)
    ] = DEFAULT.n_frozen_layers,
    validation: Annotated[
        Path | None, typer.Option("--validation", metavar="DATA", help="Validate on this, not on a share.")
    ] = None,
    validation_share: Annotated[
        float, typer.Option("--validation-share", min=0.0, max=0.9, help="Of the questions; 0 for none.")
    ] = DEFAULT.validation_share,
    patience: Annotated[
        int, typer.Option("--patience", min=1, help="Epochs without a better one before it stops.")
    ] = DEFAULT.patience,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=MAX_SEED, help="Of the split and the order.")
    ] = DEFAULT.seed,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Leave out records that cannot be used, and list them.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Fine-tune the reader on questions with their answers; the same command goes on where one was killed."""
    from training.reading.fine_tune_folder import FineTuneFolder
    from training.reading.loading import load_triplets

    folder = FineTuneFolder(out)
    if folder.finish_killed():
        _print_finished(folder, as_json)
        return
    settings = FineTuneSettings(
        n_epochs=epochs,
        learning_rate=learning_rate,
        batch_size=batch_size,
        n_frozen_layers=freeze_layers,
        validation_share=validation_share,
        patience=patience,
        seed=seed,
    )
    triplets = load_triplets(data, skip_invalid=skip_invalid)
    held_out = load_triplets(validation, skip_invalid=skip_invalid) if validation else None
    with folder.claimed():
        report = _tune(_load(base), (triplets, held_out), settings, folder, as_json)
    _print(report, out, as_json)


def _load(base: Path | None) -> QAModel:
    from bot.terminal.progress import show_waiting
    from qa_core.settings import Settings

    n_threads = Settings.load().n_threads
    with show_waiting("Loading the reader"):
        import torch

        from training.reader import QAModel

        torch.set_num_threads(n_threads)
        return QAModel.load(base)


def _tune(
    model: QAModel,
    data: tuple[LoadedTriplets, LoadedTriplets | None],
    settings: FineTuneSettings,
    folder: FineTuneFolder,
    as_json: bool,
) -> FineTuneReport:
    """Train on the first of the data, and validate on the second if it is given."""
    from training.reading.interruption import Interrupted

    try:
        report = model.fine_tune(
            data[0], settings, validation=data[1], work=folder.work, watch=_watch(as_json)
        )
    except Interrupted as interrupted:
        print(f"manualbot: {interrupted}. The same command goes on from there", file=sys.stderr)
        raise typer.Exit(130) from None
    folder.finish(model, report)
    return report


def _watch(as_json: bool) -> Watch:
    """The status on standard error; the table's lines on standard output as the epochs end."""
    from bot.terminal.training_status import TrainingStatus
    from training.reading.epoch_table import COLUMNS, row, table_line
    from training.reading.fine_tuning import Watch

    status = TrainingStatus()

    def print_epoch(reported: ReportedEpoch) -> None:
        status.clear()
        if not as_json:
            if reported.epoch.number == 0:
                print(writable(table_line(COLUMNS)))
            print(writable(table_line(row(reported))), flush=True)

    return Watch(status, print_epoch)


def _print(report: FineTuneReport, out: Path, as_json: bool) -> None:
    from bot.render.terminal import clean, print_json
    from training.reading.epoch_table import loss_chart, notes, summary

    if as_json:
        print_json(report.as_json())
        return
    print(f"\n{writable(loss_chart(report.epochs))}\n\n{summary(report)}")
    for note in notes(report):
        print(note)
    for left in report.left_out[:N_LISTED]:
        print(clean(f"  {left.record}: {left.reason}"))
    if len(report.left_out) > N_LISTED:
        print(f"  and {len(report.left_out) - N_LISTED} more, in report.json")
    _print_saved(out)


def _print_finished(folder: FineTuneFolder, as_json: bool) -> None:
    """For a run that was killed after its last file was written."""
    from bot.render.terminal import print_json

    if as_json:
        print_json(folder.report())
        return
    print("The fine-tuning had ended; only its state was left, which is removed now.")
    _print_saved(folder.path)


def _print_saved(out: Path) -> None:
    from qa_core.indexing.file_names import printable

    name = printable(out)
    print(f"\nSaved to {name}, with report.md and curves.png. To answer with it: MANUALBOT_READER={name}")


def writable(text: str) -> str:
    """The text with plain characters in place of arrows and bars where these cannot be written."""
    if (sys.stdout.encoding or "ascii").lower().replace("-", "") == "utf8":
        return text
    for symbol, plain in (("↓", "(low)"), ("↑", "(high)"), ("█", "#"), ("→", "to")):
        text = text.replace(symbol, plain)
    return text
