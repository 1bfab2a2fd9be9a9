"""Retrainings in the store: one at a time, whoever asks; the dead are noticed, the cancelled end."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qa_core.errors import DataError
from qa_core.store import Store
from training.migrations import TRAINING, m017_why_releases_were_promoted
from training.retraining import job_process
from training.retraining.jobs import CANCELLED, LEASE_S, Ending, Jobs, Progress, Request

REQUEST = Request("slack", "U1", {"channel": "C1", "thread_ts": "1.5"}, questions=Path("/q.jsonl"), seed=3)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(tmp_path: Path, clock: Clock) -> Jobs:
    return Jobs(Store(tmp_path / "manualbot.db", (TRAINING,)), clock)


def claimed(jobs: Jobs) -> tuple[int, str]:
    job = jobs.claim(REQUEST)
    assert job is not None
    owner = jobs.run(job.id)
    assert owner is not None
    return job.id, owner


def test_a_job_keeps_what_was_asked_for(jobs: Jobs) -> None:
    job = jobs.claim(REQUEST)
    assert job is not None
    assert job.state == "waiting"
    assert job.request == REQUEST
    assert jobs.under_way() == job


def test_only_one_job_is_under_way(jobs: Jobs) -> None:
    job_id, owner = claimed(jobs)
    assert jobs.claim(Request()) is None
    assert jobs.end(job_id, owner, Ending("kept", "Refused."))
    second = jobs.claim(Request())
    assert second is not None
    assert second.id == job_id + 1  # people see the numbers: none is left out for whoever came too early
    assert [job.state for job in jobs.list()] == ["waiting", "kept"]


def test_of_many_who_start_at_the_same_time_one_gets_the_job(tmp_path: Path) -> None:
    stores = [Store(tmp_path / "manualbot.db", (TRAINING,)) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda store: Jobs(store).claim(Request()), stores))
    assert sum(job is not None for job in got) == 1


TWO = """
import sys
from pathlib import Path
from qa_core.store import Store
from training.retraining.jobs import Jobs, Request
from training.migrations import TRAINING
sys.stdin.readline()
print(Jobs(Store(Path(sys.argv[1]), (TRAINING,))).claim(Request()) is not None)
"""


def test_of_two_processes_one_gets_the_job(tmp_path: Path) -> None:
    path = tmp_path / "manualbot.db"
    Store(path, (TRAINING,)).close()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TWO, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert sorted(said) == ["False", "True"]


def test_of_two_processes_one_runs_a_job(jobs: Jobs) -> None:
    job_id, _ = claimed(jobs)
    assert jobs.run(job_id) is None
    assert jobs.get(job_id).n_starts == 1


def test_a_job_whose_process_is_gone_is_dead_and_can_be_taken_over(jobs: Jobs) -> None:
    job_id, owner = claimed(jobs)
    assert not jobs.is_dead(jobs.get(job_id))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with jobs._store.transaction() as db:
        db.execute("UPDATE jobs SET pid = ?", [gone.pid])
    assert jobs.is_dead(jobs.get(job_id))
    successor = jobs.run(job_id)
    assert successor is not None
    assert successor != owner
    assert not jobs.beat(job_id, owner)
    assert jobs.beat(job_id, successor)


def test_a_process_that_has_ended_and_was_not_waited_for_is_dead(jobs: Jobs) -> None:
    job_id, _ = claimed(jobs)
    zombie = subprocess.Popen([sys.executable, "-c", "print('done')"], stdout=subprocess.PIPE)
    assert zombie.stdout is not None
    zombie.stdout.read()
    with jobs._store.transaction() as db:
        db.execute("UPDATE jobs SET pid = ?", [zombie.pid])
    while Path(f"/proc/{zombie.pid}/stat").read_text().split()[2] != "Z":
        pass
    assert jobs.is_dead(jobs.get(job_id))
    zombie.wait()
    zombie.stdout.close()


def test_on_another_machine_a_silent_job_is_dead_after_its_lease(jobs: Jobs, clock: Clock) -> None:
    job_id, owner = claimed(jobs)
    with jobs._store.transaction() as db:
        db.execute("UPDATE jobs SET host = 'elsewhere', pid = 1")
    clock.now += LEASE_S
    assert not jobs.is_dead(jobs.get(job_id))
    clock.now += 1
    assert jobs.is_dead(jobs.get(job_id))
    assert jobs.beat(job_id, owner)
    assert not jobs.is_dead(jobs.get(job_id))


def test_progress_is_what_its_owner_told_last(jobs: Jobs) -> None:
    job_id, owner = claimed(jobs)
    jobs.tell(job_id, owner, Progress("Training the reader", 0.25, 1.5, 80.0))
    jobs.tell(job_id, "somebody else", Progress("Lies", 0.99))
    assert jobs.get(job_id).progress == Progress("Training the reader", 0.25, 1.5, 80.0)
    jobs.tell(job_id, owner, Progress("Training the reader", 0.26, gives_way=True))
    assert jobs.get(job_id).progress.gives_way


def test_a_cancelled_job_hears_of_it_at_its_next_beat(jobs: Jobs) -> None:
    job_id, owner = claimed(jobs)
    assert jobs.beat(job_id, owner)
    assert jobs.cancel(job_id)
    assert not jobs.beat(job_id, owner)
    assert jobs.get(job_id).cancelled
    assert jobs.get(job_id).state == "running"
    assert jobs.end(job_id, owner, CANCELLED)
    assert not jobs.cancel(job_id)


def test_a_cancelled_job_is_left_to_its_process_for_as_long_as_that_lives(jobs: Jobs, clock: Clock) -> None:
    job_id, owner = claimed(jobs)
    jobs.cancel(job_id)
    clock.now += LEASE_S
    assert not jobs.beat(job_id, owner)
    clock.now += LEASE_S
    assert not jobs.is_dead(jobs.get(job_id)), "it may be past the switch, waiting for an indexing"
    assert jobs.end(job_id, owner, Ending("promoted", "Promoted.", "d1", "r1"))


def test_a_cancelled_job_that_does_not_stop_is_ended_and_its_process_with_it(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, owner = claimed(jobs)
    left: list[int] = []
    is_left = threading.Event()

    def leave(code: int) -> None:
        left.append(code)
        is_left.set()

    monkeypatch.setattr(job_process, "BEAT_EVERY_S", 0.01)
    monkeypatch.setattr(job_process, "PATIENCE_S", 0.1)
    monkeypatch.setattr(os, "_exit", leave)
    with job_process.Heart(jobs, job_id, owner) as heart:
        assert not is_left.wait(0.3)  # it was not cancelled, however long it takes
        assert jobs.cancel(job_id)
        asked = time.monotonic()
        assert is_left.wait(10)
        assert time.monotonic() - asked >= 0.1
        assert not heart.goes_on
    assert left == [1]
    assert (jobs.get(job_id).state, jobs.under_way()) == ("cancelled", None)


def test_a_job_that_hangs_is_given_up_by_its_owner_where_it_was_cancelled_and_nothing_answers_yet(
    jobs: Jobs,
) -> None:
    job_id, owner = claimed(jobs)
    assert not jobs.give_up(job_id, owner)  # nobody cancelled it
    assert jobs.begin_to_promote(job_id, "r2")
    assert jobs.cancel(job_id)
    assert not jobs.give_up(job_id, "somebody else")
    assert jobs.begin_to_promote(job_id, "r2")  # started again, it finds out
    assert not jobs.give_up(job_id, owner)
    assert jobs.under_way() is not None
    assert jobs.end(job_id, owner, Ending("promoted", "Done.", release="r2"))
    assert not jobs.give_up(job_id, owner)
    assert not jobs.begin_to_promote(job_id, "r3")
    assert (jobs.get(job_id).state, jobs.get(job_id).release) == ("promoted", "r2")


def test_a_job_that_was_cancelled_promotes_nothing_though_it_has_not_heard_of_it(jobs: Jobs) -> None:
    job_id, _ = claimed(jobs)
    assert jobs.cancel(job_id)
    assert not jobs.begin_to_promote(job_id, "r2")
    assert jobs.get(job_id).release is None


def test_a_job_that_nobody_runs_is_cancelled_at_once(jobs: Jobs) -> None:
    job = jobs.claim(Request())
    assert job is not None
    assert jobs.cancel(job.id)
    assert jobs.get(job.id).state == "cancelled"
    assert jobs.under_way() is None


def test_a_job_belongs_to_who_runs_it_until_its_end(jobs: Jobs) -> None:
    job_id, owner = claimed(jobs)
    assert jobs.is_owned(job_id, owner)
    assert not jobs.is_owned(job_id, "somebody else")
    jobs.cancel(job_id)
    assert jobs.is_owned(job_id, owner), "it has to end it yet"
    jobs.end(job_id, owner, CANCELLED)
    assert not jobs.is_owned(job_id, owner)


def test_those_that_have_ended_are_known(jobs: Jobs) -> None:
    first, owner = claimed(jobs)
    assert jobs.ended_ids() == ()
    jobs.end(first, owner, CANCELLED)
    claimed(jobs)
    assert jobs.ended_ids() == (first,)


def test_a_job_ends_once_and_by_its_owner(jobs: Jobs) -> None:
    job_id, owner = claimed(jobs)
    assert not jobs.end(job_id, "somebody else", Ending("failed", "x"))
    assert jobs.end(job_id, owner, Ending("promoted", "Promoted.", "d1", "r1"))
    assert not jobs.end(job_id, owner, Ending("failed", "x"))
    job = jobs.get(job_id)
    assert (job.state, job.message, job.dataset, job.release) == ("promoted", "Promoted.", "d1", "r1")
    assert job.ended_at is not None


@pytest.mark.parametrize("job_id", [7, -1, 2**63, -(2**63) - 1])
def test_an_unknown_job_is_an_error_with_the_next_step(jobs: Jobs, job_id: int) -> None:
    with pytest.raises(DataError, match=rf"There is no job {job_id}\. List them: manualbot jobs"):
        jobs.get(job_id)


def test_a_process_that_is_seen_to_live_is_not_dead_however_long_the_machine_slept(
    jobs: Jobs, clock: Clock
) -> None:
    job_id, owner = claimed(jobs)
    clock.now += 100 * LEASE_S
    assert not jobs.is_dead(jobs.get(job_id))
    assert not jobs.relaunch(jobs.get(job_id))
    assert jobs.run(job_id) is None
    assert jobs.is_owned(job_id, owner)


def test_a_process_that_got_the_number_of_a_job_s_is_not_taken_for_it(jobs: Jobs) -> None:
    job_id, _ = claimed(jobs)
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with jobs._store.transaction() as db:
        db.execute("UPDATE jobs SET pid = ?, pid_began_at = pid_began_at - 1", [other.pid])
    assert jobs.is_dead(jobs.get(job_id))
    other.communicate(b"\n")


def test_where_nobody_can_tell_when_a_process_began_its_signs_of_life_count(jobs: Jobs, clock: Clock) -> None:
    job_id, _ = claimed(jobs)
    with jobs._store.transaction() as db:
        db.execute("UPDATE jobs SET pid_began_at = NULL")
    clock.now += LEASE_S
    assert not jobs.is_dead(jobs.get(job_id))
    clock.now += 1
    assert jobs.is_dead(jobs.get(job_id))


def test_a_dead_job_whose_release_may_answer_is_not_ended_by_who_cancels_it(jobs: Jobs) -> None:
    job_id, _ = claimed(jobs)
    jobs.begin_to_promote(job_id, "r2")
    with jobs._store.transaction() as db:
        db.execute("UPDATE jobs SET pid = NULL, beat_at = 0")
    assert jobs.cancel(job_id)
    job = jobs.get(job_id)
    assert (job.state, job.cancelled, job.release) == ("running", True, "r2")


@pytest.mark.parametrize(
    "stored",
    [
        "r2 answers now. It is better.",
        "r2 was promoted. It is better.",
        "r2 was promoted; r3 has become current since. It is better.",
    ],
)
def test_that_a_release_answers_is_no_part_of_how_jobs_of_earlier_versions_ended(
    jobs: Jobs, stored: str
) -> None:
    job_id, owner = claimed(jobs)
    assert jobs.end(job_id, owner, Ending("promoted", stored, "d", "r2"))
    for _ in range(2):
        with jobs._store.transaction() as db:
            m017_why_releases_were_promoted(db)

    assert jobs.get(job_id).message == "It is better."
