"""The message that asks a person, and what becomes of it when they have answered. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from bot.actions import ACTION_RESOLVED
from bot.views.blocks import QUESTION_LIMIT
from bot.views.kit import Message, actions, button, context, rendered, section
from bot.views.mrkdwn import mention, shorten_escaped


@dataclass(frozen=True, slots=True)
class Handover:
    """A thread that waits for a person."""

    channel: str  # in which the question was asked
    thread_ts: str  # empty: the call begins the thread
    asked_by: str  # who wants to know
    place: str = ""  # for which the call was claimed; not in buttons of earlier versions

    @classmethod
    def read(cls, value: str) -> Handover:
        """What a "Resolved" button carries."""
        return cls(**json.loads(value))


def call_message(question: str, to: str | None, handover: Handover) -> Message:
    """The question for a person or user group; without one, for whoever reads it."""
    asked = shorten_escaped(" ".join(question.split()), QUESTION_LIMIT)
    who = mention(to) if to else "Who knows this?"
    text = f"{who} {mention(handover.asked_by)} asks for a person: {asked}"
    value = json.dumps(asdict(handover))
    blocks = [section(text), actions(button("Resolved", ACTION_RESOLVED, value, style="primary"))]
    return Message(text, rendered(blocks))


def resolved_message(text: str, by: str) -> Message:
    """The same once it is resolved: without its button. `text` is the message's own mrkdwn."""
    done = f"✅ Resolved by {mention(by)}"
    return Message(done, rendered([section(text), context(done)]) if text else rendered([section(done)]))
