"""Retrainings that nobody asks for: at set times, and after so many new triplets."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from qa_core.clock import utc_now
from qa_core.errors import ManualbotError, SettingsError
from training.retraining.jobs import Cause, Job, Request
from training.retraining.launching import Launcher
from training.settings import TrainingSettings

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
_TICK_S = 1.0
LATE_S = 3600  # a bot that stalls at the set time rings when it goes on, at the latest after so long
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")  # as cron counts them
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = rf"([0-7]|{'|'.join(_WEEKDAYS)})"
_DAYS = re.compile(rf"{_DAY}(?:-{_DAY})?(?:/([1-9]))?")
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")
_INSTANT = timedelta(microseconds=1)
_SAME_RING = timedelta(seconds=50)  # clocks of bots that share a database differ by less: one of them starts


class Schedule:
    """Starts retrainings, and takes up those whose process died. Bots may all have one: a job starts once."""

    def __init__(
        self,
        launcher: Launcher,
        settings: TrainingSettings,
        count_approved: Callable[[], int],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """`count_approved` tells how many triplets are approved now.

        Raises SettingsError for a cron expression that means nothing.
        """
        self._launcher, self._settings = launcher, settings
        self._count_approved, self._now = count_approved, now
        self._trigger = None if settings.schedule is None else cron_trigger(settings.schedule)
        self._due_until: datetime | None = None  # a ring at which nothing could be started
        self._stopped = threading.Event()

    def begin(self) -> None:
        """Look every minute from now on, and ring at the set times, in a thread."""
        threading.Thread(target=self._follow, name="schedule", daemon=True).start()

    def stop(self) -> None:
        """End what `begin` began; a job that is under way goes on."""
        self._stopped.set()

    def is_due(self, since: datetime, now: datetime) -> bool:
        """Whether a set time has come after `since`, at most an hour ago; none where a clock was set back."""
        after = max(since + _INSTANT, now - timedelta(seconds=LATE_S))
        ring = self._trigger and self._trigger.get_next_fire_time(None, after)
        return bool(ring and ring <= now)

    def ring(self) -> Job | None:
        """It is time: start a retraining, unless another bot did at this time. Returns the job.

        Where that cannot be done just now, `look` tries again.
        """
        self._due_until = self._now() + timedelta(seconds=LATE_S)
        return self._answer_ring()

    def look(self) -> Job | None:
        """Take up a job that died, or start one if there are enough new triplets. Returns a new job."""
        if self._due_until is not None and self._now() < self._due_until and (job := self._answer_ring()):
            return job
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

    def _follow(self) -> None:
        """Ring and look; minutes are counted by a clock that nobody sets."""
        seen, looked = self._now(), time.monotonic()
        while not self._stopped.wait(_TICK_S):
            before, seen = seen, self._now()
            try:
                if self.is_due(before, seen):
                    self.ring()
                if time.monotonic() - looked >= LOOK_EVERY_S:
                    looked = time.monotonic()
                    self.look()
            except Exception:  # whatever it was, the next minute comes
                log.exception("The schedule goes on after an unforeseen error")

    def _answer_ring(self) -> Job | None:
        try:
            job = self._start_once()
        except ManualbotError as error:
            log.warning("The retraining that is due could not be started: %s", error)
            return None
        self._due_until = None
        return job

    def _start_once(self) -> Job | None:
        """Start what is due; None if another bot did."""
        latest, now = self._launcher.jobs.latest(), self._now()
        if latest is not None and latest.request.cause == "schedule":
            begun = datetime.fromisoformat(latest.created_at)  # by a clock that was ahead it tells nothing
            if _rung_at(self._trigger, now) - _SAME_RING < begun < now + _SAME_RING:
                return None
        return self._start("schedule")

    def _start(self, cause: Cause) -> Job | None:
        started = self._launcher.start(Request(cause, questions=self._settings.questions))
        if not started.is_new:
            log.info("Job %d is under way: no other is started", started.job.id)
            return None
        log.info("Started job %d (%s)", started.job.id, cause)
        return started.job


def cron_trigger(expression: str) -> BaseTrigger:
    """When to ring. Raises SettingsError with what is wrong, a day that no year has included."""
    try:
        now = utc_now()
        triggers = [each for each in _triggers(expression) if each.get_next_fire_time(None, now) is not None]
        if not triggers:
            raise ValueError("no year has such a day")
    except ZoneInfoNotFoundError as error:
        raise SettingsError(
            "MANUALBOT_RETRAIN_AT needs a time zone, and none has the name that TZ or the system gives. "
            "Set TZ to one that is there, for example Europe/Berlin"
        ) from error
    except ValueError as error:
        raise SettingsError(
            f"MANUALBOT_RETRAIN_AT={expression!r} cannot be used: {error}. Write five fields, for example "
            "`0 3 * * sun` (Sundays at three)"
        ) from error
    return triggers[0] if len(triggers) == 1 else OrTrigger(triggers)


def next_ring(expression: str, now: datetime) -> datetime:
    """The first set time from `now` on, in this machine's time zone. Raises as `cron_trigger` does."""
    ring: datetime = cron_trigger(expression).get_next_fire_time(None, now)
    return ring


def _rung_at(trigger: BaseTrigger | None, now: datetime) -> datetime:
    """The set time that it is now, or was while this bot stalled; `now` where there is none."""
    rung, ring = now, trigger and trigger.get_next_fire_time(None, now - timedelta(seconds=LATE_S))
    while trigger and ring and ring <= now:
        rung, ring = ring, trigger.get_next_fire_time(ring, now)
    return rung.astimezone(UTC)  # what is taken off a local time may lead into an hour that is left out


class _SetHours(BaseTrigger):  # type: ignore[misc]
    """Rings at set hours, as the clock on the wall shows them, each once: as cron has it where clocks change.

    A time that is left out in spring rings when the clock has been put forward, one that comes twice in
    autumn rings the first time. APScheduler's own never rings at the former, and twice at the latter.
    """

    def __init__(self, **fields: str) -> None:
        self._zone = CronTrigger().timezone
        self._shown = CronTrigger(**fields, timezone=UTC)  # counts as if no clock was ever changed

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """The first ring after `previous`, where there was one until `now`, else from `now` on; or None."""
        after = now.astimezone(UTC)
        if previous is not None and previous <= now:
            after = previous.astimezone(UTC) + _INSTANT
        shown = (after - _INSTANT).astimezone(self._zone).replace(tzinfo=UTC, fold=0)
        while shown := self._shown.get_next_fire_time(None, shown):
            ring = self._comes(shown)
            if ring >= after:
                return ring.astimezone(self._zone)
            shown += _INSTANT
        return None

    def _comes(self, shown: datetime) -> datetime:
        """When a clock shows it for the first time, or where that is left out, the first time after it."""
        while True:
            comes = shown.replace(tzinfo=self._zone).astimezone(UTC)
            if comes.astimezone(self._zone).replace(tzinfo=UTC) == shown:
                return comes
            shown += timedelta(minutes=1)


def _triggers(expression: str) -> list[BaseTrigger]:
    """One of which rings: as cron has it, on either day where days of month and of week are both given."""
    values = expression.split()
    if len(values) != 5:
        raise ValueError(f"it has {len(values)} fields")
    minute, hour, day, month, weekday = map(str.lower, values)
    month = _MONTH.sub(lambda name: str(_MONTHS.index(name[0]) + 1), month)  # APScheduler reads no jan-jun/2
    weekdays = _weekdays_by_name(weekday)
    days = [(day, weekdays)]
    if not day.startswith("*") and not weekday.startswith("*"):
        days = [(day, "*"), ("*", weekdays)]
    kind = CronTrigger if hour == "*" else _SetHours  # every hour is every hour that passes
    return [
        kind(minute=minute, hour=hour, day=of_month, month=month, day_of_week=of_week)
        for of_month, of_week in days
    ]


def _weekdays_by_name(field: str) -> str:
    """The field as names of days: APScheduler 3 counts from Monday, cron from Sunday (0, or 7)."""
    return ",".join(_part_by_name(part) for part in field.split(","))


def _part_by_name(part: str) -> str:
    read = _DAYS.fullmatch(part.replace("*", "sun-sat"))
    if read is None:
        raise ValueError(f"the days of the week are 0 (Sunday) to 7 (Sunday), or sun to sat, not {part}")
    begin, end, step = read.groups()
    if step and not end:  # crons differ in what it means
        raise ValueError(f"a step stands behind a range of days or *, not behind one as in {part}")
    first, last = _number(begin), _number(end or begin)
    if last < first:
        last += len(_WEEKDAYS)  # over the end of the week: fri-mon
    return ",".join(_WEEKDAYS[number % 7] for number in range(first, last + 1, int(step or 1)))


def _number(day: str) -> int:
    return int(day) if day.isdigit() else _WEEKDAYS.index(day)
