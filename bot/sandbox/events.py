"""Events as the Events API wraps them, and which of them the app has subscribed to.

https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

import time

from bot.manifest import EVENTS
from bot.sandbox.protocol import APP_ID, BOT_USER, TEAM_ID, VERIFICATION_TOKEN, Json, new_id
from bot.sandbox.workspace import Channel

N_REMEMBERED = 200


def events_of(event: Json, channel: Channel | None) -> list[Json]:
    """What the bot is told of something that happened: nothing, one event, or two for a mention.

    A mention in a channel comes as `message` and as `app_mention`; nothing comes from channels that
    the bot is not in.
    """
    if channel is not None and BOT_USER not in channel.members:
        return []
    told = [event] if _name(event) in EVENTS else []
    if _mentions_bot(event) and channel is not None and not channel.is_im:
        mention = {
            key: value for key, value in event.items() if key not in ("channel_type", "parent_user_id")
        }
        told.append({**mention, "type": "app_mention"})
    return told


def envelope_of(event: Json) -> Json:
    """The `event_callback` that carries an event."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "context_team_id": TEAM_ID,
        "context_enterprise_id": None,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": new_id("Ev"),
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM_ID,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{new_id('')}",
    }


def _name(event: Json) -> str:
    if event["type"] != "message":
        return str(event["type"])
    return {"im": "message.im", "channel": "message.channels"}[event["channel_type"]]


def _mentions_bot(event: Json) -> bool:
    return (
        event["type"] == "message"
        and event.get("subtype") in (None, "file_share")
        and event.get("user") != BOT_USER
        and f"<@{BOT_USER}>" in event.get("text", "")
    )
