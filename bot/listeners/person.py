""" "Ask a person" under an answer, and "Resolved" under the call."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.actions import ACTION_PERSON, ACTION_RESOLVED
from bot.deliveries import Body, Task, channel_of, first_action, value_of
from bot.listening import Listener
from bot.questions.receipts import Receipts
from bot.slack.api import TOKEN_REFUSED, error_code, says, tried
from bot.slack.direct_messages import direct_channel
from bot.slack.outside import is_outside, not_here
from bot.slack.posting import Outgoing
from bot.slack.telling import FORGOTTEN, reply, thread_of
from bot.views.blocks import note
from bot.views.kit import Message
from bot.views.mrkdwn import mention
from bot.views.person import Handover, call_message, resolved_message
from qa_core.answers import GivenAnswer

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)

WAITING, RESOLVED = "raising_hand", "white_check_mark"  # reactions on the question
ASKED_ALREADY = "A person has been asked already."
RESOLVED_ALREADY = "{} has resolved this already."
NOT_REACHED = (
    "Slack does not let me write to {}. Ask in a channel, or have an administrator set another person with "
    "`/manual config`."
)
NOBODY_TO_ASK = (
    "There is nobody I could ask from here. Ask in a channel, or have an administrator set a person "
    "with `/manual config`."
)


def handle_person(services: Services, task: Task) -> None:
    """Call a person into the thread, and mark the thread."""
    given = services.answers.get(str(first_action(task.body).get("value") or ""))
    channel = channel_of(task.body)
    if given is None or channel is None:
        reply(services, task.body, note(FORGOTTEN))
        return
    thread_ts, asked_by = _thread_ts(task.body), task.delivery.person or given.asked_by
    place, receipts = _place(channel, thread_ts or given.id), Receipts(services.store)
    handover = Handover(channel, thread_ts, asked_by, place)
    to = person_to_ask(services, channel)
    if to is None and is_direct(channel):
        reply(services, task.body, note(NOBODY_TO_ASK))
    elif not receipts.claim("", place, "call", task):
        reply(services, task.body, note(ASKED_ALREADY))
    else:
        try:
            if not _call(services, task, given, handover, to):
                receipts.release("", place, "call")
        except SlackApiError as error:
            receipts.release("", place, "call")
            if not is_outside(error):
                raise
            reply(services, task.body, note(not_here(error, "then ask again")))


def handle_resolved(services: Services, task: Task) -> None:
    """Close what was handed over; the call loses its button."""
    handover = value_of(task.body, Handover.read)
    by = task.delivery.person or ""
    channel, message = channel_of(task.body), task.body.get("message") or {}
    ts = message.get("ts") or (task.body.get("container") or {}).get("message_ts")
    handover = replace(handover, thread_ts=handover.thread_ts or str(ts))
    services.threads.resolve(handover.channel, handover.thread_ts, by)
    thread = services.threads.get(handover.channel, handover.thread_ts)
    first = thread.resolved_by if thread and thread.resolved_by else by
    if channel and ts:
        _take_button_away(services, channel, str(ts), resolved_message(_text_of(message), first))
    if first != by:
        reply(services, task.body, note(RESOLVED_ALREADY.format(mention(first))))
        return
    place = handover.place or _place(handover.channel, handover.thread_ts)
    Receipts(services.store).release("", place, "call")
    _mark(services, handover, RESOLVED, WAITING)
    if channel != handover.channel:
        _tell_resolved(services, task, handover, note(f"✅ Resolved by {mention(by)}"))


def person_to_ask(services: Services, channel: str) -> str | None:
    """Whom a channel's questions go to; from direct messages, a person who can be written to."""
    person = services.channels.get(channel).person
    if not is_direct(channel):
        return person
    if person and not person.startswith("S"):
        return person
    return next(iter(services.settings.admins), None)


def is_direct(channel: str) -> bool:
    """Whether a channel is somebody's direct messages with the bot."""
    return channel.startswith("D")


def _take_button_away(services: Services, channel: str, ts: str, done: Message) -> None:
    """Where Slack refuses that for good, as in an archived channel, it is resolved all the same."""
    try:
        services.poster.edit(channel, ts, done)
    except SlackApiError as error:
        if says(error, TOKEN_REFUSED):
            raise
        log.warning("A call keeps its button: Slack says %s", error_code(error))


def _tell_resolved(services: Services, task: Task, handover: Handover, message: Message) -> None:
    try:
        _post(services, task, handover, message, "resolved")
    except SlackApiError as error:
        if says(error, TOKEN_REFUSED):
            raise
        log.warning("That a question is resolved cannot be told: Slack says %s", error_code(error))


def _call(services: Services, task: Task, given: GivenAnswer, handover: Handover, to: str | None) -> bool:
    """Whether anybody was called: False where whoever is to be asked cannot be written to."""
    question = given.answer.question
    if is_direct(handover.channel):
        assert to is not None
        ts = _post(services, task, handover, note(f"I am asking {mention(to)}."), "called")
        handover = replace(handover, thread_ts=handover.thread_ts or ts)
        if not _called_directly(services, task, to, call_message(question, to, handover)):
            services.poster.edit(handover.channel, ts, note(NOT_REACHED.format(mention(to))))
            return False
    else:
        ts = _post(services, task, handover, call_message(question, to, handover), "call")
        handover = replace(handover, thread_ts=handover.thread_ts or ts)
    before = services.threads.get(handover.channel, handover.thread_ts)
    services.threads.hand_over(handover.channel, handover.thread_ts, to or "", handover.asked_by)
    _mark(services, handover, WAITING, RESOLVED if before and before.resolved_by else None)
    return True


def _called_directly(services: Services, task: Task, to: str, call: Message) -> bool:
    try:
        channel = direct_channel(services, to)
        services.poster.post(task, Outgoing(channel, call.text, call.blocks, part="call"))
    except SlackApiError as error:
        log.warning("%s cannot be called: Slack says %s", to, error_code(error))
        return False
    return True


def _post(services: Services, task: Task, handover: Handover, message: Message, part: str) -> str:
    thread_ts = handover.thread_ts or None
    outgoing = Outgoing(handover.channel, message.text, message.blocks, thread_ts, part=part)
    return services.poster.post(task, outgoing)


def _mark(services: Services, handover: Handover, add: str, remove: str | None) -> None:
    """Show on the question how its thread stands."""
    at = {"channel": handover.channel, "timestamp": handover.thread_ts}
    if remove:
        tried("reactions.remove", lambda: services.client.reactions_remove(name=remove, **at))
    tried("reactions.add", lambda: services.client.reactions_add(name=add, **at))


def _place(channel: str, thread: str) -> str:
    return f"{channel}/{thread}"


def _thread_ts(body: Body) -> str:
    """The thread of the answer; empty for an answer to one person alone outside threads."""
    message, container = body.get("message") or {}, body.get("container") or {}
    own = "" if container.get("is_ephemeral") else message.get("ts") or container.get("message_ts")
    return thread_of(body) or str(own or "")


def _text_of(message: dict[str, object]) -> str:
    """The words of a call, as Slack gives them back: escaped still."""
    blocks = message.get("blocks")
    first = blocks[0] if isinstance(blocks, list) and blocks else {}
    text = (first.get("text") or {}).get("text") if isinstance(first, dict) else None
    return str(text or message.get("text") or "")


LISTENERS = (
    Listener("action", ACTION_PERSON, handle_person),
    Listener("action", ACTION_RESOLVED, handle_resolved),
)
