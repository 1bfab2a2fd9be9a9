"""Answers for the asker alone: `/manual ask` and the message shortcut, with "Share in channel"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.actions import ACTION_SHARE, VIEW_ANSWER
from bot.deliveries import Delivery, Lane, Task, channel_of, first_action
from bot.listening import Listener
from bot.questions.answering import given_answer, post_answer
from bot.questions.asking import Asking
from bot.questions.channels import ChannelConfig
from bot.questions.receipts import Receipts
from bot.slack.api import UNREACHED
from bot.slack.outside import is_outside, not_here
from bot.slack.posting import Outgoing
from bot.slack.telling import FORGOTTEN, remove_ephemeral, reply, show_in_modal, thread_of, whisper
from bot.views.blocks import ASKER_ALONE, Audience, answer_message, note
from bot.views.passages import answer_modal, waiting_modal

if TYPE_CHECKING:
    from bot.services import Services
    from bot.views.kit import Message
    from qa_core.answers import GivenAnswer

_ROUTE = "private_question"


@dataclass(frozen=True, slots=True)
class PrivateQuestion:
    """A question that one person wants answered for themselves."""

    text: str
    person: str
    channel: str | None  # in which they are looking
    thread_ts: str | None = None
    product: str | None = None  # whose manuals alone are asked


def ask_privately(services: Services, task: Task, question: PrivateQuestion) -> None:
    """Have a question answered for one person; a modal is opened where the bot is not a member."""
    view_id = None
    trigger_id = task.body.get("trigger_id")
    if trigger_id and not is_member(services, question.channel):
        view_id = _open_modal(services, str(trigger_id))
    body = {
        "text": question.text,
        "user_id": question.person,
        "channel_id": question.channel,
        "thread_ts": question.thread_ts,
        "product": question.product,
        "response_url": task.body.get("response_url"),
        "answer_view_id": view_id,
    }
    key = f"{task.delivery.key}/answer"
    follow_on = Delivery(key, f"own:{_ROUTE}", Lane.ANSWER, body, person=question.person)
    services.inbox.finish(task, follow_on)


def is_member(services: Services, channel: str | None) -> bool:
    """Whether the bot is in the channel, as far as Slack tells."""
    if channel is None:
        return False
    try:
        found = services.client.conversations_info(channel=channel).get("channel") or {}
    except UNREACHED as error:
        return not is_outside(error)
    return bool(found.get("is_member", True) or found.get("is_im"))


def answer_privately(services: Services, task: Task) -> None:
    """Answer where `ask_privately` has prepared it."""
    channel = task.body.get("channel_id")
    config = services.channels.get(channel) if channel else ChannelConfig("")
    given = given_answer(
        services, task, Asking(str(task.body["text"]), config, product=task.body.get("product"))
    )
    view_id = task.body.get("answer_view_id")
    if given is None or (view_id and show_in_modal(services, task, str(view_id), answer_modal(given))):
        return
    message = answer_message(given, ASKER_ALONE)
    _show_alone(services, task, message)


def share(services: Services, task: Task) -> None:
    """Post the answer for all in the channel in which somebody got it alone."""
    channel = channel_of(task.body)
    given = services.answers.get(str(first_action(task.body).get("value") or ""))
    if given is None or channel is None:
        reply(services, task.body, note(FORGOTTEN))
    elif not Receipts(services.store).claim(given.id, channel, "share", task):
        reply(services, task.body, note("This answer is in the channel already."))
    elif (refused := _post_shared(services, task, given, channel)) is not None:
        reply(services, task.body, note(refused))
    else:
        remove_ephemeral(task.body)


def _show_alone(services: Services, task: Task, message: Message) -> None:
    channel, person = task.body.get("channel_id"), task.delivery.person or ""
    if not channel or not whisper(services, channel, person, message, task.body.get("thread_ts")):
        reply(services, {**task.body, "channel_id": None}, message)


def _post_shared(services: Services, task: Task, given: GivenAnswer, channel: str) -> str | None:
    """Why the bot may not post; None where it did."""
    person, thread_ts = task.delivery.person or "", thread_of(task.body)
    message = answer_message(given, Audience(shared_by=person))
    outgoing = Outgoing(channel, message.text, message.blocks, thread_ts, given.id, part="share")
    try:
        post_answer(services, task, given, outgoing)
    except SlackApiError as error:
        Receipts(services.store).release(given.id, channel, "share")
        if not is_outside(error):
            raise
        return not_here(error, "then share again")
    return None


def _open_modal(services: Services, trigger_id: str) -> str | None:
    """The id of a modal that says that the answer is coming; None where Slack opens none."""
    view = waiting_modal("From the manuals", "Looking in the manuals…", VIEW_ANSWER)
    try:
        response = services.client.views_open(trigger_id=trigger_id, view=view)
    except UNREACHED:
        return None  # it is told in another way
    return str((response.get("view") or {}).get("id") or "") or None


LISTENERS = (
    Listener("own", _ROUTE, answer_privately, Lane.ANSWER),
    Listener("action", ACTION_SHARE, share),
)
