"""Who may administer: people named in the settings, and administrators of the workspace."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.blocks import note
from bot.kit import Message
from bot.slack import error_code

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)

_ROLES = ("is_admin", "is_owner", "is_primary_owner")


def is_admin(services: Services, person: str | None) -> bool:
    """Whether a person may administer; not where Slack does not say."""
    if not person:
        return False
    if person in services.settings.admins:
        return True
    try:
        user = services.client.users_info(user=person).get("user") or {}
    except SlackApiError as error:
        log.warning("users.info: Slack says %s; only MANUALBOT_ADMINS may administer", error_code(error))
        return False
    return any(user.get(role) is True for role in _ROLES)


def refusal(person: str | None, wish: str) -> Message:
    """What somebody is told who may not, and the line in the log; `wish` completes "to …"."""
    log.warning("%s is no administrator and was refused: to %s", person, wish)
    return note(
        f"Sorry, only administrators may ask me to {wish}. Workspace admins are, and whoever is named in "
        "`MANUALBOT_ADMINS`; ask one of them, please."
    )
