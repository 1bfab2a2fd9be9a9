"""The message shortcut "Answer from the manuals", on anybody's message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.actions import SHORTCUT_ANSWER
from bot.deliveries import Task, channel_of
from bot.listeners.private import PrivateQuestion, ask_privately
from bot.listening import Listener
from bot.questions.incoming import text_of_message
from bot.slack.telling import reply
from bot.views.blocks import note

if TYPE_CHECKING:
    from bot.services import Services


def answer_from_message(services: Services, task: Task) -> None:
    """Answer what a message asks, for whoever used the shortcut."""
    message = task.body.get("message") or {}
    text = text_of_message(message)
    if not text:
        reply(services, task.body, note("This message has no text that I could look up in the manuals."))
        return
    question = PrivateQuestion(
        text, task.delivery.person or "", channel_of(task.body), message.get("thread_ts")
    )
    ask_privately(services, task, question)


LISTENERS = (Listener("shortcut", SHORTCUT_ANSWER, answer_from_message),)
