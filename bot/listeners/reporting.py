"""The report of a retraining in its thread: its figures, its pictures, and the answers that changed.

Pictures and answers are tasks of their own: what Slack does not take of one keeps nobody from the others.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bot.deliveries import Delivery, Lane, Task
from bot.learning.following import Following
from bot.learning.retraining import open_report
from bot.listening import Listener
from bot.slack.direct_messages import direct_channel
from bot.slack.pictures import share_pictures
from bot.slack.posting import Later, Outgoing, patiently
from bot.views.blocks import note
from bot.views.kit import Message
from bot.views.mrkdwn import shorten_escaped
from bot.views.report import changed_message, figures_message
from qa_core.errors import DataError

if TYPE_CHECKING:
    from bot.services import Services
    from training.retraining.job_report import JobReport
    from training.retraining.jobs import Job

log = logging.getLogger(__name__)

PICTURES = "share_pictures"
CHANGED = "show_changed_answers"
PAUSES_S = (5.0, 20.0, 60.0)  # between attempts at the pictures, while Slack is in trouble
_WHY = 1_000  # characters


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is told."""

    channel: str
    thread_ts: str | None


def report_job(services: Services, task: Task, job: Job, place: Place) -> None:
    """Post the figures, or why there are none, and have the rest shown below them."""
    try:
        report = open_report(services.settings.base, job)
    except DataError as error:
        log.warning("%s", error)
        said = note(f"There is no report to show: {shorten_escaped(str(error), _WHY)}")
        post_part(services, task, place, said, "no-report")
        return
    post_part(services, task, place, figures_message(report), "figures")
    person = Following.of(task.body).person
    for_questions = _place_of_questions(services, person, place) if report.changed else None
    services.inbox.record(_pictures(job, person, place, for_questions))


def handle_pictures(services: Services, task: Task) -> None:
    """Share the pictures; where Slack is in trouble some more times. The answers do not wait for these."""
    job, for_questions = services.launcher.jobs.get(int(task.body["job"])), task.body["for_questions"]
    try:
        report = open_report(services.settings.base, job)
    except DataError as error:  # it was removed since its figures were told
        log.warning("%s", error)
        return
    try:
        _share(services, task, report, Place(**task.body["place"]))
    finally:
        if for_questions is not None:
            person = str(task.delivery.person)
            services.inbox.record(_changed_answers(job, person, Place(**for_questions)))


@patiently()
def handle_changed(services: Services, task: Task) -> None:
    """Show the answers that changed."""
    job = services.launcher.jobs.get(int(task.body["job"]))
    try:
        report = open_report(services.settings.base, job)
    except DataError as error:
        log.warning("%s", error)
        return
    post_part(services, task, Place(**task.body["place"]), changed_message(report), "changed")


def post_part(services: Services, task: Task, place: Place, message: Message, part: str) -> str:
    """Post one of the messages of a task, once; returns its `ts`."""
    outgoing = Outgoing(place.channel, message.text, message.blocks, place.thread_ts, part=part)
    return services.poster.post(task, outgoing)


def _share(services: Services, task: Task, report: JobReport, place: Place) -> None:
    """As files; where Slack does not take them, the figures above have to do, and it is said."""
    refused = share_pictures(services, report, place.channel, place.thread_ts or "")
    if refused is None:
        return
    if refused.is_passing and task.n_attempts <= len(PAUSES_S):
        raise Later(PAUSES_S[task.n_attempts - 1], refused.why, counts=True)
    said = (
        f"The pictures could not be uploaded ({refused.why}). The tables above have their figures, and "
        f"`manualbot report {report.job} --out report.html` the pictures themselves."
    )
    with patiently():
        post_part(services, task, place, note(said), "no-pictures")


def _pictures(job: Job, person: str, place: Place, for_questions: Place | None) -> Delivery:
    """The task of sharing them, one for each job and place; `for_questions`: for the answers that changed."""
    key = f"job:{job.id}/pictures:{place.channel}:{place.thread_ts or ''}"
    questions = None if for_questions is None else asdict(for_questions)
    body = {"job": job.id, "place": asdict(place), "for_questions": questions}
    return Delivery(key, f"own:{PICTURES}", Lane.JOB, body, person=person)


def _place_of_questions(services: Services, person: str, place: Place) -> Place:
    """Direct messages: who asked something there, or for themselves alone, shows it to no channel."""
    direct = direct_channel(services, person)
    return place if place.channel == direct else Place(direct, None)


def _changed_answers(job: Job, person: str, place: Place) -> Delivery:
    """The task of showing them: one for each job and person, in however many places they are told."""
    key = f"job:{job.id}/changed:{person}"
    return Delivery(key, f"own:{CHANGED}", Lane.JOB, {"job": job.id, "place": asdict(place)}, person=person)


LISTENERS = (
    Listener("own", PICTURES, handle_pictures, Lane.JOB),
    Listener("own", CHANGED, handle_changed, Lane.JOB),
)
