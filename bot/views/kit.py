"""Block Kit's pieces as this bot uses them, made by slack_sdk's models, which check Slack's limits. Pure.

Every text given here is mrkdwn that is escaped already (bot/views/mrkdwn.py), or plain where it says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextActionsBlock,
    ContextBlock,
    DividerBlock,
    FeedbackButtonObject,
    FeedbackButtonsElement,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.actions import ACTION_FEEDBACK, FEEDBACK_DOWN, FEEDBACK_UP
from bot.views.mrkdwn import plain

Json = dict[str, Any]

LABEL = 75  # characters of a button, of an option
TITLE = 24  # of a modal's title and buttons


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: blocks, and the text for notifications and screen readers."""

    text: str
    blocks: tuple[Json, ...]

    def arguments(self) -> Json:
        """Keyword arguments of `chat.postMessage` and `chat.update`."""
        return self.shown_to_one() | {"unfurl_links": False, "unfurl_media": False}

    def shown_to_one(self) -> Json:
        """Keyword arguments of `chat.postEphemeral`, and of a command's or button's `respond`."""
        return {"text": self.text, "blocks": list(self.blocks)}


def mrkdwn(text: str) -> MarkdownTextObject:
    """A text object in which Slack looks for no names and addresses of its own accord."""
    return MarkdownTextObject(text=text, verbatim=True)


def section(text: str, accessory: ButtonElement | None = None) -> SectionBlock:
    """A paragraph, with a button beside it."""
    return SectionBlock(text=mrkdwn(text), accessory=accessory)


def columns(text: str, left: str, right: str) -> SectionBlock:
    """A paragraph, and below it two texts side by side (on narrow screens one below the other)."""
    return SectionBlock(text=mrkdwn(text), fields=[mrkdwn(left), mrkdwn(right)])


def context(*texts: str) -> ContextBlock:
    """Small print."""
    return ContextBlock(elements=[mrkdwn(text) for text in texts])


def header(text: str) -> HeaderBlock:
    """A heading; `text` is plain."""
    return HeaderBlock(text=PlainTextObject(text=plain(text, 150)))


def divider() -> DividerBlock:
    """A line."""
    return DividerBlock()


def actions(*buttons: ButtonElement, block_id: str | None = None) -> ActionsBlock:
    """Buttons in a row; with a `block_id` they stay the same buttons when the message is edited."""
    return ActionsBlock(elements=list(buttons), block_id=block_id)


def button(
    text: str,
    action_id: str,
    value: str | None = None,
    style: str | None = None,
    confirm: ConfirmObject | None = None,
) -> ButtonElement:
    """A button; `text` is plain."""
    label = PlainTextObject(text=plain(text, LABEL), emoji=True)
    return ButtonElement(text=label, action_id=action_id, value=value, style=style, confirm=confirm)


def confirm(
    title: str, text: str, yes: str, no: str = "Cancel", style: str | None = "danger"
) -> ConfirmObject:
    """The question before a button does what cannot be taken back; all texts are plain."""
    return ConfirmObject(
        title=PlainTextObject(text=plain(title, 100)),
        text=PlainTextObject(text=plain(text, 300)),
        confirm=PlainTextObject(text=plain(yes, 30)),
        deny=PlainTextObject(text=plain(no, 30)),
        style=style,
    )


def feedback(answer_id: str) -> ContextActionsBlock:
    """Slack's own pair of feedback buttons, for an answer in a message."""
    return ContextActionsBlock(
        elements=[
            FeedbackButtonsElement(
                action_id=ACTION_FEEDBACK,
                positive_button=_feedback_button("Right answer", FEEDBACK_UP, answer_id),
                negative_button=_feedback_button("Wrong answer", FEEDBACK_DOWN, answer_id),
            )
        ]
    )


def _feedback_button(text: str, value: str, answer_id: str) -> FeedbackButtonObject:
    return FeedbackButtonObject(
        text=PlainTextObject(text=text), accessibility_label=text, value=f"{value}:{answer_id}"
    )


def rendered(blocks: Sequence[Block]) -> tuple[Json, ...]:
    """The blocks as Slack's JSON. Raises slack_sdk's SlackObjectFormationError where a limit is broken."""
    return tuple(block.to_dict() for block in blocks)


@dataclass(frozen=True, slots=True)
class Form:
    """What a modal is beside its blocks; `submit` and `close` are plain."""

    callback_id: str
    submit: str | None = None  # None: nothing can be submitted
    close: str = "Close"
    private_metadata: str | None = None  # at most 3,000 characters


def modal(title: str, blocks: Sequence[Block | Json], form: Form) -> Json:
    """A modal as Slack's JSON, of blocks that may be JSON already; `title` is plain."""
    view = View(
        type="modal",
        title=PlainTextObject(text=plain(title, TITLE)),
        blocks=list(blocks),
        callback_id=form.callback_id,
        submit=PlainTextObject(text=plain(form.submit, TITLE)) if form.submit else None,
        close=PlainTextObject(text=plain(form.close, TITLE)),
        private_metadata=form.private_metadata,
    )
    rendered_view: Json = view.to_dict()
    return rendered_view


def home(blocks: Sequence[Block], private_metadata: str | None = None) -> Json:
    """An App Home tab as Slack's JSON."""
    view: Json = View(type="home", blocks=list(blocks), private_metadata=private_metadata).to_dict()
    return view
