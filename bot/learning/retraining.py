"""Retrainings as commands, schedule and Slack start them: jobs of this installation, in their own process,
their reports, and the release before.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from qa_core.errors import DataError, ReleaseError
from qa_core.migrations import QA_CORE
from qa_core.settings import Settings
from qa_core.store import Store
from training.migrations import TRAINING
from training.retraining.job_folder import JobFolder
from training.retraining.jobs import Job, Jobs
from training.retraining.launching import Launcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa_core.release_manifests import Release
    from qa_core.releases import Releases
    from qa_core.types import Passage
    from training.feedback.triplet import Rules
    from training.feedback.triplet_store import Triplets
    from training.retraining.job_report import JobReport

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5


def open_jobs(settings: Settings) -> Jobs:
    """The retrainings of this installation."""
    return Jobs(Store(settings.database, (QA_CORE, TRAINING)))


def open_launcher(settings: Settings, jobs: Jobs, rules: Rules) -> Launcher:
    """What starts retrainings, each in a process of its own."""
    from training.retraining.job_process import Task, spawn  # noqa: PLC0415 - only where one is started

    return Launcher(jobs, lambda job_id: spawn(Task(settings, job_id, rules)))


def follow(
    launcher: Launcher,
    job_id: int,
    on_look: Callable[[Job], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Job:
    """Look at a job until it has ended; taken up again if its process dies. Returns how it ended."""
    while True:
        job = launcher.jobs.get(job_id)
        on_look(job)
        if job.ended:
            return job
        launcher.recover()
        sleep(LOOK_EVERY_S)


def open_report(settings: Settings, job: Job) -> JobReport:
    """The report of a job. Raises DataError if it has none (yet)."""
    from training.retraining.job_report import JobReport  # noqa: PLC0415 - numpy

    folder = JobFolder.of(settings.home, job.id)
    if not folder.has("report"):
        why = f" {job.message}" if job.message else ""
        raise DataError(f"Job {job.id} has no report; it is {job.state}.{why} List them: manualbot jobs")
    return JobReport.of(folder.read("report"))


def latest_report(settings: Settings, jobs: Jobs) -> JobReport:
    """The report of the latest job that has one. Raises DataError if none has."""
    for job in jobs.list(100):
        if JobFolder.of(settings.home, job.id).has("report"):
            return open_report(settings, job)
    raise DataError("No retraining has ended with a report yet. Start one: manualbot retrain")


def current_id(releases: Releases) -> str | None:
    """The release that answers now; None where none was chosen yet, or it is lost which."""
    try:
        return releases.current_id() or None
    except ReleaseError as error:
        log.warning("%s", error)
        return None


def previous_release(settings: Settings, jobs: Jobs, releases: Releases) -> Release:
    """The release to go back to: the one that the current one was made from and took over from, else the
    youngest that is older and was not refused. Raises ReleaseError if there is none.
    """
    current, known = releases.current(), releases.list()
    ids = [release.id for release in known]
    older = known[: ids.index(current.id)] if current.id in ids else known
    base = _base_of(settings, jobs, current)
    found = [r for r in known if r.id == base] or [r for r in older if not r.refused][-1:]
    if not found:
        raise ReleaseError(f"{current.id} is the oldest release: there is none to go back to")
    return found[0]


def _base_of(settings: Settings, jobs: Jobs, release: Release) -> str | None:
    job_id = release.figures.get("job")
    if not isinstance(job_id, int):
        return None
    try:
        job = jobs.get(job_id)
        made_by_it = release.figures.get("begun", job.created_at) == job.created_at
        return open_report(settings, job).base if made_by_it else None
    except DataError:  # the job or its folder was removed
        return None


class ApprovedTriplets:
    """Counts the approved triplets as the manuals of now have them."""

    def __init__(self, store: Store, rules: Rules, passages: Callable[[], Sequence[Passage]]) -> None:
        """`passages` gives those of the index of now."""
        self._store, self._rules, self._passages = store, rules, passages
        self._triplets: Triplets | None = None

    def count(self) -> int:
        """How many there are."""
        from training.feedback.triplet_store import Triplets  # noqa: PLC0415 - only where somebody counts

        passages = self._passages()
        if self._triplets is None or self._triplets.passages is not passages:
            self._triplets = Triplets(self._store, passages, self._rules)
        return self._triplets.counts().get("approved", 0)
