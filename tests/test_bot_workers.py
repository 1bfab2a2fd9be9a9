"""Workers: what is recorded is done soon, in its lane, and by one of several."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from fakes_slack import Bench, open_bench
from slack_sdk.errors import SlackApiError, SlackObjectFormationError
from slack_sdk.web import SlackResponse

from bot.admins import UnknownYetError
from bot.deliveries import Delivery, Lane, Task
from bot.interrupted import AT_WORK
from bot.services import Services
from bot.slack.direct_messages import direct_channel
from bot.slack.pacing import Pacer
from bot.slack.posting import Later, Outgoing, Poster
from bot.workers import MAX_ATTEMPTS, MAX_UNREACHED_S, Workers
from qa_core.errors import DataError, StoreError

ROUTE, BUTTON = "own:test", "action:test"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as bench:
        yield bench


def delivery(key: str, lane: Lane = Lane.ANSWER, **more: Any) -> Delivery:
    body = {"user_id": "U1", "channel_id": "C1"}
    return Delivery(key, ROUTE, lane, body, person="U1", **more)


def working(bench: Bench, handle: Callable[[Services, Task], None]) -> Workers:
    workers = Workers(bench.services, {ROUTE: handle})
    workers.start()
    return workers


def wait_until(condition: Callable[[], object], timeout_s: float = 20.0) -> None:
    ends = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)


def states(bench: Bench) -> list[str]:
    return [row["state"] for row in bench.services.store.rows("SELECT state FROM inbox ORDER BY id")]


def test_what_was_left_unfinished_is_done_at_the_start_and_what_comes_after_at_once(bench: Bench) -> None:
    done: list[str] = []
    bench.services.inbox.record(delivery("before"))
    workers = working(bench, lambda _, task: done.append(task.delivery.key))
    wait_until(lambda: done == ["before"])

    bench.services.inbox.record(delivery("after"))

    wait_until(lambda: states(bench) == ["done", "done"])
    workers.stop()
    assert done == ["before", "after"]


@pytest.mark.parametrize("lane", [Lane.ANSWER, Lane.HOME], ids=["questions", "pages"])
def test_what_takes_long_delays_no_button(bench: Bench, lane: Lane) -> None:
    release, pressed = threading.Event(), threading.Event()

    def handle(_services: Services, task: Task) -> None:
        if task.delivery.lane == Lane.QUICK:
            pressed.set()
        else:
            release.wait(20)

    workers = working(bench, handle)
    bench.services.inbox.record(*[delivery(str(n), lane) for n in range(20)])
    bench.services.inbox.record(delivery("button", Lane.QUICK))

    assert pressed.wait(5)
    release.set()
    wait_until(lambda: set(states(bench)) == {"done"})
    workers.stop()


def test_a_task_that_has_to_wait_makes_room_for_others(bench: Bench) -> None:
    order: list[tuple[str, int]] = []

    def handle(_services: Services, task: Task) -> None:
        order.append((task.delivery.key, task.n_attempts))
        if task.delivery.key == "first" and len(order) == 1:
            raise Later(0.3, "not yet")

    bench.services.inbox.record(delivery("first"))
    workers = Workers(bench.services, {ROUTE: handle})
    task = bench.services.inbox.claim(Lane.ANSWER)
    assert task is not None
    workers.do(task)
    bench.services.inbox.record(delivery("second"))
    workers.start()

    wait_until(lambda: states(bench) == ["done", "done"])
    workers.stop()
    assert order == [("first", 1), ("second", 1), ("first", 1)]


def test_a_store_that_is_busy_is_tried_again(bench: Bench) -> None:
    def handle(_services: Services, task: Task) -> None:
        if task.n_attempts == 1:
            raise StoreError("busy")

    workers = Workers(bench.services, {ROUTE: handle})
    bench.services.inbox.record(delivery("k"))
    task = bench.services.inbox.claim(Lane.ANSWER)
    assert task is not None

    workers.do(task)

    assert states(bench) == ["new"]
    assert bench.services.inbox.seconds_to_next(Lane.ANSWER) == pytest.approx(1.0, abs=0.5)


def test_what_the_store_could_not_be_told_is_done_again_when_its_lease_has_ended(bench: Bench) -> None:
    def handle(services: Services, _task: Task) -> None:
        services.store.db.execute("PRAGMA query_only = ON")  # as on a full disk

    workers = Workers(bench.services, {ROUTE: handle})
    bench.services.inbox.record(delivery("k"))
    task = bench.services.inbox.claim(Lane.ANSWER)
    assert task is not None
    with pytest.raises(StoreError):
        workers.do(task)
    bench.services.store.db.execute("PRAGMA query_only = OFF")

    assert bench.services.inbox.seconds_to_next(Lane.ANSWER) == pytest.approx(60.0, abs=5.0)


def test_what_failed_while_nobody_could_be_told_is_tried_again_until_somebody_is(bench: Bench) -> None:
    def handle(_services: Services, _task: Task) -> None:
        raise RuntimeError("it broke")

    def out_of_reach(_arguments: dict[str, Any]) -> dict[str, Any]:
        raise URLError("reset")

    workers = Workers(bench.services, {ROUTE: handle})
    bench.services.inbox.record(delivery("k"))
    bench.slack.answers |= {"chat_postEphemeral": out_of_reach, "chat_postMessage": out_of_reach}
    task = bench.services.inbox.claim(Lane.ANSWER)
    assert task is not None
    workers.do(task)
    assert states(bench) == ["new"]
    assert bench.services.inbox.seconds_to_next(Lane.ANSWER) == pytest.approx(30.0, abs=2.0)

    bench.slack.answers.clear()
    workers.do(replace(task, n_attempts=2))

    assert "Sorry" in bench.slack.of("chat_postEphemeral")[-1]["text"]


def test_nobody_is_tried_to_be_told_for_ever(bench: Bench) -> None:
    workers = Workers(bench.services, {ROUTE: lambda *_: None})
    bench.services.inbox.record(delivery("k"))
    bench.slack.answers |= {"chat_postEphemeral": "channel_not_found", "chat_postMessage": "user_disabled"}
    task = bench.services.inbox.claim(Lane.ANSWER)
    assert task is not None

    workers.do(replace(task, n_attempts=MAX_ATTEMPTS + 1))

    assert states(bench) == ["failed"]


def test_what_no_apology_can_be_brought_for_is_not_tried_for_ever(bench: Bench) -> None:
    def handle(_services: Services, _task: Task) -> None:
        raise RuntimeError("it broke")

    workers = Workers(bench.services, {ROUTE: handle})
    of_another_shape = {"user_id": "U1", "container": 5}
    bench.services.inbox.record(*(Delivery(key, ROUTE, Lane.QUICK, of_another_shape) for key in "ab"))
    first, last = bench.services.inbox.claim(Lane.QUICK), bench.services.inbox.claim(Lane.QUICK)
    assert first is not None
    assert last is not None

    workers.do(first)
    workers.do(replace(last, n_attempts=MAX_ATTEMPTS + 1))

    assert states(bench) == ["new", "failed"]
    assert bench.services.inbox.seconds_to_next(Lane.QUICK) == pytest.approx(30.0, abs=2.0)


def test_threads_that_run_models_are_named_as_such(bench: Bench) -> None:
    engines, workers = bench.services.engines, Workers(bench.services, {})
    engines.follow(lambda _: None)
    workers.start()
    names = [thread.name for thread in threading.enumerate()]
    engines.stop()
    workers.stop()
    assert {AT_WORK + "engines", AT_WORK + "answer-0"} <= set(names)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def do_next(bench: Bench, workers: Workers) -> None:
    """The next task of the lane, as if all had waited long enough."""
    with bench.services.store.transaction() as db:
        db.execute("UPDATE inbox SET not_before = 0")
    task = bench.services.inbox.claim(Lane.ANSWER)
    assert task is not None
    workers.do(task)


def test_when_slack_is_out_of_reach_too_long_it_is_given_up(bench: Bench) -> None:
    def handle(_services: Services, _task: Task) -> None:
        raise Later(1.0, "Slack cannot be reached")

    clock = Clock()
    workers = Workers(bench.services, {ROUTE: handle}, clock)
    bench.services.inbox.record(delivery("k"))
    do_next(bench, workers)
    clock.now += MAX_UNREACHED_S
    do_next(bench, workers)
    assert states(bench) == ["new"]

    clock.now += 1.0
    do_next(bench, workers)

    assert states(bench) == ["failed"]
    assert "Sorry" in bench.slack.one("chat_postEphemeral")["text"]


def test_how_long_the_bot_was_down_does_not_count(bench: Bench) -> None:
    def handle(_services: Services, _task: Task) -> None:
        raise Later(1.0, "Slack cannot be reached")

    bench.services.inbox.record(delivery("k", received_at=time.time() - 2 * MAX_UNREACHED_S))

    do_next(bench, Workers(bench.services, {ROUTE: handle}))

    assert states(bench) == ["new"]
    assert bench.slack.calls == []


def refused(code: str, status: int = 200) -> SlackApiError:
    return SlackApiError(f"Slack says {code}", {"ok": False, "error": code, "status": status})


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive"])
def test_what_is_asked_while_slack_takes_no_token_waits_for_another_one(
    bench: Bench, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    has_token = False

    def handle(_services: Services, _task: Task) -> None:
        if not has_token:
            raise refused(code)

    clock = Clock()
    workers = Workers(bench.services, {ROUTE: handle}, clock)
    bench.services.inbox.record(delivery("k"))
    for _ in range(3 * MAX_ATTEMPTS):
        do_next(bench, workers)
        clock.now += 25.0
    assert states(bench) == ["new"]
    assert bench.slack.calls == []
    warned = [record for record in caplog.records if code in record.getMessage()]
    assert len(warned) == 4  # in five minutes
    assert all("copy the" in each.getMessage().lower() and each.exc_info is None for each in warned)

    has_token = True
    do_next(bench, workers)
    assert states(bench) == ["done"]


def test_how_long_there_was_no_token_does_not_count_as_out_of_reach(bench: Bench) -> None:
    errors: list[Exception] = [Later(1.0, "Slack cannot be reached"), refused("token_revoked")]

    def handle(_services: Services, _task: Task) -> None:
        raise errors.pop(0) if errors else Later(1.0, "Slack cannot be reached")

    clock = Clock()
    workers = Workers(bench.services, {ROUTE: handle}, clock)
    bench.services.inbox.record(delivery("k"))
    do_next(bench, workers)
    do_next(bench, workers)
    clock.now += 2 * MAX_UNREACHED_S
    do_next(bench, workers)

    assert states(bench) == ["new"]
    assert bench.slack.calls == []


def test_a_call_that_slack_puts_off_is_made_again_and_nobody_is_told_of_an_error(bench: Bench) -> None:
    calls: list[Task] = []

    def handle(_services: Services, task: Task) -> None:
        calls.append(task)
        if len(calls) == 1:
            raise refused("ratelimited", 429)

    workers = Workers(bench.services, {ROUTE: handle})
    bench.services.inbox.record(delivery("k"))
    do_next(bench, workers)
    assert (states(bench), bench.slack.calls) == (["new"], [])
    do_next(bench, workers)
    assert states(bench) == ["done"]


@pytest.mark.parametrize(
    ("error", "has_stack"),
    [
        (DataError("Name a manual"), False),
        (refused("is_archived"), False),
        (refused("expired_trigger_id"), False),
        (refused("internal_error"), False),
        (refused("missing_scope"), False),
        (refused("something_new"), False),
        (URLError("reset"), False),
        (PermissionError("manuals"), True),
        (KeyError("text"), True),
        (SlackObjectFormationError("value attribute cannot exceed 2000 characters"), True),
    ],
    ids=[
        "one that says what to do",
        "a place where the bot may not write",
        "a modal that is too late",
        "Slack in trouble",
        "a scope that the token lacks",
        "any other refusal of Slack's",
        "a connection that breaks",
        "a file that may not be read",
        "a mistake of ours",
        "blocks over a limit",
    ],
)
def test_the_log_has_a_stack_only_for_what_nobody_foresaw(
    bench: Bench, error: Exception, has_stack: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def handle(_services: Services, _task: Task) -> None:
        raise error

    bench.services.inbox.record(replace(delivery("k"), route=BUTTON))
    do_next(bench, Workers(bench.services, {BUTTON: handle}))
    [said] = [record for record in caplog.records if record.name == "bot.workers"]
    assert (said.exc_info is not None) == has_stack
    assert has_stack or str(error) in said.getMessage()


def unknown_yet(_services: Services, _task: Task) -> None:
    try:
        raise URLError("reset")
    except URLError as error:
        raise UnknownYetError("Slack does not tell me just now") from error


def unreached(_services: Services, _task: Task) -> None:
    raise URLError("reset")


@pytest.mark.parametrize("handle", [unknown_yet, unreached])
@pytest.mark.parametrize(("route", "state"), [("view:test", "new"), (BUTTON, "failed")])
def test_a_form_is_kept_until_slack_can_be_reached_and_whoever_pressed_a_button_is_told(
    bench: Bench, handle: Callable[[Services, Task], None], route: str, state: str
) -> None:
    bench.services.inbox.record(replace(delivery("k"), route=route))
    do_next(bench, Workers(bench.services, {route: handle}))
    assert states(bench) == [state]
    assert ("Sorry" in str(bench.slack.calls)) == (state == "failed")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refused("invalid_trigger_id"), "It took too long, so Slack would not show it any more."),
        (refused("internal_error"), "Slack was out of reach. Please try again."),
        (URLError("reset"), "Slack was out of reach. Please try again."),
    ],
)
def test_whoever_pressed_a_button_when_slack_could_not_be_reached_is_told_so(
    bench: Bench, error: Exception, said: str
) -> None:
    def handle(_services: Services, _task: Task) -> None:
        raise error

    bench.services.inbox.record(replace(delivery("k"), route=BUTTON))
    do_next(bench, Workers(bench.services, {BUTTON: handle}))
    assert said in bench.slack.one("chat_postEphemeral")["text"]


def put_off(wait_s: str, method: str = "views.open") -> SlackApiError:
    response = SlackResponse(
        client=None,
        http_verb="POST",
        api_url=f"https://slack.example/api/{method}",
        req_args={},
        data={"ok": False, "error": "ratelimited"},
        headers={"Retry-After": wait_s},
        status_code=429,
    )
    return SlackApiError("put off", response)


@pytest.mark.parametrize(
    ("route", "method", "wait_s", "said"),
    [
        (BUTTON, "views.open", "30", "Slack wants me to wait 30 seconds. Please try again then."),
        (BUTTON, "views.open", "1", None),
        (BUTTON, "views.publish", "30", None),
        ("view:test", "views.open", "30", None),
    ],
    ids=["longer than a modal can be opened", "not so long", "no modal", "a form, for which nobody waits"],
)
def test_whoever_pressed_a_button_is_told_at_once_where_slack_asks_to_wait_too_long(
    bench: Bench, route: str, method: str, wait_s: str, said: str | None
) -> None:
    def handle(_services: Services, _task: Task) -> None:
        raise put_off(wait_s, method)

    bench.services.inbox.record(replace(delivery("k"), route=route))
    do_next(bench, Workers(bench.services, {route: handle}))

    told = [call["text"] for call in bench.slack.of("chat_postEphemeral")]
    assert states(bench) == ["new" if said is None else "failed"]
    assert len(told) == (0 if said is None else 1)
    assert said is None or said in told[0]


def test_whoever_waits_for_a_turn_in_a_channel_is_not_given_up(bench: Bench) -> None:
    def handle(services: Services, task: Task) -> None:
        services.poster.post(task, Outgoing("C1", "Every 200 cups."))

    bench.services = replace(
        bench.services, poster=Poster(bench.services.client, bench.services.inbox, Pacer(1.0, Clock()))
    )
    clock = Clock()
    workers = Workers(bench.services, {ROUTE: handle}, clock)
    bench.services.inbox.record(delivery("first"), delivery("second"))
    for _ in range(3):
        do_next(bench, workers)
        clock.now += 2 * MAX_UNREACHED_S

    assert states(bench) == ["done", "new"]
    assert "Sorry" not in str(bench.slack.calls)


def test_what_has_ended_takes_no_turn_in_a_channel(bench: Bench) -> None:
    def handle(services: Services, task: Task) -> None:
        services.poster.post(task, Outgoing("C1", "Every 200 cups."))

    pacer = Pacer(1.0, Clock())
    bench.services = replace(
        bench.services, poster=Poster(bench.services.client, bench.services.inbox, pacer)
    )
    bench.services.inbox.record(delivery("first"), delivery("second"))
    for _ in range(2):
        do_next(bench, Workers(bench.services, {ROUTE: handle}))
    do_next(bench, Workers(bench.services, {ROUTE: lambda *_: None}))
    assert states(bench) == ["done", "done"]

    pacer.hold("C1", 10.0)

    assert pacer.wait_s("C1", "third") == 11.0


def test_what_was_posted_is_looked_for_when_the_store_could_not_be_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handle(services: Services, task: Task) -> None:
        services.poster.post(task, Outgoing("C1", "Every 200 cups."))

    def locked(_task: Task) -> None:
        raise StoreError("The database is locked")

    workers = Workers(bench.services, {ROUTE: handle})
    bench.services.inbox.record(delivery("k"))
    with monkeypatch.context() as patched:
        patched.setattr(bench.services.inbox, "set_posted", locked)
        do_next(bench, workers)
    there = {"ts": "1.5", "metadata": bench.slack.one("chat_postMessage")["metadata"]}
    bench.slack.answers["conversations_history"] = {"messages": [there]}

    do_next(bench, workers)

    assert states(bench) == ["done"]
    assert len(bench.slack.of("chat_postMessage")) == 1


def test_a_message_that_may_be_there_stays_so_while_something_else_cannot_be_reached(bench: Bench) -> None:
    def handle(services: Services, task: Task) -> None:
        services.poster.post(task, Outgoing(direct_channel(services, "U1"), "Every 200 cups."))

    def out_of_reach(_arguments: dict[str, Any]) -> dict[str, Any]:
        raise URLError("reset")

    workers = Workers(bench.services, {ROUTE: handle})
    bench.services.inbox.record(delivery("k"))
    for method in ("chat_postMessage", "conversations_open"):
        bench.slack.answers = {method: out_of_reach}
        do_next(bench, workers)
    there = {"ts": "1.5", "metadata": bench.slack.one("chat_postMessage")["metadata"]}
    bench.slack.answers = {"conversations_history": {"messages": [there]}}

    do_next(bench, workers)

    assert states(bench) == ["done"]
    assert len(bench.slack.of("chat_postMessage")) == 1


def test_what_was_done_long_ago_is_forgotten_while_it_runs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.workers.LEASE_S", 0.06)
    monkeypatch.setattr("bot.workers.PRUNE_EVERY_S", 0.0)
    workers = working(bench, lambda *_: None)
    bench.services.inbox.record(delivery("old"))
    wait_until(lambda: states(bench) == ["done"])

    with bench.services.store.transaction() as db:
        db.execute("UPDATE inbox SET finished_at = 0")

    wait_until(lambda: states(bench) == [])
    workers.stop()


def test_leases_are_renewed_after_whatever_error(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    renewed: list[bool] = []

    def renew() -> None:
        renewed.append(True)
        if len(renewed) == 1:
            raise RuntimeError("nobody foresaw it")

    monkeypatch.setattr("bot.workers.LEASE_S", 0.06)
    monkeypatch.setattr(bench.services.inbox, "renew", renew)
    workers = working(bench, lambda *_: None)

    wait_until(lambda: len(renewed) > 1)
    workers.stop()


def test_a_route_that_is_not_there_any_more_is_dropped(bench: Bench) -> None:
    bench.services.inbox.record(delivery("k"))
    task = bench.services.inbox.claim(Lane.ANSWER)
    assert task is not None

    Workers(bench.services, {}).do(task)

    assert states(bench) == ["done"]
