"""The App Home, made anew each time that somebody opens it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.admins import is_admin
from bot.deliveries import Body, Delivery, Lane, Task, delivery_key, person_of
from bot.figures import holdings, overview
from bot.home_view import home_view
from bot.listening import Listener

if TYPE_CHECKING:
    from bot.services import Services

_ROUTE = "event:app_home_opened"


def sort_opened(_services: Services, body: Body) -> Sequence[Delivery]:
    """Only the home tab is ours to fill."""
    event = body.get("event") or {}
    if event.get("tab", "home") != "home" or not person_of(body):
        return ()
    return (Delivery(delivery_key(_ROUTE, body), _ROUTE, Lane.QUICK, body, person=person_of(body)),)


def handle_opened(services: Services, task: Task) -> None:
    """Publish the tab for whoever opened it."""
    person, engine = task.delivery.person or "", services.engines.current()
    admin = overview(services) if is_admin(services, person) else None
    view = home_view(services.identity.user_id, holdings(engine.passages), engine.release, admin)
    services.client.views_publish(user_id=person, view=view)


LISTENERS = (Listener("event", "app_home_opened", handle_opened, sort=sort_opened),)
