"""The modal with further passages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.actions import ACTION_MORE
from bot.deliveries import Task, first_action
from bot.listening import Listener
from bot.slack.telling import FORGOTTEN, reply
from bot.views.blocks import note
from bot.views.passages import more_passages_modal

if TYPE_CHECKING:
    from bot.services import Services


def handle_more(services: Services, task: Task) -> None:
    """Open the modal with an answer's further passages."""
    given = services.answers.get(str(first_action(task.body).get("value") or ""))
    if given is None:
        reply(services, task.body, note(FORGOTTEN))
        return
    trigger_id = str(task.body.get("trigger_id") or "")
    services.client.views_open(trigger_id=trigger_id, view=more_passages_modal(given.answer))


LISTENERS = (Listener("action", ACTION_MORE, handle_more),)
