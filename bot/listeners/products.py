"""The products under an answer: the question again, asked of the one that somebody chose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.actions import ACTION_PRODUCT
from bot.deliveries import Delivery, Lane, Task, channel_of, team_of, thread_key, value_of
from bot.listeners.private import PrivateQuestion, ask_privately
from bot.listening import Listener
from bot.questions.answering import bring_answer, given_answer, post_answer
from bot.questions.asking import Asking
from bot.questions.receipts import Receipts
from bot.slack.posting import Outgoing
from bot.slack.telling import FORGOTTEN, reply, thread_of
from bot.views.blocks import Audience, answer_message, note, product_choices, product_chosen
from bot.views.mrkdwn import escape_line
from qa_core.named.products import if_indexed

if TYPE_CHECKING:
    from bot.services import Services

_ROUTE = "product_question"
_ANSWERED = "This is answered for {} in the thread already."
_GONE = "The manuals of {} are no longer here."


def choose_product(services: Services, task: Task) -> None:
    """Have the question answered from the manuals of the product whose button was pressed."""
    answer_id, number = value_of(task.body, product_chosen)
    given, channel = services.answers.get(answer_id), channel_of(task.body)
    choices = product_choices(given.answer) if given else ()
    if given is None or channel is None or number >= len(choices):
        reply(services, task.body, note(FORGOTTEN))
        return
    question, person = given.answer.question, task.delivery.person or given.asked_by
    container = task.body.get("container") or {}
    if container.get("is_ephemeral"):
        private = PrivateQuestion(question, person, channel, thread_of(task.body), choices[number])
        ask_privately(services, task, private)
        return
    thread_ts = thread_of(task.body) or str(container.get("message_ts") or "")
    body = {
        "text": question,
        "user_id": person,
        "channel_id": channel,
        "thread_ts": thread_ts,
        "team_id": team_of(task.body),
        "product": choices[number],
        "answer_id": given.id,
    }
    key = f"{task.delivery.key}/answer"
    thread = thread_key(channel, thread_ts)
    services.inbox.finish(
        task, Delivery(key, f"own:{_ROUTE}", Lane.ANSWER, body, thread=thread, person=person)
    )


def answer_for_product(services: Services, task: Task) -> None:
    """Answer in the thread, once for each product."""
    body, product = task.body, str(task.body["product"])
    if if_indexed(product, services.engines.known().products) is None:
        reply(services, body, note(_GONE.format(escape_line(product))))
        return
    if not Receipts(services.store).claim(str(body["answer_id"]), product, "product", task):
        reply(services, body, note(_ANSWERED.format(escape_line(product))))
        return
    channel, thread_ts, person = str(body["channel_id"]), str(body["thread_ts"]), str(body["user_id"])
    asking = Asking(str(body["text"]), services.channels.get(channel), product=product)
    given = given_answer(services, task, asking)
    if given is None:
        return
    message = answer_message(given, Audience(chosen_by=person))
    outgoing = Outgoing(channel, message.text, message.blocks, thread_ts, given.id)
    try:
        post_answer(services, task, given, outgoing)
    except SlackApiError as error:
        if not bring_answer(services, task, given, error, thread_ts):
            raise
        Receipts(services.store).release(str(body["answer_id"]), product, "product")  # others may press it


LISTENERS = (
    Listener("action", re.compile(rf"{ACTION_PRODUCT}_\d+"), choose_product),
    Listener("own", _ROUTE, answer_for_product, Lane.ANSWER),
)
