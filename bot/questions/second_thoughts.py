"""What people do to a message once it is written: name the bot by editing it, or delete it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.deliveries import moment_of
from bot.questions.incoming import Message, is_direct, mentioned_in

LATEST_S = 24 * 3600.0  # after a message: who edits an older one mends it, and asks nothing


def named_by_edit(event: Message, bot_user_id: str) -> dict[str, Any] | None:
    """The message that names the bot since it was edited, as if it had been written so; else None.

    Slack sends it as a message that changed, with what it was before, and as a mention that was edited, also
    where the bot was named before: whether that was asked already, its channel and time tell. In direct
    messages the bot need not be named.
    """
    if event.get("type") == "app_mention":
        message: Mapping[str, Any] = event
    elif event.get("subtype") == "message_changed":
        message, before = event.get("message") or {}, event.get("previous_message")
        if not before or bot_user_id in mentioned_in(before):
            return None
    else:
        return None
    if is_direct(event) or bot_user_id not in mentioned_in(message) or not _was_edited_soon(message):
        return None
    place = {key: event[key] for key in ("channel", "channel_type", "team") if key in event}
    return {key: value for key, value in message.items() if key != "edited"} | place | {"type": "message"}


def deleted_ts(event: Message) -> str | None:
    """The `ts` of a message that was deleted; None for any other event.

    One that has replies stays as a stone: it has changed.
    """
    message, before = event.get("message") or {}, event.get("previous_message") or {}
    is_stone = event.get("subtype") == "message_changed" and message.get("subtype") == "tombstone"
    if event.get("subtype") != "message_deleted" and not is_stone:
        return None
    ts = event.get("deleted_ts") or message.get("ts") or before.get("ts")
    return str(ts) if ts else None


def _was_edited_soon(message: Message) -> bool:
    written = moment_of(message.get("ts"))
    edited = moment_of((message.get("edited") or {}).get("ts"))
    return written is not None and edited is not None and edited - written < LATEST_S
