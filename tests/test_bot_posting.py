"""Posting a message once, at the speed that Slack allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from fakes_slack import Bench, open_bench
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.deliveries import Lane, Task
from bot.slack.pacing import Pacer
from bot.slack.posting import APOLOGY, LOOK_LATE_S, SETTLED_S, Later, Outgoing, Poster, TakenOver

MESSAGE = Outgoing("C1", "Every 200 cups.", ({"type": "divider"},), "1.0", "a1")
METADATA = {
    "event_type": "manualbot_answer",
    "event_payload": {"delivery": "k1/answer", "answer_id": "a1"},
}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as bench:
        yield bench


def refusal(status: int, error: str = "ratelimited", **headers: str) -> SlackApiError:
    response = SlackResponse(
        client=None,
        http_verb="POST",
        api_url="https://slack.example/api/chat.postMessage",
        req_args={},
        data={"ok": False, "error": error},
        headers=headers,
        status_code=status,
    )
    return SlackApiError(error, response)


def once_then(error: Exception) -> Any:
    calls: list[object] = []

    def answer(arguments: dict[str, Any]) -> dict[str, Any]:
        calls.append(arguments)
        if len(calls) == 1:
            raise error
        return {}

    return answer


def again(bench: Bench, task: Task, *, settled: bool = True) -> Task:
    """The task as it is claimed after it was put back; `settled`: and has waited long enough."""
    bench.services.inbox.put_back(task, 0.0)
    if settled:
        with bench.services.store.transaction() as db:
            db.execute("UPDATE inbox SET settled_at = 0")
    claimed = bench.services.inbox.claim(Lane.QUICK)
    assert claimed is not None
    return claimed


# Once


def test_a_message_carries_what_it_is_found_by(bench: Bench) -> None:
    ts = bench.services.poster.post(bench.task({}, "k1"), MESSAGE)

    assert ts == "1700000001.000001"
    assert bench.slack.one("chat_postMessage") == {
        "channel": "C1",
        "text": "Every 200 cups.",
        "blocks": [{"type": "divider"}],
        "thread_ts": "1.0",
        "metadata": METADATA,
        "unfurl_links": False,
        "unfurl_media": False,
    }


@pytest.mark.parametrize(
    "error",
    [
        URLError("reset"),
        RemoteDisconnected(),
        TimeoutError(),
        refusal(503, "oops"),
        refusal(200, "fatal_error"),
        refusal(200, "Received a response in a non-JSON format: <html>We'll be right back</html>"),
    ],
    ids=str,
)
def test_after_a_broken_connection_the_message_is_looked_for(bench: Bench, error: Exception) -> None:
    bench.slack.answers["chat_postMessage"] = once_then(error)
    task = bench.task({}, "k1")
    with pytest.raises(Later):
        bench.services.poster.post(task, MESSAGE)
    bench.slack.answers["conversations_replies"] = {"messages": [{"ts": "1.5", "metadata": METADATA}]}

    ts = bench.services.poster.post(again(bench, task), MESSAGE)

    assert ts == "1.5"
    assert len(bench.slack.of("chat_postMessage")) == 1
    looked = bench.slack.one("conversations_replies")
    assert (looked["channel"], looked["ts"], looked["include_all_metadata"]) == ("C1", "1.0", True)


@pytest.mark.parametrize("error", [TimeoutError(), URLError(TimeoutError("timed out"))], ids=str)
def test_after_a_call_without_an_answer_slack_has_longer_to_take_the_message(
    bench: Bench, error: Exception
) -> None:
    bench.slack.answers["chat_postMessage"] = once_then(error)
    with pytest.raises(Later) as later:
        bench.services.poster.post(bench.task({}, "k1"), MESSAGE)
    assert later.value.delay_s == LOOK_LATE_S


@pytest.mark.parametrize("error", [TimeoutError(), None], ids=["that got no answer", "that was killed"])
def test_after_a_call_whose_fate_is_unknown_the_message_is_looked_for_until_it_can_come_no_more(
    bench: Bench, error: Exception | None
) -> None:
    task = bench.task({}, "k1")
    if error is None:
        bench.services.inbox.doubt(task, SETTLED_S)  # the last that the process did
    else:
        bench.slack.answers["chat_postMessage"] = once_then(error)
        with pytest.raises(Later):
            bench.services.poster.post(task, MESSAGE)
    n_before = len(bench.slack.of("chat_postMessage"))
    with pytest.raises(Later) as later:
        bench.services.poster.post(task := again(bench, task, settled=False), MESSAGE)
    assert 0.9 * LOOK_LATE_S < later.value.delay_s <= LOOK_LATE_S

    bench.slack.answers["conversations_replies"] = {"messages": [{"ts": "1.5", "metadata": METADATA}]}

    assert bench.services.poster.post(again(bench, task, settled=False), MESSAGE) == "1.5"
    assert len(bench.slack.of("chat_postMessage")) == n_before


def test_an_apology_waits_for_no_message_that_is_on_its_way(bench: Bench) -> None:
    task = bench.task({}, "k1")
    bench.services.inbox.doubt(task, SETTLED_S)
    apology = replace(MESSAGE, part=APOLOGY)
    bench.services.poster.post(again(bench, task, settled=False), apology)
    assert len(bench.slack.of("chat_postMessage")) == 1


def test_in_a_thread_of_thousands_the_message_is_looked_for_behind_the_question(bench: Bench) -> None:
    def replies(arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments["oldest"] == "7.5":
            return {"messages": [{"ts": "7.6", "metadata": METADATA}]}
        return {"messages": [{"ts": "1.1"}], "response_metadata": {"next_cursor": "on"}}

    bench.slack.answers["conversations_replies"] = replies
    doubtful = replace(bench.task({"event": {"ts": "7.5"}}, "k1"), doubtful=True)
    assert bench.services.poster.post(doubtful, MESSAGE) == "7.6"
    assert bench.slack.of("chat_postMessage") == []


def test_an_apology_waits_for_its_turn_in_place(bench: Bench) -> None:
    poster = Poster(bench.services.client, bench.services.inbox, Pacer(0.5))
    poster.post(bench.task({}, "k1"), MESSAGE)
    second = bench.task({}, "k2")
    with pytest.raises(Later):
        poster.post(second, MESSAGE)
    poster.forget(second)
    poster.post(bench.task({}, "k3"), replace(MESSAGE, part=APOLOGY))
    assert len(bench.slack.of("chat_postMessage")) == 2


def test_a_message_of_which_slack_does_not_say_where_it_is_is_looked_for(bench: Bench) -> None:
    bench.slack.answers["chat_postMessage"] = {"ts": None}

    task = bench.task({}, "k1")
    with pytest.raises(Later):
        bench.services.poster.post(task, MESSAGE)

    assert again(bench, task).doubtful


def test_a_task_of_two_messages_that_waits_between_them_posts_each_once(bench: Bench) -> None:
    second = replace(MESSAGE, part="second")
    task = bench.task({}, "k1")
    bench.services.poster.post(task, MESSAGE)
    bench.slack.answers["chat_postMessage"] = once_then(refusal(429, "ratelimited"))
    with pytest.raises(Later):
        bench.services.poster.post(task, second)
    bench.slack.answers["conversations_replies"] = {"messages": [{"ts": "1.5", "metadata": METADATA}]}

    retried = again(bench, task)

    assert bench.services.poster.post(retried, MESSAGE) == "1.5"


def test_where_it_is_not_there_it_is_posted_again(bench: Bench) -> None:
    bench.slack.answers["chat_postMessage"] = once_then(URLError("reset"))
    bench.slack.answers["conversations_replies"] = {
        "messages": [{"ts": "1.2"}, {"ts": "1.3", "metadata": {}}]
    }
    task = bench.task({}, "k1")
    with pytest.raises(Later):
        bench.services.poster.post(task, MESSAGE)

    bench.services.poster.post(again(bench, task), MESSAGE)

    assert len(bench.slack.of("chat_postMessage")) == 2


def test_a_task_whose_process_died_is_looked_up_first(bench: Bench) -> None:
    task = bench.task({}, "k1")
    bench.services.inbox.doubt(task, SETTLED_S)  # the last that the process did
    pages = iter(
        [
            {"messages": [{"ts": "1.1"}], "response_metadata": {"next_cursor": "c"}},
            {"messages": [{"ts": "1.9", "metadata": METADATA}]},
        ]
    )
    bench.slack.answers["conversations_replies"] = lambda _: next(pages)

    assert bench.services.poster.post(again(bench, task), MESSAGE) == "1.9"
    assert [look["cursor"] for look in bench.slack.of("conversations_replies")] == [None, "c"]
    assert bench.slack.of("chat_postMessage") == []


def test_where_slack_shows_no_history_the_answer_is_not_lost(bench: Bench) -> None:
    bench.slack.answers["conversations_replies"] = "missing_scope"
    task = bench.task({}, "k1")
    bench.services.inbox.doubt(task, SETTLED_S)

    bench.services.poster.post(again(bench, task), MESSAGE)

    assert len(bench.slack.of("chat_postMessage")) == 1


def test_a_message_outside_threads_is_looked_for_in_its_channel(bench: Bench) -> None:
    bench.slack.answers["conversations_history"] = {"messages": [{"ts": "2.0", "metadata": METADATA}]}
    task = bench.task({}, "k1")
    bench.services.inbox.doubt(task, SETTLED_S)

    assert bench.services.poster.post(again(bench, task), Outgoing("C1", "t", answer_id="a1")) == "2.0"


def test_what_slack_refuses_leaves_what_was_in_doubt_before(bench: Bench) -> None:
    bench.slack.answers["chat_postMessage"] = "ratelimited"
    unposted, doubtful = bench.task({}, "k1"), bench.task({}, "k2")
    bench.services.inbox.doubt(doubtful, SETTLED_S)
    doubtful = again(bench, doubtful)
    for task in (unposted, doubtful):
        with pytest.raises(Later):
            bench.services.poster.post(task, MESSAGE)

    assert [again(bench, task).doubtful for task in (unposted, doubtful)] == [False, True]


def test_a_task_that_another_process_has_is_not_posted(bench: Bench) -> None:
    task = bench.task({}, "k1")
    bench.services.inbox.finish(task)

    with pytest.raises(TakenOver):
        bench.services.poster.post(task, MESSAGE)
    assert bench.slack.calls == []


# Refusals


@pytest.mark.parametrize(
    ("error", "kept"),
    [("invalid_blocks", {"metadata": METADATA, "blocks": None}), ("metadata_too_large", {"metadata": None})],
)
def test_refused_niceties_do_not_cost_the_answer(bench: Bench, error: str, kept: dict[str, Any]) -> None:
    bench.slack.answers["chat_postMessage"] = once_then(refusal(200, error))

    bench.services.poster.post(bench.task({}, "k1"), MESSAGE)

    second = bench.slack.of("chat_postMessage")[1]
    assert {name: second[name] for name in kept} == kept
    assert second["text"] == "Every 200 cups."


def test_what_slack_refuses_for_good_is_an_error(bench: Bench) -> None:
    bench.slack.answers["chat_postMessage"] = "channel_not_found"

    with pytest.raises(SlackApiError, match="channel_not_found"):
        bench.services.poster.post(bench.task({}, "k1"), MESSAGE)


def test_429_is_obeyed_by_all_of_the_channel_and_needs_no_look(bench: Bench) -> None:
    bench.slack.answers["chat_postMessage"] = once_then(refusal(429, **{"Retry-After": "7"}))
    first, second = bench.task({}, "k1"), bench.task({}, "k2")
    poster = Poster(bench.services.client, bench.services.inbox, Pacer(interval_s=1.0))

    with pytest.raises(Later) as refused:
        poster.post(first, MESSAGE)
    with pytest.raises(Later) as waiting:
        poster.post(second, MESSAGE)

    assert refused.value.delay_s == pytest.approx(7.1)
    assert not again(bench, first).doubtful
    assert waiting.value.delay_s == pytest.approx(8.1, abs=0.1)
    assert len(bench.slack.of("chat_postMessage")) == 1


# Pace


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_channel_gets_a_message_a_second_in_the_order_of_asking() -> None:
    clock = Clock()
    pacer = Pacer(1.0, clock)

    assert [pacer.wait_s("C1", key) for key in "abc"] == [0.0, 1.0, 2.0]
    assert pacer.wait_s("C2", "d") == 0.0
    clock.now = 1.0
    assert [pacer.wait_s("C1", key) for key in "cbe"] == [1.0, 0.0, 2.0]


def test_what_has_ended_holds_nobody_up() -> None:
    pacer = Pacer(1.0, Clock())
    for key in "abc":
        pacer.wait_s("C1", key)

    pacer.drop("b")
    pacer.hold("C1", 10.0)

    assert [pacer.wait_s("C1", key) for key in "cd"] == [11.0, 12.0]


def test_whoever_is_held_keeps_the_order() -> None:
    clock = Clock()
    pacer = Pacer(1.0, clock)
    for key in "abc":
        pacer.wait_s("C1", key)

    pacer.keep_turn("C1", "a", 10.0)

    assert [pacer.wait_s("C1", key) for key in "abcd"] == [10.0, 11.0, 12.0, 13.0]
    clock.now = 10.0
    assert pacer.wait_s("C1", "a") == 0.0
