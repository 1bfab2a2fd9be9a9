"""The App Home, made anew each time that somebody opens it, and when an administrator decides in it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.admins import seems_admin
from bot.deliveries import Body, Delivery, Lane, Task, delivery_key, person_of
from bot.figures import holdings, overview
from bot.learning.standing import learning
from bot.listening import Listener
from bot.slack.api import UNREACHED
from bot.slack.posting import later_for
from bot.views.home import ForAdmins, home_view, trouble_view
from qa_core.errors import IndexingError, ModelError, ReleaseError

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)

NO_ENGINE = (IndexingError, ModelError, ReleaseError)  # what the models of now cannot be loaded for
_ROUTE = "event:app_home_opened"
_TURNS = [threading.Lock() for _ in range(64)]  # of people: see `_turn_of`


def sort_opened(_services: Services, body: Body) -> Sequence[Delivery]:
    """Only the home tab is ours to fill."""
    event = body.get("event") or {}
    if event.get("tab", "home") != "home" or not person_of(body):
        return ()
    return (Delivery(delivery_key(_ROUTE, body), _ROUTE, Lane.HOME, body, person=person_of(body)),)


def handle_opened(services: Services, task: Task) -> None:
    """Publish the tab for whoever opened it. Raises Later where Slack does not take it just now."""
    try:
        _publish_or_say_why(services, task.delivery.person or "")
    except UNREACHED as error:
        if (later := later_for(error)) is None:
            raise
        raise later from error


def publish_home(services: Services, person: str, page: int = 0) -> None:
    """Publish the tab as it is now, with that page of the triplets that wait, for those who decide them."""
    if seems_admin(services, person):
        with _turn_of(person):
            _publish(services, person, ForAdmins(overview(services), learning(services), page))
    else:
        _publish(services, person, None)


def _publish_or_say_why(services: Services, person: str) -> None:
    """Who looks at a tab has asked for nothing: why nothing answers stands there, not in their messages."""
    try:
        publish_home(services, person)
    except NO_ENGINE as error:
        log.warning("The App Home tells that nothing answers: %s", error)
        view = trouble_view(services.identity.user_id, str(error))
        services.client.views_publish(user_id=person, view=view)


def _turn_of(person: str) -> threading.Lock:
    """Who decides quickly sees what they decided last, not an older page; others do not wait for them."""
    return _TURNS[hash(person) % len(_TURNS)]


def _publish(services: Services, person: str, admin: ForAdmins | None) -> None:
    known = services.engines.known()
    view = home_view(services.identity.user_id, holdings(known.passages), known.release, admin)
    services.client.views_publish(user_id=person, view=view)


LISTENERS = (Listener("event", "app_home_opened", handle_opened, sort=sort_opened),)
