import itertools
import json
from urllib.error import URLError

import pytest
from fakes_bot import declined
from fakes_slack import ADMIN, CHANNEL, ERIC, THREAD_TS, TS, button_body, open_bench
from slack_limits import check_view

from bot.actions import ACTION_MORE, ACTION_PERSON, ACTION_RESOLVED
from bot.deliveries import ForeignButtonError, Lane
from bot.listeners.more import handle_more
from bot.listeners.person import handle_person, handle_resolved
from bot.questions.channels import ChannelConfig
from bot.slack.posting import Later
from bot.workers import MAX_UNREACHED_S, Workers


@pytest.fixture
def bench(tmp_path):
    with open_bench(tmp_path) as opened:
        yield opened


def ask_person(bench, answer_id, channel=CHANNEL, person=ERIC):
    body = button_body(ACTION_PERSON, answer_id, person, channel={"id": channel})
    handle_person(bench.services, bench.task(body))


def resolve(bench, call, channel=CHANNEL, person="UHELP"):
    message = {"ts": "9.9", "blocks": call["blocks"], "text": call["text"]}
    value = call["blocks"][-1]["elements"][0]["value"]
    body = button_body(ACTION_RESOLVED, value, person, channel={"id": channel}, message=message)
    handle_resolved(bench.services, bench.task(body))


def thread(bench):
    return bench.services.threads.get(CHANNEL, THREAD_TS)


@pytest.mark.parametrize(("who", "mention"), [("U7", "<@U7>"), ("S9", "<!subteam^S9>")])
def test_the_channels_person_or_group_is_mentioned_in_the_thread(bench, who, mention):
    bench.services.channels.save(ChannelConfig(CHANNEL, person=who), ADMIN)
    ask_person(bench, bench.give(declined("What is the <price>?")))
    call = bench.slack.one("chat_postMessage")
    assert (call["channel"], call["thread_ts"]) == (CHANNEL, THREAD_TS)
    assert call["text"] == f"{mention} <@UERIC> asks for a person: What is the &lt;price&gt;?"
    assert call["blocks"][1]["elements"][0]["text"]["text"] == "Resolved"


def test_the_thread_is_marked_while_it_waits(bench):
    bench.services.channels.save(ChannelConfig(CHANNEL, person="U7"), ADMIN)
    ask_person(bench, bench.give())
    assert thread(bench).waits_for_person
    assert bench.slack.one("reactions_add") == {
        "channel": CHANNEL,
        "timestamp": THREAD_TS,
        "name": "raising_hand",
    }


def test_a_person_is_asked_once_however_often_the_button_is_pressed(bench):
    answer_id = bench.give()
    ask_person(bench, answer_id)
    ask_person(bench, answer_id, person="U2")
    assert len(bench.slack.of("chat_postMessage")) == 1
    assert bench.slack.one("chat_postEphemeral")["text"] == "A person has been asked already."


def test_without_a_person_everybody_in_the_channel_is_asked_and_nobody_pinged(bench):
    ask_person(bench, bench.give(declined("Why?")))
    assert bench.slack.one("chat_postMessage")["text"] == "Who knows this? <@UERIC> asks for a person: Why?"


def test_resolved_closes_the_thread_and_takes_the_button_away(bench):
    answer_id = bench.give()
    ask_person(bench, answer_id)
    resolve(bench, bench.slack.one("chat_postMessage"))
    updated = bench.slack.one("chat_update")
    assert not thread(bench).waits_for_person
    assert thread(bench).resolved_by == "UHELP"
    assert (updated["channel"], updated["ts"], updated["text"]) == (CHANNEL, "9.9", "✅ Resolved by <@UHELP>")
    assert [block["type"] for block in updated["blocks"]] == ["section", "context"]
    assert [call["name"] for call in bench.slack.of("reactions_add")] == ["raising_hand", "white_check_mark"]


def test_resolved_is_gone_on_with_where_slack_did_not_take_the_edit_at_once(bench):
    ask_person(bench, bench.give())
    call = bench.slack.one("chat_postMessage")
    bench.slack.answers["chat_update"] = "internal_error"
    with pytest.raises(Later):
        resolve(bench, call)
    del bench.slack.answers["chat_update"]
    resolve(bench, call)
    assert bench.slack.of("chat_update")[-1]["text"] == "✅ Resolved by <@UHELP>"
    assert bench.slack.of("reactions_add")[-1]["name"] == "white_check_mark"


@pytest.mark.parametrize("refusal", ["message_not_found", "edit_window_closed", "is_archived"])
def test_a_call_that_cannot_be_edited_is_resolved_all_the_same(bench, refusal):
    bench.slack.answers["conversations_open"] = {"channel": {"id": "D2"}}
    ask_person(bench, bench.give(channel="D1"), channel="D1")
    bench.slack.answers["chat_update"] = refusal
    resolve(bench, bench.slack.of("chat_postMessage")[1], channel="D2")
    assert bench.slack.of("chat_postMessage")[-1]["text"] == "✅ Resolved by <@UHELP>"
    assert bench.slack.of("reactions_add")[-1]["name"] == "white_check_mark"


def test_where_it_cannot_be_told_that_a_question_is_resolved_it_is_marked(bench):
    bench.slack.answers["conversations_open"] = {"channel": {"id": "D2"}}
    ask_person(bench, bench.give(channel="D1"), channel="D1")
    call = bench.slack.of("chat_postMessage")[1]
    bench.slack.answers["chat_postMessage"] = "is_archived"
    resolve(bench, call, channel="D2")
    assert bench.slack.of("reactions_add")[-1]["name"] == "white_check_mark"


def test_of_two_who_press_resolved_the_first_one_stays(bench):
    ask_person(bench, bench.give())
    call = bench.slack.one("chat_postMessage")
    resolve(bench, call)
    resolve(bench, call, person="ULATE")
    assert thread(bench).resolved_by == "UHELP"
    assert [each["text"] for each in bench.slack.of("chat_update")] == ["✅ Resolved by <@UHELP>"] * 2
    assert bench.slack.one("chat_postEphemeral")["text"] == "<@UHELP> has resolved this already."


def test_after_it_is_resolved_a_person_can_be_asked_again(bench):
    answer_id = bench.give()
    ask_person(bench, answer_id)
    resolve(bench, bench.slack.one("chat_postMessage"))
    ask_person(bench, answer_id)
    assert len(bench.slack.of("chat_postMessage")) == 2
    assert thread(bench).waits_for_person


def test_from_direct_messages_an_administrator_is_written_to(bench):
    bench.slack.answers["conversations_open"] = {"channel": {"id": "D2"}}
    ask_person(bench, bench.give(channel="D1"), channel="D1")
    said, call = bench.slack.of("chat_postMessage")
    assert bench.slack.one("conversations_open") == {"users": ADMIN}
    assert call["channel"] == "D2"
    assert (said["channel"], said["text"]) == ("D1", "I am asking <@UADMIN>.")

    resolve(bench, call, channel="D2")
    last = bench.slack.of("chat_postMessage")[-1]
    assert (last["channel"], last["thread_ts"], last["text"]) == ("D1", THREAD_TS, "✅ Resolved by <@UHELP>")


def test_a_call_that_may_be_there_is_looked_for_in_the_direct_messages(bench):
    bench.slack.answers["conversations_open"] = {"channel": {"id": "D2"}}
    body = button_body(ACTION_PERSON, bench.give(channel="D1"), channel={"id": "D1"})
    task = bench.task(body, "k1")
    bench.services.inbox.doubt(task, 0.0)
    bench.services.inbox.put_back(task, 0.0)
    task = bench.services.inbox.claim(Lane.QUICK)
    metadata = {"event_payload": {"delivery": "k1/call"}}
    bench.slack.answers["conversations_history"] = lambda arguments: {
        "messages": [{"ts": "5.5", "metadata": metadata}] if arguments["channel"] == "D2" else []
    }

    handle_person(bench.services, task)

    assert [message["channel"] for message in bench.slack.of("chat_postMessage")] == ["D1"]


def test_an_administrator_who_cannot_be_written_to_is_not_said_to_be_asked(bench):
    bench.slack.answers["conversations_open"] = "user_disabled"
    answer_id = bench.give(channel="D1")
    ask_person(bench, answer_id, channel="D1")

    assert bench.slack.one("chat_update")["text"] == (
        "Slack does not let me write to <@UADMIN>. Ask in a channel, or have an administrator set another "
        "person with `/manual config`."
    )
    assert bench.services.threads.get("D1", THREAD_TS) is None
    bench.slack.answers["conversations_open"] = {"channel": {"id": "D2"}}
    ask_person(bench, answer_id, channel="D1")
    assert bench.services.threads.get("D1", THREAD_TS).waits_for_person


def test_where_a_call_was_given_up_a_person_can_be_asked_again(bench):
    def out_of_reach(_arguments):
        raise URLError("reset")

    moments = itertools.count(0.0, 2 * MAX_UNREACHED_S)
    workers = Workers(bench.services, {"test": handle_person}, lambda: next(moments))
    answer_id = bench.give()
    bench.slack.answers["chat_postMessage"] = out_of_reach
    task = bench.task(button_body(ACTION_PERSON, answer_id))
    workers.do(task)
    with bench.services.store.transaction() as db:
        db.execute("UPDATE inbox SET not_before = 0")
    workers.do(bench.services.inbox.claim(Lane.QUICK))
    assert bench.slack.one("chat_postEphemeral")["text"].startswith("Sorry")
    del bench.slack.answers["chat_postMessage"]

    ask_person(bench, answer_id)

    assert thread(bench).waits_for_person


def ask_person_alone(bench, answer_id, channel=CHANNEL):
    """The button under an answer that one person sees, outside threads."""
    container = {"type": "message", "channel_id": channel, "message_ts": "8.8", "is_ephemeral": True}
    body = button_body(ACTION_PERSON, answer_id, channel={"id": channel}, container=container)
    del body["message"]
    handle_person(bench.services, bench.task(body))


def test_under_an_answer_for_one_person_the_call_begins_a_thread(bench):
    bench.services.channels.save(ChannelConfig(CHANNEL, person="U7"), ADMIN)
    bench.slack.answers["chat_postMessage"] = {"ts": "9.9"}
    answer_id = bench.give(declined("Why?"))
    ask_person_alone(bench, answer_id)
    ask_person_alone(bench, answer_id)
    call = bench.slack.one("chat_postMessage")
    assert (call["channel"], call["thread_ts"]) == (CHANNEL, None)
    assert call["text"] == "<@U7> <@UERIC> asks for a person: Why?"
    assert bench.services.threads.get(CHANNEL, "9.9").waits_for_person

    resolve(bench, call)
    assert bench.services.threads.get(CHANNEL, "9.9").resolved_by == "UHELP"


def test_after_it_is_resolved_there_a_person_can_be_asked_again(bench):
    bench.slack.answers["chat_postMessage"] = {"ts": "9.9"}
    answer_id = bench.give()
    ask_person_alone(bench, answer_id)
    resolve(bench, bench.slack.one("chat_postMessage"))
    ask_person_alone(bench, answer_id)
    assert len(bench.slack.of("chat_postMessage")) == 2
    assert bench.slack.of("chat_postEphemeral") == []


def test_a_button_of_an_earlier_version_opens_its_thread_again(bench):
    answer_id = bench.give()
    ask_person(bench, answer_id)
    value = json.dumps({"channel": CHANNEL, "thread_ts": THREAD_TS, "asked_by": ERIC})
    handle_resolved(bench.services, bench.task(button_body(ACTION_RESOLVED, value)))
    ask_person(bench, answer_id)
    assert len(bench.slack.of("chat_postMessage")) == 2


def test_in_direct_messages_too(bench):
    bench.slack.answers |= {
        "chat_postMessage": {"ts": "9.9"},
        "conversations_open": {"channel": {"id": "D2"}},
    }
    ask_person_alone(bench, bench.give(channel="D1"), channel="D1")
    said, call = bench.slack.of("chat_postMessage")
    assert (said["channel"], said["thread_ts"], call["channel"]) == ("D1", None, "D2")
    resolve(bench, call, channel="D2")
    last = bench.slack.of("chat_postMessage")[-1]
    assert (last["channel"], last["thread_ts"], last["text"]) == ("D1", "9.9", "✅ Resolved by <@UHELP>")


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ("not_in_channel", "I cannot post here. Invite me to the channel, then ask again."),
        ("restricted_action_read_only_channel", "I cannot post here: the administrators let nobody write"),
    ],
)
def test_where_the_bot_may_not_post_nobody_counts_as_asked(bench, refusal, said):
    bench.slack.answers["chat_postMessage"] = refusal
    answer_id = bench.give()
    ask_person(bench, answer_id)
    assert bench.slack.one("chat_postEphemeral")["text"].startswith(said)
    del bench.slack.answers["chat_postMessage"]

    ask_person(bench, answer_id)
    assert thread(bench).waits_for_person


@pytest.mark.parametrize("value", ["", "null", "[]", "{}", '{"id": 1}', "not JSON"])
def test_a_button_of_another_version_is_told_as_one(bench, value):
    with pytest.raises(ForeignButtonError, match="another version of me made it"):
        handle_resolved(bench.services, bench.task(button_body(ACTION_RESOLVED, value)))


def test_marks_are_only_nice_to_have(bench):
    bench.slack.answers |= {"reactions_add": "missing_scope", "reactions_remove": "no_reaction"}
    ask_person(bench, bench.give())
    assert thread(bench).waits_for_person


def test_more_passages_opens_a_modal_with_the_next_hits(bench):
    answer_id = bench.give()
    handle_more(bench.services, bench.task(button_body(ACTION_MORE, answer_id)))
    opened = bench.slack.one("views_open")
    check_view(opened["view"])
    assert opened["trigger_id"] == "trigger.1"
    assert "Clean the tray." in str(opened["view"])


def test_a_forgotten_answer_has_no_further_passages(bench):
    handle_more(bench.services, bench.task(button_body(ACTION_MORE, "0000")))
    assert bench.slack.of("views_open") == []
    assert bench.slack.one("chat_postEphemeral")["thread_ts"] == THREAD_TS
    assert TS != THREAD_TS
