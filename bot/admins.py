"""Who may administer: people named in the settings, and administrators of the workspace."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from slack_sdk.errors import SlackApiError

from bot.blocks import note
from bot.kit import Message
from bot.posting import LOOK_AGAIN_S, Later
from bot.slack import UNREACHED, error_code, is_transient

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)

_ROLES = ("is_admin", "is_owner", "is_primary_owner")
_N_TOLD = 10  # administrators of a workspace that names none in the settings
_PAGE, _N_PAGES = 200, 50


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


def administrators(services: Services) -> tuple[str, ...]:
    """Whom to tell of what concerns administrators: those of the settings, else the workspace's.

    Raises Later where Slack cannot be reached.
    """
    if services.settings.admins:
        return services.settings.admins
    found: list[str] = []
    cursor: str | None = None
    for _ in range(_N_PAGES):
        page = _page_of_users(services, cursor)
        members = page.get("members") or []
        found += [str(user["id"]) for user in members if _administers(user)]
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    return tuple(found[:_N_TOLD])


def _page_of_users(services: Services, cursor: str | None) -> Mapping[str, Any]:
    try:
        return cast("Mapping[str, Any]", services.client.users_list(limit=_PAGE, cursor=cursor))
    except SlackApiError as error:
        if is_transient(error):
            raise Later(LOOK_AGAIN_S, f"Slack says {error_code(error)}", patient=True) from error
        log.warning("users.list: Slack says %s; set MANUALBOT_ADMINS", error_code(error))
        return {}
    except UNREACHED as error:
        raise Later(LOOK_AGAIN_S, f"Slack cannot be reached: {error}", patient=True) from error


def _administers(user: Mapping[str, Any]) -> bool:
    return not user.get("deleted") and not user.get("is_bot") and any(user.get(r) is True for r in _ROLES)


def refusal(person: str | None, wish: str) -> Message:
    """What somebody is told who may not, and the line in the log; `wish` completes "to …"."""
    log.warning("%s is no administrator and was refused: to %s", person, wish)
    return note(
        f"Sorry, only administrators may ask me to {wish}. Workspace admins are, and whoever is named in "
        "`MANUALBOT_ADMINS`; ask one of them, please."
    )
