"""`/manual status` and `/manual forget-me`."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.deliveries import Task
from bot.figures import DAYS, figures, holdings, midnight
from bot.learning.thanks import Thanks
from bot.questions.receipts import Receipts
from bot.slack.telling import reply
from bot.views.status import forgotten_message, status_message
from training.feedback.forgetting import forget_person, redact_reports

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)


def handle_status(services: Services, task: Task) -> None:
    """Tell how the bot stands."""
    known, today = services.engines.known(), midnight()
    month = figures(services, today - timedelta(days=DAYS))
    message = status_message(known.release, holdings(known.passages), figures(services, today), month)
    reply(services, task.body, message)


def handle_forget_me(services: Services, task: Task) -> None:
    """Delete a person's votes, corrections and questions: a step at a time, so that others can write.

    Who kills the bot on the way kills nothing of that: the task is taken up again.
    """
    person = task.delivery.person or ""
    deleted = forget_person(services.store, person)
    services.threads.forget(person)
    services.inbox.forget(person)
    Receipts(services.store).forget(person)
    Thanks(services.store).forget(person)
    log.info("%s was forgotten", person)
    redact_reports(services.settings.base.home, services.store)
    reply(services, task.body, forgotten_message(deleted))
