"""The direct messages with a person, by the id that every method of Slack's takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack.api import UNREACHED
from bot.slack.posting import later_for

if TYPE_CHECKING:
    from bot.services import Services


def direct_channel(services: Services, person: str) -> str:
    """The id of the direct messages with a person: messages in it can be edited, and files shared.

    Raises Later where Slack is out of reach, and SlackApiError where it refuses.
    """
    try:
        opened = services.client.conversations_open(users=person)
    except UNREACHED as error:
        if (later := later_for(error)) is None:
            raise
        raise later from error
    return str((opened.get("channel") or {}).get("id") or person)
