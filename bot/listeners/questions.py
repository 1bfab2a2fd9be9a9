"""Questions: mentions, direct messages, follow-ups in threads, and what is asked in channels set to that."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.deliveries import (
    Body,
    Delivery,
    Lane,
    Task,
    channel_of,
    delivery_key,
    question_subject,
    thread_key,
)
from bot.listening import Listener
from bot.questions.answering import bring_answer, given_answer, post_answer
from bot.questions.asking import Asking
from bot.questions.incoming import Question, asks_something, goes_on, is_thanks, manuals_in, question_of
from bot.questions.second_thoughts import deleted_ts, named_by_edit
from bot.slack.posting import Later, Outgoing
from bot.slack.signs import Place
from bot.views.blocks import Audience, answer_message, note

if TYPE_CHECKING:
    from bot.questions.posts import Thread
    from bot.services import Services
    from bot.views.kit import Message

log = logging.getLogger(__name__)

QUESTION = "question"
MANUAL_FILE = "manual_file"
WITHDRAWN = "question_withdrawn"

HOW_TO_ASK = (
    "Ask me something about a product, for example how to reset it, or what a red light on it means.\n"
    "I answer with the exact words of its manual. `/manual` shows what else I can do."
)


def sort_message(services: Services, body: Body) -> Sequence[Delivery]:
    """What a `message` or `app_mention` is for the bot: a question, a manual, or nothing."""
    event, bot = body.get("event") or {}, services.identity.user_id
    if (ts := deleted_ts(event)) is not None:
        return _withdrawal(body, ts)
    if (edited := named_by_edit(event, bot)) is not None:
        event, body = edited, {**body, "event": edited}
    question = question_of(event, bot)
    if question is None:
        return ()
    found = []
    if question.is_direct and manuals_in(event):
        found.append(_file_delivery(body, question))
        if not asks_something(question.text):
            return found
    if is_for_bot(services, question):
        found.append(_question_delivery(body, question))
    return found


def is_for_bot(services: Services, question: Question) -> bool:
    """Whether the bot is asked, or set to answer unasked; who only thanks it, or smiles, asks nothing."""
    if question.is_direct or question.is_mention:
        return not (question.is_smiley or is_thanks(question.text))
    if question.to_others or not asks_something(question.text, going_on=question.in_thread):
        return False
    config = services.channels.get(question.channel)
    if not question.in_thread:
        return config.auto_answer
    if not config.follow_ups:
        return False
    thread = services.threads.get(question.channel, question.thread_ts)
    if thread is None:  # the answer may be on its way
        return services.inbox.answers_in(thread_key(question.channel, question.thread_ts))
    return not thread.waits_for_person


def answer_question(services: Services, task: Task) -> None:
    """Answer in the question's thread, with a sign of life until then."""
    question = question_of(task.body.get("event") or {}, services.identity.user_id)
    if question is None:
        return
    place = Place(question.channel, question.ts, question.thread_ts, question.is_direct)
    services.signs.begin(place)
    try:
        _answer(services, task, question)
    except Later:
        raise  # it is still being worked on
    except BaseException:
        services.signs.end(place)
        raise
    services.signs.end(place)


def _answer(services: Services, task: Task, question: Question) -> None:
    if not question.text:
        help_text = note(HOW_TO_ASK)
        services.poster.post(task, _outgoing(question, help_text, None))
        return
    thread = _thread_of(services, question)
    given = given_answer(
        services, task, Asking(question.text, services.channels.get(question.channel), thread)
    )
    if given is None:
        return
    before = thread.product if thread else None
    message = answer_message(given, Audience(turned_from=before))
    outgoing = _outgoing(question, message, given.id)
    try:
        post_answer(services, task, given, outgoing, before)
    except SlackApiError as error:
        thread_ts = question.thread_ts if question.in_thread else None
        if not bring_answer(services, task, given, error, thread_ts):
            raise


def withdraw(services: Services, task: Task) -> None:
    """Answer a question no more whose message was deleted, unless its answer is there."""
    if services.inbox.withdraw(str(task.body["subject"])):
        log.info("A question was deleted before its answer was posted")


def _thread_of(services: Services, question: Question) -> Thread | None:
    """The talk that the question goes on with: that of its thread, or of the direct messages."""
    if question.in_thread:
        return services.threads.get(question.channel, question.thread_ts)
    if question.is_direct and goes_on(question.text):
        latest = services.posts.latest_in(question.channel)
        if latest is not None and latest.thread_ts:
            return services.threads.get(question.channel, latest.thread_ts)
    return None


def _outgoing(question: Question, message: Message, answer_id: str | None) -> Outgoing:
    return Outgoing(question.channel, message.text, message.blocks, question.thread_ts, answer_id)


def _question_delivery(body: Body, question: Question) -> Delivery:
    route = f"own:{QUESTION}"
    return Delivery(
        delivery_key(route, body),
        route,
        Lane.ANSWER,
        body,
        subject=question_subject(question.channel, question.ts),
        thread=thread_key(question.channel, question.thread_ts),
        person=question.person,
    )


def _withdrawal(body: Body, ts: str) -> Sequence[Delivery]:
    route, channel = f"own:{WITHDRAWN}", channel_of(body)
    if channel is None:
        return ()
    subject = {"subject": question_subject(channel, ts)}  # no word of what was deleted is kept
    return (Delivery(delivery_key(route, body), route, Lane.QUICK, subject),)


def _file_delivery(body: Body, question: Question) -> Delivery:
    route = f"own:{MANUAL_FILE}"
    return Delivery(delivery_key(route, body), route, Lane.QUICK, body, person=question.person)


LISTENERS = (
    Listener("event", "app_mention", answer_question, Lane.ANSWER, sort=sort_message),
    Listener("event", "message", answer_question, Lane.ANSWER, sort=sort_message),
    Listener("own", QUESTION, answer_question, Lane.ANSWER),
    Listener("own", WITHDRAWN, withdraw),
)
