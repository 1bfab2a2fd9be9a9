"""The folder that a fine-tuning leaves: the model, its report, and until it is done the state of the run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa_core.durable import write_file
from qa_core.errors import ModelError
from qa_core.locks import one_at_a_time
from training.reading.curves import draw_curves
from training.reading.epoch_table import markdown

if TYPE_CHECKING:
    from training.reader import QAModel
    from training.reading.fine_tune_report import FineTuneReport

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class FineTuneFolder:
    """`path` holds the model, `report.json`, `report.md` and `curves.png` once the run is done."""

    path: Path

    @property
    def work(self) -> Path:
        """Where the run keeps its checkpoint."""
        return self.path / ".fine-tuning"

    @property
    def is_done(self) -> bool:
        """Whether a run has written all that it had to write."""
        try:
            return "identity" in self.report()
        except (OSError, ValueError, TypeError):
            return False  # no report, or not one of ours

    def report(self) -> dict[str, Any]:
        """The JSON object in `report.json`."""
        report: dict[str, Any] = json.loads((self.path / REPORT).read_text(encoding="utf-8"))
        return report

    def finish_killed(self) -> bool:
        """Finish a run that was killed when all but its state's removal was done; False if there is none."""
        if not (self.is_done and self.work.is_dir()):
            return False
        with self._alone():
            shutil.rmtree(self.work)
        return True

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the folder for one run; raises ModelError if it is someone else's, or the run is done."""
        if self.is_done:
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
        with self._alone():
            yield

    def finish(self, model: QAModel, report: FineTuneReport) -> None:
        """Write the model and its report, the latter's `report.json` last; remove the state of the run."""
        model.save(self.path)
        draw_curves(report, self.path / "curves.png")
        try:
            as_json = json.dumps(report.as_json(), indent=1, ensure_ascii=False) + "\n"
            write_file(self.path / "report.md", markdown(report), shared=True)
            write_file(self.path / REPORT, as_json, shared=True)
        except OSError as error:
            raise ModelError(
                f"The report cannot be written to {self.path} ({error.strerror}). "
                "Free some disk space and run again"
            ) from error
        shutil.rmtree(self.work)

    def _alone(self) -> AbstractContextManager[None]:
        return one_at_a_time(self.work / "lock", f"Fine-tuning into {self.path}", timeout_s=0)
