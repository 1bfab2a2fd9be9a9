"""Retraining from Slack: one message that is edited until the end, then the report in its thread."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from fakes_retraining import KEPT, PNG, PROMOTED, Retraining, changed, open_retraining, report
from fakes_slack import ADMIN, CHANNEL, ERIC, button_body
from slack_limits import check_message, texts
from slack_sdk.errors import SlackRequestError
from test_bot_posting import refusal

from bot.actions import ACTION_RETRAIN, ACTION_RETRAIN_CANCEL
from bot.app import TABLE
from bot.deliveries import Lane
from bot.listeners.reporting import PAUSES_S
from bot.serve import open_schedule
from bot.settings import SlackSettings
from bot.views.report import N_CHANGED, changed_message, figures_message, pick
from bot.views.retraining import bar, progress_message, verdict_message
from bot.workers import MAX_UNREACHED_S, Workers
from qa_core.errors import SettingsError
from training.retraining.job_folder import BEFORE_AFTER, LEARNING_CURVE, JobFolder
from training.retraining.jobs import CANCELLED, Ending, Job, Progress, Request
from training.settings import TrainingSettings

CHANNEL_TEXT = "Job 1: 43%, Training the reader, loss 1.234, 3 min left"


@pytest.fixture
def retraining(tmp_path: Path) -> Iterator[Retraining]:
    with open_retraining(tmp_path) as opened:
        yield opened


def press(retraining: Retraining, action: str, value: str, person: str = ADMIN, key: str = "press") -> None:
    retraining.send(f"action:{action}", button_body(action, value, person, at=f"{key}.1"), key)


def home_button(action: str = ACTION_RETRAIN, value: str = "retrain") -> dict[str, Any]:
    """What Slack sends for a button of the App Home: no channel, no address to answer to."""
    return {
        "type": "block_actions",
        "user": {"id": ADMIN},
        "container": {"type": "view", "view_id": "V1"},
        "view": {"id": "V1", "type": "home"},
        "actions": [{"action_id": action, "value": value, "action_ts": "1.1"}],
    }


# Starting


def test_the_command_starts_a_job_and_tells_in_the_channel_how_it_goes(retraining: Retraining) -> None:
    retraining.command("retrain")

    [job] = retraining.jobs.list()
    assert (job.request.cause, job.request.asked_by) == ("slack", ADMIN)
    assert retraining.launched == [1]
    [message] = retraining.wall.messages
    assert (message["channel"], message["thread_ts"]) == (CHANNEL, None)
    assert message["text"] == "Job 1: 0%, starting"
    assert f"Begun by <@{ADMIN}>" in message["blocks"][0]["text"]["text"]


def test_who_is_no_administrator_is_told_so_and_nothing_starts(retraining: Retraining) -> None:
    retraining.command("retrain", person=ERIC)

    assert retraining.jobs.list() == ()
    assert retraining.said()[0].startswith("Sorry, only administrators may ask me to retrain.")


def test_the_button_of_the_app_home_tells_in_direct_messages(retraining: Retraining) -> None:
    retraining.send(f"action:{ACTION_RETRAIN}", home_button(), "press")

    assert retraining.launched == [1]
    [message] = retraining.wall.messages
    assert message["channel"] == f"D{ADMIN}"
    published = retraining.slack.one("views_publish")
    assert published["user_id"] == ADMIN
    assert any("*Job 1 is under way:*" in text for text in texts(published["view"]))


def test_a_tab_that_cannot_be_published_keeps_nothing_from_starting(retraining: Retraining) -> None:
    retraining.slack.answers["views_publish"] = "internal_error"

    retraining.send(f"action:{ACTION_RETRAIN}", home_button(), "press")

    assert (retraining.launched, len(retraining.wall.messages)) == ([1], 1)
    assert retraining.bench.services.inbox.n_waiting() == 1, "only the message that is edited"


def test_a_delivery_that_comes_twice_starts_one(retraining: Retraining) -> None:
    retraining.command("retrain", key="k1")
    retraining.command("retrain", key="k1")

    assert (retraining.launched, len(retraining.wall.messages)) == ([1], 1)


def test_a_task_that_is_done_again_after_a_kill_starts_no_second_job(retraining: Retraining) -> None:
    """The bot was killed after the job was claimed, and the job has ended since."""
    origin = {"delivery": "k1", "team": "", "channel": CHANNEL}
    retraining.begin(Request("slack", ADMIN, origin))
    retraining.end(Ending("failed", "There are 3 approved triplets."))

    retraining.command("retrain", key="k1")

    assert len(retraining.jobs.list()) == 1
    [message] = retraining.wall.messages
    assert message["text"].startswith("❌ *Job 1 failed.*")


def test_while_one_is_under_way_the_person_is_told_which_and_how_it_goes(retraining: Retraining) -> None:
    retraining.begin(Request("schedule"))
    retraining.run()

    retraining.command("retrain")

    assert retraining.launched == [1]
    [said] = retraining.said()
    assert said.startswith("Job 1 is under way already, begun by the schedule at <!date^")
    assert said.endswith("It stands at 43%, Training the reader, loss 1.234, 3 min left")
    assert [m["text"] for m in retraining.wall.messages] == [CHANNEL_TEXT]


def test_asking_again_in_the_same_channel_makes_no_second_message(retraining: Retraining) -> None:
    retraining.command("retrain", key="k1")
    retraining.command("retrain", key="k2")

    assert len(retraining.wall.messages) == 1
    assert retraining.said()[0].startswith("Job 1 is under way already")


def test_where_the_bot_is_no_member_it_tells_in_direct_messages(retraining: Retraining) -> None:
    retraining.wall.closed.add("C9")

    retraining.command("retrain", channel="C9")

    [message] = retraining.wall.messages
    assert (message["channel"], message["text"]) == (f"D{ADMIN}", "Job 1: 0%, starting")


def test_direct_messages_tell_of_a_job_once_from_wherever_it_was_asked_for(retraining: Retraining) -> None:
    retraining.wall.closed |= {"C8", "C9"}

    for n, channel in enumerate(["C9", f"D{ADMIN}", "C8"]):
        retraining.command("retrain", key=f"k{n}", channel=channel)
    retraining.send(f"action:{ACTION_RETRAIN}", home_button(), "press")
    retraining.end()
    retraining.later()

    messages = retraining.wall.messages
    [verdict] = [each for each in messages if "has made a better release" in each["text"]]
    assert verdict["channel"] == f"D{ADMIN}"
    assert {each.get("thread_ts") for each in messages} == {None, verdict["ts"]}


def test_a_regression_set_that_cannot_be_read_is_told_before_anything_starts(
    retraining: Retraining, tmp_path: Path
) -> None:
    own = tmp_path / "own.jsonl"
    own.write_text("no json")
    services = retraining.bench.services
    training = TrainingSettings(questions=own)
    retraining.bench.services = replace(services, settings=replace(services.settings, training=training))

    retraining.command("retrain")

    assert retraining.jobs.list() == ()
    assert "own.jsonl" in retraining.said()[0]


# Progress


def test_the_message_is_edited_as_the_job_goes_on(retraining: Retraining) -> None:
    retraining.command("retrain")
    retraining.run()
    retraining.later()
    retraining.run(Progress("Indexing", 0.7, None, 40.0))
    retraining.later()

    [message] = retraining.wall.messages
    assert message["text"] == "Job 1: 70%, Indexing, 40 s left"
    assert message["blocks"][1]["text"]["text"] == "`██████████████░░░░░░` 70%, Indexing, 40 s left"
    assert message["n_edits"] == 2


def test_what_has_not_changed_is_not_edited_and_nothing_more_often_than_every_few_seconds(
    retraining: Retraining,
) -> None:
    retraining.command("retrain")
    retraining.run()
    retraining.work()
    assert retraining.slack.of("chat_update") == []
    retraining.later()
    retraining.later()

    assert len(retraining.slack.of("chat_update")) == 1
    assert 3.0 < retraining.bench.services.inbox.seconds_to_next(Lane.JOB) <= 4.0


def test_a_bot_that_comes_back_goes_on_editing_the_same_message(
    retraining: Retraining, tmp_path: Path
) -> None:
    retraining.command("retrain")
    retraining.run()

    with open_retraining(tmp_path) as restarted:
        restarted.wall.messages = retraining.wall.messages
        restarted.later()

    [message] = retraining.wall.messages
    assert message["text"] == CHANNEL_TEXT


def test_a_bot_that_was_killed_after_posting_finds_its_message(retraining: Retraining) -> None:
    retraining.command("retrain")
    with retraining.bench.services.store.transaction() as db:
        db.execute("DELETE FROM job_messages")
    retraining.run()
    retraining.later()
    retraining.later()

    [message] = retraining.wall.messages
    assert message["ts"] == "1700000002.000001"
    retraining.run(Progress("Indexing", 0.7))
    retraining.later()
    assert message["text"] == "Job 1: 70%, Indexing"


def test_of_bots_that_share_a_database_one_edits(retraining: Retraining, tmp_path: Path) -> None:
    retraining.command("retrain")
    retraining.run()
    retraining.bench.services.store.db.execute("UPDATE inbox SET not_before = 0")

    with open_retraining(tmp_path) as other:
        claimed = other.bench.services.inbox.claim(Lane.JOB)
        assert claimed is not None
        assert retraining.bench.services.inbox.claim(Lane.JOB) is None


@pytest.mark.parametrize(
    "error", [URLError("reset"), refusal(503, "oops"), refusal(429, **{"Retry-After": "9"})]
)
def test_while_slack_is_down_nothing_is_lost_however_long_it_takes(
    retraining: Retraining, error: Exception
) -> None:
    retraining.command("retrain")
    retraining.run()
    works = retraining.slack.answers["chat_update"]

    def broken(_: object) -> dict[str, object]:
        raise error

    retraining.slack.answers["chat_update"] = broken
    services, moments = retraining.bench.services, itertools.count(0.0, 2 * MAX_UNREACHED_S)
    workers = Workers(services, TABLE.handlers, lambda: next(moments))
    for _ in range(6):
        with services.store.transaction() as db:
            db.execute("UPDATE inbox SET not_before = 0")
        task = services.inbox.claim(Lane.JOB)
        assert task is not None
        workers.do(task)
    assert retraining.wall.messages[0]["text"] == "Job 1: 0%, starting"
    retraining.slack.answers["chat_update"] = works
    retraining.later()

    assert retraining.wall.messages[0]["text"] == CHANNEL_TEXT
    assert retraining.said() == []


def test_when_slack_asks_to_wait_the_edit_waits_so_long(retraining: Retraining) -> None:
    retraining.command("retrain")
    retraining.run()

    def limited(_: object) -> dict[str, object]:
        raise refusal(429, **{"Retry-After": "30"})

    retraining.slack.answers["chat_update"] = limited
    retraining.later()

    assert 28.0 < retraining.bench.services.inbox.seconds_to_next(Lane.JOB) <= 30.1


def delete_the_message(retraining: Retraining) -> None:
    """Somebody deletes it, and the job goes on."""
    retraining.wall.messages.clear()
    retraining.run()
    retraining.later()


def test_a_message_that_was_deleted_is_posted_anew(
    retraining: Retraining, caplog: pytest.LogCaptureFixture
) -> None:
    retraining.command("retrain")
    delete_the_message(retraining)

    [message] = retraining.wall.messages
    assert (message["channel"], message["text"]) == (CHANNEL, CHANNEL_TEXT)
    retraining.run(Progress("Indexing", 0.7))
    retraining.later()
    assert (message["text"], message["n_edits"]) == ("Job 1: 70%, Indexing", 1)
    assert len(caplog.messages) == 1


def test_a_message_that_is_deleted_again_costs_the_progress_and_not_the_verdict(
    retraining: Retraining, caplog: pytest.LogCaptureFixture
) -> None:
    retraining.command("retrain")
    delete_the_message(retraining)
    retraining.wall.messages.clear()
    for share in (0.5, 0.6, 0.7):
        retraining.run(Progress("Indexing", share))
        retraining.later()
    assert retraining.wall.messages == []
    assert len(retraining.slack.of("chat_update")) == 2
    assert len(caplog.messages) == 2

    retraining.end(Ending("failed", "The loss is nan."))
    retraining.later()

    [message] = retraining.wall.messages
    assert (message["channel"], message["text"].split("\n")[1]) == (f"D{ADMIN}", "The loss is nan.")


def test_direct_messages_in_which_it_is_deleted_twice_get_the_verdict(retraining: Retraining) -> None:
    retraining.send(f"action:{ACTION_RETRAIN}", home_button(), "press")
    delete_the_message(retraining)
    retraining.wall.messages.clear()
    retraining.run(Progress("Indexing", 0.7))
    retraining.later()
    retraining.end()
    retraining.later()

    verdict, *thread = retraining.wall.messages
    assert verdict["text"].startswith("✅ *Job 1 has made a better release.*")
    assert {(m["channel"], m["thread_ts"]) for m in thread} == {(f"D{ADMIN}", verdict["ts"])}


def test_a_bot_that_is_killed_as_it_posts_the_message_anew_finds_it(retraining: Retraining) -> None:
    retraining.command("retrain")
    retraining.wall.messages.clear()
    post = retraining.slack.answers["chat_postMessage"]

    def dying(arguments: dict[str, Any]) -> Any:
        post(arguments)
        raise KeyboardInterrupt

    retraining.slack.answers["chat_postMessage"] = dying
    retraining.run()
    with pytest.raises(KeyboardInterrupt):
        retraining.later()
    retraining.slack.answers["chat_postMessage"] = post
    with retraining.bench.services.store.transaction() as db:
        db.execute("UPDATE inbox SET owner = NULL, lease_until = 0")
    retraining.later()

    assert [m["text"] for m in retraining.wall.messages] == [CHANNEL_TEXT]


def test_a_channel_that_is_closed_meanwhile_sends_it_to_direct_messages(retraining: Retraining) -> None:
    retraining.command("retrain")
    retraining.wall.closed.add(CHANNEL)
    retraining.wall.messages.clear()
    retraining.run()
    retraining.later()

    [message] = retraining.wall.messages
    assert (message["channel"], message["text"]) == (f"D{ADMIN}", CHANNEL_TEXT)


def test_while_slack_takes_no_token_the_message_waits(retraining: Retraining) -> None:
    retraining.command("retrain")
    retraining.run()
    edit = retraining.slack.answers["chat_update"]
    retraining.slack.answers["chat_update"] = "token_revoked"
    for _ in range(3):
        retraining.later()
    retraining.slack.answers["chat_update"] = edit
    retraining.later()

    assert [m["text"] for m in retraining.wall.messages] == [CHANNEL_TEXT]


def test_channels_that_are_closed_at_the_end_have_the_verdict_told_once_in_direct_messages(
    retraining: Retraining,
) -> None:
    for n, channel in enumerate((CHANNEL, "C2", f"D{ADMIN}")):
        retraining.command("retrain", key=f"k{n}", channel=channel)
    retraining.wall.closed |= {CHANNEL, "C2"}
    retraining.slack.answers["chat_update"] = "is_archived"
    retraining.end(PROMOTED)
    retraining.until_quiet()

    told = [m["channel"] for m in retraining.wall.messages if "has made a better release" in m["text"]]
    assert told == [f"D{ADMIN}"]


def test_a_job_whose_process_died_is_said_to_go_on(retraining: Retraining) -> None:
    retraining.command("retrain")
    job = retraining.run()

    assert progress_message(job, is_dead=True).text == (
        "Job 1: 43%, its process was killed; it goes on within a minute or two where it was"
    )


@pytest.mark.parametrize(
    ("share", "shown"), [(0.0, "░" * 20), (0.5, "█" * 10 + "░" * 10), (1.0, "█" * 20), (1.7, "█" * 20)]
)
def test_the_bar_is_twenty_characters_long(share: float, shown: str) -> None:
    assert bar(share) == shown


# Cancelling


def test_cancel_asks_first_and_ends_the_job(retraining: Retraining) -> None:
    retraining.command("retrain")
    retraining.run()
    [button] = retraining.wall.messages[0]["blocks"][2]["elements"]
    assert (button["action_id"], button["value"], button["confirm"]["title"]["text"]) == (
        ACTION_RETRAIN_CANCEL,
        "1",
        "Cancel job 1?",
    )

    press(retraining, ACTION_RETRAIN_CANCEL, button["value"])
    retraining.later()

    assert retraining.jobs.get(1).cancelled
    assert retraining.said() == ["Job 1 ends within seconds. The current release goes on answering."]
    message = retraining.wall.messages[0]
    assert message["text"] == "Job 1: 43%, it is being cancelled"
    assert [block["type"] for block in message["blocks"]] == ["section", "section"], "no button any more"


def test_a_job_that_is_under_way_can_be_cancelled_in_the_app_home(retraining: Retraining) -> None:
    retraining.send(f"action:{ACTION_RETRAIN}", home_button(), "press")
    retraining.run()
    [before] = retraining.slack.of("views_publish")
    assert cancel_buttons(before["view"]) == ["1"]

    retraining.send(f"action:{ACTION_RETRAIN_CANCEL}", home_button(ACTION_RETRAIN_CANCEL, "1"), "cancel")

    assert retraining.jobs.get(1).cancelled
    told = [m["text"] for m in retraining.slack.of("chat_postMessage") if m["channel"] == ADMIN]
    assert told == ["Job 1 ends within seconds. The current release goes on answering."]
    *_, after = retraining.slack.of("views_publish")
    assert any("it is being cancelled" in text for text in texts(after["view"]))
    assert cancel_buttons(after["view"]) == []


def cancel_buttons(view: dict[str, Any]) -> list[str]:
    """What they carry."""
    elements = [each for block in view["blocks"] for each in block.get("elements", ())]
    return [each["value"] for each in elements if each.get("action_id") == ACTION_RETRAIN_CANCEL]


def test_who_is_no_administrator_cannot_cancel(retraining: Retraining) -> None:
    retraining.command("retrain")
    retraining.run()

    press(retraining, ACTION_RETRAIN_CANCEL, "1", person=ERIC)

    assert not retraining.jobs.get(1).cancelled
    assert retraining.said()[0].startswith("Sorry, only administrators may ask me to cancel retrainings.")


def test_cancelling_twice_and_after_the_end_changes_nothing(retraining: Retraining) -> None:
    retraining.command("retrain")
    job = retraining.run()
    press(retraining, ACTION_RETRAIN_CANCEL, "1", key="first")
    press(retraining, ACTION_RETRAIN_CANCEL, "1", key="second")
    retraining.jobs.end(1, job.owner, CANCELLED)
    press(retraining, ACTION_RETRAIN_CANCEL, "1", key="third")

    assert retraining.jobs.get(1).state == "cancelled"
    assert retraining.said()[-2:] == [
        "Job 1 ends within seconds. The current release goes on answering.",
        "Job 1 has ended already.",
    ]


def test_who_cancels_while_the_release_is_switched_is_told_of_the_way_back(retraining: Retraining) -> None:
    retraining.command("retrain")
    retraining.run()
    assert retraining.jobs.begin_to_promote(1, "r2")
    press(retraining, ACTION_RETRAIN_CANCEL, "1")

    assert retraining.said()[-1] == (
        "Job 1 is done: its release r2 takes over. `/manual rollback` goes back to the release before."
    )


def test_a_job_that_was_cancelled_says_what_can_be_done(retraining: Retraining) -> None:
    retraining.command("retrain")
    job = retraining.run()
    retraining.jobs.end(1, job.owner, CANCELLED)
    retraining.later()

    [message] = retraining.wall.messages
    assert message["text"] == "*Job 1 was cancelled.* The current release goes on answering."
    assert message["blocks"][1]["elements"][0]["text"] == (
        f"Begun by <@{ADMIN}>. `/manual retrain` starts another."
    )


# The end


def test_the_message_becomes_the_verdict_and_its_thread_the_report(retraining: Retraining) -> None:
    retraining.command("retrain")
    retraining.end(PROMOTED)
    retraining.later()

    verdict, figures, pictures, answers = retraining.wall.messages
    assert verdict["text"] == "✅ *Job 1 has made a better release.*\nr2 was promoted. It is better."
    assert {m["thread_ts"] for m in (figures, pictures)} == {verdict["ts"]}
    assert figures["text"] == "Job 1: the candidate passed the gate against r1"
    assert [file["name"] for file in pictures["files"]] == [
        "job-1-learning-curve.png",
        "job-1-before-after.png",
    ]
    assert answers["text"] == "Job 1: 1 answer changed"
    uploaded = retraining.slack.one("files_upload_v2")["file_uploads"]
    assert [each["content"] for each in uploaded] == [PNG + b"learning-curve.png", PNG + b"before-after.png"]
    assert all(each["alt_txt"] for each in uploaded)
    for message in (verdict, figures, answers):
        check_message({"text": message["text"], "blocks": message["blocks"]})
    retraining.later()
    assert len(retraining.wall.messages) == 4


def test_the_verdict_says_which_release_has_become_current_since(retraining: Retraining) -> None:
    retraining.command("retrain")
    retraining.end(PROMOTED)
    retraining.chosen("r1")
    retraining.later()

    assert retraining.wall.messages[0]["text"].endswith(
        "\nr2 was promoted; r1 has become current since. It is better."
    )


def test_the_verdict_says_nothing_of_now_where_it_is_lost_which_release_answers(
    retraining: Retraining,
) -> None:
    retraining.command("retrain")
    retraining.end(PROMOTED)
    retraining.chosen("")
    retraining.later()

    assert retraining.wall.messages[0]["text"].endswith("\nr2 was promoted. It is better.")


def test_what_people_asked_is_shown_to_who_began_it_alone(retraining: Retraining) -> None:
    """Questions that were asked in direct messages are among them."""
    retraining.command("retrain")
    retraining.end(PROMOTED)
    retraining.later()

    [alone] = [m for m in retraining.wall.messages if m["channel"] != CHANNEL]
    assert (alone["channel"], alone["thread_ts"]) == (f"D{ADMIN}", None)
    assert "How often?" in str(alone["blocks"])
    assert "How often?" not in str([m for m in retraining.wall.messages if m["channel"] == CHANNEL])


def test_who_asked_in_several_places_is_shown_once_which_answers_changed(retraining: Retraining) -> None:
    for n, channel in enumerate((CHANNEL, "C2", f"D{ADMIN}")):
        retraining.command("retrain", key=f"k{n}", channel=channel)
    retraining.end(PROMOTED)
    retraining.later()

    messages = retraining.wall.messages
    assert len([m for m in messages if "has made a better release" in m["text"]]) == 3
    assert [m["channel"] for m in messages if m["text"] == "Job 1: 1 answer changed"] == [f"D{ADMIN}"]


def test_in_direct_messages_the_whole_report_stands_in_one_thread(retraining: Retraining) -> None:
    retraining.send(f"action:{ACTION_RETRAIN}", home_button(), "press")
    retraining.end(PROMOTED)
    retraining.later()

    verdict, *thread = retraining.wall.messages
    assert {(m["channel"], m["thread_ts"]) for m in thread} == {(f"D{ADMIN}", verdict["ts"])}
    assert len(thread) == 3


def test_a_candidate_that_did_not_pass_is_reported_with_the_reasons(retraining: Retraining) -> None:
    retraining.command("retrain")
    retraining.end(KEPT)
    retraining.later()

    verdict, figures, *_ = retraining.wall.messages
    assert verdict["text"].startswith("🟡 *Job 1 has made no release that takes over.*")
    assert verdict["text"].endswith("\nr2 is kept and not promoted. It is not better.")
    assert "• It is not better." in figures["blocks"][1]["text"]["text"]


def test_a_failed_job_says_why_and_what_to_do(retraining: Retraining) -> None:
    retraining.command("retrain")
    retraining.end(Ending("failed", "There are 3 approved <triplets>; at least 10 are needed."))
    retraining.later()

    [message] = retraining.wall.messages
    assert message["text"] == (
        "❌ *Job 1 failed.* The current release goes on answering.\n"
        "There are 3 approved &lt;triplets&gt;; at least 10 are needed."
    )
    assert "`/manual retrain` starts another." in message["blocks"][1]["elements"][0]["text"]


def test_pictures_that_slack_does_not_take_are_replaced_by_words(retraining: Retraining) -> None:
    retraining.slack.answers["files_upload_v2"] = "missing_scope"
    retraining.command("retrain")
    retraining.end(PROMOTED)
    retraining.later()

    _, _, instead, answers = retraining.wall.messages
    assert instead["text"].startswith("The pictures could not be uploaded (Slack says missing")
    assert "manualbot report 1 --out report.html" in instead["text"]
    assert answers["text"] == "Job 1: 1 answer changed"


def test_pictures_wait_as_long_as_slack_asks_for(retraining: Retraining) -> None:
    upload = retraining.slack.answers["files_upload_v2"]
    refusals = [refusal(429, **{"Retry-After": "20"})] * 2

    def later(arguments: dict[str, Any]) -> Any:
        if refusals:
            raise refusals.pop()
        return upload(arguments)

    retraining.slack.answers["files_upload_v2"] = later
    retraining.command("retrain")
    retraining.end(PROMOTED)
    retraining.until_quiet()

    _, _, answers, pictures = retraining.wall.messages
    assert len(pictures["files"]) == 2
    assert answers["text"] == "Job 1: 1 answer changed"


@pytest.mark.parametrize("error", [URLError("reset"), refusal(503, "oops"), SlackRequestError("status 502")])
def test_while_slack_is_in_trouble_pictures_are_tried_again_and_keep_nobody_from_the_answers(
    retraining: Retraining, error: Exception
) -> None:
    upload, n_refused = retraining.slack.answers["files_upload_v2"], itertools.count(1)

    def at_the_third_attempt(arguments: dict[str, Any]) -> Any:
        if next(n_refused) < 3:
            raise error
        return upload(arguments)

    retraining.slack.answers["files_upload_v2"] = at_the_third_attempt
    retraining.command("retrain")
    retraining.end(PROMOTED)
    retraining.later()
    assert retraining.wall.messages[-1]["text"] == "Job 1: 1 answer changed"
    assert 4.0 < retraining.bench.services.inbox.seconds_to_next(Lane.JOB) <= 5.0
    retraining.until_quiet()

    assert [len(message.get("files", ())) for message in retraining.wall.messages] == [0, 0, 0, 2]


def test_pictures_are_given_up_after_some_attempts_with_growing_pauses(retraining: Retraining) -> None:
    def broken(_: object) -> Any:
        raise refusal(503, "oops")

    retraining.slack.answers["files_upload_v2"] = broken
    retraining.command("retrain")
    retraining.end(PROMOTED)
    pauses = []
    for _ in range(4):
        retraining.later()
        pauses.append(round(retraining.bench.services.inbox.seconds_to_next(Lane.JOB) or 0))

    assert pauses == [*PAUSES_S, 0]
    assert retraining.wall.messages[-1]["text"].startswith(
        "The pictures could not be uploaded (Slack says oops)."
    )
    assert retraining.bench.services.inbox.n_waiting() == 0


def test_pictures_that_are_there_are_not_said_to_be_missing(retraining: Retraining) -> None:
    upload = retraining.slack.answers["files_upload_v2"]

    def done_but_broken(arguments: dict[str, Any]) -> Any:
        upload(arguments)
        raise refusal(500, "internal_error")

    retraining.slack.answers["files_upload_v2"] = done_but_broken
    retraining.command("retrain")
    retraining.end(PROMOTED)
    retraining.until_quiet()

    assert [len(message.get("files", ())) for message in retraining.wall.messages] == [0, 0, 2, 0]
    assert "could not be uploaded" not in str(retraining.wall.messages)


@pytest.mark.parametrize("missing", [LEARNING_CURVE, BEFORE_AFTER])
def test_a_picture_that_was_not_drawn_keeps_nobody_from_the_changed_answers(
    retraining: Retraining, missing: str
) -> None:
    retraining.command("retrain")
    retraining.end(PROMOTED)
    (JobFolder.of(retraining.home, 1).path / missing).unlink()
    retraining.later()

    _, _, instead, answers = retraining.wall.messages
    assert instead["text"] == (
        "The pictures could not be uploaded (job 1 has left none). The tables above have their figures, and "
        "`manualbot report 1 --out report.html` the pictures themselves."
    )
    assert answers["text"] == "Job 1: 1 answer changed"
    assert retraining.slack.of("files_upload_v2") == []


def test_the_bot_reports_without_drawing_anything_itself(tmp_path: Path) -> None:
    """In a process of its own: other tests of this one draw."""
    script = (
        "import sys, pathlib\n"
        "from fakes_retraining import open_retraining\n"
        "with open_retraining(pathlib.Path(sys.argv[1])) as retraining:\n"
        "    retraining.command('retrain')\n"
        "    retraining.end()\n"
        "    retraining.later()\n"
        "    print([len(m.get('files', ())) for m in retraining.wall.messages])\n"
        "print('matplotlib' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("[0, 0, 2, 0]\nFalse\n", "")


@pytest.mark.parametrize("happened", [False, True], ids=["before the call", "after it"])
@pytest.mark.parametrize("n_calls", range(4))
def test_a_bot_that_is_killed_within_the_report_goes_on_with_it(
    retraining: Retraining, n_calls: int, happened: bool
) -> None:
    """It dies at the edit, the figures, the pictures or the changed answers; each is there once."""
    retraining.command("retrain")
    retraining.end(PROMOTED)
    works = dict(retraining.slack.answers)
    calls: list[str] = []

    def dying(method: str) -> Any:
        def call(arguments: dict[str, Any]) -> Any:
            calls.append(method)
            if len(calls) == n_calls + 1:
                if happened:
                    works[method](arguments)
                raise KeyboardInterrupt
            return works[method](arguments)

        return call

    methods = ("chat_update", "chat_postMessage", "files_upload_v2")
    retraining.slack.answers.update({method: dying(method) for method in methods})
    with pytest.raises(KeyboardInterrupt):
        retraining.later()
    assert calls[-1] == ("chat_update", "chat_postMessage", "files_upload_v2", "chat_postMessage")[n_calls]
    retraining.slack.answers.update(works)
    with retraining.bench.services.store.transaction() as db:
        db.execute("UPDATE inbox SET owner = NULL, lease_until = 0")
    retraining.later()

    assert [m["text"].split("\n")[0] for m in retraining.wall.messages] == [
        "✅ *Job 1 has made a better release.*",
        "Job 1: the candidate passed the gate against r1",
        "",
        "Job 1: 1 answer changed",
    ]


def test_a_report_that_cannot_be_read_leaves_the_verdict(retraining: Retraining) -> None:
    retraining.command("retrain")
    job = retraining.run()
    retraining.jobs.end(1, job.owner, PROMOTED)
    retraining.later()

    verdict, note = retraining.wall.messages
    assert verdict["text"].startswith("✅ *Job 1 has made a better release.*")
    assert note["text"].startswith("There is no report to show: Job 1 has no report")


# The report's messages


def test_the_figures_hold_verdict_epochs_and_what_was_before_and_after() -> None:
    message = figures_message(report())
    shown = "\n".join(texts([dict(block) for block in message.blocks]))
    assert "• It is better &amp; cheaper." in shown
    assert "    137  training triplets" in shown
    assert "    1    0.900       0.750  loss still falling" in shown
    assert "    1    0.700    0.625" in shown
    assert "       r1  candidate  figure\n    0.500      1.000  held-out: section hit@1" in shown
    assert "Regression set: the 2 questions of own.jsonl. Data dddddddddddddddd, seed 7." in shown


def test_old_and_new_answers_stand_side_by_side() -> None:
    message = changed_message(report(changed=(changed("Is <it> *so*?"), changed("When?", better=False))))
    check_message({"text": message.text, "blocks": list(message.blocks)})
    _, better, worse = message.blocks
    assert better["text"]["text"].startswith("🟢 better: *Is &lt;it&gt; ")
    assert [field["text"] for field in better["fields"]] == [
        "*r1* (60%)\nAsk &lt;the&gt; shop.\na.md › Shop",
        "*candidate* (90%)\nEvery 200 cups.\na.md › Care",
    ]
    assert worse["text"]["text"].startswith("🔴 worse: *When?*")


def test_of_many_changed_answers_the_best_and_the_worst_are_shown_within_slacks_limits() -> None:
    long = "word & <tag> " * 200
    many = tuple(changed(f"{n} {long}", better=n < 30) for n in range(60))
    wordy = tuple(replace(c, before=replace(c.before, shown=long), golds=(long,)) for c in many)
    message = changed_message(report(changed=wordy))

    check_message({"text": message.text, "blocks": list(message.blocks)})
    assert [int(c.question.split()[0]) for c in pick(wordy)] == [*range(5), *range(55, 60)]
    assert len(message.blocks) == 1 + N_CHANGED + 1
    told = "60 answers changed; these are the 5 that gained most and the 5 that lost most"
    assert message.text == f"Job 1: {told}"


def test_a_long_report_keeps_within_slacks_limits() -> None:
    made = report()
    wordy = "word & <tag> " * 500
    epochs = tuple(replace(each, observation=wordy) for each in made.reader_epochs * 30)
    verdict = replace(made.verdict, reasons=(wordy,) * 7)
    message = figures_message(replace(made, reader_epochs=epochs, verdict=verdict, notes=(wordy,) * 3))

    check_message({"text": message.text, "blocks": list(message.blocks)})


def test_an_error_that_fills_pages_keeps_within_slacks_limits(retraining: Retraining) -> None:
    retraining.command("retrain")
    job: Job = retraining.end(Ending("failed", "<oops> & " * 2_000))
    message = verdict_message(job, None)

    check_message({"text": message.text, "blocks": list(message.blocks)})


# At work


def test_the_schedule_of_the_settings_is_what_the_bot_starts_by(retraining: Retraining) -> None:
    services = retraining.bench.services
    training = TrainingSettings(after_triplets=1)
    schedule = open_schedule(replace(services, settings=replace(services.settings, training=training)))
    assert schedule.look() is None, "there are no triplets yet"
    bad = replace(services.settings, training=TrainingSettings(schedule="99 3 * * *"))
    with pytest.raises(SettingsError, match="MANUALBOT_RETRAIN_AT='99 3"):
        open_schedule(replace(services, settings=bad))


def test_slacks_settings_hold_those_of_learning(tmp_path: Path) -> None:
    settings = SlackSettings.load({"MANUALBOT_RETRAIN_AFTER": "50", "MANUALBOT_HOME": str(tmp_path)}, None)
    assert settings.training == TrainingSettings(after_triplets=50)
    with pytest.raises(SettingsError, match="MANUALBOT_RETRAIN_AFTER='many' cannot be used"):
        SlackSettings.load({"MANUALBOT_RETRAIN_AFTER": "many"}, None)
