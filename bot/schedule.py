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
LATE_S = 3600  # a bot that stalls at the set time rings when it goes on, at the latest after so long
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")  # as cron counts them
_SAME_RING = timedelta(seconds=50)  # clocks of bots that share a database differ by less: one of them starts


class Schedule:
    """Starts retrainings, and takes up those whose process died. Bots may all have one: a job starts once."""

    def __init__(
        self,
        launcher: Launcher,
        settings: TrainingSettings,
        count_approved: Callable[[], int],
        on_start: Callable[[Job], None] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`count_approved` tells how many triplets are approved now; `on_start` is told of each new job.

        Raises SettingsError for a cron expression that means nothing.
        """
        self._launcher, self._settings = launcher, settings
        self._count_approved, self._on_start, self._now = count_approved, on_start, now
        self._trigger = None if settings.schedule is None else cron_trigger(settings.schedule)
        once = {"max_instances": 1, "coalesce": True, "misfire_grace_time": LATE_S}
        self._scheduler = BackgroundScheduler(daemon=True, job_defaults=once)

    def begin(self) -> None:
        """Look every minute from now on, and ring at the set times, in a thread."""
        self._scheduler.add_job(self.look, "interval", seconds=LOOK_EVERY_S)
        if self._trigger is not None:
            self._scheduler.add_job(self.ring, self._trigger)
        self._scheduler.start()

    def stop(self) -> None:
        """End what `begin` began; a job that is under way goes on."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def ring(self) -> Job | None:
        """It is time: start a retraining, unless another bot did at this time. Returns the job."""
        latest = self._launcher.jobs.latest()
        if latest is not None and latest.request.cause == "schedule":
            begun = datetime.fromisoformat(latest.created_at)
            if begun > _rung_at(self._trigger, self._now()) - _SAME_RING:
                return None
        return self._start("schedule")

    def look(self) -> Job | None:
        """Take up a job that died, or start one if there are enough new triplets. Returns a new job."""
        try:
            self._launcher.recover()
            wanted = self._settings.after_triplets
            if wanted is None or self._launcher.jobs.under_way() is not None:
                return None
            n_approved = self._count_approved()
            self._launcher.jobs.lower_baseline(n_approved)
            n_new = n_approved - self._launcher.jobs.baseline()
            return self._start("triplets") if n_new >= wanted else None
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
    """When to ring. Raises SettingsError with what is wrong, a day that no year has included."""
    try:
        *fields, weekdays = expression.split()
        trigger = CronTrigger.from_crontab(" ".join([*fields, _weekdays_by_name(weekdays)]))
        if trigger.get_next_fire_time(None, datetime.now(UTC)) is None:
            raise ValueError("no year has such a day")
    except ValueError as error:
        raise SettingsError(
            f"MANUALBOT_RETRAIN_AT={expression!r} cannot be used: {error}. Write five fields, for example "
            "`0 3 * * sun` (Sundays at three)"
        ) from error
    return trigger


def next_ring(expression: str, now: datetime) -> datetime:
    """The first set time from `now` on, in this machine's time zone. Raises as `cron_trigger` does."""
    ring: datetime = cron_trigger(expression).get_next_fire_time(None, now)
    return ring


def _rung_at(trigger: CronTrigger | None, now: datetime) -> datetime:
    """The set time that it is now, or was while this bot stalled; `now` where there is none."""
    rung, ring = now, trigger and trigger.get_next_fire_time(None, now - timedelta(seconds=LATE_S))
    while trigger and ring and ring <= now:
        rung, ring = ring, trigger.get_next_fire_time(ring, now)
    return rung


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
