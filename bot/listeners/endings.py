"""What follows when a retraining has ended: administrators and people who voted are told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.admins import administrators
from bot.deliveries import Delivery, Lane, Task
from bot.learning.endings import ROUTE
from bot.learning.following import Following
from bot.learning.retraining import current_id, open_report
from bot.learning.thanks import Thanked, Thanks
from bot.listening import Listener
from bot.slack.api import TOKEN_REFUSED, error_code, says
from bot.slack.direct_messages import direct_channel
from bot.slack.posting import Later, Outgoing, patiently
from bot.views.kit import Message
from bot.views.thanks import thanks_message

if TYPE_CHECKING:
    from bot.services import Services
    from training.retraining.job_report import JobReport
    from training.retraining.jobs import Job

log = logging.getLogger(__name__)

THANK = "thank_voters"
THANK_EVERY_S = 2.0
BY_ITSELF = ("schedule", "triplets")  # causes: nobody waits for these, so administrators are told


def handle_ended(services: Services, task: Task) -> None:
    """Record whom it concerns that a job has ended."""
    job = services.launcher.jobs.get(int(task.body["job"]))
    told = []
    if job.request.cause in BY_ITSELF:
        told += [Following(job.id, person).delivery() for person in administrators(services)]
    if job.state == "promoted":
        told.append(Delivery(f"job:{job.id}/thanks", f"own:{THANK}", Lane.JOB, {"job": job.id}))
    services.inbox.finish(task, *told)


@patiently()
def handle_thanks(services: Services, task: Task) -> None:
    """Tell the next people; the task is put back until all were told."""
    job = services.launcher.jobs.get(int(task.body["job"]))
    report = open_report(services.settings.base, job)
    thanks = Thanks(services.store, services.identity.team_id)
    thanks.plan(job, report, task)
    people = thanks.next(job.id)
    if not people:
        return
    hold = thanks.still_hold(people)
    if hold and not _told(services, task, job, report, hold):
        thanks.move_to_direct(people)
    else:
        thanks.set_told(people)
    raise Later(THANK_EVERY_S, f"There are more people to tell of job {job.id}", patient=True)


def _told(services: Services, task: Task, job: Job, report: JobReport, people: tuple[Thanked, ...]) -> bool:
    """Whether that is done: False where they are to be told elsewhere.

    Raises Later, and SlackApiError where Slack takes no token.
    """
    channel, thread_ts = people[0].channel, people[0].thread_ts
    release, current = job.release or "the new one", current_id(services.installation.releases)
    try:
        if channel is not None:
            _send(services, task, thanks_message(release, report, people, current), channel, thread_ts)
            return True
        given = services.answers.get(people[0].answer_id)
        question = given.answer.question if given else None
        message = thanks_message(release, report, people, current, question)
        _send(services, task, message, direct_channel(services, people[0].person), None)
    except SlackApiError as error:
        if says(error, TOKEN_REFUSED):
            raise
        where = channel or f"direct messages with {people[0].person}"
        log.warning("Thanks for job %d in %s: Slack says %s", job.id, where, error_code(error))
        return channel is None  # who cannot be reached at all is left in peace
    return True


def _send(services: Services, task: Task, message: Message, channel: str, thread_ts: str | None) -> None:
    part = f"{channel}/{thread_ts}"
    services.poster.post(task, Outgoing(channel, message.text, message.blocks, thread_ts, part=part))


LISTENERS = (
    Listener("own", ROUTE, handle_ended, Lane.JOB),
    Listener("own", THANK, handle_thanks, Lane.JOB),
)
