import time
from dataclasses import replace
from urllib.error import URLError

import pytest
from fakes_bot import answer, declined
from fakes_slack import (
    BOT,
    CHANNEL,
    ERIC,
    THREAD_TS,
    TS,
    button_body,
    open_bench,
    reaction_body,
    submission_body,
)
from slack_limits import check_view
from slack_sdk.errors import SlackApiError

from bot.actions import ACTION_CORRECT, ACTION_FEEDBACK, ACTION_VOTE_DOWN, ACTION_VOTE_UP
from bot.deliveries import Lane
from bot.listeners.correction import check_correction, handle_correction, handle_nearest
from bot.listeners.feedback import handle_correct, handle_feedback, handle_vote_down, handle_vote_up
from bot.listeners.reactions import handle_added, handle_removed, sort_reaction, vote_value
from bot.slack.posting import Later
from bot.views.correction import NOTHING, PASTED, SPAN, Place, correction_modal
from training.votes import Tally


@pytest.fixture
def bench(tmp_path):
    with open_bench(tmp_path, passages=(answer().hits[0].passage,)) as opened:
        yield opened


def react(bench, reaction, at, kind="reaction_added", **more):
    body = reaction_body(reaction, kind, at=str(at), **more)
    handle = handle_added if kind == "reaction_added" else handle_removed
    handle(bench.services, bench.task(body))


def press(bench, value, at="1700000100.000001", **more):
    handle_feedback(bench.services, bench.task(button_body(ACTION_FEEDBACK, value, at=at, **more)))


def vote(bench, answer_id, person=ERIC):
    found = bench.services.votes.vote_of(answer_id, person)
    return found and found.value


def whispers(bench):
    return [call["text"] for call in bench.slack.of("chat_postEphemeral")]


@pytest.mark.parametrize(
    ("reaction", "value"),
    [
        ("+1", 1),
        ("thumbsup", 1),
        ("thumbsup::skin-tone-3", 1),
        ("+1::skin-tone-6", 1),
        ("-1", -1),
        ("thumbsdown::skin-tone-2", -1),
        ("eyes", None),
        ("", None),
    ],
)
def test_thumbs_of_every_colour_are_votes(reaction, value):
    assert vote_value(reaction) == value


def test_a_thumbs_up_is_a_vote_and_gets_a_quiet_receipt(bench):
    answer_id = bench.give()
    react(bench, "+1", 1)
    assert vote(bench, answer_id) == 1
    assert bench.slack.one("chat_postEphemeral") == {
        "channel": CHANNEL,
        "user": ERIC,
        "thread_ts": THREAD_TS,
        "text": "Saved as example 1. Thank you.",
        "blocks": bench.slack.one("chat_postEphemeral")["blocks"],
    }


def test_the_receipt_comes_once_whatever_happens_after_it(bench):
    answer_id = bench.give()
    react(bench, "+1", 1)
    react(bench, "+1", 2, "reaction_removed")
    react(bench, "thumbsup", 3)
    press(bench, f"up:{answer_id}", at="4")
    assert whispers(bench) == ["Saved as example 1. Thank you."]


def test_each_person_gets_a_receipt_and_each_answer_one_number(bench):
    bench.give()
    react(bench, "+1", 1, person="U1")
    react(bench, "+1", 2, person="U2")
    assert whispers(bench) == ["Saved as example 1. Thank you."] * 2


def test_taking_a_reaction_back_falls_back_to_the_button(bench):
    answer_id = bench.give()
    press(bench, f"down:{answer_id}", at="1")
    react(bench, "+1", 2)
    assert vote(bench, answer_id) == 1
    react(bench, "+1", 3, "reaction_removed")
    assert vote(bench, answer_id) == -1


def test_a_reaction_of_a_bot_is_no_vote(bench):
    bench.slack.answers["users_info"] = lambda a: {"user": {"id": a["user"], "is_bot": a["user"] == "UAPP"}}
    answer_id = bench.give()

    for person in ("UAPP", ERIC):
        react(bench, "+1", 1700000100.0, user=person)

    assert [each.person for each in bench.services.votes.votes_on(answer_id)] == [ERIC]
    assert [call["user"] for call in bench.slack.of("chat_postEphemeral")] == [ERIC]


def test_who_has_voted_before_is_not_looked_up_and_who_cannot_be_is_a_person(bench):
    bench.slack.answers["users_info"] = "missing_scope"
    answer_id = bench.give()

    react(bench, "+1", 1700000100.0)
    react(bench, "-1", 1700000101.0)

    assert vote(bench, answer_id) == -1
    assert len(bench.slack.of("users_info")) == 1


def test_a_reaction_in_two_messages_of_one_answer_counts_once(bench):
    answer_id = bench.give()
    from bot.questions.posts import Post

    bench.services.posts.add(Post("C2", "5.5", answer_id))
    react(bench, "+1", 1)
    react(bench, "+1", 2, item={"type": "message", "channel": "C2", "ts": "5.5"})
    assert bench.services.votes.tally(answer_id) == Tally(up=1, down=0)
    react(bench, "+1", 3, "reaction_removed")
    assert vote(bench, answer_id) == 1


def test_a_thumbs_down_by_reaction_offers_to_say_what_is_right_once(bench):
    answer_id = bench.give()
    react(bench, "-1", 1)
    react(bench, "thumbsdown::skin-tone-4", 2)
    assert vote(bench, answer_id) == -1
    assert whispers(bench) == ["Thank you for telling me. What would have been right?"]
    button = bench.slack.one("chat_postEphemeral")["blocks"][1]["elements"][0]
    assert (button["action_id"], button["value"]) == (ACTION_CORRECT, answer_id)


def test_an_old_reaction_that_arrives_late_is_not_answered(bench):
    answer_id = bench.give()
    react(bench, "-1", 5)
    react(bench, "+1", 4)
    assert vote(bench, answer_id) == -1
    assert whispers(bench) == ["Thank you for telling me. What would have been right?"]


def recorded(bench, body):
    return [delivery.person for delivery in sort_reaction(bench.services, body)]


def test_votes_on_our_messages_are_recorded_and_nothing_else(bench):
    bench.give()
    assert recorded(bench, reaction_body("+1")) == [ERIC]
    assert recorded(bench, reaction_body("+1", item_user=None)) == [ERIC]
    assert recorded(bench, reaction_body("tada")) == []
    assert recorded(bench, reaction_body("+1", item_user="B1")) == [ERIC]
    assert recorded(bench, reaction_body("+1", person=BOT)) == []
    assert recorded(bench, reaction_body("+1", item={"type": "file", "file": "F1"})) == []
    assert (
        recorded(bench, reaction_body("+1", item={"type": "message", "channel": CHANNEL, "ts": "1.2"})) == []
    )


def test_a_reaction_on_an_answer_whose_row_is_being_written_is_waited_for(bench):
    now = f"{time.time():.6f}"
    body = reaction_body("+1", item={"type": "message", "channel": CHANNEL, "ts": now})
    assert recorded(bench, body) == [ERIC]
    with pytest.raises(Later):
        handle_added(bench.services, bench.task(body))


def test_while_nobody_knows_whether_an_answer_was_posted_votes_on_it_wait(bench):
    doubted = bench.task({"event": {}}, lane=Lane.ANSWER)
    bench.services.inbox.doubt(doubted, 0.0)
    body = reaction_body("+1")
    assert recorded(bench, body) == [ERIC]
    task = bench.task(body)
    earlier = replace(task, delivery=replace(task.delivery, received_at=time.time() - 6_000))
    with pytest.raises(Later):
        handle_added(bench.services, earlier)

    bench.services.inbox.finish(doubted)
    handle_added(bench.services, earlier)  # it was no answer

    answer_id = bench.give()
    handle_added(bench.services, earlier)
    assert vote(bench, answer_id) == 1


def test_an_answer_to_what_was_asked_later_is_not_waited_for(bench):
    task = bench.task(reaction_body("+1"))
    asked_later = bench.task({"event": {}}, lane=Lane.ANSWER)
    bench.services.inbox.doubt(asked_later, 0.0)
    earlier = replace(task, delivery=replace(task.delivery, received_at=time.time() - 60))

    handle_added(bench.services, earlier)

    assert whispers(bench) == []


@pytest.mark.parametrize("at", ["", "soon", "nan", "inf", "-1"])
def test_a_time_that_is_none_costs_no_vote_and_lets_later_ones_count(bench, at):
    answer_id = bench.give()
    react(bench, "+1", at)
    assert vote(bench, answer_id) == 1
    press(bench, f"down:{answer_id}", at=at)
    assert vote(bench, answer_id) == -1


def test_a_young_message_of_somebody_else_is_not_waited_for(bench):
    item = {"type": "message", "channel": CHANNEL, "ts": f"{time.time():.6f}"}
    assert recorded(bench, reaction_body("+1", item=item, item_user="U9")) == []


def test_a_vote_counts_where_nobody_can_be_thanked(bench):
    answer_id = bench.give()
    bench.slack.answers["chat_postEphemeral"] = "user_not_in_channel"
    react(bench, "+1", 1)
    assert vote(bench, answer_id) == 1


@pytest.mark.parametrize(
    ("reaction", "text"),
    [
        ("+1", "Saved as example 1. Thank you."),
        ("-1", "Thank you for telling me. What would have been right?"),
    ],
)
def test_what_slack_does_not_take_at_once_is_told_when_it_does(bench, reaction, text):
    bench.give()
    bench.slack.answers["chat_postEphemeral"] = "internal_error"
    task = bench.task(reaction_body(reaction))
    with pytest.raises(Later):
        handle_added(bench.services, task)
    del bench.slack.answers["chat_postEphemeral"]
    handle_added(bench.services, task)
    assert whispers(bench) == [text] * 2
    handle_added(bench.services, bench.task(reaction_body(reaction, at="1700000200.000001")))
    assert whispers(bench) == [text] * 2


@pytest.mark.parametrize("refusal", ["user_not_in_channel", "not_in_channel", "restricted_action"])
def test_who_cannot_be_told_in_the_channel_is_told_in_direct_messages(bench, refusal):
    bench.give()
    bench.slack.answers["chat_postEphemeral"] = refusal
    handle_added(bench.services, bench.task(reaction_body("-1")))
    told = bench.slack.one("chat_postMessage")
    assert (told["channel"], told["text"]) == (ERIC, "Thank you for telling me. What would have been right?")


def test_the_button_votes_down_and_opens_the_modal_at_once(bench):
    answer_id = bench.give()
    press(bench, f"down:{answer_id}")
    opened = bench.slack.one("views_open")
    assert vote(bench, answer_id) == -1
    assert opened["trigger_id"] == "trigger.1"
    assert opened["view"] == correction_modal(answer(), Place(answer_id, CHANNEL, THREAD_TS))


def test_a_trigger_that_is_too_old_gives_a_button_to_press_instead(bench):
    answer_id = bench.give()
    bench.slack.answers["views_open"] = "expired_trigger_id"
    press(bench, f"down:{answer_id}")
    assert whispers(bench) == ["Thank you for telling me. What would have been right?"]
    handle_correct(bench.services, bench.task(button_body(ACTION_CORRECT, answer_id)))
    assert len(bench.slack.of("views_open")) == 2


def hangs_up(_arguments):
    raise URLError("reset")


@pytest.mark.parametrize("error", [hangs_up, "internal_error", "ratelimited", "invalid_trigger_id"])
def test_where_slack_opens_no_modal_just_now_there_is_a_button_to_press_instead(bench, error):
    answer_id = bench.give()
    bench.slack.answers["views_open"] = error
    press(bench, f"down:{answer_id}")
    assert whispers(bench) == ["Thank you for telling me. What would have been right?"]


def test_a_modal_that_slack_refuses_is_an_error(bench):
    bench.slack.answers["views_open"] = "invalid_arguments"
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        press(bench, f"down:{bench.give()}")


def test_a_button_pressed_twice_is_one_vote(bench):
    answer_id = bench.give()
    press(bench, f"up:{answer_id}", at="1")
    press(bench, f"up:{answer_id}", at="2")
    assert bench.services.votes.tally(answer_id) == Tally(up=1, down=0)


def test_a_vote_on_a_forgotten_answer_is_told_so(bench):
    press(bench, "up:0000")
    assert whispers(bench) == ["I no longer have this answer. Please ask again."]


def in_modal(action_id, answer_id):
    body = button_body(action_id, answer_id, container={"type": "view"}, view={"id": "V7", "type": "modal"})
    return {key: value for key, value in body.items() if key not in ("channel", "message")}


@pytest.mark.parametrize("value", ["", "up", "up:", "sideways:a1"])
def test_a_button_of_another_version_votes_for_nothing_and_says_so(bench, value):
    bench.give()
    press(bench, value)
    assert whispers(bench) == ["I no longer have this answer. Please ask again."]


def test_votes_in_a_modal_are_thanked_in_the_modal(bench):
    answer_id = bench.give()
    handle_vote_up(bench.services, bench.task(in_modal(ACTION_VOTE_UP, answer_id)))
    updated = bench.slack.one("views_update")
    assert updated["view_id"] == "V7"
    assert vote(bench, answer_id) == 1
    assert "Saved as example 1. Thank you." in str(updated["view"])


def test_a_thumbs_down_in_a_modal_puts_the_correction_on_top_of_it(bench):
    answer_id = bench.give()
    handle_vote_down(bench.services, bench.task(in_modal(ACTION_VOTE_DOWN, answer_id)))
    assert vote(bench, answer_id) == -1
    assert bench.slack.one("views_push")["view"] == correction_modal(answer(), Place(answer_id))


def submit(bench, answer_id, values, handle=handle_correction):
    view = correction_modal(answer(), Place(answer_id, CHANNEL, THREAD_TS))
    body = submission_body(view, values)
    response = check_correction(bench.services, body)
    if response is None:
        handle(bench.services, bench.task(body))
    return response


def options(answer_id):
    view = correction_modal(answer(), Place(answer_id))
    [picker] = [block for block in view["blocks"] if block.get("block_id") == SPAN]
    return [o for group in picker["element"]["option_groups"] for o in group["options"]]


def corrections(bench, answer_id):
    return [
        (c.kind, c.span_text, c.passage_text, c.release) for c in bench.services.votes.corrections(answer_id)
    ]


def test_a_picked_span_is_saved_with_its_passage(bench):
    answer_id = bench.give()
    picked = [o for o in options(answer_id) if o["text"]["text"].startswith(("1. Empty", "2. Put"))]
    assert submit(bench, answer_id, {SPAN: {"selected_options": picked}}) is None
    text = answer().hits[0].passage.text
    assert corrections(bench, answer_id) == [
        ("span", "1. Empty the tank.\n2. Put in one tablet.", text, "r1")
    ]
    [saved] = bench.services.votes.corrections(answer_id)
    assert (saved.person, saved.passage_id) == (ERIC, "p" * 16)
    assert whispers(bench) == ["Thank you. Your correction is saved with example 1."]


def test_the_manuals_dont_say_is_saved(bench):
    answer_id = bench.give()
    submit(bench, answer_id, {NOTHING: {"selected_options": [{"value": "not_in_manuals"}]}})
    assert corrections(bench, answer_id) == [("not_in_manuals", None, None, "r1")]


def test_a_submission_that_comes_twice_is_saved_once(bench):
    answer_id = bench.give()
    for _ in range(2):
        submit(bench, answer_id, {NOTHING: {"selected_options": [{"value": "not_in_manuals"}]}})
    assert bench.services.votes.n_corrections(0.0) == 1


@pytest.mark.parametrize(
    ("values", "block", "reason"),
    [
        ({}, PASTED, "Pick sentences, paste the right text, or tick that the manuals don't say."),
        ({PASTED: {"value": "  "}, SPAN: {"selected_options": []}}, PASTED, "Pick sentences"),
        (
            {PASTED: {"value": "x"}, NOTHING: {"selected_options": [{"value": "n"}]}},
            PASTED,
            "Say one thing only",
        ),
        (
            {SPAN: {"selected_options": [{"value": "0:0:5"}, {"value": "1:0:5"}]}},
            SPAN,
            "Pick sentences of one",
        ),
        ({SPAN: {"selected_options": [{"value": "0:0:5000"}]}}, SPAN, "This is not a sentence"),
        ({SPAN: {"selected_options": [{"value": "first:5"}]}}, SPAN, "This is not a sentence"),
        ({PASTED: {"value": "…"}}, PASTED, "Paste words of a manual."),
    ],
)
def test_a_form_that_says_nothing_or_too_much_is_given_back(bench, values, block, reason):
    response = submit(bench, bench.give(), values)
    assert response["response_action"] == "errors"
    assert list(response["errors"]) == [block]
    assert response["errors"][block].startswith(reason)


def paste(bench, answer_id, text):
    """Submit a pasted text, and do what was recorded for it."""
    response = submit(bench, answer_id, {PASTED: {"value": text}})
    assert response["response_action"] == "update"
    check_view(response["view"])
    handle_correction(bench.services, bench.services.inbox.claim(Lane.QUICK))
    return bench.slack.of("views_update")[-1]


def test_a_pasted_text_is_looked_for_and_saved_as_it_stands_in_the_manual(bench):
    answer_id = bench.give()
    updated = paste(bench, answer_id, "put in ONE tablet")
    text = answer().hits[0].passage.text
    assert corrections(bench, answer_id) == [("pasted", "Put in one tablet.", text, "r1")]
    assert "Your correction is saved with example 1." in str(updated["view"])
    assert updated["view_id"] == "V1"


def test_what_was_found_is_shown_after_the_words_that_it_is_looked_for(bench, monkeypatch):
    submit(bench, bench.give(), {PASTED: {"value": "put in ONE tablet"}})
    task = bench.services.inbox.claim(Lane.QUICK)
    updated_at = []
    bench.slack.answers["views_update"] = lambda _: updated_at.append(time.time()) or {}
    handle_correction(bench.services, task)
    assert updated_at[0] >= task.delivery.received_at + 0.8

    slept = []
    monkeypatch.setattr("bot.listeners.correction.time.sleep", slept.append)
    for received_at in (0.0, time.time() + 1000):  # it came long ago; the clock was set back meanwhile
        handle_correction(
            bench.services, replace(task, delivery=replace(task.delivery, received_at=received_at))
        )
    assert slept == [0.0, 0.8]


def test_half_a_character_in_a_pasted_text_costs_nothing(bench):
    updated = paste(bench, bench.give(), "Put in one tablet \ud83d")
    assert "Your correction is saved" in str(updated["view"])


def test_the_nearest_match_is_offered_and_saved_when_it_is_taken(bench):
    answer_id = bench.give()
    offered = paste(bench, answer_id, "Put 2 tablets in")["view"]
    check_view(offered)
    assert corrections(bench, answer_id) == []
    assert "2. Put in one tablet." in str(offered)

    handle_nearest(bench.services, bench.task(submission_body(offered, {})))
    assert corrections(bench, answer_id)[0][:2] == ("pasted", "2. Put in one tablet.")


def test_a_text_like_nothing_in_the_manuals_is_told_so(bench):
    answer_id = bench.give()
    told = paste(bench, answer_id, "Zebra quagga xylophone")["view"]
    assert "No manual has this text, nor anything like it." in str(told)
    assert "submit" not in told
    assert corrections(bench, answer_id) == []


def test_the_nearest_match_may_have_left_the_manuals_meanwhile(bench):
    answer_id = bench.give()
    offered = paste(bench, answer_id, "Put 2 tablets in")["view"]
    bench.engine.passages = ()
    handle_nearest(bench.services, bench.task(submission_body(offered, {})))
    assert corrections(bench, answer_id) == []
    assert whispers(bench) == ["That passage has left the manuals meanwhile. Paste the text again."]


def test_a_declined_answer_can_be_corrected_from_its_passages(bench):
    answer_id = bench.give(declined())
    view = correction_modal(declined(), Place(answer_id, CHANNEL))
    body = submission_body(view, {SPAN: {"selected_options": [{"value": "2:0:10"}]}})
    handle_correction(bench.services, bench.task(body))
    assert corrections(bench, answer_id) == [("span", "Passage 3.", "Passage 3.", "r1")]


def test_the_message_is_the_one_that_shows_the_answer(bench):
    bench.give()
    assert bench.services.posts.get(CHANNEL, TS).thread_ts == THREAD_TS


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("put in ONE tablet", "Thank you. Your correction is saved with example 1."),
        ("Put 2 tablets in", "I have not saved your correction: no manual has your text word for word."),
    ],
)
def test_whoever_closed_the_modal_is_told_what_became_of_their_text(bench, pasted, told):
    bench.slack.answers["views_update"] = "not_found"
    paste(bench, bench.give(), pasted)
    [whisper] = whispers(bench)
    assert whisper.startswith(told)


def test_a_correction_in_a_modal_is_thanked_for_in_direct_messages(bench):
    answer_id = bench.give()
    body = submission_body(
        correction_modal(answer(), Place(answer_id)), {NOTHING: {"selected_options": [{}]}}
    )
    handle_correction(bench.services, bench.task(body))
    thanks = bench.slack.one("chat_postMessage")
    assert (thanks["channel"], thanks["text"]) == (
        ERIC,
        "Thank you. Your correction is saved with example 1.",
    )
