"""Whoever wants a retraining comes here: one job at a time, those that died taken up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from training.jobs import CANCELLED, MAX_STARTS, Ending, Job, Jobs, Request

Launch = Callable[[int], object]  # starts the process of a job, by its id


@dataclass(frozen=True, slots=True)
class Started:
    """The job that is under way now."""

    job: Job
    is_new: bool  # False: another one was under way already


class Launcher:
    """Starts jobs. Safe to use from any thread and process."""

    def __init__(self, jobs: Jobs, launch: Launch) -> None:
        """`launch` is `job_process.spawn` of a task, or a test's fake."""
        self.jobs = jobs
        self._launch = launch

    def start(self, request: Request) -> Started:
        """Begin a retraining, unless one is under way: then that is the answer, and it is not begun twice."""
        self.recover()
        job = self.jobs.claim(request)
        if job is None:
            under_way = self.jobs.under_way()
            return Started(under_way, False) if under_way else self.start(request)  # it has just ended
        self._launch(job.id)
        return Started(job, True)

    def recover(self) -> Job | None:
        """Take up the job whose process died; one that died too often has failed. Returns what goes on."""
        job = self.jobs.under_way()
        if job is None or not self.jobs.is_dead(job):
            return None
        if job.cancelled:
            self.jobs.end(job.id, job.owner, CANCELLED)
            return None
        if job.n_starts >= MAX_STARTS:
            message = (
                f"Its process died {job.n_starts} times, the last time at “{job.progress.stage}”. Was there "
                "enough memory? The current release goes on answering"
            )
            self.jobs.end(job.id, job.owner, Ending("failed", message))
            return None
        self._launch(job.id)
        return job
