"""Retraining from Slack: `/manual retrain`, the button of the App Home, and Cancel."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.actions import ACTION_RETRAIN, ACTION_RETRAIN_CANCEL, COMMAND
from bot.admins import is_admin, refusal
from bot.deliveries import Task, channel_of, team_of, value_of
from bot.learning.following import Following
from bot.listeners.home import publish_home
from bot.listening import Listener
from bot.slack.api import UNREACHED
from bot.slack.telling import reply
from bot.views.blocks import NO_MANUALS, note
from bot.views.mrkdwn import escape_line
from bot.views.retraining import under_way_message
from qa_core.errors import ManualbotError
from training.measuring.questions import read_questions
from training.retraining.jobs import Job, Jobs, Request
from training.retraining.launching import Started

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)

WISH = "retrain"
WISH_TO_CANCEL = "cancel retrainings"
_N_LOOKED_AT = 20


def handle_retrain(services: Services, task: Task) -> None:
    """The command; how it goes is told in its channel."""
    start_retraining(services, task, channel_of(task.body))


def handle_retrain_button(services: Services, task: Task) -> None:
    """The button of the App Home; how it goes is told in direct messages, and that it goes in the tab."""
    start_retraining(services, task, None)
    _show_home(services, task)


def start_retraining(services: Services, task: Task, channel: str | None) -> None:
    """Begin a retraining, or tell which one is under way; only administrators may.

    One message tells how it goes: in `channel` where the bot may post there, else in direct
    messages. Raises DataError where the admin's own regression set cannot be read.
    """
    person = task.delivery.person
    if not is_admin(services, person) or person is None:
        reply(services, task.body, refusal(person, WISH))
        return
    if services.engines.if_any() is None:
        reply(services, task.body, note(f"There is nothing to learn from. {NO_MANUALS}"))
        return
    jobs = services.launcher.jobs
    started = _start(services, task, person, channel)
    job = started.job
    if started.is_new:
        log.info("%s began job %d", person, job.id)
    else:
        reply(services, task.body, under_way_message(job, jobs.is_dead(job)))
    url = task.body.get("response_url")
    following = Following(job.id, person, channel, response_url=str(url) if url else None)
    services.inbox.finish(task, following.delivery())


def handle_cancel(services: Services, task: Task) -> None:
    """The button of a job that is under way; a second press changes nothing."""
    person = task.delivery.person
    if not is_admin(services, person):
        reply(services, task.body, refusal(person, WISH_TO_CANCEL))
        return
    reply(services, task.body, note(_cancelled(services.launcher.jobs, value_of(task.body, int), person)))
    if (task.body.get("view") or {}).get("type") == "home":
        _show_home(services, task)


def _cancelled(jobs: Jobs, job_id: int, person: str | None) -> str:
    """Cancel a job; returns what becomes of it."""
    is_asked = jobs.cancel(job_id)
    job = jobs.get(job_id)
    if is_asked and job.release is not None:
        back = f"`{COMMAND} rollback` goes back to the release before."
        return f"Job {job.id} is done: its release {escape_line(job.release)} takes over. {back}"
    if is_asked:
        log.info("%s cancels job %d", person, job.id)
        return f"Job {job.id} ends within seconds. The current release goes on answering."
    return f"Job {job.id} has ended already."


def _show_home(services: Services, task: Task) -> None:
    """The tab as it is now, to whoever pressed a button in it."""
    try:
        publish_home(services, task.delivery.person or "")
    except (ManualbotError, *UNREACHED) as error:  # the tab is made anew when it is opened again
        log.info("The App Home was not published: %s", error)


def _start(services: Services, task: Task, person: str, channel: str | None) -> Started:
    """The job of this task: begun once, however often the task is taken up."""
    mine = _begun_by(task, services.launcher.jobs)
    if mine is not None:
        return Started(mine, is_new=True)
    questions = services.settings.training.questions
    if questions is not None:
        read_questions(questions)  # a line that cannot be used is told now, not in an hour
    origin = {"delivery": task.delivery.key, "team": team_of(task.body) or "", "channel": channel or ""}
    return services.launcher.start(Request("slack", person, origin, questions=questions))


def _begun_by(task: Task, jobs: Jobs) -> Job | None:
    """The job that an earlier attempt of this task began."""
    key = task.delivery.key
    latest = jobs.list(_N_LOOKED_AT)
    return next((job for job in latest if job.request.origin.get("delivery") == key), None)


LISTENERS = (
    Listener("action", ACTION_RETRAIN, handle_retrain_button),
    Listener("action", ACTION_RETRAIN_CANCEL, handle_cancel),
)
