"""The buttons that ask a question again of one product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes_bot import answer, declined
from fakes_slack import CHANNEL, ERIC, THREAD_TS, TS, Bench, button_body, open_bench

from bot.actions import ACTION_PRODUCT
from bot.app import TABLE
from bot.deliveries import Lane
from bot.listening import record_all
from bot.views.blocks import answer_message
from bot.workers import Workers

QUESTION = "What does E02 mean?"
OPEN = replace(declined(QUESTION), also=("Borix W2",))  # of the Meridio 300, as the first hit, or the Borix


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as bench:
        bench.engine.products = ("Borix W2", "Meridio 300")
        yield bench


def press(bench: Bench, value: str, **more: Any) -> None:
    """A product's button is pressed, and everything that follows is done."""
    [listener] = [each for each in TABLE.listeners if each.route.startswith(f"action:{ACTION_PRODUCT}")]
    body = button_body(f"{ACTION_PRODUCT}_{value.partition(':')[2]}", value, **more)
    bench.services.inbox.record(*record_all(listener, body))
    workers = Workers(bench.services, TABLE.handlers)
    for lane in (Lane.QUICK, Lane.ANSWER):
        while (task := bench.services.inbox.claim(lane)) is not None:
            workers.do(task)


def buttons(bench: Bench, answer_id: str) -> list[tuple[str, str, str]]:
    given = bench.services.answers.get(answer_id)
    assert given is not None
    elements = [e for block in answer_message(given).blocks for e in block.get("elements", [])]
    return [
        (e["text"]["text"], e["action_id"], e["value"])
        for e in elements
        if str(e.get("action_id")).startswith(ACTION_PRODUCT)
    ]


def test_a_question_about_several_products_has_a_button_for_each(bench: Bench) -> None:
    answer_id = bench.give(OPEN)
    assert buttons(bench, answer_id) == [
        ("Meridio 300", f"{ACTION_PRODUCT}_0", f"{answer_id}:0"),
        ("Borix W2", f"{ACTION_PRODUCT}_1", f"{answer_id}:1"),
    ]


def test_an_answer_has_a_button_for_each_other_product(bench: Bench) -> None:
    answer_id = bench.give(replace(answer(question=QUESTION), also=("Borix W2",)))
    assert [text for text, _, _ in buttons(bench, answer_id)] == ["Borix W2"]


def test_the_question_is_answered_in_the_thread_from_the_chosen_product(bench: Bench) -> None:
    answer_id = bench.give(OPEN)

    press(bench, f"{answer_id}:1")

    assert bench.engine.asked == [(QUESTION, ("Borix W2",))]
    message = bench.slack.one("chat_postMessage")
    assert (message["channel"], message["thread_ts"]) == (CHANNEL, THREAD_TS)
    assert f"<@{ERIC}> chose the product. The question: q" in str(message["blocks"])
    posted = message["metadata"]["event_payload"]["answer_id"]
    assert bench.services.posts.of_answer(posted)[0].thread_ts == THREAD_TS
    thread = bench.services.threads.get(CHANNEL, THREAD_TS)
    assert thread is not None
    assert thread.product == "Borix W2"


def test_each_product_is_answered_once(bench: Bench) -> None:
    answer_id = bench.give(OPEN)

    press(bench, f"{answer_id}:1")
    press(bench, f"{answer_id}:1", at="1700000999.0")
    press(bench, f"{answer_id}:0", at="1700001000.0")

    assert [product for _, product in bench.engine.asked] == [("Borix W2",), ("Meridio 300",)]
    assert len(bench.slack.of("chat_postMessage")) == 2
    assert "answered for Borix W2 in the thread already" in bench.slack.one("chat_postEphemeral")["text"]


def test_where_slack_refuses_the_answer_whoever_chose_gets_it_alone_and_others_may_choose(
    bench: Bench,
) -> None:
    answer_id = bench.give(OPEN)
    bench.slack.answers["chat_postMessage"] = "restricted_action_thread_locked"

    press(bench, f"{answer_id}:1")
    press(bench, f"{answer_id}:1", at="1700000999.0", person="UOTHER")

    told = bench.slack.of("chat_postEphemeral")
    assert [(each["user"], each["thread_ts"]) for each in told] == [(ERIC, THREAD_TS), ("UOTHER", THREAD_TS)]
    assert all("the thread is locked" in each["text"] for each in told)


def test_whoever_asked_alone_is_answered_alone(bench: Bench) -> None:
    answer_id = bench.give(OPEN)
    container = {"type": "message", "channel_id": CHANNEL, "message_ts": TS, "is_ephemeral": True}

    press(bench, f"{answer_id}:1", container=container)

    assert bench.engine.asked == [(QUESTION, ("Borix W2",))]
    assert bench.slack.one("chat_postEphemeral")["user"] == ERIC
    assert bench.slack.of("chat_postMessage") == []


def test_a_product_that_is_gone_is_said_to_be(bench: Bench) -> None:
    answer_id = bench.give(OPEN)
    bench.engine.products = ("Meridio 300",)

    press(bench, f"{answer_id}:1")

    assert "The manuals of Borix W2 are no longer here." in bench.slack.one("chat_postEphemeral")["text"]
    assert bench.engine.asked == []


@pytest.mark.parametrize("value", ["gone:0", "{}:7"])
def test_a_button_of_an_answer_that_is_gone_says_so(bench: Bench, value: str) -> None:
    press(bench, value.format(bench.give(OPEN)))

    assert "no longer" in bench.slack.one("chat_postEphemeral")["text"]
    assert bench.engine.asked == []
