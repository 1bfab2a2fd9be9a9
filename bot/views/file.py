"""What an administrator is asked about a manual that they sent, and what they answered. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement, PlainTextObject

from bot.actions import ACTION_FILE, VIEW_FILE
from bot.views.form_inputs import Refused, typed
from bot.views.kit import Form, Json, Message, actions, button, context, modal, rendered, section
from bot.views.mrkdwn import bold_line, escape_line, shorten_line

PRODUCT, VERSION = "product", "version"  # block ids, each with one element of the same action id
_VERSION = re.compile(r"(?:v|ver|version)?[ .]?(\d+(?:\.\d+)*[a-z]?)", re.IGNORECASE)
_NAME = 200


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file in direct messages, and where its fate is told."""

    id: str
    name: str
    channel: str
    thread_ts: str

    def as_json(self) -> str:
        """For a button's value, or a modal's private metadata."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> SentFile:
        """What `as_json` made."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Described:
    """What a manual is about."""

    product: str
    version: str | None


def question_message(sent: SentFile) -> Message:
    """Asks for product and version."""
    text = f"For which product is {bold_line(shorten_line(sent.name, _NAME))}?"
    ask = actions(button("Name product and version", ACTION_FILE, sent.as_json(), style="primary"))
    return Message(text, rendered([section(text), ask]))


def file_modal(sent: SentFile, products: Sequence[str]) -> Json:
    """The form; `products` are those that there are manuals of."""
    known = ", ".join(products[:20])
    blocks: list[Block] = [
        context(f"{escape_line(shorten_line(sent.name, _NAME))} is added to the manuals that I answer from."),
        _input(PRODUCT, "Product", "As people call it, for example Hadren Folio 540dn", False),
        _input(VERSION, "Version of the manual", "Digits and points, for example 2.1; or nothing", True),
    ]
    if known:
        blocks.append(context(f"There are manuals of: {escape_line(shorten_line(known, 900))}"))
    return modal("Add a manual", blocks, Form(VIEW_FILE, "Add", "Cancel", sent.as_json()))


def read_description(view: Mapping[str, Any]) -> Described | Json:
    """What the form was filled in with, or Slack's answer where it cannot be used."""
    product, version = " ".join(typed(view, PRODUCT).split()), typed(view, VERSION)
    if not any(character.isalnum() for character in product):
        return Refused(PRODUCT, "The name of the product, with letters or digits").response()
    match = _VERSION.fullmatch(version)
    if version and not match:
        return Refused(VERSION, "Digits and points, for example 2.1; or nothing").response()
    return Described(product, match[1] if match else None)


def _input(block_id: str, label: str, hint: str, optional: bool) -> InputBlock:
    return InputBlock(
        block_id=block_id,
        optional=optional,
        label=PlainTextObject(text=label),
        hint=PlainTextObject(text=hint),
        element=PlainTextInputElement(action_id=block_id, max_length=100),
    )
