"""From what Slack sends to the inbox, and from there to the function that does the work.

A listener does two things: it records what came, and then Slack is told that it came. Whatever takes
longer or calls Slack happens in a handler, which a worker calls with the recorded task.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bot.deliveries import Body, Delivery, Lane, Task, delivery_key, person_of

if TYPE_CHECKING:
    from slack_bolt import Ack, App

    from bot.services import Services

log = logging.getLogger(__name__)

Kind = Literal["event", "action", "command", "shortcut", "view", "own"]
Handler = Callable[["Services", Task], None]
Sort = Callable[["Services", Body], Sequence[Delivery]]
Check = Callable[["Services", Body], Mapping[str, Any] | None]


def record_all(listener: Listener, body: Body) -> tuple[Delivery, ...]:
    """What most listeners record: the whole payload, as one delivery."""
    return (
        Delivery(
            delivery_key(listener.route, body), listener.route, listener.lane, body, person=person_of(body)
        ),
    )


@dataclass(frozen=True, slots=True)
class Listener:
    """A line in the table of listeners.

    `sort` decides in place of the whole payload what is recorded (nothing: it is ignored). `check` is
    for modals: what it returns is Slack's answer to a submission in place of recording it, such as
    `{"response_action": "errors", …}`. Both are quick and call nothing of Slack's. `check` may need
    the engine, which is loaded at the bot's start.
    """

    kind: Kind  # "own": not from Slack, recorded by another handler
    name: str | re.Pattern[str]  # event type, action id, command, callback id
    handle: Handler
    lane: Lane = Lane.QUICK
    sort: Sort | None = None
    check: Check | None = None

    @property
    def route(self) -> str:
        """Names it in the inbox."""
        name = self.name if isinstance(self.name, str) else self.name.pattern
        return f"{self.kind}:{name}"


@dataclass(frozen=True, slots=True)
class Table:
    """All listeners of the bot."""

    listeners: tuple[Listener, ...]

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """What does the work of each route."""
        return {listener.route: listener.handle for listener in self.listeners}

    def register(self, app: App, services: Services) -> None:
        """Make a Bolt app record what comes for these listeners."""
        for listener in self.listeners:
            if listener.kind != "own":
                _matcher(app, listener.kind)(listener.name)(_recorder(listener, services))


def _matcher(app: App, kind: str) -> Callable[[Any], Callable[[Any], Any]]:
    matcher: Callable[[Any], Callable[[Any], Any]] = getattr(app, kind)
    return matcher


def _recorder(listener: Listener, services: Services) -> Callable[..., None]:
    def take(body: dict[str, Any], ack: Ack) -> None:
        answer = listener.check(services, body) if listener.check else None
        if answer is not None:
            ack(**answer)
            return
        deliveries = listener.sort(services, body) if listener.sort else record_all(listener, body)
        if deliveries:
            services.inbox.record(*deliveries)
        ack()

    return take
