"""The direct messages with a person, by the id that every method of Slack's takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.posting import LOOK_AGAIN_S, Later
from bot.slack import UNREACHED, error_code, is_transient

if TYPE_CHECKING:
    from bot.services import Services


def direct_channel(services: Services, person: str) -> str:
    """The id of the direct messages with a person: messages in it can be edited, and files shared.

    Raises Later where Slack is out of reach, and SlackApiError where it refuses.
    """
    try:
        opened = services.client.conversations_open(users=person)
    except SlackApiError as error:
        if is_transient(error):
            raise Later(LOOK_AGAIN_S, f"Slack says {error_code(error)}") from error
        raise
    except UNREACHED as error:
        raise Later(LOOK_AGAIN_S, f"Slack cannot be reached: {error}") from error
    return str((opened.get("channel") or {}).get("id") or person)
