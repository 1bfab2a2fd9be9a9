"""What a person is told when something went wrong: never nothing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.deliveries import Lane, Task, channel_of
from bot.questions.asking import ProductsGoneError
from bot.slack.api import UNREACHED, is_passing, retry_after_s, says, tried
from bot.slack.outside import is_outside, not_there
from bot.slack.posting import APOLOGY, Later, Outgoing, TakenOver
from bot.slack.telling import reply_now
from bot.views.blocks import NO_MANUALS, apology, note
from bot.views.mrkdwn import shorten_escaped
from bot.views.passages import message_modal
from qa_core.errors import ManualbotError, NothingIndexedError

if TYPE_CHECKING:
    from bot.services import Services
    from bot.views.kit import Message

log = logging.getLogger(__name__)

TOO_LATE = (
    "expired_trigger_id",
    "exchanged_trigger_id",
    "invalid_trigger_id",
    "trigger_expired",
    "trigger_exchanged",
)


def apologise(services: Services, task: Task, error_id: str, error: Exception) -> bool:
    """Tell whoever caused the task that it failed: where they asked, else to them alone.

    False where Slack takes it nowhere.
    """
    message = _message(error_id, error)
    return (
        _told_in_modal(services, task, message)
        or _told_in_thread(services, task, message)
        or reply_now(services, {"user_id": task.delivery.person, **task.body}, message)
    )


def _message(error_id: str, error: Exception) -> Message:
    """What they are told. That there are no manuals is no error: nobody has to be told its id."""
    if isinstance(error, NothingIndexedError):
        return note(NO_MANUALS)
    if isinstance(error, ProductsGoneError):
        return note(shorten_escaped(str(error), 1_000))
    return apology(error_id, _explanation(error))


def _explanation(error: Exception) -> str | None:
    """What the person can do about it; None where it is not theirs to mend."""
    if says(error, TOO_LATE):
        return "It took too long, so Slack would not show it any more. Please try again."
    if is_outside(error):
        return not_there(error)
    if isinstance(error, SlackApiError) and (wait_s := retry_after_s(error)) is not None:
        return f"Slack wants me to wait {wait_s:.0f} seconds. Please try again then."
    if isinstance(error, Later) or is_passing(error):
        return "Slack was out of reach. Please try again."
    return str(error) if isinstance(error, ManualbotError) else None


def _told_in_modal(services: Services, task: Task, message: Message) -> bool:
    """Where a modal waits for the answer."""
    view_id = task.body.get("answer_view_id")
    if not view_id:
        return False
    view = message_modal(message)
    return tried("views.update", lambda: services.client.views_update(view_id=view_id, view=view))


def _told_in_thread(services: Services, task: Task, message: Message) -> bool:
    """Where a message asked, in its thread; nothing more is being done for it."""
    event, channel = task.body.get("event") or {}, channel_of(task.body)
    ts = event.get("ts")
    if task.delivery.lane != Lane.ANSWER or not channel or not ts:
        return False
    services.signs.end_at(channel, ts)
    thread_ts = event.get("thread_ts") or ts
    try:
        services.poster.post(task, Outgoing(channel, message.text, message.blocks, thread_ts, part=APOLOGY))
    except (*UNREACHED, Later, TakenOver) as refused:
        log.warning("An apology could not be posted: %s", refused)
        return False
    return True
