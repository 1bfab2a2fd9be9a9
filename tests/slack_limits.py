"""Slack's limits on what is posted and opened, written down once more from its documentation.

Independent of slack_sdk's own checks: https://docs.slack.dev/reference/block-kit
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

BLOCKS = {
    "section", "context", "actions", "context_actions", "divider", "header", "input", "rich_text", "markdown",
}  # fmt: skip
ONLY_IN_MESSAGES = {"context_actions", "markdown"}
ELEMENTS_WITH_OPTIONS = {"static_select", "multi_static_select", "checkboxes", "radio_buttons"}
RAW_CONTROL = re.compile(
    r"<(?!@[UW][A-Z0-9]+>|#[CDG][A-Z0-9]+>|!subteam\^S[A-Z0-9]+>|!date\^\d+\^[^<>|]+\|[^<>]+>"
    r"|https?://[^<>|\s]+(?:\|[^<>]*)?>)"
)


def check_message(message: dict[str, Any]) -> None:
    assert message["text"].strip(), "fallback text is empty"
    assert len(message["text"]) <= 4_000
    check_mrkdwn(message["text"], 4_000)
    assert len(message["blocks"]) <= 50
    check_blocks(message["blocks"], in_message=True)
    sections = [block for block in message["blocks"] if block["type"] == "section"]
    told = [text for section in sections for text in (section["text"], *section.get("fields", ()))]
    assert sum(len(text["text"]) for text in told) <= 12_000


def check_view(view: dict[str, Any]) -> None:
    assert view["type"] in ("modal", "home")
    assert 1 <= len(view["blocks"]) <= 100
    check_blocks(view["blocks"], in_message=False)
    assert len(view.get("private_metadata") or "") <= 3_000
    if view["type"] == "home":
        assert not any(block["type"] == "input" for block in view["blocks"])
        return
    assert 1 <= len(view["callback_id"]) <= 255
    for name in ("title", "submit", "close"):
        if name in view:
            check_plain(view[name], 24)
    if any(block["type"] == "input" for block in view["blocks"]):
        assert "submit" in view, "a modal with inputs needs a submit button"


def check_blocks(blocks: list[dict[str, Any]], *, in_message: bool) -> None:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(ids) == len(set(ids)), "block ids are not unique"
    for block in blocks:
        kind = block["type"]
        assert kind in BLOCKS, kind
        assert in_message or kind not in ONLY_IN_MESSAGES, f"{kind} is for messages only"
        _CHECKS[kind](block)


def _section(block: dict[str, Any]) -> None:
    check_mrkdwn(block["text"]["text"], 3_000)
    assert len(block.get("fields", ())) <= 10
    for field in block.get("fields", ()):
        check_mrkdwn(field["text"], 2_000)
    if "accessory" in block:
        _button(block["accessory"])


def _context(block: dict[str, Any]) -> None:
    assert 1 <= len(block["elements"]) <= 10
    for element in block["elements"]:
        check_mrkdwn(element["text"], 3_000)


def _actions(block: dict[str, Any]) -> None:
    assert 1 <= len(block["elements"]) <= 25
    ids = [element["action_id"] for element in block["elements"]]
    assert len(ids) == len(set(ids)), "action ids are not unique in their block"
    for element in block["elements"]:
        _button(element)


def _context_actions(block: dict[str, Any]) -> None:
    assert 1 <= len(block["elements"]) <= 5
    for element in block["elements"]:
        assert element["type"] == "feedback_buttons"
        for side in ("positive_button", "negative_button"):
            check_plain(element[side]["text"], 75)
            assert 1 <= len(element[side]["value"]) <= 2_000
            assert len(element[side].get("accessibility_label", "")) <= 75


def _header(block: dict[str, Any]) -> None:
    check_plain(block["text"], 150)


def _input(block: dict[str, Any]) -> None:
    check_plain(block["label"], 2_000)
    if "hint" in block:
        check_plain(block["hint"], 2_000)
    element = block["element"]
    if "placeholder" in element:
        check_plain(element["placeholder"], 150)
    if element["type"] == "plain_text_input":
        assert 1 <= element.get("max_length", 3_000) <= 3_000
        assert len(element.get("initial_value") or "") <= element.get("max_length", 3_000)
    if element["type"] in ELEMENTS_WITH_OPTIONS:
        _options(element)


def _options(element: dict[str, Any]) -> None:
    limit = 10 if element["type"] in ("checkboxes", "radio_buttons") else 100
    groups = element.get("option_groups") or [{"options": element["options"]}]
    assert 1 <= len(groups) <= 100
    values = []
    for group in groups:
        assert 1 <= len(group["options"]) <= limit
        if "label" in group:
            check_plain(group["label"], 75)
        for option in group["options"]:
            check_plain(option["text"], 75)
            assert 1 <= len(option["value"]) <= 150
            values.append(option["value"])
    assert len(values) == len(set(values)), "option values are not unique"
    for option in element.get("initial_options") or []:
        assert option["value"] in values


def _button(button: dict[str, Any]) -> None:
    assert button["type"] == "button"
    assert 1 <= len(button["action_id"]) <= 255
    check_plain(button["text"], 75)
    assert len(button.get("value") or "") <= 2_000
    if "confirm" in button:
        for name, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            check_plain(button["confirm"][name], limit)


def check_plain(text: dict[str, Any], limit: int) -> None:
    assert text["type"] == "plain_text"
    assert 1 <= len(text["text"]) <= limit, text
    assert "<" not in text["text"]


def check_mrkdwn(text: str, limit: int) -> None:
    assert 1 <= len(text) <= limit
    assert not RAW_CONTROL.search(text), f"unescaped control sequence in {text!r}"
    assert not re.search(r"&(?!amp;|lt;|gt;)", text), f"a bare ampersand in {text!r}"


_CHECKS = {
    "section": _section,
    "context": _context,
    "actions": _actions,
    "context_actions": _context_actions,
    "header": _header,
    "input": _input,
    "divider": lambda _block: None,
}


def texts(value: Any) -> Iterator[str]:
    """Every text in a message or view."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from [each] if key == "text" and isinstance(each, str) else texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)
