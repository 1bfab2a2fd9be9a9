"""The answer to one task: made once, kept in the store, and found again when the task is taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.asking import Asking, ask
from bot.posting import TakenOver
from qa_core.answers import GivenAnswer

if TYPE_CHECKING:
    from bot.deliveries import Task
    from bot.services import Services


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
