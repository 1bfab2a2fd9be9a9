"""The inbox: recorded once, done once, and by somebody in the end."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.deliveries import Delivery, Lane, Task, delivery_key
from bot.inbox import KEPT_S, LEASE_S, Inbox
from bot.migrations import BOT
from bot.owners import Owner, is_gone
from qa_core.store import Store


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "bot.db", (BOT,))
    yield store
    store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(store: Store, clock: Clock) -> Inbox:
    return Inbox(store, Owner(), clock, clock)


def elsewhere(store: Store, clock: Clock) -> Inbox:
    return Inbox(store, Owner(host="elsewhere", pid=1), clock, clock)


def question(number: int, **more: object) -> Delivery:
    values = {"key": f"k{number}", "subject": f"C1/{number}", "lane": Lane.ANSWER, "person": "U1"} | more
    return Delivery(route="own:question", body={"n": number}, received_at=float(number), **values)  # type: ignore[arg-type]


# Recording


def test_what_is_delivered_again_is_recorded_once(inbox: Inbox) -> None:
    assert [inbox.record(question(1)), inbox.record(question(1))] == [True, False]


def test_a_question_that_comes_in_two_forms_is_recorded_once(inbox: Inbox) -> None:
    assert inbox.record(question(1, key="app_mention"))
    assert not inbox.record(question(1, key="message"))


def test_it_is_known_still_when_it_is_done(inbox: Inbox) -> None:
    inbox.record(question(1))
    task = inbox.claim(Lane.ANSWER)
    assert task is not None
    inbox.finish(task)

    assert not inbox.record(question(1))
    assert inbox.claim(Lane.ANSWER) is None


def test_of_twenty_threads_that_record_the_same_one_wins(inbox: Inbox) -> None:
    with ThreadPoolExecutor(20) as threads:
        recorded = list(threads.map(lambda _: inbox.record(question(1)), range(20)))

    assert sorted(recorded) == [False] * 19 + [True]


def test_keys_tell_events_by_their_id_and_all_else_by_what_it_says() -> None:
    assert delivery_key("r", {"event_id": "Ev1", "event": {"a": 1}}) == "r#Ev1"
    click = {"type": "block_actions", "actions": [{"action_ts": "1.0"}]}
    assert delivery_key("r", click) == delivery_key("r", dict(click))
    assert delivery_key("r", click) != delivery_key("r", click | {"actions": [{"action_ts": "2.0"}]})
    assert delivery_key("r", {"event": {"a": 1}, "event_time": 5}) == delivery_key("r", {"event": {"a": 1}})


# Claiming


def test_tasks_come_in_the_order_of_their_arrival_with_all_that_was_recorded(inbox: Inbox) -> None:
    deliveries = [question(n) for n in (1, 2)]
    inbox.record(*deliveries)

    tasks = [inbox.claim(Lane.ANSWER), inbox.claim(Lane.ANSWER), inbox.claim(Lane.ANSWER)]

    assert [task and (task.delivery, task.n_attempts) for task in tasks] == [
        (deliveries[0], 1),
        (deliveries[1], 1),
        None,
    ]


def test_a_bot_in_another_workspace_takes_nothing_from_this_one(store: Store, clock: Clock) -> None:
    mine, other = (
        Inbox(store, Owner(host=host, pid=1), clock, clock, workspace=workspace)
        for host, workspace in (("here", "T1"), ("elsewhere", "T2"))
    )
    mine.record(question(1))
    assert (other.claim(Lane.ANSWER), other.seconds_to_next(Lane.ANSWER), other.n_waiting()) == (
        None,
        None,
        0,
    )
    task = mine.claim(Lane.ANSWER)
    assert task is not None
    mine.doubt(task, 30.0)
    assert (mine.has_doubtful(), other.has_doubtful()) == (True, False)
    mine.finish(task, question(2))
    assert other.claim(Lane.ANSWER) is None
    clock.now += 10 * LEASE_S
    assert other.claim(Lane.ANSWER) is None
    again = Inbox(store, Owner(host="anew", pid=1), clock, clock, workspace="T1").claim(Lane.ANSWER)
    assert again is not None
    assert again.delivery.key == "k2"


def test_what_was_recorded_before_workspaces_were_is_any_bots(inbox: Inbox, store: Store) -> None:
    inbox.record(question(1))
    assert Inbox(store, Owner(), workspace="T1").claim(Lane.ANSWER) is not None


def test_lanes_do_not_wait_for_each_other(inbox: Inbox) -> None:
    inbox.record(question(1), question(2, lane=Lane.QUICK))

    quick = inbox.claim(Lane.QUICK)

    assert quick is not None
    assert quick.body == {"n": 2}


def test_of_many_threads_each_gets_another_task(inbox: Inbox) -> None:
    inbox.record(*[question(n) for n in range(20)])

    with ThreadPoolExecutor(20) as threads:
        tasks = list(threads.map(lambda _: inbox.claim(Lane.ANSWER), range(20)))

    assert sorted(task.body["n"] for task in tasks if task) == list(range(20))


def test_what_is_asked_in_a_thread_waits_for_what_was_asked_there_before(inbox: Inbox) -> None:
    inbox.record(question(1, thread="C1/1"), question(2, thread="C1/1"), question(3, thread="C1/3"))

    first, other, none = inbox.claim(Lane.ANSWER), inbox.claim(Lane.ANSWER), inbox.claim(Lane.ANSWER)
    assert first is not None
    assert other is not None
    assert (first.body, other.body, none) == ({"n": 1}, {"n": 3}, None)
    assert inbox.answers_in("C1/1")
    inbox.finish(first)

    second = inbox.claim(Lane.ANSWER)
    assert second is not None
    assert second.body == {"n": 2}


def test_what_was_put_back_comes_again_when_its_time_has_come(inbox: Inbox, clock: Clock) -> None:
    inbox.record(question(1))
    task = inbox.claim(Lane.ANSWER)
    assert task is not None
    inbox.doubt(task, 0.0)

    inbox.put_back(task, 5.0)

    assert inbox.claim(Lane.ANSWER) is None
    assert inbox.seconds_to_next(Lane.ANSWER) == 5.0
    clock.now += 5
    again = inbox.claim(Lane.ANSWER)
    assert again is not None
    assert (again.n_attempts, again.doubtful) == (1, True)


def test_failed_attempts_are_counted(inbox: Inbox) -> None:
    inbox.record(question(1))
    task = inbox.claim(Lane.ANSWER)
    assert task is not None

    inbox.put_back(task, 0.0, counts=True)

    again = inbox.claim(Lane.ANSWER)
    assert again is not None
    assert (again.n_attempts, again.doubtful) == (2, False)


# Ends


def test_a_follow_on_is_recorded_with_the_end_of_what_asked_for_it(inbox: Inbox) -> None:
    inbox.record(question(1))
    task = inbox.claim(Lane.ANSWER)
    assert task is not None

    inbox.finish(task, question(2, lane=Lane.CHORE))
    inbox.finish(task, question(3, lane=Lane.CHORE))  # it has ended before

    chore = inbox.claim(Lane.CHORE)
    assert chore is not None
    assert chore.body == {"n": 2}


def test_what_is_done_keeps_no_text(inbox: Inbox, store: Store) -> None:
    inbox.record(question(1), question(2))
    for end in (inbox.finish, lambda task: inbox.fail(task, "e1")):
        task = inbox.claim(Lane.ANSWER)
        assert task is not None
        end(task)

    rows = store.rows("SELECT state, body, error_id, person FROM inbox ORDER BY id")
    assert rows == [
        {"state": "done", "body": "", "error_id": None, "person": "U1"},
        {"state": "failed", "body": "", "error_id": "e1", "person": "U1"},
    ]
    inbox.forget("U1")
    assert [row["person"] for row in store.rows("SELECT person FROM inbox")] == [None, None]


def test_old_deliveries_are_forgotten_when_they_are_done(inbox: Inbox, store: Store, clock: Clock) -> None:
    inbox.record(question(1), question(2))
    task = inbox.claim(Lane.ANSWER)
    assert task is not None
    inbox.finish(task)
    clock.now += KEPT_S + 1

    inbox.prune()

    assert store.rows("SELECT key FROM inbox") == [{"key": "k2"}]


# Processes


def test_a_lease_that_is_renewed_lasts(inbox: Inbox, store: Store, clock: Clock) -> None:
    inbox.record(question(1))
    inbox.claim(Lane.ANSWER)
    for _ in range(5):
        clock.now += LEASE_S / 2
        inbox.renew()

    assert elsewhere(store, clock).claim(Lane.ANSWER) is None


def test_only_the_lease_of_what_is_being_worked_on_is_renewed(inbox: Inbox, clock: Clock) -> None:
    inbox.record(question(1), question(2))
    at_work, let_go = inbox.claim(Lane.ANSWER), inbox.claim(Lane.ANSWER)
    assert at_work is not None
    assert let_go is not None
    inbox.let_go(let_go)  # as where the disk was full and it could not be put back
    clock.now += LEASE_S - 1
    inbox.renew()
    clock.now += 2

    again = inbox.claim(Lane.ANSWER)

    assert again is not None
    assert again.id == let_go.id
    assert inbox.claim(Lane.ANSWER) is None


def test_a_task_whose_lease_has_ended_is_another_processes(inbox: Inbox, store: Store, clock: Clock) -> None:
    inbox.record(question(1))
    task = inbox.claim(Lane.ANSWER)
    assert task is not None
    clock.now += LEASE_S + 1
    other = elsewhere(store, clock)
    taken = other.claim(Lane.ANSWER)
    assert taken is not None

    assert not inbox.doubt(task, 0.0)
    assert not inbox.set_answer(task, "a1")
    inbox.fail(task, "e1")  # changes nothing
    assert other.doubt(taken, 0.0)


def test_when_the_clock_leaps_nobody_else_here_gets_what_is_being_worked_on(
    inbox: Inbox, clock: Clock
) -> None:
    inbox.record(question(1))
    task = inbox.claim(Lane.ANSWER)
    assert task is not None
    clock.now += 3600  # the machine was suspended

    assert inbox.claim(Lane.ANSWER) is None
    assert inbox.seconds_to_next(Lane.ANSWER) is None

    inbox.let_go(task)  # as where the store could not take what became of it
    again = inbox.claim(Lane.ANSWER)
    assert again is not None
    assert again.n_attempts == 2


def test_when_the_clock_leaps_other_processes_get_the_time_to_renew_their_leases(
    store: Store, clock: Clock
) -> None:
    passed = Clock()
    mine, other = (Inbox(store, Owner(host=host, pid=1), clock, passed) for host in ("here", "elsewhere"))
    mine.record(question(1), question(2))
    task = mine.claim(Lane.ANSWER)
    assert task is not None
    clock.now += 3600  # both were suspended: no time has passed

    [free] = iter(lambda: other.claim(Lane.ANSWER), None)  # what nobody holds waits for nobody
    assert free.id != task.id
    assert other.seconds_to_next(Lane.ANSWER) == pytest.approx(LEASE_S)
    mine.renew()
    for each in (clock, passed):
        each.now += LEASE_S - 1
    assert other.claim(Lane.ANSWER) is None

    for each in (clock, passed):  # the one that held it does not renew it any more
        each.now += 2
    taken = other.claim(Lane.ANSWER)
    assert taken is not None
    assert taken.id == task.id


def test_a_leap_of_the_clock_that_two_workers_see_at_once_counts_once(store: Store, clock: Clock) -> None:
    both_look = threading.Barrier(2)

    class Passed(float):
        """No time, from which a worker takes its leap only once the other one does so, too."""

        def __rsub__(self, now: float) -> Passed:
            return Passed(now - float(self))

        def __sub__(self, ahead: float) -> float:
            if clock.now > 3600:
                with suppress(threading.BrokenBarrierError):
                    both_look.wait(0.3)
            return float(self) - ahead

    mine = Inbox(store, Owner(host="here", pid=1), clock, clock)
    other = Inbox(store, Owner(host="elsewhere", pid=1), clock, lambda: Passed(0.0))
    mine.record(question(1))
    assert mine.claim(Lane.ANSWER) is not None

    clock.now += 7200
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(other.claim, (Lane.ANSWER, Lane.ANSWER)))

    assert other.seconds_to_next(Lane.ANSWER) == pytest.approx(LEASE_S)


def test_when_the_clock_is_set_back_nobody_waits_longer_for_it(inbox: Inbox, clock: Clock) -> None:
    inbox.record(question(1))
    task = inbox.claim(Lane.ANSWER)
    assert task is not None
    inbox.put_back(task, 20.0)
    clock.now += 5
    inbox.renew()

    clock.now -= 600
    inbox.renew()

    assert inbox.seconds_to_next(Lane.ANSWER) == pytest.approx(15.0)


def test_how_long_a_message_can_still_appear_outlasts_process_and_clock(inbox: Inbox, clock: Clock) -> None:
    def claimed() -> Task:
        task = inbox.claim(Lane.ANSWER)
        assert task is not None
        return task

    inbox.record(question(1))
    task = claimed()
    inbox.doubt(task, 70.0)
    inbox.put_back(task, 0.0)
    clock.now += 20
    task = claimed()
    assert inbox.unsettled_s(task, 70.0) == pytest.approx(50.0)
    inbox.renew()
    inbox.put_back(task, 0.0)
    clock.now -= 600
    inbox.renew()
    task = claimed()
    assert inbox.unsettled_s(task, 70.0) == pytest.approx(50.0)
    clock.now -= 600  # while no bot ran
    assert inbox.unsettled_s(task, 70.0) == 0.0


def test_what_an_earlier_version_left_in_doubt_is_waited_for(tmp_path: Path) -> None:
    db = Database(tmp_path / "old.db")
    BOT.apply(db, stop_before="m005_settled")
    db.execute(
        "INSERT INTO inbox (key, route, lane, body, received_at, doubtful) "
        "VALUES ('k', 'own:question', 'answer', '{}', 0, 1)"
    )
    BOT.apply(db)
    [settled_at] = db.execute("SELECT settled_at FROM inbox").fetchone()
    assert settled_at == pytest.approx(time.time() + 30, abs=5)


def test_tasks_of_a_process_that_was_killed_are_free_at_once(store: Store, clock: Clock) -> None:
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    killed = Inbox(store, Owner(pid=int(dead.stdout)), clock, clock)
    killed.record(question(1))
    assert killed.claim(Lane.ANSWER) is not None
    inbox = Inbox(store, Owner(), clock, clock)
    assert inbox.claim(Lane.ANSWER) is None

    assert inbox.release_orphans() == 1

    task = inbox.claim(Lane.ANSWER)
    assert task is not None
    assert task.n_attempts == 2


def test_only_what_is_known_to_be_dead_is_gone() -> None:
    assert not is_gone(Owner(pid=os.getppid()).name)
    assert not is_gone(Owner(host="elsewhere", pid=os.getpid()).name)
    assert is_gone(Owner(pid=os.getpid()).name)  # an earlier process with our number


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells")
def test_a_process_that_has_ended_is_gone_though_its_parent_has_not_noticed() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_gone(Owner(pid=process.pid).name)
