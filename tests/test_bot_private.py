"""Answers for one person: the slash command, the message shortcut, and sharing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from fakes_slack import CHANNEL, ERIC, THREAD_TS, TS, Bench, button_body, open_bench
from slack_sdk.webhook import WebhookResponse

import bot.slack.telling
from bot.actions import ACTION_SHARE, COMMAND, SHORTCUT_ANSWER
from bot.app import TABLE
from bot.deliveries import Lane
from bot.listening import record_all
from bot.questions.posts import Post
from bot.slack.telling import MAX_UPDATES
from bot.workers import Workers

QUESTION = "How often do I descale it?"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as bench:
        yield bench


def send(bench: Bench, route: str, body: dict[str, Any]) -> None:
    """What Slack sends is recorded and done, with all that follows from it."""
    [listener] = [each for each in TABLE.listeners if each.route == route]
    bench.services.inbox.record(*record_all(listener, body))
    workers = Workers(bench.services, TABLE.handlers)
    for lane in (Lane.QUICK, Lane.ANSWER):
        while (task := bench.services.inbox.claim(lane)) is not None:
            workers.do(task)


def command(bench: Bench, text: str, **more: Any) -> None:
    body = {"command": COMMAND, "text": text, "user_id": ERIC, "channel_id": CHANNEL, "trigger_id": "t.1"}
    send(bench, f"command:{COMMAND}", body | more)


def shortcut(bench: Bench, message: dict[str, Any]) -> None:
    body = {
        "type": "message_action",
        "callback_id": SHORTCUT_ANSWER,
        "user": {"id": ERIC},
        "channel": {"id": CHANNEL},
        "trigger_id": "t.1",
        "message": message,
    }
    send(bench, f"shortcut:{SHORTCUT_ANSWER}", body)


def block_ids(message: dict[str, Any]) -> list[str]:
    return [e.get("action_id") for block in message["blocks"] for e in block.get("elements", [])]


# The command


def test_ask_answers_the_asker_alone(bench: Bench) -> None:
    command(bench, f"ask {QUESTION}")

    message = bench.slack.one("chat_postEphemeral")
    assert (message["channel"], message["user"]) == (CHANNEL, ERIC)
    assert message["text"].startswith("Descale the machine every 200 cups.")
    assert ACTION_SHARE in block_ids(message)
    assert bench.engine.asked == [(QUESTION, None)]
    assert bench.slack.of("chat_postMessage") == []


def test_a_question_needs_no_ask(bench: Bench) -> None:
    command(bench, QUESTION)

    assert bench.engine.asked == [(QUESTION, None)]


@pytest.mark.parametrize(
    "question", ["status light is red, why?", "Config of the router?", "retrain the belt, how?"]
)
def test_a_question_may_begin_with_a_commands_word(bench: Bench, question: str) -> None:
    command(bench, question)

    assert bench.engine.asked == [(question, None)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "I answer with the exact words of the product manuals"),
        ("help", "`/manual forget-me` deletes"),
        ("ask", "What do you want to ask?"),
        ("ask <!channel> \u200b", "What do you want to ask?"),
        ("?", "I answer with the exact words of the product manuals"),
        ("\u200b`Status` please", "`/manual status` takes no further words"),
        ("frobnicate", "I do not know that command."),
        ("status please", "`/manual status` takes no further words: type it alone, and I do it."),
        ("forget-me or not?", "`/manual forget-me` takes no further words"),
    ],
)
def test_the_command_explains_itself(bench: Bench, text: str, told: str) -> None:
    command(bench, text)

    assert told in bench.slack.one("chat_postEphemeral")["text"]
    assert bench.engine.asked == []


@pytest.mark.parametrize(
    "info", ["channel_not_found", {"channel": {"id": CHANNEL, "is_member": False}}], ids=str
)
def test_where_the_bot_is_no_member_the_answer_comes_in_a_modal(bench: Bench, info: Any) -> None:
    bench.slack.answers["conversations_info"] = info

    command(bench, f"ask {QUESTION}")

    opened, updated = bench.slack.one("views_open"), bench.slack.one("views_update")
    assert opened["trigger_id"] == "t.1"
    assert "Looking in the manuals" in str(opened["view"]["blocks"])
    assert "every 200 cups" in str(updated["view"]["blocks"])
    assert updated["view_id"].startswith("V")
    assert bench.slack.of("chat_postEphemeral", "chat_postMessage") == []


def test_where_no_modal_can_be_opened_the_answer_comes_all_the_same(bench: Bench) -> None:
    bench.slack.answers |= {"conversations_info": "channel_not_found", "views_open": out_of_reach}

    command(bench, f"ask {QUESTION}")

    assert bench.slack.one("chat_postEphemeral")["text"].startswith("Descale the machine every 200 cups.")


def test_a_modal_that_was_closed_leaves_the_answer_in_direct_messages(bench: Bench) -> None:
    bench.slack.answers |= {
        "conversations_info": "channel_not_found",
        "views_update": "not_found",
        "chat_postEphemeral": "channel_not_found",
    }

    command(bench, f"ask {QUESTION}")

    assert bench.slack.one("chat_postMessage")["channel"] == ERIC


def out_of_reach(_arguments: dict[str, Any]) -> dict[str, Any]:
    raise URLError("reset")


def later(bench: Bench) -> None:
    """The time has come for what waits."""
    with bench.services.store.transaction() as db:
        db.execute("UPDATE inbox SET not_before = 0")
    workers = Workers(bench.services, TABLE.handlers)
    for lane in (Lane.QUICK, Lane.ANSWER):
        while (task := bench.services.inbox.claim(lane)) is not None:
            workers.do(task)


@pytest.mark.parametrize("n_failures", [1, MAX_UPDATES])
def test_a_modal_does_not_say_for_ever_that_it_is_looking(bench: Bench, n_failures: int) -> None:
    failures = iter(range(n_failures))

    def broken(arguments: dict[str, Any]) -> dict[str, Any]:
        return out_of_reach(arguments) if next(failures, None) is not None else {}

    bench.slack.answers |= {"conversations_info": "channel_not_found", "views_update": broken}

    command(bench, f"ask {QUESTION}")
    for _ in range(MAX_UPDATES):
        later(bench)

    shown_alone = bench.slack.of("chat_postEphemeral")
    assert len(bench.slack.of("views_update")) == min(n_failures + 1, MAX_UPDATES)
    assert len(shown_alone) == (1 if n_failures == MAX_UPDATES else 0)
    assert bench.engine.asked == [(QUESTION, None)]


class Address:
    """A `response_url` that takes nothing, and says so as an answer that arrived."""

    def send(self, **_: object) -> WebhookResponse:
        return WebhookResponse(url="", status_code=200, body='{"ok":false,"error":"oops"}', headers={})


def test_what_an_address_refuses_is_told_where_it_was_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.slack.telling, "open_webhook", lambda _: Address())

    command(bench, "help", response_url="https://slack.example/commands/1")

    assert bench.slack.one("chat_postEphemeral")["user"] == ERIC


def test_what_can_be_told_nowhere_is_told_once_slack_is_back(bench: Bench) -> None:
    bench.slack.answers |= dict.fromkeys(("chat_postEphemeral", "chat_postMessage"), out_of_reach)
    command(bench, "help")
    n_tried = len(bench.slack.calls)
    bench.slack.answers.clear()
    later(bench)
    later(bench)

    [told] = bench.slack.calls[n_tried:]
    assert told.method == "chat_postEphemeral"
    assert (told.arguments["channel"], told.arguments["user"]) == (CHANNEL, ERIC)
    assert "`/manual forget-me` deletes" in told.arguments["text"]
    assert told.arguments["blocks"]


def test_whoever_asked_alone_gets_the_words_where_slack_refuses_the_blocks(bench: Bench) -> None:
    bench.slack.answers["chat_postEphemeral"] = lambda a: "invalid_blocks" if a.get("blocks") else {}

    command(bench, f"ask {QUESTION}")

    refused, told = bench.slack.of("chat_postEphemeral")
    assert told == {key: value for key, value in refused.items() if key != "blocks"}
    assert told["text"].startswith("Descale the machine every 200 cups.")


def test_what_slack_refuses_everywhere_is_given_up(bench: Bench) -> None:
    bench.slack.answers |= dict.fromkeys(("chat_postEphemeral", "chat_postMessage"), "user_disabled")
    command(bench, "help")
    later(bench)

    assert bench.services.inbox.n_waiting() == 0


@pytest.mark.parametrize("info", ["missing_scope", out_of_reach], ids=["missing_scope", "out of reach"])
def test_where_slack_tells_nothing_about_the_channel_it_is_tried(bench: Bench, info: Any) -> None:
    bench.slack.answers["conversations_info"] = info

    command(bench, f"ask {QUESTION}")

    assert len(bench.slack.of("chat_postEphemeral")) == 1


def test_an_error_is_told_in_the_modal(bench: Bench) -> None:
    bench.slack.answers["conversations_info"] = "channel_not_found"
    bench.engine.given = None  # type: ignore[assignment]

    command(bench, f"ask {QUESTION}")

    assert "Sorry" in str(bench.slack.one("views_update")["view"]["blocks"])


# The shortcut


def test_the_shortcut_answers_what_a_message_asks(bench: Bench) -> None:
    shortcut(bench, {"type": "message", "user": "U9", "ts": TS, "text": f"Hi, <@U7>: {QUESTION}"})

    assert bench.engine.asked == [(f"Hi, : {QUESTION}", None)]
    message = bench.slack.one("chat_postEphemeral")
    assert (message["user"], message["thread_ts"]) == (ERIC, None)


def test_in_a_thread_the_answer_is_shown_in_that_thread(bench: Bench) -> None:
    shortcut(bench, {"bot_id": "B9", "ts": TS, "thread_ts": THREAD_TS, "text": QUESTION})

    assert bench.slack.one("chat_postEphemeral")["thread_ts"] == THREAD_TS


def test_a_message_without_text_is_said_to_have_none(bench: Bench) -> None:
    shortcut(bench, {"ts": TS, "text": "", "files": [{"id": "F1"}]})

    assert "no text" in bench.slack.one("chat_postEphemeral")["text"]


# Sharing


def share(bench: Bench, answer_id: str, **more: Any) -> None:
    body = button_body(ACTION_SHARE, answer_id, **more)
    body["container"] = {"type": "message", "channel_id": CHANNEL, "message_ts": TS, "is_ephemeral": True}
    del body["message"]
    send(bench, f"action:{ACTION_SHARE}", body)


def test_a_shared_answer_is_posted_for_all_and_can_be_followed_up(bench: Bench) -> None:
    answer_id = bench.services.answers.add(bench.engine.given, ERIC)

    share(bench, answer_id)

    message = bench.slack.one("chat_postMessage")
    assert (message["channel"], message["thread_ts"]) == (CHANNEL, None)
    assert f"<@{ERIC}> asked" in str(message["blocks"])
    assert message["metadata"]["event_payload"]["answer_id"] == answer_id
    [post] = bench.services.posts.of_answer(answer_id)
    thread = bench.services.threads.get(CHANNEL, post.ts)
    assert thread is not None
    assert thread.product == "Meridio 300"


def test_an_answer_is_shared_once(bench: Bench) -> None:
    answer_id = bench.services.answers.add(bench.engine.given, ERIC)

    share(bench, answer_id)
    share(bench, answer_id)
    share(bench, answer_id, at="1700000999.0")

    assert len(bench.slack.of("chat_postMessage")) == 1
    assert "already" in bench.slack.one("chat_postEphemeral")["text"]


def test_where_the_bot_may_not_post_it_says_what_to_do(bench: Bench) -> None:
    answer_id = bench.services.answers.add(bench.engine.given, ERIC)
    bench.slack.answers["chat_postMessage"] = "not_in_channel"

    share(bench, answer_id)

    assert "Invite me" in bench.slack.one("chat_postEphemeral")["text"]
    assert bench.services.posts.of_answer(answer_id) == ()


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ("is_archived", "I cannot post here: the channel is archived."),
        ("restricted_action", "I cannot post here: the administrators have restricted who may."),
    ],
)
def test_where_no_invitation_helps_it_asks_for_none(bench: Bench, refusal: str, said: str) -> None:
    answer_id = bench.services.answers.add(bench.engine.given, ERIC)
    bench.slack.answers["chat_postMessage"] = refusal
    share(bench, answer_id)
    assert bench.slack.one("chat_postEphemeral")["text"] == said


def test_a_forgotten_answer_cannot_be_shared(bench: Bench) -> None:
    bench.services.posts.add(Post(CHANNEL, TS, "gone"))

    share(bench, "gone")

    assert "no longer" in bench.slack.one("chat_postEphemeral")["text"]


def test_two_presses_at_the_same_moment_share_it_once(bench: Bench) -> None:
    answer_id = bench.services.answers.add(bench.engine.given, ERIC)

    def press_again(_arguments: dict[str, Any]) -> dict[str, Any]:
        assert len(bench.slack.of("chat_postMessage")) == 1
        share(bench, answer_id, at="1700000999.0")
        return {}

    bench.slack.answers["chat_postMessage"] = press_again

    share(bench, answer_id)

    assert "already" in bench.slack.one("chat_postEphemeral")["text"]
    assert len(bench.services.posts.of_answer(answer_id)) == 1


def test_once_the_bot_is_invited_the_answer_can_be_shared(bench: Bench) -> None:
    answer_id = bench.services.answers.add(bench.engine.given, ERIC)
    bench.slack.answers["chat_postMessage"] = "not_in_channel"
    share(bench, answer_id)
    del bench.slack.answers["chat_postMessage"]

    share(bench, answer_id, at="1700000999.0")

    assert len(bench.services.posts.of_answer(answer_id)) == 1
