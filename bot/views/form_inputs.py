"""What the forms of this bot share: inputs that several have, and what one was filled in with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    CheckboxesElement,
    InputBlock,
    Option,
    PlainTextObject,
    StaticMultiSelectElement,
)

from bot.questions.incoming import with_whole_characters
from bot.views.kit import LABEL, Json
from bot.views.mrkdwn import plain
from qa_core.units import split_units

MAX_TEXT = 3_000  # characters that a text input takes
MAX_OPTIONS = 100  # of an input


@dataclass(frozen=True, slots=True)
class Refused:
    """What is wrong with a submission."""

    block_id: str
    reason: str

    def response(self) -> Json:
        """Slack's answer to the submission: the reason is shown beside the field."""
        return {"response_action": "errors", "errors": {self.block_id: self.reason}}


def input_state(view: Mapping[str, Any], block_id: str) -> Mapping[str, Any]:
    """What one input holds, by Slack's names; its action has the block's id.

    All of it may be missing where nothing was filled in.
    """
    values = (view.get("state") or {}).get("values") or {}
    state: Mapping[str, Any] = (values.get(block_id) or {}).get(block_id) or {}
    return state


def typed(view: Mapping[str, Any], block_id: str) -> str:
    """The text of an input, without the space around it."""
    return with_whole_characters(str(input_state(view, block_id).get("value") or "")).strip()


def selected_values(view: Mapping[str, Any], block_id: str) -> list[str]:
    """The values of the options that were picked or ticked."""
    return [str(option["value"]) for option in input_state(view, block_id).get("selected_options") or ()]


def is_ticked(view: Mapping[str, Any], block_id: str) -> bool:
    """Whether any box of an input is ticked."""
    return bool(input_state(view, block_id).get("selected_options"))


def sentence_options(text: str, prefix: str = "") -> list[Option]:
    """The sentences, steps and rows of a text; a value is `prefix`, where it starts, and where it ends."""
    return [
        Option(
            text=PlainTextObject(text=plain(text[unit.start : unit.end], LABEL)),
            value=f"{prefix}{unit.start}:{unit.end}",
        )
        for unit in split_units(text)[:MAX_OPTIONS]
    ]


def sentences_input(block_id: str, within: str, hint: str, **options: Any) -> InputBlock:
    """The picker of sentences and steps `within` something; `options` or `option_groups`."""
    return InputBlock(
        block_id=block_id,
        optional=True,
        label=PlainTextObject(text="Pick the sentences or steps that answer it"),
        hint=PlainTextObject(text=hint),
        element=StaticMultiSelectElement(
            action_id=block_id, placeholder=PlainTextObject(text=f"Sentences of {within}"), **options
        ),
    )


def nothing_input(block_id: str, value: str, ticked: bool = False) -> InputBlock:
    """The box to tick where no manual says it."""
    option = Option(text=PlainTextObject(text="The manuals don't say"), value=value)
    return InputBlock(
        block_id=block_id,
        optional=True,
        label=PlainTextObject(text="Or"),
        element=CheckboxesElement(
            action_id=block_id, options=[option], initial_options=[option] if ticked else None
        ),
    )
