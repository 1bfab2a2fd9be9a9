"""Retrainings that nobody asks for: at set times, after N new triplets, and once, however many bots look."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cli import main
from bot.schedule import LATE_S, Schedule, cron_trigger, next_ring
from qa_core.errors import SettingsError, StoreError
from qa_core.store import Store
from training.feedback.triplet import Rules
from training.migrations import TRAINING
from training.retraining.jobs import MAX_STARTS, Ending, Job, Jobs, Request
from training.retraining.launching import Launcher
from training.settings import TrainingSettings


class Bots:
    """What several bots share: the database, and the processes that they start."""

    def __init__(self, home: Path) -> None:
        self.jobs = Jobs(Store(home / "manualbot.db", (TRAINING,)))
        self.launched: list[int] = []
        self.launcher = Launcher(self.jobs, self.launched.append)

    def schedule(self, n_approved: int = 0, settings: TrainingSettings | None = None) -> Schedule:
        wanted = settings or TrainingSettings(after_triplets=10)
        return Schedule(self.launcher, wanted, lambda: n_approved)

    def run(self) -> None:
        """The job's process takes it."""
        job = self.under_way
        assert self.jobs.run(job.id) is not None

    def end(self) -> None:
        job = self.under_way
        assert self.jobs.end(job.id, job.owner, Ending("kept", "Refused."))

    def kill(self) -> None:
        with self.jobs._store.transaction() as db:
            db.execute("UPDATE jobs SET pid = NULL, beat_at = 0")

    def approve(self, n: int) -> None:
        with self.jobs._store.transaction() as db:
            for i in range(n):
                db.execute("INSERT OR REPLACE INTO triplets VALUES (?, 'approved', '{}')", [str(i)])

    @property
    def under_way(self) -> Job:
        job = self.jobs.under_way()
        assert job is not None
        return job


@pytest.fixture
def bots(tmp_path: Path) -> Bots:
    return Bots(tmp_path)


def test_enough_new_triplets_start_a_retraining(bots: Bots) -> None:
    assert bots.schedule(9).look() is None
    job = bots.schedule(10).look()
    assert job is not None
    assert job.request == Request("triplets")
    assert bots.launched == [job.id]


def test_new_are_the_triplets_since_the_last_retraining(bots: Bots) -> None:
    bots.approve(12)
    assert bots.schedule(12).look() is not None
    bots.run()
    bots.end()
    assert bots.schedule(21).look() is None
    assert bots.schedule(22).look() is not None


def test_a_retraining_that_failed_is_not_started_again_every_minute(bots: Bots) -> None:
    bots.approve(12)
    bots.schedule(12).look()
    bots.end()
    assert bots.schedule(12).look() is None
    assert len(bots.launched) == 1


def test_a_dry_run_learns_nothing_and_takes_no_triplets_away(bots: Bots) -> None:
    bots.approve(12)
    bots.launcher.start(Request(dry_run=True))
    bots.run()
    bots.end()
    assert bots.schedule(12).look() is not None


def test_triplets_that_have_gone_stale_need_not_be_made_up_for(bots: Bots) -> None:
    bots.approve(100)
    bots.schedule(100).look()
    bots.run()
    bots.end()
    assert bots.schedule(40).look() is None, "60 have gone stale"
    assert bots.schedule(49).look() is None
    assert bots.schedule(50).look() is not None


def test_while_one_is_under_way_no_other_is_started(bots: Bots) -> None:
    bots.launcher.start(Request())
    assert bots.schedule(100).look() is None
    assert bots.schedule().ring() is None
    assert len(bots.launched) == 1


def test_without_settings_nothing_starts_by_itself(bots: Bots) -> None:
    assert bots.schedule(10_000, TrainingSettings()).look() is None
    assert bots.launched == []


def test_bots_that_ring_at_the_same_minute_start_one(bots: Bots) -> None:
    first = bots.schedule().ring()
    assert first is not None
    assert first.request.cause == "schedule"
    bots.run()
    bots.end()
    assert bots.schedule().ring() is None


@pytest.mark.parametrize("expression", ["0 * * * *", "0 2,3 5 * sun"])
@pytest.mark.parametrize(
    ("begun", "rings_at", "starts"),
    [
        ("03:00:01", "03:00:02", False),  # another bot's clock
        ("02:59:40", "03:00:00", False),  # another machine's clock
        ("03:00:01", "03:45:00", False),  # this bot was asleep until then
        ("02:00:01", "03:00:00", True),  # the ring before
    ],
)
def test_bots_start_one_job_a_ring_however_late_they_come(
    bots: Bots, begun: str, rings_at: str, starts: bool, expression: str
) -> None:
    hourly = TrainingSettings(schedule=expression)
    first = bots.schedule(settings=hourly).ring()
    assert first is not None
    with bots.jobs._store.transaction() as db:
        db.execute("UPDATE jobs SET created_at = ?", [today_at(begun).isoformat()])
    bots.end()
    late = Schedule(bots.launcher, hourly, lambda: 0, now=lambda: today_at(rings_at))
    assert (late.ring() is not None) == starts


def test_a_database_that_is_busy_at_the_set_time_is_tried_again_the_next_minutes(
    bots: Bots, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = bots.schedule(settings=TrainingSettings(schedule="0 3 * * sun"))

    def busy() -> Job:
        raise StoreError("busy")

    with monkeypatch.context() as patch:
        patch.setattr(bots.jobs, "latest", busy)
        assert schedule.ring() is None
        assert schedule.look() is None

    job = schedule.look()
    assert job is not None
    assert job.request.cause == "schedule"
    bots.end()
    assert schedule.look() is None


def test_a_set_time_that_is_long_past_is_not_made_up_for(bots: Bots, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 1, 4, 3, 0, tzinfo=UTC)
    schedule = Schedule(bots.launcher, TrainingSettings(schedule="0 3 * * sun"), lambda: 0, lambda: now)

    def busy() -> Job:
        raise StoreError("busy")

    with monkeypatch.context() as patch:
        patch.setattr(bots.jobs, "latest", busy)
        assert schedule.ring() is None

    now += timedelta(seconds=LATE_S)
    assert schedule.look() is None
    assert bots.launched == []


def today_at(time: str) -> datetime:
    return datetime.fromisoformat(f"2026-01-05T{time}").astimezone()


@pytest.mark.parametrize(
    ("since", "now", "expected"),
    [
        ("02:59:59", "03:00:00", True),
        ("03:00:00", "03:00:01", False),  # it has rung
        ("02:00:00", "03:20:00", True),  # a bot that stalled goes on
        ("02:00:00", "04:30:00", False),  # long past
        ("23:00:00", "02:59:00", False),  # a clock that was ahead, and set right
    ],
)
def test_it_is_due_once_a_set_time_has_come(bots: Bots, since: str, now: str, expected: bool) -> None:
    schedule = bots.schedule(settings=TrainingSettings(schedule="0 3 * * *"))
    assert schedule.is_due(today_at(since), today_at(now)) is expected


def test_a_clock_that_is_set_back_stops_nothing(bots: Bots, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.schedule._TICK_S", 0.01)
    monkeypatch.setattr("bot.schedule.LOOK_EVERY_S", 0.02)
    clock = Clock(today_at("12:00:00") + timedelta(days=365))
    nightly = TrainingSettings(schedule="0 3 * * *", after_triplets=10)
    schedule = Schedule(bots.launcher, nightly, lambda: 0, clock)
    began = schedule.ring()
    assert began is not None
    with bots.jobs._store.transaction() as db:
        db.execute("UPDATE jobs SET created_at = ?", [clock.now.isoformat()])
    bots.end()
    schedule.begin()
    try:
        clock.now = today_at("02:59:59")
        n_looks = clock.n_asked
        wait_until(lambda: clock.n_asked > n_looks + 5)
        clock.now = today_at("03:00:00")
        wait_until(lambda: len(bots.launched) == 2)
    finally:
        schedule.stop()


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now, self.n_asked = now, 0

    def __call__(self) -> datetime:
        self.n_asked += 1
        return self.now


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_job_whose_process_died_is_taken_up_again(bots: Bots) -> None:
    job = bots.schedule(10).look()
    assert job is not None
    bots.run()
    assert bots.schedule(10).look() is None
    assert bots.launched == [job.id]
    bots.kill()
    assert bots.schedule(10).look() is None
    assert bots.launched == [job.id, job.id]


def test_a_job_that_dies_again_and_again_has_failed(bots: Bots) -> None:
    bots.schedule(10).look()
    for _ in range(MAX_STARTS):
        bots.run()
        bots.kill()
        bots.launcher.recover()
    [job] = bots.jobs.list()
    assert job.state == "failed"
    assert job.message.startswith(f"Its process died {MAX_STARTS} times")
    assert len(bots.launched) == MAX_STARTS


def test_a_cancelled_job_that_died_is_not_taken_up(bots: Bots) -> None:
    job = bots.schedule(10).look()
    assert job is not None
    bots.run()
    assert bots.jobs.cancel(job.id)
    bots.kill()
    assert bots.launcher.recover() is None
    assert bots.jobs.get(job.id).state == "cancelled"


def test_cron_means_what_cron_means() -> None:
    monday = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    rings = cron_trigger("30 3 * * sun").get_next_fire_time(None, monday)
    assert rings is not None
    assert (rings.weekday(), rings.hour, rings.minute) == (6, 3, 30)


MONDAY, TUESDAY, FRIDAY, SATURDAY, SUNDAY = 0, 1, 4, 5, 6  # as Python counts them


@pytest.mark.parametrize(
    ("weekdays", "expected"),
    [
        ("0", {SUNDAY}),
        ("7", {SUNDAY}),
        ("1", {MONDAY}),
        ("5-7", {FRIDAY, SATURDAY, SUNDAY}),
        ("0-2", {SUNDAY, MONDAY, TUESDAY}),
        ("0-6/5", {SUNDAY, FRIDAY}),
        ("*/6", {SUNDAY, SATURDAY}),
        ("mon,6", {MONDAY, SATURDAY}),
        ("fri-sun", {FRIDAY, SATURDAY, SUNDAY}),
        ("sat-sun", {SATURDAY, SUNDAY}),
        ("sun-mon", {SUNDAY, MONDAY}),
        ("fri-mon", {FRIDAY, SATURDAY, SUNDAY, MONDAY}),
        ("6-1", {SATURDAY, SUNDAY, MONDAY}),
        ("7-1", {SUNDAY, MONDAY}),
        ("mon-fri/4", {MONDAY, FRIDAY}),
        ("FRI,0-1", {FRIDAY, SUNDAY, MONDAY}),
        ("*", set(range(7))),
    ],
)
def test_numbers_of_weekdays_are_those_of_cron(weekdays: str, expected: set[int]) -> None:
    trigger = cron_trigger(f"0 3 * * {weekdays}")
    days = set[int]()
    at = datetime(2026, 1, 5, tzinfo=UTC)
    for _ in range(14):
        found = trigger.get_next_fire_time(None, at)
        assert found is not None
        days.add(found.weekday())
        at = found + timedelta(minutes=1)

    assert days == expected


@pytest.mark.parametrize("weekdays", ["8", "5-9", "mon#1", "5L", "last", "monday", "mon-", "1/0", "?"])
def test_a_weekday_that_there_is_not_is_refused(weekdays: str) -> None:
    with pytest.raises(SettingsError, match=rf"the days of .* not {re.escape(weekdays.lower())}\."):
        cron_trigger(f"0 3 * * {weekdays}")


def test_a_cron_expression_that_means_nothing_is_refused_at_the_start(bots: Bots) -> None:
    with pytest.raises(SettingsError, match=r"MANUALBOT_RETRAIN_AT='99 3 \* \* sun' cannot be used"):
        bots.schedule(settings=TrainingSettings(schedule="99 3 * * sun"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 3 1 * sun", ["02-01", "02-08", "02-15", "02-22", "03-01"]),  # both are the 1st of February
        ("0 3 1,12 * mon-tue", ["01-26", "01-27", "02-01", "02-02", "02-03"]),
        ("0 3 */2 * sun", ["02-01", "02-15", "03-01", "03-15", "03-29"]),
        ("0 3 1 * */6", ["02-01", "03-01", "08-01", "11-01", "05-01"]),
        ("0 3 30 2 sun", ["02-01", "02-08", "02-15", "02-22", "02-07"]),
        ("0 3 1 jan-jun/2 *", ["03-01", "05-01", "01-01", "03-01", "05-01"]),
        ("0 3 last * *", ["01-31", "02-28", "03-31", "04-30", "05-31"]),
        ("0 3 last * sun", ["01-31", "02-01", "02-08", "02-15", "02-22"]),
    ],
)
def test_where_days_of_month_and_of_week_are_given_it_rings_on_either(
    expression: str, expected: list[str]
) -> None:
    trigger, rings = cron_trigger(expression), []
    ring = datetime(2026, 1, 25, 12, 0, tzinfo=UTC)
    for _ in expected:
        ring = trigger.get_next_fire_time(ring, ring)
        rings.append(f"{ring:%m-%d}")
    assert rings == expected


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> ZoneInfo:
    """Where two o'clock is left out on 2027-03-28, and comes twice on 2027-10-31; both are Sundays."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    monkeypatch.setattr("tzlocal.unix._cache_tz", None)
    return ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("expression", "in_spring", "in_autumn"),
    [
        ("30 2 * * *", ["03:00 CEST"], ["02:30 CEST"]),
        ("30 2 * * sun", ["03:00 CEST"], ["02:30 CEST"]),
        ("30 2 1 * sun", ["03:00 CEST"], ["02:30 CEST"]),
        ("*/30 2 * * *", ["03:00 CEST"], ["02:00 CEST", "02:30 CEST"]),
        ("30 2,3 * * *", ["03:00 CEST", "03:30 CEST"], ["02:30 CEST", "03:30 CET"]),
        ("0 3 * * *", ["03:00 CEST"], ["03:00 CET"]),
        ("15 1-4/2 * * *", ["01:15 CET", "03:15 CEST"], ["01:15 CEST", "03:15 CET"]),
        (
            "30 * * * *",
            ["00:30 CET", "01:30 CET", "03:30 CEST", "04:30 CEST"],
            ["00:30 CEST", "01:30 CEST", "02:30 CEST", "02:30 CET", "03:30 CET", "04:30 CET"],
        ),
    ],
)
def test_where_clocks_change_a_set_hour_rings_once(
    bots: Bots, berlin: ZoneInfo, expression: str, in_spring: list[str], in_autumn: list[str]
) -> None:
    schedule = bots.schedule(settings=TrainingSettings(schedule=expression))
    assert rings_on(schedule, datetime(2027, 3, 28, tzinfo=berlin)) == in_spring
    assert rings_on(schedule, datetime(2027, 10, 31, tzinfo=berlin)) == in_autumn


def rings_on(schedule: Schedule, day: datetime) -> list[str]:
    """When a bot that looks every 30 s finds that it is due, until five o'clock."""
    at, end, rings = day.astimezone(UTC), day.replace(hour=5).astimezone(UTC), []
    while at < end:
        before, at = at, at + timedelta(seconds=30)
        if schedule.is_due(before, at):
            rings.append(f"{at.astimezone(day.tzinfo):%H:%M %Z}")
    return rings


def test_bots_start_one_job_where_the_set_hour_is_left_out(bots: Bots, berlin: ZoneInfo) -> None:
    settings = TrainingSettings(schedule="30 2 * * sun")
    now = datetime(2027, 3, 28, 3, 0, 2, tzinfo=berlin)
    first = Schedule(bots.launcher, settings, lambda: 0, lambda: now).ring()
    assert first is not None
    with bots.jobs._store.transaction() as db:
        db.execute("UPDATE jobs SET created_at = ?", [now.isoformat()])
    bots.end()
    assert Schedule(bots.launcher, settings, lambda: 0, lambda: now).ring() is None


@pytest.mark.parametrize("never", ["0 3 31 2 *", "0 3 30 2 */2", "0 3 31 2,4,6 *"])
def test_a_day_that_never_comes_is_refused(never: str) -> None:
    said = (
        f"MANUALBOT_RETRAIN_AT={never!r} cannot be used: no year has such a day. Write five fields, for "
        "example `0 3 * * sun` (Sundays at three)"
    )
    with pytest.raises(SettingsError, match=re.escape(said)):
        cron_trigger(never)


def test_a_step_behind_a_single_day_is_refused() -> None:
    with pytest.raises(SettingsError, match=re.escape("not behind one as in 5/2")):
        cron_trigger("0 3 * * 5/2")


def test_the_29th_of_february_comes() -> None:
    rings = next_ring("0 3 29 2 *", datetime(2026, 1, 5, tzinfo=UTC))
    assert (rings.year, rings.month, rings.day, rings.hour) == (2028, 2, 29, 3)


def test_it_looks_again_and_again_whatever_happens_until_it_is_stopped(
    bots: Bots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.schedule._TICK_S", 0.01)
    monkeypatch.setattr("bot.schedule.LOOK_EVERY_S", 0.02)
    looks: list[float] = []

    def count() -> int:
        looks.append(time.monotonic())
        raise RuntimeError("unforeseen")

    schedule = Schedule(bots.launcher, TrainingSettings(after_triplets=10), count)
    schedule.begin()
    wait_until(lambda: len(looks) > 2)
    schedule.stop()
    schedule.stop()
    time.sleep(0.1)
    n_looks = len(looks)
    time.sleep(0.1)
    assert len(looks) == n_looks


@pytest.mark.parametrize("zone", ["Nowhere/Bad", "EST5EDT,M3.2.0,M11.1.0"])
def test_a_time_zone_that_nobody_knows_is_told_only_where_it_is_needed(
    bots: Bots, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setattr("tzlocal.unix._cache_tz", None)
    bots.schedule(settings=TrainingSettings(after_triplets=10))
    with pytest.raises(SettingsError, match="Set TZ to one that is there"):
        bots.schedule(settings=TrainingSettings(schedule="0 3 * * *"))


def test_settings_are_read_from_the_environment(tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    own.write_text("{}")
    env = {
        "MANUALBOT_RETRAIN_AT": "0 3 * * sun",
        "MANUALBOT_RETRAIN_AFTER": "50",
        "MANUALBOT_QUESTIONS": str(own),
        "MANUALBOT_APPROVAL": "all",
        "MANUALBOT_MIN_VOTERS": "2",
    }
    assert TrainingSettings.load(env, None) == TrainingSettings(
        Rules(min_voters=2, approve_all=True), own, "0 3 * * sun", 50
    )
    assert TrainingSettings.load({}, None) == TrainingSettings()


@pytest.mark.parametrize(
    ("name", "value", "needed"),
    [
        ("MANUALBOT_RETRAIN_AT", "daily", "a cron expression of five fields"),
        ("MANUALBOT_RETRAIN_AFTER", "0", "a whole number of at least 1"),
        ("MANUALBOT_QUESTIONS", "/nowhere.jsonl", "a file of questions"),
        ("MANUALBOT_APPROVAL", "some", "admins"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, needed: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}='{value}' cannot be used: it must be {needed}"):
        TrainingSettings.load({name: value}, None)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """In an empty folder, which holds all state too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MANUALBOT_HOME", str(tmp_path / "var"))
    return monkeypatch


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("MANUALBOT_RETRAIN_AT", "99 3 * * sun", "MANUALBOT_RETRAIN_AT='99 3 * * sun' cannot be used"),
        ("MANUALBOT_RETRAIN_AT", "daily", "MANUALBOT_RETRAIN_AT='daily' cannot be used"),
        ("MANUALBOT_RETRAIN_AFTER", "-3", "MANUALBOT_RETRAIN_AFTER='-3' cannot be used"),
    ],
)
def test_a_bot_with_such_a_setting_does_not_start_and_says_which(
    name: str, value: str, told: str, shell: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.setenv(name, value)

    assert main(["run", "--port", "0"]) == 1
    assert capsys.readouterr().err.startswith(f"manualbot: {told}")
