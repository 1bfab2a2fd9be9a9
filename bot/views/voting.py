"""What a person is told about their vote. Pure."""

from __future__ import annotations

from bot.actions import ACTION_CORRECT
from bot.views.kit import Message, actions, button, rendered, section


def receipt(number: int) -> Message:
    """The thank-you for a person's first thumbs-up on an answer."""
    text = f"Saved as example {number}. Thank you."
    return Message(text, rendered([section(text)]))


def correction_offer(answer_id: str) -> Message:
    """What a thumbs-down offers where no modal can be opened by itself."""
    text = "Thank you for telling me. What would have been right?"
    show = actions(button("Show what is right", ACTION_CORRECT, answer_id))
    return Message(text, rendered([section(text), show]))


def correction_thanks(number: int) -> Message:
    """The thank-you for a correction."""
    text = f"Thank you. Your correction is saved with example {number}."
    return Message(text, rendered([section(text)]))
