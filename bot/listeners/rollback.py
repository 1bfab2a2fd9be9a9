"""`/manual rollback`: the release before answers again, or one that is named."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.admins import is_admin, refusal
from bot.deliveries import Delivery, Lane, Task
from bot.learning.retraining import previous_release
from bot.listening import Listener
from bot.slack.telling import reply
from bot.views.blocks import NO_MANUALS, note, reason
from bot.views.mrkdwn import escape_line
from qa_core.errors import ManualbotError, NothingIndexedError, ReleaseError

if TYPE_CHECKING:
    from bot.services import Services
    from qa_core.release_manifests import Release
    from qa_core.releases import Releases

log = logging.getLogger(__name__)

_ROUTE = "use_release"
WISH = "switch releases"
USAGE = "`/manual rollback` goes back to the release before, `/manual rollback ID` to that one."


def handle_rollback(services: Services, task: Task) -> None:
    """Find the release, and have it prepared: its index may have to be made first."""
    person = task.delivery.person
    words = str(task.body.get("text") or "").split()[1:]
    if not is_admin(services, person):
        reply(services, task.body, refusal(person, WISH))
        return
    if len(words) > 1:
        reply(services, task.body, note(USAGE))
        return
    current = services.installation.releases.current()
    try:
        target = _target(services, *words)
    except ReleaseError as error:
        reply(services, task.body, note(f"{reason(error)}\n{USAGE}"))
        return
    if target.id == current.id:
        reply(services, task.body, note(f"{escape_line(target.id)} is the current release already."))
        return
    log.info("%s switches from %s to %s", person, current.id, target.id)
    reply(services, task.body, note(_begun(current.id, target.id)))
    body = {**task.body, "from": current.id, "to": target.id}
    follow_on = Delivery(f"{task.delivery.key}/use", f"own:{_ROUTE}", Lane.CHORE, body, person=person)
    services.inbox.finish(task, follow_on)


def handle_use(services: Services, task: Task) -> None:
    """Switch, and say so; who is being answered gets the answer of the release that they asked."""
    before, target = str(task.body["from"]), str(task.body["to"])
    services.installation.use(target)
    said = f"{escape_line(target)} answers now, in place of {escape_line(before)}."
    try:
        services.engines.refresh()
    except NothingIndexedError:
        said = f"{escape_line(target)} is the current release now. {NO_MANUALS}"
    except ManualbotError as error:
        log.warning("The release %s cannot be loaded: %s", target, error)
        said = (
            f"{escape_line(target)} is the current release now, but it cannot be loaded: "
            f"{reason(error)}. {escape_line(before)} goes on answering until I am started anew."
        )
    reply(services, task.body, note(said))


def _target(services: Services, release_id: str | None = None) -> Release:
    releases = services.installation.releases
    if release_id is not None:
        return _named(releases, release_id)
    return previous_release(services.settings.base, services.launcher.jobs, releases)


def _named(releases: Releases, release_id: str) -> Release:
    """Raises ReleaseError if there is none; in chat it names no folder of the machine."""
    known = {release.id: release for release in releases.list()}
    if release_id not in known:
        raise ReleaseError(f"There is no release {release_id!r}. There are: {', '.join(known)}")
    return known[release_id]


def _begun(before: str, target: str) -> str:
    return (
        f"I am switching from {escape_line(before)} to {escape_line(target)}, and will tell you when it "
        f"answers. Until then {escape_line(before)} does."
    )


LISTENERS = (Listener("own", _ROUTE, handle_use, Lane.CHORE),)
