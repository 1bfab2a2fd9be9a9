"""The folder that a fine-tuning leaves: the model, its report, and until it is done the state of the run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qa_core.durable import write_file
from qa_core.errors import ModelError
from qa_core.locks import one_at_a_time
from training.curves import draw_curves
from training.epoch_table import markdown

if TYPE_CHECKING:
    from training.fine_tune_report import FineTuneReport
    from training.reader import QAModel

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class FineTuneFolder:
    """`path` holds the model, `report.json`, `report.md` and `curves.png` once the run is done."""

    path: Path

    @property
    def work(self) -> Path:
        """Where the run keeps its checkpoint."""
        return self.path / ".fine-tuning"

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the folder for one run; raises ModelError if it is someone else's, or the run is done."""
        if (self.path / REPORT).is_file() and _is_ours(self.path / REPORT):
            shutil.rmtree(self.work, ignore_errors=True)  # killed after the last thing was written
            raise ModelError(
                f"{self.path} holds a model that is already fine-tuned. Give another --out, or remove it"
            )
        if self.path.exists() and not self.path.is_dir():
            raise ModelError(f"{self.path} is a file. Give a folder that is new or empty")
        if self.path.is_dir() and any(self.path.iterdir()) and not self.work.is_dir():
            raise ModelError(f"{self.path} holds other files. Give a folder that is new or empty")
        try:
            self.work.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ModelError(f"{self.path} cannot be made ({error.strerror}). Give another --out") from error
        with one_at_a_time(self.work / "lock", f"Fine-tuning into {self.path}", timeout_s=0):
            yield

    def finish(self, model: QAModel, report: FineTuneReport) -> None:
        """Write the model and its report, the latter's `report.json` last; remove the state of the run."""
        model.save(self.path)
        draw_curves(report, self.path / "curves.png")
        try:
            write_file(self.path / "report.md", markdown(report))
            write_file(self.path / REPORT, json.dumps(report.as_json(), indent=1, ensure_ascii=False) + "\n")
        except OSError as error:
            raise ModelError(
                f"The report cannot be written to {self.path} ({error.strerror}). "
                "Free some disk space and run again"
            ) from error
        shutil.rmtree(self.work)


def _is_ours(report: Path) -> bool:
    try:
        return "identity" in json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False
