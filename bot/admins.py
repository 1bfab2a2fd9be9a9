"""Who somebody is: a bot or a person, and whether they may administer.

People named in the settings do, and administrators of the workspace.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from slack_sdk.errors import SlackApiError

from bot.slack.api import UNREACHED, error_code
from bot.slack.posting import Later, later_for
from bot.views.blocks import note
from bot.views.kit import Message
from qa_core.errors import ManualbotError

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)

_ROLES = ("is_admin", "is_owner", "is_primary_owner")
_N_TOLD = 10  # administrators of a workspace that names none in the settings
_PAGE, _N_PAGES = 1000, 50


class UnknownYetError(ManualbotError):
    """Slack does not say just now who somebody is."""


def is_admin(services: Services, person: str | None) -> bool:
    """Whether a person may administer; not where the token may not ask.

    Raises UnknownYetError where Slack cannot say it just now: nobody is refused for that.
    """
    if not person:
        return False
    if person in services.settings.admins:
        return True
    try:
        user = services.client.users_info(user=person).get("user") or {}
    except UNREACHED as error:
        if later_for(error) is not None:
            raise UnknownYetError(
                "Slack does not tell me just now whether you are an administrator. Try again in a minute."
            ) from error
        log.warning("users.info: Slack says %s; only MANUALBOT_ADMINS may administer", _code(error))
        return False
    return _administers(services, user)


def seems_admin(services: Services, person: str | None) -> bool:
    """The same for what is only shown: false where Slack cannot say it just now."""
    try:
        return is_admin(services, person)
    except UnknownYetError as error:
        log.info("users.info: %s", error.__cause__)
        return False


def is_bot(services: Services, who: str) -> bool:
    """Whether it is no person; taken for one where Slack does not say."""
    try:
        user = services.client.users_info(user=who).get("user") or {}
    except UNREACHED as error:
        log.info("users.info: Slack says %s", _code(error))
        return False
    return user.get("is_bot") is True


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
        found += [str(user["id"]) for user in members if _administers(services, user)]
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor or len(found) >= _N_TOLD:
            break
    return tuple(found[:_N_TOLD])


def _page_of_users(services: Services, cursor: str | None) -> Mapping[str, Any]:
    try:
        return cast("Mapping[str, Any]", services.client.users_list(limit=_PAGE, cursor=cursor))
    except UNREACHED as error:
        if (later := later_for(error)) is not None:
            raise Later(later.delay_s, str(later), patient=True) from error
        log.warning("users.list: Slack says %s; set MANUALBOT_ADMINS", _code(error))
        return {}


def _code(error: Exception) -> str:
    return error_code(error) if isinstance(error, SlackApiError) else str(error)


def _administers(services: Services, user: Mapping[str, Any]) -> bool:
    is_out = user.get("deleted") or user.get("is_bot") or not _is_of_this_workspace(services, user)
    return not is_out and any(user.get(role) is True for role in _ROLES)


def _is_of_this_workspace(services: Services, user: Mapping[str, Any]) -> bool:
    """Whoever comes from another one, through a shared channel, may have a role there and none here.

    Where the app is installed for a whole organisation, all workspaces of that are ours.
    """
    ours, theirs = services.identity.team_id, user.get("team_id")
    in_org = user.get("enterprise_user") or {}
    places = (theirs, in_org.get("enterprise_id"), *(in_org.get("teams") or ()))
    return not user.get("is_stranger") and (not ours or not theirs or ours in places)


def refusal(person: str | None, wish: str) -> Message:
    """What somebody is told who may not, and the line in the log; `wish` completes "to …"."""
    log.warning("%s is no administrator and was refused: to %s", person, wish)
    return note(
        f"Sorry, only administrators may ask me to {wish}. Workspace admins are, and whoever is named in "
        "`MANUALBOT_ADMINS`; ask one of them, please."
    )
