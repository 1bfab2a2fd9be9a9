"""A job's own process: low priority, signs of life, and an end that is always said.

    python -m training.retraining.job_process        (the task comes as JSON on standard input)

It shares nothing with who started it but the database and the folder of state: it may be killed at any
moment, and the process that started it may end before it.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa_core.errors import ManualbotError, StoreError, is_of_memory
from qa_core.migrations import QA_CORE
from qa_core.settings import Settings
from qa_core.store import Store
from training.feedback.triplet import Rules
from training.migrations import TRAINING
from training.retraining.job_folder import JobFolder
from training.retraining.job_progress import Cancelled, JobProgress
from training.retraining.jobs import CANCELLED, Ending, Jobs, Progress, Request, State
from training.retraining.tidying import clear_folders, prune

if TYPE_CHECKING:
    from training.retraining.retrain_settings import RetrainSettings

log = logging.getLogger(__name__)

NICE = 10
BEAT_EVERY_S = 5.0
PATIENCE_S = 120.0  # so long a cancelled job may go on until it looks whether it is: then it hangs
END_EVERY_S = 5.0  # until it is tried again to store how a job ended
END_WITHIN_S = 1800.0  # then the process ends without: whoever looks starts it again, and it ends anew
_PATHS = ("home", "encoder", "reader")


@dataclass(frozen=True, slots=True)
class Task:
    """What the process is told."""

    settings: Settings
    job_id: int
    rules: Rules

    def as_json(self) -> str:
        """One line of JSON."""
        settings = {
            name: str(value) if isinstance(value, Path) else value
            for name, value in asdict(self.settings).items()
        }
        return json.dumps({"settings": settings, "job_id": self.job_id, "rules": asdict(self.rules)})

    @classmethod
    def of(cls, text: str) -> Task:
        """What `as_json` made a line of."""
        record: dict[str, Any] = json.loads(text)
        known = {field.name for field in fields(Settings)}
        settings = {name: value for name, value in record["settings"].items() if name in known}
        settings |= {name: Path(settings[name]) for name in _PATHS if settings[name] is not None}
        return cls(Settings(**settings), record["job_id"], Rules(**record["rules"]))


def spawn(task: Task) -> subprocess.Popen[bytes]:
    """Start the process of a job; it goes on when this one ends, Ctrl-C included."""
    folder = JobFolder.of(task.settings.home, task.job_id)
    folder.path.mkdir(parents=True, exist_ok=True)
    with folder.log.open("ab") as log_file:
        process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                "training.retraining.job_process",
            ],  # -P: nothing is imported from the cwd
            stdin=subprocess.PIPE,
            stdout=log_file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
        )
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it died at once: the row tells, as for any other death
        process.stdin.write(task.as_json().encode() + b"\n")
        process.stdin.close()
    threading.Thread(target=process.wait, name=f"job {task.job_id}", daemon=True).start()
    return process


def lower_priority() -> None:
    """Let whatever answers go first, within this session and against others."""
    with suppress(OSError):
        os.nice(NICE)
    with suppress(OSError):  # Linux shares the processor among sessions: nice alone counts within one
        Path("/proc/self/autogroup").write_text(str(NICE), encoding="ascii")


class Heart:
    """Gives a sign of life every few seconds, from a thread; notices when the job must stop.

    One that is cancelled and does not stop is ended from here, and the process with it, as by kill -9.
    """

    def __init__(self, jobs: Jobs, job_id: int, owner: str) -> None:
        self._jobs, self._job_id, self._owner = jobs, job_id, owner
        self._over = threading.Event()
        self._must_stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)

    @property
    def goes_on(self) -> bool:
        """Whether the job is to go on."""
        return not self._must_stop.is_set()

    def __enter__(self) -> Heart:
        """Begin to beat."""
        self._give_sign()  # a job that was cancelled before its process came up hears of it at once
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop beating."""
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        stopping_since: float | None = None
        while not self._over.wait(BEAT_EVERY_S):
            self._give_sign()
            if self.goes_on:
                continue
            stopping_since = stopping_since or time.monotonic()
            if time.monotonic() - stopping_since >= PATIENCE_S:
                self._end_what_hangs()

    def _end_what_hangs(self) -> None:
        try:
            if self._jobs.give_up(self._job_id, self._owner):
                log.error("Job %d was cancelled and hangs: its process ends", self._job_id)
                os._exit(1)
        except ManualbotError as error:  # a busy database; the next beat tries again
            log.warning("A job that hangs could not be ended: %s", error)

    def _give_sign(self) -> None:
        try:
            if not self._jobs.beat(self._job_id, self._owner):
                self._must_stop.set()
        except ManualbotError as error:  # a busy database; the lease outlasts several beats
            log.warning("No sign of life could be given: %s", error)


def run_job(jobs: Jobs, store: Store, task: Task, how: RetrainSettings | None = None) -> State | None:
    """Run a job in this process to its end, which is stored; None if it is another process's.

    Whatever ends it, but for the death of the process, is told in the job's message.
    """
    owner = jobs.run(task.job_id)
    if owner is None:
        return None
    job = jobs.get(task.job_id)
    with Heart(jobs, task.job_id, owner) as heart:
        clear_folders(task.settings.home, jobs.ended_ids())  # of those whose process did not live to do so
        progress = JobProgress(lambda told: _tell(jobs, task.job_id, owner, told), lambda: heart.goes_on)
        try:
            JobFolder.of(task.settings.home, job.id).begin(job.created_at)
            ending = _retrain(store, task, job.request, how, progress)
        except Exception as error:  # noqa: BLE001 - whatever a library raises, the job's end is said
            ending = _failed(error, task)
        if ending.release is None and jobs.is_owned(task.job_id, owner):
            prune(task.settings)
    if not _end(jobs, task.job_id, owner, ending):
        log.warning("Job %d is another process's now", task.job_id)
        return None
    JobFolder.of(task.settings.home, task.job_id).clear()
    return ending.state


def _end(jobs: Jobs, job_id: int, owner: str, ending: Ending) -> bool:
    """Store how a job ended, once that can be written; False if it is another process's now."""
    gives_up_at = time.monotonic() + END_WITHIN_S
    while True:
        try:
            return jobs.end(job_id, owner, ending)
        except StoreError as error:
            if time.monotonic() > gives_up_at:
                raise
            log.warning("How job %d ended cannot be stored yet: %s", job_id, error)
        time.sleep(END_EVERY_S)


def _tell(jobs: Jobs, job_id: int, owner: str, progress: Progress) -> None:
    try:
        jobs.tell(job_id, owner, progress)
    except ManualbotError as error:  # a busy database; the job goes on without
        log.warning("How far the job is could not be told: %s", error)


def _failed(error: Exception, task: Task) -> Ending:
    """The end of a job that raised, in words."""
    if isinstance(error, Cancelled):
        return CANCELLED
    folder = JobFolder.of(task.settings.home, task.job_id)
    if isinstance(error, ManualbotError):
        gone = f"The job's folder {folder.path} cannot be read. Start another retraining"
        return Ending("failed", str(error) if folder.is_begun else gone)
    log.error("Job %d failed", task.job_id, exc_info=error)
    if is_of_memory(error):
        return Ending("failed", _NO_MEMORY)
    if isinstance(error, OSError):
        return Ending("failed", _os_error(error, task.settings.home))
    return Ending("failed", f"{type(error).__name__}: {error}. The whole story is in {folder.log}")


def _retrain(
    store: Store, task: Task, request: Request, how: RetrainSettings | None, progress: JobProgress
) -> Ending:
    import torch  # noqa: PLC0415 - slow

    from training.job import retrain  # noqa: PLC0415 - torch
    from training.retraining.job_context import JobContext  # noqa: PLC0415
    from training.retraining.retrain_settings import RetrainSettings  # noqa: PLC0415

    torch.set_num_threads(task.settings.n_threads)
    settings = how or RetrainSettings(rules=task.rules)
    return retrain(JobContext(task.settings, store, task.job_id, request, settings, progress))


_NO_MEMORY = (
    "There was not enough memory. Give the machine more, or set MANUALBOT_THREADS lower; "
    "the current release goes on answering"
)


def _os_error(error: OSError, home: Path) -> str:
    where = error.filename or home
    return f"{where}: {error.strerror or error}. Free some disk space or check the folder, then retrain again"


def main() -> int:
    """Read the task, run the job; 0 whatever became of it: the row tells."""
    lower_priority()
    task = Task.of(sys.stdin.readline())
    logging.basicConfig(
        level=task.settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    store = Store(task.settings.database, (QA_CORE, TRAINING))
    run_job(Jobs(store), store, task)
    return 0


if __name__ == "__main__":
    sys.exit(main())
