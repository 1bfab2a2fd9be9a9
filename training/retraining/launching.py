"""Whoever wants a retraining comes here: one job at a time, those that died taken up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qa_core.errors import ManualbotError
from training.retraining.jobs import CANCELLED, MAX_STARTS, Ending, Job, Jobs, Request

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
        """Begin a retraining, unless one is under way: then that is the answer, and it is not begun twice.

        Raises ManualbotError where its process cannot be started; the job has ended then.
        """
        self.recover()
        job = self.jobs.claim(request)
        if job is None:
            under_way = self.jobs.under_way()
            return Started(under_way, False) if under_way else self.start(request)  # it has just ended
        self._begin(job)
        return Started(job, True)

    def recover(self) -> Job | None:
        """Take up the job whose process died; one that died too often has failed. Returns what goes on.

        One whose release may answer already goes on whatever was wished: it ends as it turns out.
        However many look, one of them starts the process, and has a lease's time for it. Raises
        ManualbotError where it cannot be started; the job has ended then.
        """
        job = self.jobs.under_way()
        if job is None or not self.jobs.is_dead(job):
            return None
        if job.cancelled and job.release is None:
            self.jobs.end(job.id, job.owner, CANCELLED)
            return None
        if job.n_starts >= (MAX_STARTS if job.release is None else 2 * MAX_STARTS):
            self.jobs.end(job.id, job.owner, Ending("failed", _died_too_often(job)))
            return None
        if not self.jobs.relaunch(job):
            return None
        self._begin(job)
        return self.jobs.get(job.id)

    def _begin(self, job: Job) -> None:
        """Start the process of a job that was claimed for it."""
        try:
            self._launch(job.id)
        except OSError as error:
            reason = (
                f"Its process could not be started: {error}. Free some disk space or memory, or check the "
                "folder, then retrain again"
            )
            self.jobs.end(job.id, None, Ending("failed", reason))
            raise ManualbotError(f"Job {job.id} has failed. {reason}") from error


def _died_too_often(job: Job) -> str:
    if job.progress.stage:
        where = f"at “{job.progress.stage}”. Was there enough memory?"
    else:
        where = f"before it could begin. Why is in jobs/{job.id}/log.txt, in the folder of MANUALBOT_HOME."
    if job.release is None:
        answers = "The current release goes on answering"
    else:
        answers = f"{job.release} may answer already: manualbot releases"
    return f"Its process died {job.n_starts} times, the last time {where} {answers}"
