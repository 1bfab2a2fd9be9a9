"""A bot with no manuals: what needs none works, and what needs some says how to add one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes_bot import answer
from fakes_slack import (
    ADMIN,
    BOT,
    CHANNEL,
    ERIC,
    Bench,
    FakeAnswerer,
    button_body,
    open_bench,
    submission_body,
)
from slack_limits import check_message, check_view, texts

from bot.actions import ACTION_FILE, ACTION_PRODUCT, ACTION_RETRAIN, ACTION_SOURCES_REFRESH, COMMAND
from bot.app import TABLE
from bot.deliveries import Delivery, Lane, person_of
from bot.engines import Engines
from bot.listeners.questions import sort_message
from bot.questions.channels import ChannelConfig
from bot.views.blocks import NO_MANUALS
from bot.views.config import Choices, config_modal
from bot.views.correction import Place, correction_modal, nothing_near_modal
from bot.views.file import SentFile, file_modal
from bot.workers import Workers
from qa_core.errors import NothingIndexedError

SENT = SentFile("F1", "guide.md", "D1", "1.2")


def nothing() -> FakeAnswerer:
    raise NothingIndexedError("No manuals are indexed yet. Add some: manualbot index PATH")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path, library=SimpleNamespace(sources=lambda: ())) as opened:
        engines = Engines(nothing, lambda: 1, lambda: "r1")
        opened.services = replace(opened.services, engines=engines)
        yield opened


def work(bench: Bench) -> None:
    workers = Workers(bench.services, TABLE.handlers)
    for lane in (Lane.QUICK, *Lane):  # what is quick may ask for more
        while (task := bench.services.inbox.claim(lane)) is not None:
            workers.do(task)


def send(bench: Bench, route: str, body: dict[str, Any], lane: Lane = Lane.QUICK) -> str:
    """What Slack sends is recorded and done; returns the texts of what was said last, if anything was."""
    key = f"key-{len(bench.slack.calls)}"
    bench.services.inbox.record(Delivery(key, route, lane, body, person=person_of(body)))
    work(bench)
    return said(bench)


def said(bench: Bench) -> str:
    calls = bench.slack.of("chat_postEphemeral", "chat_postMessage")
    if not calls:
        return ""
    check_message({"text": calls[-1]["text"], "blocks": calls[-1]["blocks"]})
    return "\n".join(texts(calls[-1]["blocks"]))


def command(bench: Bench, text: str, person: str = ADMIN) -> str:
    body = {"command": COMMAND, "text": text, "user_id": person, "channel_id": CHANNEL, "trigger_id": "t1"}
    return send(bench, f"command:{COMMAND}", body)


def test_status_says_how_to_add_one(bench: Bench) -> None:
    told = command(bench, "status", ERIC)

    assert told.startswith(f"Status\n*Release:* r1\n*Manuals:* {NO_MANUALS}\n*Today:* ")


@pytest.mark.parametrize("person", [ADMIN, ERIC])
def test_the_home_tab_says_how_to_add_one_and_nothing_else_is_told(bench: Bench, person: str) -> None:
    event = {"type": "app_home_opened", "user": person, "tab": "home"}

    send(bench, "event:app_home_opened", {"event": event}, Lane.HOME)

    view = bench.slack.one("views_publish")["view"]
    check_view(view)
    assert f"What I know\n{NO_MANUALS}" in "\n".join(texts(view))
    assert said(bench) == ""


def test_a_channel_can_be_configured(bench: Bench) -> None:
    command(bench, "config")

    view = bench.slack.one("views_open")["view"]
    check_view(view)
    assert view == config_modal(ChannelConfig(CHANNEL), Choices(()))
    body = submission_body(view, {"threshold": {"value": "70"}}, ADMIN)
    assert send(bench, "view:channel_config", body).startswith("Saved. I answer from all manuals")
    assert bench.services.channels.get(CHANNEL).threshold == 0.7


def test_the_first_manual_can_be_described(bench: Bench) -> None:
    bench.services.engines.look()
    send(bench, f"action:{ACTION_FILE}", button_body(ACTION_FILE, SENT.as_json(), ADMIN))

    assert bench.slack.one("views_open")["view"] == file_modal(SENT, ())
    assert said(bench) == ""


def test_a_retraining_is_refused_with_the_reason(bench: Bench) -> None:
    assert command(bench, "retrain") == f"There is nothing to learn from. {NO_MANUALS}"
    button = button_body(ACTION_RETRAIN, "retrain", ADMIN)
    assert send(bench, f"action:{ACTION_RETRAIN}", button) == f"There is nothing to learn from. {NO_MANUALS}"
    assert bench.services.launcher.jobs.latest() is None


def test_sources_are_not_read_again_where_there_are_none(bench: Bench) -> None:
    assert "There are none yet." in command(bench, "sources")
    assert "Read all again" not in str(bench.slack.one("chat_postEphemeral")["blocks"])
    assert command(bench, "sources refresh") == NO_MANUALS
    button = button_body(ACTION_SOURCES_REFRESH, "", ADMIN)
    assert send(bench, f"action:{ACTION_SOURCES_REFRESH}", button) == NO_MANUALS


def test_a_question_is_told_so_without_an_apology(bench: Bench) -> None:
    event = {"type": "app_mention", "user": ERIC, "channel": CHANNEL, "ts": "10.1", "text": f"<@{BOT}> Why?"}
    bench.services.inbox.record(*sort_message(bench.services, {"event_id": "Ev1", "event": event}))

    work(bench)

    assert said(bench) == NO_MANUALS
    assert bench.slack.one("chat_postMessage")["thread_ts"] == "10.1"
    assert command(bench, "ask How do I descale it?", ERIC) == NO_MANUALS


def test_an_answer_is_posted_once_though_the_last_manual_is_taken_out_meanwhile(bench: Bench) -> None:
    indexed = [True]
    engines = Engines(lambda: bench.engine if indexed else nothing(), lambda: len(indexed), lambda: "r1")
    bench.services = replace(bench.services, engines=engines)
    event = {"type": "app_mention", "user": ERIC, "channel": CHANNEL, "ts": "10.1", "text": f"<@{BOT}> Why?"}
    bench.services.inbox.record(*sort_message(bench.services, {"event_id": "Ev1", "event": event}))

    def take_out(_: object) -> dict[str, Any]:
        indexed.clear()
        engines.look()
        return {}

    bench.slack.answers["chat_postMessage"] = take_out
    work(bench)

    assert bench.slack.one("chat_postMessage")["text"].startswith("Descale the machine")
    assert bench.services.posts.latest_in(CHANNEL) is not None


def test_a_product_whose_manuals_are_gone_is_named(bench: Bench) -> None:
    answer_id = bench.give(replace(answer(), also=("Folio",)))

    send(bench, rf"action:{ACTION_PRODUCT}_\d+", button_body(f"{ACTION_PRODUCT}_0", f"{answer_id}:0"))

    assert said(bench) == "The manuals of Folio are no longer here."


def test_a_pasted_correction_is_near_nothing(bench: Bench) -> None:
    view = correction_modal(answer(), Place(bench.give(), CHANNEL))

    send(bench, "view:correction", submission_body(view, {"pasted": {"value": "Descale it weekly."}}))

    assert bench.slack.one("views_update")["view"] == nothing_near_modal()
