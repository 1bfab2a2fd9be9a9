"""`/manual sources`: list, read again, take out. Indexing runs in a lane of its own."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from bot.actions import ACTION_SOURCE_REMOVE, ACTION_SOURCES_REFRESH
from bot.admins import is_admin, refusal, seems_admin
from bot.deliveries import Delivery, Lane, Task, first_action
from bot.listening import Listener
from bot.slack.telling import reply
from bot.views.blocks import NO_MANUALS, note
from bot.views.mrkdwn import bold_line, escape_line
from bot.views.sources import report_message, sources_message
from qa_core.errors import SourceError

if TYPE_CHECKING:
    from bot.services import Services
    from qa_core.indexing.library import IndexReport, Library

log = logging.getLogger(__name__)

_ROUTE = "index_sources"
WISH = "change its sources"
USAGE = (
    "`/manual sources` lists them, `/manual sources refresh` reads all again, "
    "`/manual sources remove PATH` takes one out."
)


def handle_sources(services: Services, task: Task) -> None:
    """The command: without a word it lists, otherwise the word says what."""
    words = str(task.body.get("text") or "").strip().split(None, 2)[1:]
    match [word.strip() for word in words]:
        case [] | ["list"]:
            _list(services, task)
        case ["refresh"]:
            _begin(services, task, None)
        case ["remove", path]:
            _begin(services, task, path)
        case _:
            reply(services, task.body, note(USAGE))


def handle_refresh(services: Services, task: Task) -> None:
    """The button that reads all sources again."""
    _begin(services, task, None)


def handle_remove(services: Services, task: Task) -> None:
    """The button that takes a source out."""
    _begin(services, task, str(first_action(task.body).get("value") or ""))


def handle_index(services: Services, task: Task) -> None:
    """Do what was asked for, and tell what came of it."""
    path = task.body.get("source_to_remove")
    library = services.open_library()
    if path is None:
        report, title = library.refresh(), "*I have read all sources again.*"
    else:
        report, title = _without(library, path), bold_line(f"{path} is taken out.")
    services.engines.look()  # what was taken out answers no more when that is said
    reply(services, task.body, report_message(title, report))


def _without(library: Library, path: str) -> IndexReport:
    try:
        return library.remove(Path(path))
    except SourceError:  # an earlier attempt took it out, and was killed before it could tell
        return library.ensure_index()


def _list(services: Services, task: Task) -> None:
    sources = services.open_library().sources()
    reply(services, task.body, sources_message(sources, seems_admin(services, task.delivery.person)))


def _begin(services: Services, task: Task, path: str | None) -> None:
    """Have it done; only administrators may."""
    person = task.delivery.person
    if not is_admin(services, person):
        reply(services, task.body, refusal(person, WISH))
        return
    sources = services.open_library().sources()
    if path is None and not sources:
        reply(services, task.body, note(NO_MANUALS))
        return
    if path is not None and path not in {source.path for source in sources}:
        reply(services, task.body, note(f"{escape_line(path)} is not one of the sources. {USAGE}"))
        return
    log.info("%s has sources indexed (%s)", person, path or "all")
    reply(services, task.body, note("I am reading the manuals, and will tell you when it is done."))
    body = {**task.body, "source_to_remove": path}
    follow_on = Delivery(f"{task.delivery.key}/index", f"own:{_ROUTE}", Lane.CHORE, body, person=person)
    services.inbox.finish(task, follow_on)


LISTENERS = (
    Listener("action", ACTION_SOURCES_REFRESH, handle_refresh),
    Listener("action", ACTION_SOURCE_REMOVE, handle_remove),
    Listener("own", _ROUTE, handle_index, Lane.CHORE),
)
