"""The message that tells how a retraining goes, edited until its end; then the report in its thread.

The task goes on for as long as the job: it looks, edits, and has itself put back for some seconds. Whichever
process takes it up next finds in the store which message to edit.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.deliveries import Lane, Task
from bot.learning.following import ROUTE, Following
from bot.learning.job_messages import JobMessage, JobMessages
from bot.learning.retraining import current_id
from bot.listeners.reporting import Place, post_part, report_job
from bot.listening import Listener
from bot.slack.api import TOKEN_REFUSED, error_code, says
from bot.slack.direct_messages import direct_channel
from bot.slack.outside import is_outside
from bot.slack.posting import Later, patiently
from bot.slack.telling import reply
from bot.views.blocks import note
from bot.views.kit import Message
from bot.views.retraining import progress_message, verdict_message
from training.retraining.jobs import Job

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)

EDIT_EVERY_S = 4.0
WITH_REPORT = ("promoted", "kept", "checked")
IN_DIRECT_MESSAGES = "I cannot post in this channel: I tell you how it goes in our direct messages."


@patiently()  # Slack may be out of reach for longer than others are waited for
def handle_following(services: Services, task: Task) -> None:
    """Tell how the job stands now; at its end what came of it."""
    _tell(services, task, Following.of(task.body))


def _tell(services: Services, task: Task, following: Following) -> None:
    jobs = services.launcher.jobs
    job = jobs.get(following.job)
    if job.ended:
        message = verdict_message(job, current_id(services.installation.releases))
    else:
        message = progress_message(job, jobs.is_dead(job))
    messages = JobMessages(services.store)
    posted = messages.get(task.delivery.key)
    if posted is None:
        posted = _post(services, task, following, message)
        if posted is None:
            return
    elif posted.shown != message.text and (job.ended or not posted.is_given_up):
        posted = _edit(services, task, posted, message, job)
        if posted is None:
            return
    messages.save(posted)
    if not job.ended:
        raise Later(EDIT_EVERY_S, f"Job {job.id} is under way")
    if job.state in WITH_REPORT:
        thread_ts = following.thread_ts if posted.channel == following.channel else None
        report_job(services, task, job, Place(posted.channel, thread_ts or posted.ts))


def _post(
    services: Services, task: Task, following: Following, message: Message, part: str = "progress"
) -> JobMessage | None:
    """The message, in the channel that was asked for; None where it is told in direct messages instead."""
    channel = following.channel
    if channel is None:
        _tell_directly(services, task, following, direct_channel(services, following.person))
        return None
    try:
        ts = post_part(services, task, Place(channel, following.thread_ts), message, part)
    except SlackApiError as error:
        direct = direct_channel(services, following.person) if is_outside(error) else channel
        if direct == channel:
            raise
        if following.response_url:
            reply(services, {"response_url": following.response_url}, note(IN_DIRECT_MESSAGES))
        _tell_directly(services, task, following, direct)
        return None
    return JobMessage(task.delivery.key, channel, ts, message.text)


def _tell_directly(services: Services, task: Task, following: Following, direct: str) -> None:
    """In the task of these direct messages: one, from wherever it was asked for."""
    there = replace(following, channel=direct, thread_ts=None)
    services.inbox.finish(task, there.delivery())


def _edit(
    services: Services, task: Task, posted: JobMessage, message: Message, job: Job
) -> JobMessage | None:
    """The message with other content; None where it is told in direct messages instead."""
    if not posted.is_given_up:
        try:
            services.poster.edit(posted.channel, posted.ts, message)
        except SlackApiError as error:
            if says(error, TOKEN_REFUSED):
                raise
            log.warning("The message of job %d cannot be edited: Slack says %s", job.id, error_code(error))
        else:
            return replace(posted, shown=message.text)
    return _post_anew(services, task, replace(posted, n_gone=posted.n_gone + 1), message, job)


def _post_anew(
    services: Services, task: Task, gone: JobMessage, message: Message, job: Job
) -> JobMessage | None:
    """Once where it was; whoever deletes that, too, wants no progress there: the verdict is told directly."""
    following = Following.of(task.body)
    if gone.is_given_up:
        if not job.ended:
            return gone
        direct = direct_channel(services, following.person)
        if direct != gone.channel:
            _tell_directly(services, task, following, direct)
            return None
    part = "verdict" if gone.is_given_up else "progress-again"
    again = _post(services, task, following, message, part)
    return again and replace(again, n_gone=gone.n_gone)


LISTENERS = (Listener("own", ROUTE, handle_following, Lane.JOB),)
