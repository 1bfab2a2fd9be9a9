"""What people write in Slack, and which of it is a question."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bot.questions.incoming import asks_something, is_thanks, plain_text, question_of, text_of_message

BOT = "UBOT"


def message(text: str = "How do I descale it?", **more: Any) -> dict[str, Any]:
    event = {
        "type": "message",
        "user": "U1",
        "channel": "C1",
        "ts": "5.1",
        "channel_type": "channel",
        "text": text,
    }
    return event | more


# Words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("<@UBOT> How do I descale it?", "How do I descale it?"),
        ("hey <@UBOT|manualbot>,   why\nso?", "hey , why so?"),
        ("see <https://example.com/a|the page> & <https://b.example>", "see the page & https://b.example"),
        ("mail <mailto:a@b.example|a@b.example>", "mail a@b.example"),
        ("in <#C1|printers> <!here> &lt;b&gt; &amp;amp;", "in #printers <b> &amp;"),
        ("*Why* is _it_ ~slow~ `now`, and 2*3, snake_case?", "Why is it slow now, and 2*3, snake_case?"),
        (":thinking_face: at 10:30:15 :wave::skin-tone-3: why?", "at 10:30:15 why?"),
        ("due <!date^1392734382^{date}|tomorrow>", "due tomorrow"),
        ("ask <!subteam^S1|@support> or <@U2>", "ask or"),
        ("thanks :+1: ok :+1::skin-tone-3: :-1: :100: :1234:", "thanks ok"),
        ("at 12:100:30, 1:1234:5", "at 12:100:30, 1:1234:5"),
        ("<@UBOT> \u200b\u2060 \ufeff", ""),
        ("...?!", ""),
        ("▲?", "▲?"),
        ("half a \ud83d face, a whole \ud83d\ude00 one", "half a \ufffd face, a whole \U0001f600 one"),
    ],
)
def test_a_question_is_its_words_without_slacks_markup(written: str, words: str) -> None:
    assert plain_text(written) == words


@pytest.mark.parametrize("piece", ["<@", "<#", "<!", "<a:", "<http://a|", "<@U|", ":a1", "*", " **", "a*_~`"])
@pytest.mark.parametrize("before", ["", "a", ":"])
def test_a_text_as_long_as_slack_takes_is_read_at_once(before: str, piece: str) -> None:
    written = message(before + piece * (40_000 // len(piece)) + "a")
    started = time.process_time()

    question_of(written, BOT)

    assert time.process_time() - started < 5


def test_runs_of_formatting_characters_say_nothing() -> None:
    assert plain_text("a ** b, 2 * 3 **c** d~~ ****") == "a b, 2 * 3 c d"


def test_an_apps_message_is_read_from_its_blocks_and_attachments() -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Ticket 7"}},
        {"type": "rich_text", "elements": [{"elements": [{"type": "text", "text": "Printer shows E-5"}]}]},
    ]

    assert text_of_message({"text": "", "blocks": blocks}) == "Ticket 7 Printer shows E-5"
    assert text_of_message({"attachments": [{"fallback": "It is stuck"}]}) == "It is stuck"
    assert text_of_message({"text": "Words <@U2>", "blocks": blocks}) == "Words"
    assert text_of_message({}) == ""


# Messages


def test_a_message_of_a_person_is_answered_in_its_own_thread() -> None:
    question = question_of(message("<@UBOT> Why?"), BOT)

    assert question is not None
    assert (question.text, question.person, question.channel, question.ts) == ("Why?", "U1", "C1", "5.1")
    assert (question.thread_ts, question.in_thread, question.is_mention) == ("5.1", False, True)


def test_a_message_in_a_thread_is_answered_in_that_thread() -> None:
    question = question_of(message(thread_ts="4.0"), BOT)

    assert question is not None
    assert (question.thread_ts, question.in_thread) == ("4.0", True)


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"subtype": "channel_join"},
        {"subtype": "assistant_app_thread"},
        {"bot_id": "B7"},
        {"bot_id": "B7", "app_id": "A7", "bot_profile": {"app_id": "A7"}},
        {"edited": {"user": "U1", "ts": "6.0"}},
        {"hidden": True},
        {"user": None},
        {"user": BOT},
        {"user": "USLACKBOT"},
        {"channel": None},
        {"ts": None},
    ],
    ids=str,
)
def test_what_no_person_wrote_just_now_is_no_question(more: dict[str, Any]) -> None:
    assert question_of(message(**more), BOT) is None


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message", None])
def test_messages_with_files_those_sent_to_the_channel_too_and_by_me_are_questions(
    subtype: str | None,
) -> None:
    question = question_of(message(subtype=subtype), BOT)

    assert question is not None
    assert question.text == "How do I descale it?"


@pytest.mark.parametrize(
    ("more", "direct"),
    [
        ({"channel_type": "im"}, True),
        ({"channel_type": "channel", "channel": "D1"}, False),
        ({"channel_type": None, "channel": "D1"}, True),
        ({"channel_type": "mpim", "channel": "G1"}, False),
    ],
)
def test_direct_messages_are_told_by_their_type(more: dict[str, Any], direct: bool) -> None:
    question = question_of(message(**more), BOT)

    assert question is not None
    assert question.is_direct is direct


def test_a_message_that_begins_with_another_name_is_for_others() -> None:
    for text, to_others in [("<@U2> how?", True), ("<@U2> ask <@UBOT>", False), ("how, <@U2>?", False)]:
        question = question_of(message(text), BOT)
        assert question is not None
        assert question.to_others is to_others


def test_a_message_without_text_is_an_empty_question() -> None:
    event = message()
    del event["text"]

    question = question_of(event, BOT)

    assert question is not None
    assert question.text == ""


FORWARDED = {"is_share": True, "text": "Why is the <@U2> lamp red?", "fallback": "[1 May] ada: Why"}


@pytest.mark.parametrize("own", ["", "<@UBOT>", "<@UBOT> :point_down:", "?"])
def test_a_forwarded_message_is_the_question_where_nobody_added_words(own: str) -> None:
    question = question_of(message(own, attachments=[FORWARDED]), BOT)

    assert question is not None
    assert question.text == "Why is the lamp red?"
    assert not question.is_smiley
    assert question.is_mention == own.startswith("<@UBOT>")


def test_ones_own_words_are_the_question_beside_a_forwarded_message() -> None:
    question = question_of(message("How often does it need oil?", attachments=[FORWARDED]), BOT)

    assert question is not None
    assert question.text == "How often does it need oil?"


def test_a_forwarded_message_of_an_app_is_read_from_its_blocks() -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "How is it *reset*?"}}]
    shared = {"is_share": True, "fallback": "[no preview available]"}
    shared |= {"message_blocks": [{"team": "T1", "channel": "C2", "message": {"blocks": blocks}}]}

    question = question_of(message("", attachments=[shared]), BOT)

    assert question is not None
    assert question.text == "How is it reset?"


def test_a_message_of_blocks_alone_is_read_from_them() -> None:
    said = [{"type": "user", "user_id": BOT}, {"type": "text", "text": " What is E-5?"}]
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": said}]}]

    question = question_of(message("", blocks=blocks), BOT)

    assert question is not None
    assert question.text == "What is E-5?"


# Questions


@pytest.mark.parametrize(
    ("text", "asks", "asks_in_thread"),
    [
        ("Does it need oil?", True, True),
        ("how do I reset it", True, True),
        ("Hi, could anyone tell me the size", True, True),
        ("what’s the warranty period", True, True),
        ("and on the X200", False, True),
        ("What about the X200", True, True),
        ("Thanks, that worked!", False, False),
        ("and thanks again", False, False),
        ("ok", False, False),
        ("I replaced the filter yesterday.", False, False),
        ("Is so", False, False),
        ("", False, False),
    ],
)
def test_questions_are_told_from_other_talk(text: str, asks: bool, asks_in_thread: bool) -> None:
    assert (asks_something(text), asks_something(text, going_on=True)) == (asks, asks_in_thread)


@pytest.mark.parametrize(
    ("text", "is_smiley"),
    [
        (":+1:", True),
        ("<@UBOT> :tada:", True),
        ("\U0001f44d\U0001f3fd", True),
        ("why? :+1:", False),
        ("<@UBOT>", False),
        ("?", False),
    ],
)
def test_a_message_of_pictures_alone_is_known(text: str, is_smiley: bool) -> None:
    question = question_of(message(text), BOT)

    assert question is not None
    assert question.is_smiley is is_smiley


@pytest.mark.parametrize(
    ("text", "thanks"),
    [
        ("thanks", True),
        ("ok great!", True),
        ("Thank you so much, that’s it", True),
        ("thanks, that worked :)", True),
        ("thanks, and how long does it take", False),
        ("got it", True),
        ("Ok, got it now", True),
        ("it works", True),
        ("all good", True),
        ("thank you so much for the help", True),
        ("ok thx bye", True),
        ("great?", False),
        ("ok help", False),
        ("great help", False),
        ("good", False),
        ("ok button", False),
        ("", False),
    ],
)
def test_thanks_are_told_from_questions(text: str, thanks: bool) -> None:
    assert is_thanks(text) == thanks
