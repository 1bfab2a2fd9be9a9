"""A job's folder: what each stage has finished, so that a killed job goes on after the last one."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_core.durable import write_file
from qa_core.errors import DataError

REPORT = "report.json"
LEARNING_CURVE, BEFORE_AFTER = "learning-curve.png", "before-after.png"
PICTURES = (LEARNING_CURVE, BEFORE_AFTER)
_JOB = "job"
_KEPT = {REPORT, "log.txt", *PICTURES}


@dataclass(frozen=True, slots=True)
class JobFolder:
    """`path` is `HOME/jobs/ID`. Everything but report, pictures and log is removed when the job has ended."""

    path: Path

    @classmethod
    def of(cls, home: Path, job_id: int) -> JobFolder:
        """The folder of a job of this installation."""
        return cls(home / "jobs" / str(job_id))

    @property
    def reader(self) -> Path:
        """The candidate's reader."""
        return self.path / "reader"

    @property
    def encoder(self) -> Path:
        """The candidate's encoder."""
        return self.path / "encoder"

    @property
    def calibration(self) -> Path:
        """The candidate's calibration."""
        return self.path / "calibration.json"

    @property
    def known(self) -> Path:
        """The questions that the candidate remembers."""
        return self.path / "known_questions.json"

    @property
    def work(self) -> Path:
        """Where the reader's training keeps its checkpoint."""
        return self.path / "work"

    @property
    def log(self) -> Path:
        """What the job's process said."""
        return self.path / "log.txt"

    def begin(self, made: str) -> None:
        """Make the folder that of the job that was made then: what another one of its number left goes.

        Numbers begin anew with a new database. The log goes on: this job's process writes to it already.
        """
        if not (self.has(_JOB) and self.read(_JOB) == made):
            for name in (REPORT, *PICTURES):
                (self.path / name).unlink(missing_ok=True)
            self.clear()
            self.write(_JOB, made)

    @property
    def is_begun(self) -> bool:
        """Whether it is as `begin` made it: nobody has removed it since."""
        return self.has(_JOB)

    def has(self, stage: str) -> bool:
        """Whether a stage is finished."""
        return self._file(stage).is_file()

    def read(self, stage: str) -> Any:
        """What a stage left. Raises DataError if it cannot be read."""
        path = self._file(stage)
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"{path} cannot be read ({error}). Start another retraining") from error

    def write(self, stage: str, value: Any) -> None:
        """Finish a stage: its file appears whole, or not at all."""
        write_file(self._file(stage), json.dumps(value, ensure_ascii=False) + "\n")

    def write_picture(self, name: str, png: bytes) -> None:
        """Its file appears whole, or not at all."""
        made = self.path / f".{name}"
        made.write_bytes(png)
        made.replace(self.path / name)

    def read_picture(self, name: str) -> bytes:
        """One of PICTURES as PNG. Raises DataError if it cannot be read."""
        path = self.path / name
        try:
            return path.read_bytes()
        except OSError as error:
            raise DataError(
                f"{path} cannot be read ({error.strerror}). Have it drawn anew: "
                f"manualbot report {self.path.name} --out report.html"
            ) from error

    @staticmethod
    def keeps(path: Path) -> bool:
        """Whether this path, relative to a job's folder, stays when the job has ended."""
        return str(path) in _KEPT

    def clear(self) -> None:
        """Remove what only a job under way needs."""
        for path in self.path.glob("*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif not self.keeps(path.relative_to(self.path)):
                path.unlink(missing_ok=True)

    def _file(self, stage: str) -> Path:
        return self.path / f"{stage}.json"
