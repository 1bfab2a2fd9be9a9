"""What administrators decide about triplets in the App Home; checked again when a button is pressed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bot.actions import (
    ACTION_TRIAGE_NEXT,
    ACTION_TRIAGE_PREVIOUS,
    ACTION_TRIPLET_APPROVE,
    ACTION_TRIPLET_EDIT,
    ACTION_TRIPLET_PICK,
    ACTION_TRIPLET_REJECT,
    ACTION_TRIPLETS_APPROVE,
    VIEW_TOLD,
    VIEW_TRIPLET,
)
from bot.admins import is_admin, refusal
from bot.deliveries import Body, Task, value_of
from bot.learning.standing import open_triage, open_triplets
from bot.listeners.home import publish_home
from bot.listening import Listener
from bot.render.terminal import count
from bot.slack.api import tried
from bot.slack.telling import reply
from bot.views.blocks import note
from bot.views.form_inputs import Refused
from bot.views.home import page_of
from bot.views.kit import Form, Message, modal
from bot.views.triage import missed_text, read_choice, read_seen
from bot.views.triplet_form import ANSWER, QUESTION, About, read_amendment, triplet_modal
from qa_core.errors import DataError
from training.feedback.triage import Amendment, Missed, Seen, Triage

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)

WISH = "decide what I learn from"


def handle_approve(services: Services, task: Task) -> None:
    """Approve one triplet, or all that a page shows."""
    _settle(services, task, "approved")


def handle_reject(services: Services, task: Task) -> None:
    """Reject one triplet."""
    _settle(services, task, "rejected")


def handle_pick(services: Services, task: Task) -> None:
    """Approve one of several conflicting answers, and reject the others."""
    if _may(services, task):
        choice = value_of(task.body, read_choice)
        why = open_triage(services).pick(choice)
        missed = () if why is None else (why,)
        _finish(services, task, _Outcome("picked", (choice.picked,), missed, _page(task)))


def handle_edit(services: Services, task: Task) -> None:
    """Open the form for one triplet."""
    if not _may(services, task):
        return
    seen = _only_seen(task)
    found = open_triage(services).look(seen)
    if isinstance(found, Missed):
        _finish(services, task, _Outcome("edited", (seen,), (found,), _page(task)))
        return
    view = triplet_modal(found, _page(task))
    services.client.views_open(trigger_id=_trigger(task), view=view)


def check_amendment(services: Services, body: Body) -> Mapping[str, Any] | None:
    """What is wrong with a submission, as far as the triplet is still the one that was seen."""
    if not services.engines.is_ready():  # Slack waits three seconds, and loading takes longer
        return Refused(QUESTION, "I am still loading the manuals. Save it again in a minute").response()
    seen = About.read(body["view"]).seen
    triplets = open_triplets(services)
    triplet = triplets.last_known(seen.id)
    if triplet is None or Seen.of(triplet) != seen:
        return None
    amendment = read_amendment(body["view"], triplet)
    if isinstance(amendment, Refused):
        return amendment.response()
    try:
        Triage(triplets).amended(triplet, amendment)
    except DataError as error:
        block_id = ANSWER if amendment.answer or triplet.kind == "negative" else QUESTION
        return Refused(block_id, str(error)).response()
    return None


def handle_amendment(services: Services, task: Task) -> None:
    """Save what a form was filled in with, and approve it."""
    if not _may(services, task):
        return
    about, triage = About.read(task.body["view"]), open_triage(services)
    found = triage.look(about.seen)
    if isinstance(found, Missed):
        missed: Missed | None = found
    else:
        amendment = read_amendment(task.body["view"], found)
        assert isinstance(amendment, Amendment)  # it was checked about the same triplet
        missed = triage.amend(about.seen, amendment)
    _finish(services, task, _Outcome("edited", (about.seen,), (missed,) if missed else (), about.page))


def handle_page(services: Services, task: Task) -> None:
    """Turn the page."""
    publish_home(services, task.delivery.person or "", value_of(task.body, int))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a decision."""

    verb: str
    seen: tuple[Seen, ...]
    missed: tuple[Missed, ...]
    page: int


def _settle(services: Services, task: Task, status: Literal["approved", "rejected"]) -> None:
    if _may(services, task):
        seen = _seen(task)
        missed = open_triage(services).settle(seen, status)
        _finish(services, task, _Outcome(status, seen, tuple(missed.values()), _page(task)))


def _finish(services: Services, task: Task, outcome: _Outcome) -> None:
    """Show what waits now, and say what was not decided."""
    person = task.delivery.person or ""
    n_done = len(outcome.seen) - len(outcome.missed)
    log.info("%s %s %s", person, outcome.verb, count(n_done, "triplet"))
    if outcome.missed:
        _tell(services, task, note(missed_text(outcome.missed, len(outcome.seen))))
    publish_home(services, person, outcome.page)


def _may(services: Services, task: Task) -> bool:
    """Whether the person may still decide; who may not is told, and no longer sees what waits."""
    person = task.delivery.person
    if is_admin(services, person):
        return True
    _tell(services, task, refusal(person, WISH))
    publish_home(services, person or "")
    return False


def _tell(services: Services, task: Task, message: Message) -> None:
    """In a modal: the App Home takes no messages. Where it is too late for one, in direct messages."""
    view = modal("Triplets", message.blocks, Form(VIEW_TOLD))
    if not tried("views.open", lambda: services.client.views_open(trigger_id=_trigger(task), view=view)):
        reply(services, task.body, message)


def _trigger(task: Task) -> str:
    return str(task.body.get("trigger_id") or "")


def _seen(task: Task) -> tuple[Seen, ...]:
    return value_of(task.body, read_seen)


def _only_seen(task: Task) -> Seen:
    def read(value: str) -> Seen:
        [seen] = read_seen(value)
        return seen

    return value_of(task.body, read)


def _page(task: Task) -> int:
    return page_of(task.body.get("view") or {})


LISTENERS = (
    Listener("action", ACTION_TRIPLET_APPROVE, handle_approve),
    Listener("action", ACTION_TRIPLETS_APPROVE, handle_approve),
    Listener("action", ACTION_TRIPLET_REJECT, handle_reject),
    Listener("action", ACTION_TRIPLET_PICK, handle_pick),
    Listener("action", ACTION_TRIPLET_EDIT, handle_edit),
    Listener("action", ACTION_TRIAGE_PREVIOUS, handle_page),
    Listener("action", ACTION_TRIAGE_NEXT, handle_page),
    Listener("view", VIEW_TRIPLET, handle_amendment, check=check_amendment),
)
