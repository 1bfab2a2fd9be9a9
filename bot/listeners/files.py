"""A manual that an administrator sends as a file: asked about, fetched, kept and indexed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bot.actions import ACTION_FILE, VIEW_FILE
from bot.admins import is_admin, refusal
from bot.deliveries import Body, Delivery, Lane, Task, value_of
from bot.listening import Listener
from bot.questions.incoming import manuals_in
from bot.render.terminal import count
from bot.slack.posting import Outgoing
from bot.slack.telling import reply
from bot.uploads import Uploads, described_by_slack
from bot.views.blocks import note
from bot.views.file import Described, SentFile, file_modal, question_message, read_description
from bot.views.kit import Message
from bot.views.mrkdwn import bold_line, escape_line
from bot.views.sources import report_message
from qa_core.errors import ManualbotError

if TYPE_CHECKING:
    from bot.services import Services
    from qa_core.indexing.library import IndexReport
    from qa_core.indexing.sources import File

log = logging.getLogger(__name__)

WISH = "add manuals"
FOLDER = "uploads"  # in MANUALBOT_HOME
_TOLD = "manual_file_told"


def handle_manual_file(services: Services, task: Task) -> None:
    """Ask whoever sent files in direct messages for which products they are."""
    event = task.body.get("event") or {}
    channel, thread_ts = str(event["channel"]), str(event.get("thread_ts") or event["ts"])
    if not is_admin(services, task.delivery.person):
        sent = SentFile("", "", channel, thread_ts)
        _tell(services, task, sent, refusal(task.delivery.person, WISH), "refusal")
        return
    for file in manuals_in(event):
        sent = SentFile(str(file["id"]), str(file.get("name") or "the file"), channel, thread_ts)
        _tell(services, task, sent, question_message(sent), f"file-{sent.id}")


def handle_describe(services: Services, task: Task) -> None:
    """Open the form for product and version; its trigger lives for three seconds, loading takes longer."""
    if not is_admin(services, task.delivery.person):
        reply(services, task.body, refusal(task.delivery.person, WISH))
        return
    sent = value_of(task.body, SentFile.read)
    products = services.engines.known().products if services.engines.is_ready() else ()
    view = file_modal(sent, products)
    services.client.views_open(trigger_id=str(task.body.get("trigger_id") or ""), view=view)


def check_description(_services: Services, body: Body) -> Mapping[str, Any] | None:
    """What is wrong with a submission."""
    read = read_description(body["view"])
    return None if isinstance(read, Described) else read


def handle_description(services: Services, task: Task) -> None:
    """Fetch the file, keep it, index it, and tell what came of it."""
    view = task.body["view"]
    sent, described = SentFile.read(view["private_metadata"]), read_description(view)
    if not isinstance(described, Described):
        return
    if not is_admin(services, task.delivery.person):
        _tell(services, task, sent, refusal(task.delivery.person, WISH), "refusal")
        return
    reading = note(f"I am reading {bold_line(sent.name)}, and tell you when I know it.")
    _tell(services, task, sent, reading, "reading")
    try:
        message = _add(services, sent, described)
    except ManualbotError as error:
        log.warning("A file was not added: %s", error)
        message = note(f"I could not add {bold_line(sent.name)}: {escape_line(str(error))}")
    body = {"sent": asdict(sent), "text": message.text, "blocks": list(message.blocks)}
    key = f"{task.delivery.key}/told"
    services.inbox.finish(task, Delivery(key, f"own:{_TOLD}", Lane.QUICK, body, person=task.delivery.person))


def tell_fate(services: Services, task: Task) -> None:
    """Post what came of a file; a task of its own, so that waiting for Slack indexes nothing twice."""
    message = Message(task.body["text"], tuple(task.body["blocks"]))
    _tell(services, task, SentFile(**task.body["sent"]), message, "added")


def _add(services: Services, sent: SentFile, described: Described) -> Message:
    settings = services.settings
    uploads = Uploads(settings.base.home / FOLDER)
    file = described_by_slack(services.client, sent.id)
    name = str(file.get("name") or sent.name)
    place = uploads.keep(uploads.fetch(file, settings), name, described)
    library = services.open_library()
    try:
        report = library.add([uploads.folder])
    except ManualbotError as error:  # nothing else is indexed: then an unreadable file is an error
        uploads.discard(place)
        return _refused(name, str(error))
    seen = library.file_at(place)
    if seen is None or seen.reason or seen.duplicate_of:
        if uploads.discard(place):
            library.add([uploads.folder])  # what came back answers again
        return _refused(name, _why_not(seen))
    uploads.accept(place)
    return _added(services, place.name, seen, report)


def _why_not(seen: File | None) -> str:
    """Why a file is no manual, from what indexing saw of it."""
    if seen is None:
        return "it is not among the files that I index. Manuals are PDF, DOCX, HTML, Markdown or text files"
    return seen.reason or f"it is a copy of {seen.duplicate_of}, which I have already"


def _refused(name: str, reason: str) -> Message:
    return note(f"I cannot read {bold_line(name)}: {escape_line(reason)}. I have not kept it.")


def _added(services: Services, name: str, seen: File, report: IndexReport) -> Message:
    """What the index says of the manual now, which is what answers are found by."""
    passages = services.engines.refresh().passages
    mine = [p.manual for p in passages if (p.manual.source, p.manual.path) == (seen.source, seen.path)]
    if not mine:
        return report_message(f"{bold_line(name)} is added.", report)
    version = f", version {mine[0].version}" if mine[0].version else ""
    title = (
        f"{bold_line(name)} is added: {escape_line(mine[0].product + version)}, "
        f"{count(len(mine), 'passage')}. Ask me about it."
    )
    return report_message(title, report)


def _tell(services: Services, task: Task, sent: SentFile, message: Message, part: str) -> None:
    outgoing = Outgoing(sent.channel, message.text, message.blocks, sent.thread_ts, part=part)
    services.poster.post(task, outgoing)


LISTENERS = (
    Listener("own", "manual_file", handle_manual_file),
    Listener("action", ACTION_FILE, handle_describe),
    Listener("view", VIEW_FILE, handle_description, Lane.CHORE, check=check_description),
    Listener("own", _TOLD, tell_fate),
)
