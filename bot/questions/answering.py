"""The answer to one task: made once, kept, found again when the task is taken up again; and posted once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.deliveries import channel_of, team_of
from bot.questions.asking import Answered, Asking, ask, product_in_view
from bot.questions.posts import Post, Thread
from bot.slack.api import error_code
from bot.slack.outside import is_outside, not_there
from bot.slack.posting import Outgoing, TakenOver
from bot.slack.telling import bring
from bot.views.blocks import ASKER_ALONE, answer_message, note
from bot.views.kit import Message
from qa_core.answers import GivenAnswer

if TYPE_CHECKING:
    from slack_sdk.errors import SlackApiError

    from bot.deliveries import Task
    from bot.services import Services

log = logging.getLogger(__name__)


def given_answer(services: Services, task: Task, asking: Asking) -> GivenAnswer | None:
    """The answer to the task's question; None if it was forgotten since it was made.

    Raises what the engine raises, and TakenOver.
    """
    if task.answer_id is not None:
        return services.answers.get(task.answer_id)
    answered = ask(services.engines.current(), asking)
    with services.store.transaction():
        answer_id = services.answers.add(answered.answer, task.delivery.person or "", answered.product)
        if not services.inbox.set_answer(task, answer_id):
            raise TakenOver
    return services.answers.get(answer_id)


def bring_answer(
    services: Services, task: Task, given: GivenAnswer, error: SlackApiError, thread_ts: str | None
) -> bool:
    """Show an answer to whoever asked alone, and why it is not where they asked: Slack has refused it there.

    False for another error than that, and where Slack takes it nowhere. Raises Later where Slack is out of
    reach.
    """
    channel, person = channel_of(task.body), task.delivery.person
    if not is_outside(error) or channel is None or person is None:
        return False
    log.warning("An answer is shown to its asker alone: Slack says %s", error_code(error))
    why, answer = note(not_there(error)), answer_message(given, ASKER_ALONE)
    message = Message(f"{why.text}\n{answer.text}", (*why.blocks, *answer.blocks))
    return bring(services, channel, person, message, thread_ts)


def post_answer(
    services: Services,
    task: Task,
    given: GivenAnswer,
    outgoing: Outgoing,
    before: str | None = None,
) -> None:
    """Post an answer for all, keep which message it is and what its thread is about, and finish the task.

    A message that goes into no thread begins one. `before` is the product that the thread was about, which
    it stays where the answer tells of none. Raises what posting raises.
    """
    ts = services.poster.post(task, outgoing)
    thread_ts = outgoing.thread_ts or ts
    products = services.engines.known().products
    product = product_in_view(Answered(given.answer, given.product), products) or before
    person = task.delivery.person or ""
    with services.store.transaction():
        services.posts.add(Post(outgoing.channel, ts, given.id, thread_ts, team_of(task.body)))
        services.threads.keep(Thread(outgoing.channel, thread_ts, person, given.answer.question, product))
        services.inbox.finish(task)
