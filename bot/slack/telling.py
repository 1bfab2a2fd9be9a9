"""Telling one person something: seen by them alone, and in passing no harm done if Slack refuses it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.deliveries import Body, Delivery, Lane, Task, channel_of, delivery_key, person_of
from bot.slack.api import TOKEN_REFUSED, UNREACHED, open_webhook, says, tried
from bot.slack.posting import BLOCK_ERRORS, MAX_TEXT_CHARS, Later, later_for
from bot.views.kit import Json, Message

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)

_REFUSED = re.compile(r'"ok"\s*:\s*false')  # in what a `response_url` answers, also with HTTP 200

REPLY = "reply"
MAX_UPDATES = 3  # of a modal that Slack does not take
FORGOTTEN = "I no longer have this answer. Please ask again."


def whisper(
    services: Services, channel: str, person: str, message: Message, thread_ts: str | None = None
) -> bool:
    """Show a message to one person in a channel; False where Slack does not let us."""
    return tried("chat.postEphemeral", lambda: _show(services, channel, person, message, thread_ts))


def bring(
    services: Services, channel: str, person: str, message: Message, thread_ts: str | None = None
) -> bool:
    """Show a message to one person in a channel; where Slack refuses that, in their direct messages.

    False where it refuses both. Raises Later where Slack is out of reach, and SlackApiError where it takes
    the bot's token no more.
    """
    return _taken(
        "chat.postEphemeral", lambda: _show(services, channel, person, message, thread_ts)
    ) or _taken("chat.postMessage", lambda: _write(services, person, message))


def _show(services: Services, channel: str, person: str, message: Message, thread_ts: str | None) -> None:
    place = {"channel": channel, "user": person, "thread_ts": thread_ts}
    _send(services.client.chat_postEphemeral, {**place, **message.shown_to_one()})


def _write(services: Services, person: str, message: Message) -> None:
    """To a person's direct messages."""
    _send(services.client.chat_postMessage, {"channel": person, **message.arguments()})


def _send(call: Callable[..., object], arguments: Json) -> None:
    """Where Slack refuses the blocks of a message, its text alone."""
    try:
        call(**arguments)
    except SlackApiError as error:
        if not says(error, BLOCK_ERRORS):
            raise
        log.error("Slack refuses the blocks of a message: %s", error)
        text = arguments["text"][:MAX_TEXT_CHARS]
        call(**{name: value for name, value in arguments.items() if name != "blocks"} | {"text": text})


def reply(services: Services, body: Body, message: Message) -> None:
    """The same as `reply_now`; where Slack takes it nowhere, it is tried again by a task of its own."""
    if not reply_now(services, body, message):
        services.inbox.record(_told_later(body, message))


def _told_later(body: Body, message: Message) -> Delivery:
    place = {
        "channel_id": channel_of(body),
        "user_id": person_of(body),
        "thread_ts": thread_of(body),
        "response_url": body.get("response_url"),
        "message": asdict(message),
    }
    key = delivery_key(f"own:{REPLY}", {"cause": body, "text": message.text})
    return Delivery(key, f"own:{REPLY}", Lane.QUICK, place, person=person_of(body))


def reply_again(services: Services, task: Task) -> None:
    """Tell what could not be told when it happened.

    Raises Later while Slack is out of reach, and SlackApiError where it takes the bot's token no more.
    """
    body, message = task.body, Message(**task.body["message"])
    channel, person = channel_of(body), person_of(body)
    if _respond(body, message) or person is None:
        return
    if channel is not None:
        bring(services, channel, person, message, thread_of(body))
    else:
        _taken("chat.postMessage", lambda: _write(services, person, message))


def reply_now(services: Services, body: Body, message: Message) -> bool:
    """Show a message to whoever caused a delivery: where it happened, else in their direct messages.

    False where Slack takes it nowhere.
    """
    channel, person = channel_of(body), person_of(body)
    if _respond(body, message):
        return True
    if channel and person and whisper(services, channel, person, message, thread_of(body)):
        return True
    return person is not None and tried("chat.postMessage", lambda: _write(services, person, message))


def show_in_modal(services: Services, task: Task, view_id: str, view: Json) -> bool:
    """Show something else in a modal; False where it was closed meanwhile, or Slack does not do it.

    Raises Later, some times, while Slack is in trouble: what the modal says would stand there for ever.
    """
    try:
        services.client.views_update(view_id=view_id, view=view)
    except UNREACHED as error:
        log.info("views.update: %s", error)
        later = later_for(error)
        if later is not None and not later.patient and task.n_attempts < MAX_UPDATES:
            raise Later(later.delay_s, str(later), counts=True) from error
        return False
    return True


def _taken(method: str, call: Callable[[], object]) -> bool:
    """Whether Slack did it, or else refused it for good."""
    try:
        call()
    except UNREACHED as error:
        if (later := later_for(error)) is not None:
            raise later from error
        if says(error, TOKEN_REFUSED):
            raise
        log.info("%s: %s", method, error)
        return False
    return True


def thread_of(body: Body) -> str | None:
    """The thread in which a button was pressed or a question was asked, where it says so."""
    container, message = body.get("container") or {}, body.get("message") or {}
    thread_ts = container.get("thread_ts") or message.get("thread_ts") or body.get("thread_ts")
    return str(thread_ts) if thread_ts else None


def remove_ephemeral(body: Body) -> None:
    """Take away the ephemeral message whose button was pressed."""
    url = body.get("response_url")
    if url:
        tried("response_url", lambda: open_webhook(url).send(delete_original=True))


def _respond(body: Body, message: Message) -> bool:
    """Through the address that came with a command or a button: it works where the bot is no member."""
    url = body.get("response_url")
    if not url:
        return False
    client = open_webhook(url)
    try:
        response = client.send(**message.shown_to_one(), response_type="ephemeral", replace_original=False)
    except UNREACHED as error:
        log.info("response_url: %s", error)
        return False
    is_taken = response.status_code == 200 and not _REFUSED.search(response.body)
    if not is_taken:
        log.info("response_url: %s %s", response.status_code, response.body[:200])
    return is_taken
