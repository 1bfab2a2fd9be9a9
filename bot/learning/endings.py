"""Notices that retrainings have ended, whoever began them, and has the inbox tell whom it concerns."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from bot.deliveries import Delivery, Lane
from qa_core.errors import StoreError

if TYPE_CHECKING:
    from bot.inbox import Inbox
    from training.retraining.jobs import Job, Jobs

log = logging.getLogger(__name__)

ROUTE = "retraining_ended"
LOOK_EVERY_S = 3.0
MAX_AGE_S = 7 * 24 * 3600.0  # what ended earlier is news to nobody; the inbox knows its keys for longer
N_LOOKED_AT = 20


class Endings:
    """Looks for jobs that have ended. Bots may all do so: each job is recorded once for each workspace."""

    def __init__(self, jobs: Jobs, inbox: Inbox, now: Callable[[], float] = time.time) -> None:
        self._jobs, self._inbox, self._now = jobs, inbox, now
        self._seen: set[int] = set()
        self._stopped = threading.Event()

    def begin(self) -> threading.Thread:
        """Look every few seconds, in a thread, until `stop`."""
        thread = threading.Thread(target=self._follow, name="endings", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """End what `begin` began."""
        self._stopped.set()

    def look(self) -> None:
        """Record the jobs that have ended since the last look."""
        for job in self._jobs.list(N_LOOKED_AT):
            if job.ended and job.id not in self._seen and self._age(job) < MAX_AGE_S:
                self._inbox.record(ending_of(job.id))
                self._seen.add(job.id)

    def _age(self, job: Job) -> float:
        return self._now() - datetime.fromisoformat(job.ended_at or job.created_at).timestamp()

    def _follow(self) -> None:
        while not self._stopped.is_set():
            try:
                self.look()
            except StoreError as error:
                log.warning("Whether a retraining has ended could not be found out: %s", error)
            self._stopped.wait(LOOK_EVERY_S)


def ending_of(job_id: int) -> Delivery:
    """The task of telling whom it concerns that a job has ended."""
    return Delivery(f"job:{job_id}/ended", f"own:{ROUTE}", Lane.JOB, {"job": job_id})
