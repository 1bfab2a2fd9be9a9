"""`/manual config`: what is set for a channel."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from bot.actions import VIEW_CONFIG
from bot.admins import is_admin, refusal
from bot.deliveries import Body, Task, channel_of
from bot.listening import Listener
from bot.questions.channels import ChannelConfig
from bot.slack.api import UNREACHED, error_code, tried
from bot.slack.telling import reply, whisper
from bot.views.blocks import note
from bot.views.config import Choices, UserGroup, config_modal, read_config
from bot.views.form_inputs import Refused
from bot.views.mrkdwn import escape_line, mention, shorten_line

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)

WISH = "configure channels"
_NAMED = 300  # characters of the products' names


def handle_config_command(services: Services, task: Task) -> None:
    """Open the modal for the channel in which it was asked for; tell those who may not.

    The modal is opened before user groups are asked for: its trigger lives for three seconds.
    """
    person, channel = task.delivery.person, channel_of(task.body)
    if not is_admin(services, person):
        reply(services, task.body, refusal(person, WISH))
        return
    if channel is None:
        reply(services, task.body, note("Use `/manual config` in the channel that you want to configure."))
        return
    config = services.channels.get(channel)
    opened = services.client.views_open(
        trigger_id=str(task.body.get("trigger_id") or ""), view=_modal(services, config)
    )
    groups = _user_groups(services)
    view_id = (opened.get("view") or {}).get("id")
    if view_id and groups:
        view = _modal(services, config, groups)
        tried("views.update", lambda: services.client.views_update(view_id=view_id, view=view))


def check_config(_services: Services, body: Body) -> Mapping[str, Any] | None:
    """What is wrong with a submission."""
    read = read_config(body["view"], ())
    return read.response() if isinstance(read, Refused) else None


def handle_config(services: Services, task: Task) -> None:
    """Save what the modal was filled in with."""
    person, view = task.delivery.person or "", task.body["view"]
    before = services.channels.get(str(view.get("private_metadata") or ""))
    config = read_config(view, (*services.engines.known().products, *before.products))
    if isinstance(config, Refused):
        return
    if not is_admin(services, person):
        reply(services, task.body, refusal(person, WISH))
        return
    services.channels.save(config, person)
    log.info("%s configured %s", person, config.channel)
    done = note("Saved. " + " ".join(_in_words(config)))
    if not whisper(services, config.channel, person, done):
        reply(services, task.body, done)


def _modal(services: Services, config: ChannelConfig, groups: tuple[UserGroup, ...] = ()) -> dict[str, Any]:
    known = services.engines.known()
    return config_modal(config, Choices(known.products, groups, known.threshold))


def _user_groups(services: Services) -> tuple[UserGroup, ...]:
    try:
        found = services.client.usergroups_list().get("usergroups") or ()
    except UNREACHED as error:
        log.info("usergroups.list: %s", error_code(error) if isinstance(error, SlackApiError) else error)
        return ()
    return tuple(UserGroup(group["id"], f"@{group.get('handle') or group['id']}") for group in found)


def _in_words(config: ChannelConfig) -> list[str]:
    named = escape_line(shorten_line(", ".join(config.products), _NAMED))
    person = config.person
    return [
        f"I answer from {f'the manuals of {named}' if named else 'all manuals'},",
        "every question here," if config.auto_answer else "when I am mentioned,",
        "and follow-ups in my threads." if config.follow_ups else "and follow-ups only with a mention.",
        *([] if config.threshold is None else [f"I want to be at least {config.threshold:.0%} sure."]),
        *([f"“Ask a person” calls {mention(person)}."] if person else []),
    ]


LISTENERS = (Listener("view", VIEW_CONFIG, handle_config, check=check_config),)
