"""Retrainings that nobody asks for: at set times, and after so many new triplets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from qa_core.errors import ManualbotError, SettingsError
from training.jobs import Cause, Job, Request
from training.launching import Launcher
from training.settings import TrainingSettings

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")  # as cron counts them
_SAME_RING = timedelta(seconds=50)  # bots that share a database wake at the same minute: one of them starts


class Schedule:
    """Starts retrainings, and takes up those whose process died. Bots may all have one: a job starts once."""

    def __init__(
        self,
        launcher: Launcher,
        settings: TrainingSettings,
        count_approved: Callable[[], int],
        on_start: Callable[[Job], None] = lambda _: None,
    ) -> None:
        """`count_approved` tells how many triplets are approved now; `on_start` is told of each new job.

        Raises SettingsError for a cron expression that means nothing.
        """
        self._launcher, self._settings = launcher, settings
        self._count_approved, self._on_start = count_approved, on_start
        self._trigger = None if settings.schedule is None else cron_trigger(settings.schedule)
        self._scheduler = BackgroundScheduler(daemon=True)

    def begin(self) -> None:
        """Look every minute from now on, and ring at the set times, in a thread."""
        self._scheduler.add_job(self.look, "interval", seconds=LOOK_EVERY_S, max_instances=1, coalesce=True)
        if self._trigger is not None:
            self._scheduler.add_job(self.ring, self._trigger, max_instances=1, coalesce=True)
        self._scheduler.start()

    def stop(self) -> None:
        """End what `begin` began; a job that is under way goes on."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def ring(self) -> Job | None:
        """It is time: start a retraining, unless another bot just did. Returns the job."""
        latest = self._launcher.jobs.latest()
        if latest is not None and latest.request.cause == "schedule" and _age(latest) < _SAME_RING:
            return None
        return self._start("schedule")

    def look(self) -> Job | None:
        """Take up a job that died, or start one if there are enough new triplets. Returns a new job."""
        try:
            self._launcher.recover()
            wanted = self._settings.after_triplets
            if wanted is None or self._launcher.jobs.under_way() is not None:
                return None
            latest = self._launcher.jobs.latest()
            n_before = 0 if latest is None else latest.n_triplets
            return self._start("triplets") if self._count_approved() - n_before >= wanted else None
        except ManualbotError as error:
            log.warning("Whether to retrain could not be found out: %s", error)
            return None

    def _start(self, cause: Cause) -> Job | None:
        started = self._launcher.start(Request(cause, questions=self._settings.questions))
        if not started.is_new:
            log.info("Job %d is under way: no other is started", started.job.id)
            return None
        log.info("Started job %d (%s)", started.job.id, cause)
        self._on_start(started.job)
        return started.job


def cron_trigger(expression: str) -> CronTrigger:
    """When to ring. Raises SettingsError with what is wrong."""
    try:
        *fields, weekdays = expression.split()
        return CronTrigger.from_crontab(" ".join([*fields, _weekdays_by_name(weekdays)]))
    except ValueError as error:
        raise SettingsError(
            f"MANUALBOT_RETRAIN_AT={expression!r} cannot be used: {error}. Write five fields, for example "
            "`0 3 * * sun` (Sundays at three)"
        ) from error


def _weekdays_by_name(field: str) -> str:
    """The field with cron's numbers, where 0 and 7 are Sunday, as names: APScheduler 3 counts from Monday."""
    return ",".join(_part_by_name(part) for part in field.split(","))


def _part_by_name(part: str) -> str:
    days, _, step = part.partition("/")
    first, dash, last = days.partition("-")
    if days == "*" and step:
        first, last = "0", "6"
    elif not first.isdigit() or (dash and not last.isdigit()):
        return part
    elif not dash:
        last = "6" if step else first
    if int(first) > int(last) or int(last) > 7:
        raise ValueError(f"the days of the week are 0 (Sunday) to 7 (Sunday again), not {part}")
    return ",".join(_WEEKDAYS[number % 7] for number in range(int(first), int(last) + 1, int(step or 1)))


def _age(job: Job) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(job.created_at)
