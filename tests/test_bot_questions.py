"""Questions in channels, threads and direct messages: which are answered, where, and how often."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from fakes_bot import declined
from fakes_slack import BOT, CHANNEL, ERIC, Bench, open_bench
from slack_limits import check_message

from bot.app import TABLE
from bot.deliveries import Lane
from bot.listeners.questions import sort_message
from bot.questions.apologies import apologise
from bot.questions.channels import ChannelConfig
from bot.questions.posts import Post, Thread
from bot.slack import signs
from bot.slack.posting import Later
from bot.slack.signs import Place
from bot.workers import Workers
from qa_core.errors import IndexingError


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as bench:
        yield bench


def body(text: str = "How often do I descale it?", event_id: str = "Ev1", **more: Any) -> dict[str, Any]:
    event = {
        "type": "message",
        "user": ERIC,
        "channel": CHANNEL,
        "channel_type": "channel",
        "ts": "10.1",
        "text": text,
    }
    return {"type": "event_callback", "team_id": "T1", "event_id": event_id, "event": event | more}


def mention(text: str = f"<@{BOT}> How often do I descale it?", **more: Any) -> dict[str, Any]:
    return body(text, **{"type": "app_mention", "event_id": "Ev2"} | more)


def send(bench: Bench, *bodies: dict[str, Any]) -> int:
    """What Slack sends is recorded and done; returns how many tasks that were."""
    for each in bodies:
        bench.services.inbox.record(*sort_message(bench.services, each))
    workers = Workers(bench.services, TABLE.handlers)
    n_done = 0
    while (task := bench.services.inbox.claim(Lane.ANSWER)) is not None:
        workers.do(task)
        n_done += 1
    return n_done


def posted(bench: Bench) -> list[dict[str, Any]]:
    return bench.slack.of("chat_postMessage")


# Where


def test_a_mention_is_answered_in_its_thread(bench: Bench) -> None:
    send(bench, mention())

    [message] = posted(bench)
    assert (message["channel"], message["thread_ts"]) == (CHANNEL, "10.1")
    assert message["text"].startswith("Descale the machine every 200 cups.")
    assert bench.engine.asked == [("How often do I descale it?", None)]


def test_what_was_posted_is_known_by_its_message_and_thread(bench: Bench) -> None:
    send(bench, mention())

    post = bench.services.posts.get(CHANNEL, "1700000001.000001") or bench.services.posts.latest_in(CHANNEL)
    assert post is not None
    assert (post.thread_ts, post.team) == ("10.1", "T1")
    given = bench.services.answers.get(post.answer_id)
    assert given is not None
    assert (given.asked_by, given.answer.span_text) == (ERIC, "every 200 cups")
    payload = posted(bench)[0]["metadata"]["event_payload"]
    assert payload == {"delivery": "own:question#Ev2/answer", "answer_id": post.answer_id}
    thread = bench.services.threads.get(CHANNEL, "10.1")
    assert thread is not None
    assert (thread.product, thread.asked_by) == ("Meridio 300", ERIC)


def test_a_direct_message_needs_no_mention(bench: Bench) -> None:
    send(bench, body("descaling interval", channel="D1", channel_type="im"))

    [message] = posted(bench)
    assert (message["channel"], message["thread_ts"]) == ("D1", "10.1")


def test_a_mention_in_a_group_message_comes_only_as_a_message(bench: Bench) -> None:
    text = f"<@{BOT}> why?"

    assert send(bench, body(text, channel="G1", channel_type="mpim")) == 1


def test_a_mention_without_a_question_gets_an_explanation(bench: Bench) -> None:
    send(bench, mention(f"<@{BOT}>"))

    [message] = posted(bench)
    assert message["text"].startswith("Ask me something about a product")
    assert bench.engine.asked == []


def test_below_the_threshold_it_says_so(bench: Bench) -> None:
    bench.engine.given = declined()

    send(bench, mention())

    assert posted(bench)[0]["text"].startswith("Not in the manuals")


# How often


def test_a_mention_in_both_forms_delivered_three_times_each_is_answered_once(bench: Bench) -> None:
    forms = [mention(), body(f"<@{BOT}> How often do I descale it?", event_id="Ev1")]

    send(bench, *forms * 3)
    send(bench, *forms)

    assert len(posted(bench)) == 1


def test_forms_without_ids_and_teams_are_told_by_channel_and_time(bench: Bench) -> None:
    forms = [mention(), body(f"<@{BOT}> How often do I descale it?")]
    for form in forms:
        del form["event_id"], form["team_id"]

    send(bench, *forms, *forms)

    assert len(posted(bench)) == 1


@pytest.mark.parametrize("answered_before", [False, True])
def test_a_question_that_was_left_unfinished_is_answered_once(bench: Bench, answered_before: bool) -> None:
    bench.services.inbox.record(*sort_message(bench.services, mention()))
    task = bench.services.inbox.claim(Lane.ANSWER)
    assert task is not None
    if answered_before:
        bench.services.inbox.set_answer(task, bench.services.answers.add(bench.engine.given, ERIC))
    bench.services.inbox.put_back(task, 0.0)

    send(bench)

    assert len(posted(bench)) == 1
    assert len(bench.engine.asked) == (0 if answered_before else 1)


# Afterwards


def changed(before: str | None, after: str, edited_at: str = "11.0", **more: Any) -> dict[str, Any]:
    """What Slack sends of a message that was edited; without `before` as a mention."""
    message = {"type": "message", "user": ERIC, "text": after, "ts": "10.1", "edited": {"ts": edited_at}}
    event: dict[str, Any] = {"channel": CHANNEL, "channel_type": "channel"}
    if before is None:
        event |= message | {"type": "app_mention"}
    else:
        event |= {"type": "message", "subtype": "message_changed", "hidden": True, "ts": "11.1"}
        event |= {"message": message, "previous_message": message | {"text": before}}
    return {"event_id": f"Ev-changed-{before}-{after}", "team_id": "T1", "event": event | more}


QUESTION = "How often do I descale it?"
NAMED = f"<@{BOT}> {QUESTION}"


def test_a_mention_that_is_added_by_editing_is_answered_once_in_its_thread(bench: Bench) -> None:
    send(bench, body(QUESTION), changed(QUESTION, NAMED), changed(None, NAMED))
    send(bench, changed(NAMED, f"{NAMED} Really?"), changed(None, f"{NAMED} Really?"))

    [message] = posted(bench)
    assert (message["channel"], message["thread_ts"]) == (CHANNEL, "10.1")
    assert bench.engine.asked == [(QUESTION, None)]
    [given] = bench.services.answers.since(datetime.fromtimestamp(0, UTC))
    assert given.asked_by == ERIC


def test_a_question_that_is_edited_is_not_answered_again(bench: Bench) -> None:
    send(bench, mention(), changed(NAMED, f"{NAMED} Please!"), changed(None, f"{NAMED} Please!"))

    assert bench.engine.asked == [(QUESTION, None)]


def test_what_slack_or_a_late_edit_changes_asks_nothing(bench: Bench) -> None:
    a_day_later = str(10.1 + 24 * 3600)
    unfurled = changed(NAMED, NAMED)
    del unfurled["event"]["message"]["edited"]

    n = send(
        bench,
        changed(QUESTION, NAMED, a_day_later),
        changed(None, NAMED, a_day_later),
        unfurled,
        changed("Never mind", QUESTION),
        changed(QUESTION, NAMED, channel="D1", channel_type="im"),
        changed(QUESTION, NAMED, previous_message=None),
    )

    assert n == 0


def deleted(as_stone: bool = False) -> dict[str, Any]:
    """What Slack sends of a message that was deleted; one with replies stays as a stone."""
    event = {"type": "message", "channel": CHANNEL, "channel_type": "channel", "hidden": True, "ts": "12.1"}
    before = {"previous_message": {"type": "message", "user": ERIC, "text": NAMED, "ts": "10.1"}}
    if as_stone:
        event |= {"subtype": "message_changed", "message": {"subtype": "tombstone", "ts": "10.1"}}
    else:
        event |= {"subtype": "message_deleted", "deleted_ts": "10.1"}
    return {"event_id": "Ev-deleted", "event": event | before}


def delete(bench: Bench, *, as_stone: bool = False) -> None:
    bench.services.inbox.record(*sort_message(bench.services, deleted(as_stone)))
    task = bench.services.inbox.claim(Lane.QUICK)
    assert task is not None
    Workers(bench.services, TABLE.handlers).do(task)


@pytest.mark.parametrize("as_stone", [False, True])
def test_a_question_that_is_deleted_before_it_is_taken_up_is_not_answered(
    bench: Bench, as_stone: bool
) -> None:
    bench.services.inbox.record(*sort_message(bench.services, mention()))
    delete(bench, as_stone=as_stone)

    assert send(bench) == 0
    assert NAMED not in str(bench.services.store.rows("SELECT * FROM inbox"))


def test_a_question_that_is_deleted_while_it_is_worked_on_is_not_answered(bench: Bench) -> None:
    ask = bench.engine.ask

    def slow(*arguments: Any, **named: Any) -> Any:
        delete(bench)
        return ask(*arguments, **named)

    bench.engine.ask = slow  # type: ignore[method-assign]

    assert send(bench, mention()) == 1
    assert posted(bench) == []
    assert bench.services.answers.since(datetime.fromtimestamp(0, UTC)) == ()


def test_a_question_that_is_deleted_while_it_waits_loses_its_sign(bench: Bench) -> None:
    bench.slack.answers["chat_postMessage"] = "ratelimited"
    asked = body("How often?", channel="D1", channel_type="im", thread_ts="9.1")
    send(bench, asked)
    event = deleted()
    event["event"] |= {"channel": "D1", "channel_type": "im"}

    bench.services.inbox.record(*sort_message(bench.services, event))
    task = bench.services.inbox.claim(Lane.QUICK)
    assert task is not None
    Workers(bench.services, TABLE.handlers).do(task)
    bench.services.signs.stop(timeout_s=10)

    shown = [call["status"] for call in bench.slack.of("assistant_threads_setStatus")]
    assert shown == ["is looking in the manuals…", ""]


def test_deleting_a_question_that_is_answered_changes_nothing(bench: Bench) -> None:
    send(bench, mention())
    delete(bench)

    assert send(bench, body("And with which tablets?", event_id="Ev3", ts="10.2", thread_ts="10.1")) == 1
    assert len(posted(bench)) == 2


# Unasked


def test_other_talk_in_a_channel_is_left_alone(bench: Bench) -> None:
    send(bench, body("How often do I descale it?"), body("<@U7> do you know?", ts="11.0", event_id="Ev3"))

    assert bench.slack.calls == []


def test_a_channel_can_be_set_to_answer_every_question(bench: Bench) -> None:
    bench.services.channels.save(ChannelConfig(CHANNEL, auto_answer=True), "U0")

    n = send(
        bench,
        body("How often do I descale it?"),
        body("I did it yesterday.", ts="11.0", event_id="Ev3"),
        body("<@U7> is it done?", ts="12.0", event_id="Ev4"),
        body("And how?", ts="13.0", event_id="Ev5", thread_ts="9.0"),
    )

    assert (n, [message["thread_ts"] for message in posted(bench)]) == (1, ["10.1"])


@pytest.mark.parametrize(
    ("follow_ups", "text", "n"),
    [(True, "And on the X200?", 1), (True, "Thanks!", 0), (False, "And on the X200?", 0)],
)
def test_threads_with_an_answer_go_on_without_a_mention(
    bench: Bench, follow_ups: bool, text: str, n: int
) -> None:
    bench.services.channels.save(ChannelConfig(CHANNEL, follow_ups=follow_ups), "U0")
    bench.services.threads.keep(Thread(CHANNEL, "9.0", ERIC, "Why?", "Meridio 300"))

    assert send(bench, body(text, thread_ts="9.0")) == n


def test_thanks_are_not_asked_of_the_manuals_again(bench: Bench) -> None:
    direct = {"channel": "D1", "channel_type": "im"}

    assert send(bench, body("ok great, thanks!", **direct), mention("<@UBOT> thanks", event_id="Ev9")) == 0
    assert not bench.engine.asked


@pytest.mark.parametrize("text", [":+1:", "thanks :+1:", ":100:", "ok :+1::skin-tone-3:", ":tada:"])
def test_a_smiley_asks_nothing(bench: Bench, text: str) -> None:
    direct = {"channel": "D1", "channel_type": "im"}

    assert send(bench, body(text, **direct), mention(f"<@{BOT}> {text}", event_id="Ev9")) == 0


def test_a_mention_with_nothing_to_be_seen_is_told_how_to_ask(bench: Bench) -> None:
    send(bench, mention(f"<@{BOT}> \u200b"))

    assert posted(bench)[0]["text"].startswith("Ask me something about a product")
    assert not bench.engine.asked


def test_a_follow_up_keeps_the_product_in_view(bench: Bench) -> None:
    send(bench, mention(), body("Which tablets are sold for that?", ts="10.2", thread_ts="10.1"))

    assert bench.engine.asked[-1][1] == ("Meridio 300",)
    assert [message["thread_ts"] for message in posted(bench)] == ["10.1", "10.1"]


def test_a_decline_in_a_thread_tells_what_was_asked_and_keeps_the_product(bench: Bench) -> None:
    send(bench, mention())
    bench.engine.given = declined()

    send(bench, body("How is a paper jam cleared?", event_id="Ev3", ts="10.2", thread_ts="10.1"))
    send(bench, body("And how long?", event_id="Ev4", ts="10.3", thread_ts="10.1"))

    everywhere, of_product = posted(bench)[1:]
    assert everywhere["text"].startswith("Not in the manuals. Nearest: ")
    assert of_product["text"].startswith("Not in the manuals of Meridio 300. Nearest: ")
    assert [product for _, product in bench.engine.asked[1:]] == [("Meridio 300",), None] + [
        ("Meridio 300",)
    ] * 2
    given = [each.product for each in bench.services.answers.since(datetime.fromtimestamp(0, UTC))]
    assert given == [None, None, "Meridio 300"]


def test_an_answer_about_another_product_than_the_threads_says_so(bench: Bench) -> None:
    bench.services.threads.keep(Thread(CHANNEL, "9.0", ERIC, "Why?", "PowerHold 2200"))

    send(bench, body("How often is the machine descaled?", thread_ts="9.0"))

    [message] = posted(bench)
    said = "This is from the manuals of Meridio 300; until now the talk was about PowerHold 2200."
    assert {"type": "mrkdwn", "text": said, "verbatim": True} in message["blocks"][2]["elements"]


def test_a_follow_up_that_comes_before_the_answer_waits_for_it(bench: Bench) -> None:
    bench.services.inbox.record(*sort_message(bench.services, mention()))

    assert send(bench, body("And how long does it take?", ts="10.2", thread_ts="10.1")) == 2
    assert bench.engine.asked[0] == ("How often do I descale it?", None)
    assert bench.engine.asked[1][1] == ("Meridio 300",)


def test_a_direct_message_that_goes_on_keeps_the_product_too(bench: Bench) -> None:
    direct = {"channel": "D1", "channel_type": "im"}

    send(bench, body(**direct), body("And which tablets?", ts="10.2", event_id="Ev3", **direct))
    send(bench, body("Which tablets are sold?", ts="10.3", event_id="Ev4", **direct))

    assert [product for _, product in bench.engine.asked] == [None, ("Meridio 300",), None]


def test_a_thread_that_waits_for_a_person_is_left_to_them(bench: Bench) -> None:
    bench.services.threads.hand_over(CHANNEL, "9.0", "U7", ERIC)

    assert send(bench, body("Is it broken?", thread_ts="9.0")) == 0
    bench.services.threads.resolve(CHANNEL, "9.0", "U7")
    assert send(bench, body("Is it broken?", thread_ts="9.0")) == 1


# Files


def test_a_file_in_a_direct_message_is_a_manual_and_not_a_question(bench: Bench) -> None:
    direct = {"channel": "D1", "channel_type": "im", "subtype": "file_share", "files": [{"id": "F1"}]}

    routes = [
        [delivery.route for delivery in sort_message(bench.services, body(text, **direct))]
        for text in ("the new manual", "What does this say about oil?")
    ]

    assert routes == [["own:manual_file"], ["own:manual_file", "own:question"]]


@pytest.mark.parametrize("file", [{"id": "F1", "mimetype": "image/png"}, {"id": "F1", "mode": "tombstone"}])
def test_a_screenshot_beside_a_question_is_no_manual(bench: Bench, file: dict[str, str]) -> None:
    direct = {"channel": "D1", "channel_type": "im", "subtype": "file_share", "files": [file]}

    routes = [
        [delivery.route for delivery in sort_message(bench.services, body(text, **direct))]
        for text in ("What does this light mean?", "")
    ]

    assert routes == [["own:question"], ["own:question"]]  # to the second it is told how to ask


# Signs of life, and ends


def test_eyes_are_shown_in_channels_until_the_answer_is_there(bench: Bench) -> None:
    send(bench, mention())
    bench.services.signs.stop()

    shown = [call.method for call in bench.slack.calls if call.method.startswith("reactions")]
    assert shown in ([], ["reactions_add", "reactions_remove"])  # none where the answer was faster


@pytest.mark.parametrize("failing", ["reactions_add", "reactions_remove"])
def test_eyes_do_not_stay_where_slack_was_in_trouble_for_a_moment(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    monkeypatch.setattr(signs, "REMOVE_AGAIN_S", 0.0)
    there: set[str] = set()
    effects = {"reactions_add": there.add, "reactions_remove": there.discard}
    failures = iter([URLError("reset")])

    def slack(method: str) -> Any:
        def call(arguments: dict[str, Any]) -> dict[str, Any]:
            error = next(failures, None) if method == failing else None
            if error is None or method == "reactions_add":  # what came of it is not told
                effects[method](arguments["timestamp"])
            if error is not None:
                raise error
            return {}

        return call

    bench.slack.answers |= {method: slack(method) for method in effects}
    place = Place(CHANNEL, "10.1", "10.1", is_direct=False)
    bench.services.signs.begin(place)
    bench.services.signs._shown[place].result()
    bench.services.signs.end(place)
    bench.services.signs.stop(timeout_s=10)

    assert there == set()
    assert bench.slack.of("reactions_remove")


def test_a_question_that_is_given_up_loses_its_sign(bench: Bench) -> None:
    place = Place(CHANNEL, "10.1", "10.1", is_direct=False)
    bench.services.signs.begin(place)
    bench.services.signs._shown[place].result()

    apologise(bench.services, bench.task(mention(), lane=Lane.ANSWER), "e1", Later(1.0, "out of reach"))
    bench.services.signs.stop()

    assert bench.slack.one("reactions_remove")["timestamp"] == "10.1"


def test_ending_waits_for_no_sign_that_slack_is_slow_to_take(bench: Bench) -> None:
    begun, release = threading.Event(), threading.Event()

    def slow(_arguments: object) -> dict[str, object]:
        begun.set()
        release.wait(30)
        return {}

    bench.slack.answers["reactions_add"] = slow
    for number in range(5):
        bench.services.signs.begin(Place(CHANNEL, f"10.{number}", "10.1", is_direct=False))
    assert begun.wait(10)
    began = time.monotonic()
    bench.services.signs.stop(timeout_s=0.2)
    assert time.monotonic() - began < 5
    release.set()
    bench.services.signs.stop()
    assert len(bench.slack.of("reactions_add")) == 1  # what had not begun is not shown


def test_nothing_about_signs_stops_an_answer(bench: Bench) -> None:
    for method in ("reactions_add", "reactions_remove", "assistant_threads_setStatus"):
        bench.slack.answers[method] = "unknown_method"

    send(bench, mention(), body(event_id="Ev3", channel="D1", channel_type="im"))

    assert len(posted(bench)) == 2


def test_a_sign_that_fails_in_a_new_way_costs_no_other_sign(bench: Bench) -> None:
    def fail(_arguments: object) -> None:
        raise AttributeError

    bench.slack.answers["reactions_remove"] = fail
    send(bench, mention())
    del bench.slack.answers["reactions_remove"]
    send(bench, mention(event_id="Ev3", ts="11.1"))

    bench.services.signs.stop()
    assert len(bench.slack.of("reactions_remove")) == 2


def test_a_question_ends_in_an_apology_with_an_error_id(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def ask(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    bench.engine.ask = ask  # type: ignore[method-assign, assignment]

    send(bench, mention())

    [message] = posted(bench)
    [row] = bench.services.store.rows("SELECT state, error_id FROM inbox")
    assert row["state"] == "failed"
    assert message["thread_ts"] == "10.1"
    assert f"(error {row['error_id']})" in message["text"]
    assert f"Error {row['error_id']} in own:question" in caplog.text


def test_an_error_of_ours_says_what_to_do(bench: Bench) -> None:
    bench.engine.given = None  # type: ignore[assignment]
    bench.services.engines._load = _no_index

    send(bench, mention())

    assert "The index is damaged. Build it again" in posted(bench)[0]["text"]


def test_a_channel_whose_products_are_gone_is_told_what_to_do_without_an_apology(bench: Bench) -> None:
    bench.services.channels.save(ChannelConfig(CHANNEL, ("<!here>",)), "U0")

    send(bench, mention())

    assert posted(bench)[0]["text"] == (
        "This channel is set to the manuals of &lt;!here&gt;, and none of them is indexed any more. "
        "Administrators choose others with /manual config."
    )
    assert bench.engine.asked == []


def _no_index() -> Any:
    raise IndexingError("The index is damaged. Build it again: manualbot index")


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        ("not_in_channel", ". Invite me there, or ask me in direct messages."),
        ("is_archived", ": the channel is archived. Ask me in another channel, or in direct messages."),
        ("restricted_action_thread_locked", ": the thread is locked. Ask me in another channel"),
        ("restricted_action_non_threadable_channel", ": the administrators have restricted who may. Ask"),
        ("message_limit_exceeded", ": the workspace has as many messages as it may have. Ask"),
    ],
)
def test_where_the_bot_may_not_post_the_asker_is_answered_alone(bench: Bench, refusal: str, why: str) -> None:
    bench.slack.answers["chat_postMessage"] = refusal

    send(bench, mention(), mention(event_id="Ev3", ts="10.2", thread_ts="9.1"))

    said = f"Slack does not let me write where you asked ({refusal}){why}"
    for told, thread_ts in zip(bench.slack.of("chat_postEphemeral"), (None, "9.1"), strict=True):
        check_message({"text": told["text"], "blocks": told["blocks"]})
        assert (told["channel"], told["user"], told["thread_ts"]) == (CHANNEL, ERIC, thread_ts)
        assert told["text"].startswith(said)
        assert "Descale the machine every 200 cups." in told["text"]
    assert [row["state"] for row in bench.services.store.rows("SELECT state FROM inbox")] == ["done"] * 2


def test_where_it_may_write_to_nobody_there_the_answer_comes_in_direct_messages(bench: Bench) -> None:
    def post(arguments: dict[str, Any]) -> Any:
        return {} if arguments["channel"] == ERIC else "not_in_channel"

    bench.slack.answers["chat_postMessage"] = lambda a: _raise_or(post(a))
    bench.slack.answers["chat_postEphemeral"] = "user_not_in_channel"

    send(bench, mention())

    told = posted(bench)[-1]
    assert told["channel"] == ERIC
    assert "Invite me there" in told["text"]
    assert "Descale the machine every 200 cups." in told["text"]


def _raise_or(answer: Any) -> Any:
    from slack_sdk.errors import SlackApiError

    if isinstance(answer, str):
        raise SlackApiError("no", {"ok": False, "error": answer})
    return answer


def test_a_task_that_keeps_killing_its_process_is_given_up(bench: Bench) -> None:
    bench.services.inbox.record(*sort_message(bench.services, mention()))
    for _ in range(4):
        task = bench.services.inbox.claim(Lane.ANSWER)
        assert task is not None
        bench.services.inbox.put_back(task, 0.0, counts=True)

    send(bench)

    assert "Sorry" in posted(bench)[0]["text"]
    assert bench.engine.asked == []


def test_posts_are_found_by_channel_and_ts(bench: Bench) -> None:
    bench.services.posts.add(Post("C1", "1.0", "a1", "0.9"))
    bench.services.posts.add(Post("C1", "1.0", "a2"))

    assert bench.services.posts.get("C1", "1.0") == Post("C1", "1.0", "a1", "0.9")
    assert bench.services.posts.get("C2", "1.0") is None
