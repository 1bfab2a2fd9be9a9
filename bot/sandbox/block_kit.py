"""Block Kit's rules: which blocks, elements and lengths Slack takes. slack_sdk's models check what they can.

https://docs.slack.dev/reference/block-kit
"""

from __future__ import annotations

import json
import logging
import warnings
from collections import Counter
from collections.abc import Iterator

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from bot.sandbox.protocol import Json, Refusal, new_id

MAX_MESSAGE_BLOCKS, MAX_VIEW_BLOCKS = 50, 100
MAX_VIEW_BYTES = 250_000
MAX_MARKDOWN_CHARS = 12_000  # of all markdown blocks of a message
MAX_PRIVATE_METADATA_CHARS = 3000
MAX_TITLE_CHARS = 24

IN_BOTH = ("section", "divider", "header", "context", "actions", "image", "rich_text", "markdown")
BLOCKS = {
    "message": (*IN_BOTH, "context_actions"),
    "modal": (*IN_BOTH, "input"),
    "home": (*IN_BOTH, "input"),
}
CHOICES = {  # elements to choose with, wherever there are elements
    "static_select",
    "users_select",
    "conversations_select",
    "radio_buttons",
    "checkboxes",
}
ELEMENTS = {  # the block that an element stands in → the elements it takes
    "actions": CHOICES | {"button", "overflow"},
    "context_actions": {"feedback_buttons", "icon_button"},
    "section": CHOICES | {"button", "overflow", "image", "multi_static_select"},
    "input": CHOICES | {"plain_text_input", "number_input", "multi_static_select"},
}
LENGTHS = {  # a key of a block, element, option or text → the most characters it takes
    "action_id": 255,
    "block_id": 255,
    "value": 2000,
    "url": 3000,
    "initial_value": 3000,
}


def accept_blocks(blocks: object, surface: str) -> list[Json]:
    """The blocks with the ids that were left out; `surface` is message, modal or home.

    Raises Refusal(invalid_blocks) with what is wrong and where.
    """
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refusal("invalid_blocks_format", "blocks must be an array of objects")
    most = MAX_MESSAGE_BLOCKS if surface == "message" else MAX_VIEW_BLOCKS
    faults = [f"no more than {most} items allowed [json-pointer:/blocks]"] if len(blocks) > most else []
    for n, block in enumerate(blocks):
        faults += [f"{fault} [json-pointer:/blocks/{n}]" for fault in _faults(block, surface)]
    faults += _duplicates(blocks)
    if sum(len(b.get("text", "")) for b in blocks if b.get("type") == "markdown") > MAX_MARKDOWN_CHARS:
        faults.append(f"markdown blocks have more than {MAX_MARKDOWN_CHARS} characters in all")
    if faults:
        raise Refusal("invalid_blocks", *faults)
    accepted: list[Json] = json.loads(json.dumps(blocks))
    for block in accepted:
        block.setdefault("block_id", new_id("")[:5])
        for element in elements_of(block):
            element.setdefault("action_id", new_id("")[:5])
    return accepted


def accept_view(view: object, surfaces: tuple[str, ...]) -> Json:
    """A view with all that Slack fills in but its ids. Raises Refusal(invalid_arguments)."""
    if not isinstance(view, dict) or view.get("type") not in surfaces:
        raise Refusal(
            "invalid_arguments", f"view must be of type {' or '.join(surfaces)} [json-pointer:/view/type]"
        )
    faults = _view_faults(view)
    if faults:
        raise Refusal("invalid_arguments", *faults)
    if len(json.dumps(view)) > MAX_VIEW_BYTES:
        raise Refusal("view_too_large")
    defaults: Json = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "close": None,
        "submit": None,
    }
    return defaults | view | {"blocks": accept_blocks(view.get("blocks"), view["type"])}


def elements_of(block: Json) -> Iterator[Json]:
    """The interactive elements of a block."""
    found = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
    if block.get("type") in ELEMENTS:
        yield from (element for element in found if element and element.get("type") != "image")


def _view_faults(view: Json) -> list[str]:
    faults = []
    modal = view["type"] == "modal"
    for key in ("title", "submit", "close"):
        text = view.get(key)
        if text is None:
            if key == "title" and modal:
                faults.append("missing required field: title [json-pointer:/view]")
        elif text.get("type") != "plain_text" or not 0 < len(text.get("text", "")) <= MAX_TITLE_CHARS:
            faults.append(
                f"must be plain_text of 1 to {MAX_TITLE_CHARS} characters [json-pointer:/view/{key}]"
            )
    if len(view.get("private_metadata") or "") > MAX_PRIVATE_METADATA_CHARS:
        faults.append("must be less than 3001 characters [json-pointer:/view/private_metadata]")
    if len(view.get("callback_id") or "") > 255:
        faults.append("must be less than 256 characters [json-pointer:/view/callback_id]")
    has_input = any(block.get("type") == "input" for block in view.get("blocks", ()))
    if modal and has_input and view.get("submit") is None:
        faults.append("a modal with input blocks needs submit [json-pointer:/view/submit]")
    return faults


def _faults(block: Json, surface: str) -> Iterator[str]:
    kind = block.get("type")
    if kind not in BLOCKS[surface]:
        yield f"unsupported type: {kind} in a {surface}"
        return
    yield from _model_faults(block)
    yield from _text_faults(block)
    for element in [*block.get("elements", ()), block.get("accessory"), block.get("element")]:
        if element and kind in ELEMENTS and element.get("type") not in ELEMENTS[kind]:
            yield f"unsupported element {element.get('type')} in {kind}"


def _model_faults(block: Json) -> Iterator[str]:
    """What slack_sdk's own models find."""
    logging.getLogger(Block.__module__).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = Block.parse(dict(block))
            if parsed is not None:
                parsed.to_dict()
    except SlackObjectFormationError as error:
        yield str(error)
    except (TypeError, AttributeError, ValueError) as error:
        yield f"malformed {block.get('type')}: {error}"


def _text_faults(part: object, key: str = "") -> Iterator[str]:
    """What the models let through: empty and overlong texts and ids, anywhere in a block."""
    if isinstance(part, list):
        for item in part:
            yield from _text_faults(item, key)
    elif isinstance(part, dict):
        if part.get("type") in ("plain_text", "mrkdwn"):
            most = 2000 if key == "fields" else 3000
            if not 0 < len(part.get("text", "")) <= most:
                yield f"must be 1 to {most} characters: text of {key}"
        for name, value in part.items():
            if isinstance(value, str) and len(value) > LENGTHS.get(name, len(value)):
                yield f"must be at most {LENGTHS[name]} characters: {name}"
            yield from _text_faults(value, name)


def _duplicates(blocks: list[Json]) -> list[str]:
    ids = Counter(block["block_id"] for block in blocks if "block_id" in block)
    faults = [f"block_id {name} is used more than once" for name, n in ids.items() if n > 1]
    for block in blocks:
        actions = Counter(e["action_id"] for e in elements_of(block) if "action_id" in e)
        faults += [
            f"action_id {name} is used more than once in a block" for name, n in actions.items() if n > 1
        ]
    return faults
