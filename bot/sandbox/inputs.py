"""What a person filled in or chose, in the shapes in which Slack reports it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.sandbox.block_kit import elements_of
from bot.sandbox.protocol import Json, Refusal

Raw = str | list[str] | None
Values = dict[str, dict[str, Raw]]  # block id → action id → what the page holds

REQUIRED = "Please complete this required field."
_CHOICES: dict[str, tuple[str, str]] = {  # element → the key of what is chosen, and of what is at first
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", ""),
    "multi_static_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
}


def state_of(blocks: list[Json], values: Values) -> Json:
    """`state.values`: every input's value, those that were not touched with their initial one."""
    state: Json = {}
    for block, element in _elements(blocks):
        if element["type"] in _CHOICES and element["type"] != "overflow":
            held = values.get(block["block_id"], {})
            initial = element["action_id"] not in held
            chosen = _initial(element) if initial else _chosen(element, held[element["action_id"]])
            of_block = state.setdefault(block["block_id"], {})
            of_block[element["action_id"]] = {"type": element["type"], **chosen}
    return state


def missing_of(blocks: list[Json], state: Json) -> dict[str, str]:
    """The complaint for each required input that is empty, by block id."""
    missing = {}
    for block, element in _elements(blocks):
        if block["type"] == "input" and not block.get("optional"):
            key = _CHOICES[element["type"]][0]
            if not state[block["block_id"]][element["action_id"]].get(key):
                missing[block["block_id"]] = REQUIRED
    return missing


def action_of(blocks: list[Json], block_id: str, action_id: str, raw: Raw, ts: str) -> Json:
    """The action that a press or a choice makes. Raises Refusal where there is no such element."""
    for block, element in _elements(blocks):
        if (block["block_id"], element["action_id"]) == (block_id, action_id):
            about = {"type": element["type"], "block_id": block_id, "action_id": action_id, "action_ts": ts}
            return about | _pressed(element, raw)
    raise Refusal("no_such_element", f"{block_id}/{action_id}")


def _elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        for element in elements_of(block):
            yield block, element


def _pressed(element: Json, raw: Raw) -> Json:
    if element["type"] == "button":
        return {key: element[key] for key in ("text", "value", "style") if key in element}
    if element["type"] == "icon_button":
        return {key: element[key] for key in ("text", "icon", "value") if key in element}
    if element["type"] == "feedback_buttons":
        buttons = (element["positive_button"], element["negative_button"])
        chosen = next((button for button in buttons if button["value"] == raw), None)
        if chosen is None:
            raise Refusal("no_such_option", str(raw))
        return {"text": chosen["text"], "value": chosen["value"]}
    more = {"placeholder": element["placeholder"]} if "placeholder" in element else {}
    return _chosen(element, raw) | more


def _initial(element: Json) -> Json:
    key, initial = _CHOICES[element["type"]]
    return {key: element.get(initial, [] if key == "selected_options" else None)}


def _chosen(element: Json, raw: Raw) -> Json:
    key = _CHOICES[element["type"]][0]
    convert: dict[str, Callable[[], object]] = {
        "selected_option": lambda: _option(element, raw) if raw else None,
        "selected_options": lambda: [_option(element, value) for value in raw or ()],
    }
    return {key: convert[key]() if key in convert else raw or None}


def _option(element: Json, value: str | list[str]) -> Json:
    options = [*element.get("options", ())]
    for group in element.get("option_groups", ()):
        options += group["options"]
    for option in options:
        if option["value"] == value:
            return {"text": option["text"], "value": option["value"]}
    raise Refusal("no_such_option", str(value))
