"""What a person is told when something went wrong: never nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http.client import HTTPException
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks import apology
from bot.deliveries import Lane, Task, channel_of
from bot.posting import Later, Outgoing, TakenOver
from bot.slack import error_code
from qa_core.errors import ManualbotError

if TYPE_CHECKING:
    from bot.kit import Message
    from bot.services import Services

log = logging.getLogger(__name__)

TOO_LATE = ("expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged")


def apologise(services: Services, task: Task, error_id: str, error: Exception) -> None:
    """Tell whoever caused the task that it failed: where they asked, else to them alone."""
    message = apology(error_id, _explanation(error))
    for way in _ways(services, task, message):
        try:
            way()
        except (SlackClientError, OSError, HTTPException, Later, TakenOver) as refused:
            log.warning("Error %s could not be told: %s", error_id, refused)
        else:
            return


def _explanation(error: Exception) -> str | None:
    """What the person can do about it; None where it is not theirs to mend."""
    if isinstance(error, SlackApiError) and error_code(error) in TOO_LATE:
        return "It took too long, so Slack would not show it any more. Please try again."
    return str(error) if isinstance(error, ManualbotError) else None


def _ways(services: Services, task: Task, message: Message) -> list[Callable[[], object]]:
    """How the person can be told, best first."""
    client, body = services.client, task.body
    person, channel, view_id = task.delivery.person, channel_of(body), body.get("answer_view_id")
    event = body.get("event") or {}
    thread_ts = event.get("thread_ts") or event.get("ts")
    text, blocks = message.text, list(message.blocks)
    ways: list[Callable[[], object]] = []
    if view_id:
        ways.append(lambda: client.views_update(view_id=view_id, view=_as_modal(message)))
    if task.delivery.lane == Lane.ANSWER and channel and thread_ts:
        outgoing = Outgoing(channel, text, blocks, thread_ts, part="apology")
        ways.append(lambda: services.poster.post(task, outgoing))
    if channel and person:
        ways.append(lambda: client.chat_postEphemeral(channel=channel, user=person, text=text, blocks=blocks))
    if person:
        ways.append(lambda: client.chat_postMessage(channel=person, text=text, blocks=blocks))
    return ways


def _as_modal(message: Message) -> dict[str, object]:
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "From the manuals"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": list(message.blocks),
    }
