"""Rounds of questions to a bot at work, alone and while it retrains."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.learning.retraining import ApprovedTriplets
from bot.sandbox.load_figures import Asked, Figures, figures_of
from qa_core.errors import DataError
from training.retraining.jobs import Request
from training.retraining.retrain_settings import RetrainSettings

if TYPE_CHECKING:
    from bot.sandbox.crowd import Crowd
    from bot.services import Services
    from training.retraining.jobs import Job

AFTER_S = 5.0  # for so long people go on asking when a retraining has taken effect
SETTLE_S = 1.5  # time in which a second answer would come
MAX_ROUNDS = 10_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of the questions of one round or several."""

    figures: Figures
    releases: Mapping[str, int]  # how many answers each release gave


@dataclass(frozen=True)
class Load:
    """A bot at work, the people who ask it, and what they ask in each round."""

    services: Services
    crowd: Crowd
    questions: tuple[str, ...]
    ends_at: float  # of time.monotonic(): later nobody asks
    after_s: float = AFTER_S

    def is_late(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self.ends_at

    def one_round(self) -> Measured:
        """Have each question asked once."""
        self.crowd.watch.take_acks()
        return self._measured(self.crowd.ask(self.questions, self.is_late))

    def rounds_until(self, is_enough: Callable[[], bool]) -> Measured:
        """Have the questions asked again and again until it is enough, or late."""

        def is_over() -> bool:
            return self.is_late() or is_enough()

        self.crowd.watch.take_acks()
        posted: list[str] = []
        for _ in range(MAX_ROUNDS):
            if is_over():
                break
            posted += self.crowd.ask(self.questions, is_over)
        return self._measured(posted)

    def _measured(self, posted: Sequence[str]) -> Measured:
        time.sleep(SETTLE_S)
        watch = self.crowd.watch
        replies = {ts: [each for each in watch.replies(ts) if each.answer_id] for ts in posted}
        asked = [Asked(float(ts), tuple(each.at for each in got)) for ts, got in replies.items()]
        ids = [each.answer_id for got in replies.values() for each in got if each.answer_id]
        given = filter(None, map(self.services.answers.get, ids))
        releases = Counter(each.answer.release for each in given)
        return Measured(figures_of(asked, watch.take_acks()), releases)


class Enough:
    """Tells when a job has ended, its release has taken over if it was promoted, and people have asked on.

    Safe from any thread.
    """

    def __init__(self, services: Services, job_id: int, after_s: float) -> None:
        self._services, self._job_id, self._after_s = services, job_id, after_s
        self._over_at: float | None = None
        self._lock = threading.Lock()

    def __call__(self) -> bool:
        """Whether all that is so."""
        with self._lock:
            if self._over_at is None and self._has_taken_effect():
                self._over_at = time.monotonic() + self._after_s
            return self._over_at is not None and time.monotonic() > self._over_at

    def _has_taken_effect(self) -> bool:
        job = self._services.launcher.jobs.get(self._job_id)
        if job.state == "promoted":
            return self._services.engines.current().release == job.release
        return job.ended


def count_approved(services: Services) -> int:
    """The approved triplets. Raises DataError where they are too few for a retraining."""
    rules = services.settings.training.rules
    n = ApprovedTriplets(services.store, rules, lambda: services.engines.current().passages).count()
    n_needed = RetrainSettings().min_triplets
    if n < n_needed:
        raise DataError(
            f"There are {n} approved triplets in {services.settings.base.home}; a retraining needs at least "
            f"{n_needed}. Import or approve some: manualbot triplets import FILE"
        )
    return n


def start_retraining(services: Services, seed: int) -> Job:
    """The job, in its own process. Raises DataError where one is under way already."""
    questions = services.settings.training.questions
    started = services.launcher.start(Request("command", questions=questions, seed=seed))
    if not started.is_new:
        raise DataError(
            f"Job {started.job.id} is under way already, so there is nothing to compare with. Wait for its "
            "end, or cancel it: manualbot jobs cancel"
        )
    return started.job


def ask_while(load: Load, job: Job) -> tuple[Measured, Job]:
    """Rounds until the job's end and a little longer; returns the job as it is then.

    A job that outlives the measurement is cancelled.
    """
    jobs = load.services.launcher.jobs
    try:
        measured = load.rounds_until(Enough(load.services, job.id, load.after_s))
    finally:
        jobs.cancel(job.id)
    return measured, jobs.get(job.id)
