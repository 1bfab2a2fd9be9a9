"""Retrainings as commands, schedule and Slack start them: jobs of this installation, in their own process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from qa_core.errors import DataError
from qa_core.migrations import QA_CORE
from qa_core.settings import Settings
from qa_core.store import Store
from training.job_folder import JobFolder
from training.jobs import Job, Jobs
from training.launching import Launcher
from training.migrations import TRAINING

if TYPE_CHECKING:
    from training.job_report import JobReport
    from training.triplet import Rules

LOOK_EVERY_S = 0.5


def open_jobs(settings: Settings) -> Jobs:
    """The retrainings of this installation."""
    return Jobs(Store(settings.database, (QA_CORE, TRAINING)))


def open_launcher(settings: Settings, jobs: Jobs, rules: Rules) -> Launcher:
    """What starts retrainings, each in a process of its own."""
    from training.job_process import Task, spawn  # noqa: PLC0415 - only where one is started

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
    from training.job_report import JobReport  # noqa: PLC0415 - numpy

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
