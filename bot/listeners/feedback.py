"""Votes by button, and what a thumbs-down offers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.actions import (
    ACTION_CORRECT,
    ACTION_FEEDBACK,
    ACTION_VOTE_DOWN,
    ACTION_VOTE_UP,
    FEEDBACK_DOWN,
    FEEDBACK_UP,
)
from bot.deliveries import Task, channel_of, first_action, moment_of
from bot.listening import Listener
from bot.questions.apologies import TOO_LATE
from bot.questions.receipts import Receipts
from bot.slack.api import UNREACHED, says
from bot.slack.posting import later_for
from bot.slack.telling import FORGOTTEN, bring, reply, reply_now, show_in_modal, thread_of
from bot.views.blocks import note
from bot.views.correction import Place, correction_modal
from bot.views.passages import answer_modal
from bot.views.voting import correction_offer, receipt
from qa_core.answers import GivenAnswer
from training.votes import Signal

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)


def handle_feedback(services: Services, task: Task) -> None:
    """One of the native pair, under an answer in a message."""
    direction, _, answer_id = str(first_action(task.body).get("value") or "").partition(":")
    values = {FEEDBACK_UP: 1, FEEDBACK_DOWN: -1}
    if direction in values and answer_id:
        _vote(services, task, answer_id, values[direction])
    else:
        log.warning("A feedback button came without an answer's id")
        reply(services, task.body, note(FORGOTTEN))


def handle_vote_up(services: Services, task: Task) -> None:
    """The thumbs-up in a modal."""
    _vote(services, task, str(first_action(task.body).get("value") or ""), 1)


def handle_vote_down(services: Services, task: Task) -> None:
    """The thumbs-down in a modal."""
    _vote(services, task, str(first_action(task.body).get("value") or ""), -1)


def handle_correct(services: Services, task: Task) -> None:
    """The button of the offer that follows a thumbs-down by reaction."""
    given = services.answers.get(str(first_action(task.body).get("value") or ""))
    if given is None:
        reply(services, task.body, note(FORGOTTEN))
    else:
        _open_correction(services, task, given)


def thank(services: Services, task: Task, answer_id: str, channel: str, thread_ts: str | None) -> None:
    """The receipt of a person's first thumbs-up on an answer."""
    person = task.delivery.person or ""
    if Receipts(services.store).claim(answer_id, person, "example", task):
        number = services.votes.example_number(answer_id)
        bring(services, channel, person, receipt(number), thread_ts)


def offer_correction(
    services: Services, task: Task, answer_id: str, channel: str, thread_ts: str | None
) -> None:
    """Offer to say what would have been right; once a person and answer."""
    person = task.delivery.person or ""
    if Receipts(services.store).claim(answer_id, person, "offer", task):
        bring(services, channel, person, correction_offer(answer_id), thread_ts)


def _vote(services: Services, task: Task, answer_id: str, value: int) -> None:
    given = services.answers.get(answer_id)
    if given is None or task.delivery.person is None:
        reply(services, task.body, note(FORGOTTEN))
        return
    at = moment_of(first_action(task.body).get("action_ts")) or task.delivery.received_at
    person = task.delivery.person
    services.votes.add_signal(Signal(task.delivery.key, given.id, person, "button", value, at))
    if value < 0:
        _open_correction(services, task, given)
    elif task.body.get("view"):
        _thank_in_modal(services, task, given)
    elif channel := channel_of(task.body):
        thank(services, task, given.id, channel, thread_of(task.body))


def _thank_in_modal(services: Services, task: Task, given: GivenAnswer) -> None:
    text = receipt(services.votes.example_number(given.id)).text
    show_in_modal(services, task, str(task.body["view"]["id"]), answer_modal(given, text))


def _open_correction(services: Services, task: Task, given: GivenAnswer) -> None:
    channel, thread_ts = channel_of(task.body), thread_of(task.body)
    view = correction_modal(given.answer, Place(given.id, channel, thread_ts))
    in_modal = (task.body.get("view") or {}).get("type") == "modal"
    show = services.client.views_push if in_modal else services.client.views_open
    try:
        show(trigger_id=str(task.body.get("trigger_id") or ""), view=view)
    except UNREACHED as error:
        if not (says(error, TOO_LATE) or later_for(error)):
            raise
        if not reply_now(services, task.body, correction_offer(given.id)):
            raise


LISTENERS = (
    Listener("action", ACTION_FEEDBACK, handle_feedback),
    Listener("action", ACTION_VOTE_UP, handle_vote_up),
    Listener("action", ACTION_VOTE_DOWN, handle_vote_down),
    Listener("action", ACTION_CORRECT, handle_correct),
)
