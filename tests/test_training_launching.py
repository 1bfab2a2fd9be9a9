"""Whoever looks after a job that died starts its process once, and not for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.learning.retraining import follow
from qa_core.errors import ManualbotError
from qa_core.store import Store
from training.migrations import TRAINING
from training.retraining.jobs import LEASE_S, MAX_STARTS, Job, Jobs, Request
from training.retraining.launching import Launcher


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Installation:
    """One database; processes start by being noted, and what they do the test does."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock, self.launched = path, Clock(), list[int]()
        self.jobs = Jobs(Store(path, (TRAINING,)), self.clock)
        self.launcher = Launcher(self.jobs, self.launched.append)

    def another_launcher(self) -> Launcher:
        """What another bot looks with."""
        return Launcher(Jobs(Store(self.path, (TRAINING,)), self.clock), self.launched.append)

    def job(self) -> Job:
        return self.jobs.get(1)

    def kill(self) -> None:
        with self.jobs._store.transaction() as db:
            db.execute("UPDATE jobs SET pid = NULL, beat_at = 0")


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "manualbot.db")


def test_a_dead_job_is_launched_once_while_its_new_process_comes_up(here: Installation) -> None:
    here.launcher.start(Request())
    here.jobs.run(1)
    here.kill()

    assert here.launcher.recover() == here.job()
    assert [here.launcher.recover() for _ in range(20)] == [None] * 20

    assert here.launched == [1, 1]
    assert (here.job().owner, here.job().n_starts) == (None, 2)


def test_who_follows_a_dead_job_does_not_launch_it_at_each_look(here: Installation) -> None:
    here.launcher.start(Request())
    here.jobs.run(1)
    here.kill()
    looks: list[str] = []

    def on_look(job: Job) -> None:
        looks.append(job.state)
        if len(looks) == 30:
            here.jobs.cancel(1)

    assert follow(here.launcher, 1, on_look, sleep=lambda _: None).state == "cancelled"
    assert here.launched == [1, 1]


def test_of_many_who_find_it_dead_one_launches_it(here: Installation) -> None:
    here.launcher.start(Request())
    here.jobs.run(1)
    here.kill()
    launchers = [here.another_launcher() for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda launcher: launcher.recover(), launchers))

    assert sum(job is not None for job in taken) == 1
    assert here.launched == [1, 1]


def test_a_job_that_came_to_life_since_it_was_looked_at_is_left_alone(here: Installation) -> None:
    here.launcher.start(Request())
    here.clock.now += LEASE_S + 1
    seen_dead = here.job()
    owner = here.jobs.run(1)

    assert not here.jobs.relaunch(seen_dead)
    assert here.job().owner == owner


def test_a_process_that_never_takes_its_job_up_is_started_only_so_often(here: Installation) -> None:
    here.launcher.start(Request())
    for _ in range(10):
        here.clock.now += LEASE_S + 1
        here.launcher.recover()

    assert here.launched == [1] * MAX_STARTS
    assert (here.job().state, here.job().message) == (
        "failed",
        "Its process died 3 times, the last time before it could begin. Why is in jobs/1/log.txt, in the "
        "folder of MANUALBOT_HOME. The current release goes on answering",
    )
    assert here.launcher.start(Request()).is_new, "it is in nobody's way"


def test_a_process_that_cannot_be_started_ends_the_job_with_the_reason(here: Installation) -> None:
    def launch(_: int) -> None:
        raise OSError(28, "No space left on device", "/var/jobs/1")

    launcher = Launcher(here.jobs, launch)
    message = (
        "Its process could not be started: [Errno 28] No space left on device: '/var/jobs/1'. Free some "
        "disk space or memory, or check the folder, then retrain again"
    )

    with pytest.raises(ManualbotError, match=r"Job 1 has failed\. Its process could not be started"):
        launcher.start(Request())

    assert (here.job().state, here.job().message) == ("failed", message)
    assert here.launcher.start(Request()).is_new


def test_a_dead_job_whose_process_cannot_be_started_again_ends_too(here: Installation) -> None:
    def launch(_: int) -> None:
        raise OSError(12, "Cannot allocate memory")

    here.launcher.start(Request())
    here.jobs.run(1)
    here.kill()

    with pytest.raises(ManualbotError, match="Cannot allocate memory"):
        Launcher(here.jobs, launch).recover()

    assert here.job().state == "failed"


def test_a_job_whose_release_may_answer_goes_on_whoever_cancelled_it_and_after_its_last_start(
    here: Installation,
) -> None:
    here.launcher.start(Request())
    for _ in range(MAX_STARTS - 1):
        here.jobs.run(1)
        here.kill()
        here.launcher.recover()
    here.jobs.run(1)
    here.jobs.begin_to_promote(1, "r2")
    here.kill()
    here.jobs.cancel(1)

    assert here.launcher.recover() == here.job()
    assert here.launched == [1] * (MAX_STARTS + 1)

    for _ in range(10):
        here.clock.now += LEASE_S + 1
        here.launcher.recover()
    assert here.launched == [1] * 2 * MAX_STARTS
    assert here.job().state == "failed"
    assert here.job().message.endswith(" r2 may answer already: manualbot releases")
