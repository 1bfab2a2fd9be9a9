"""The modal in which a channel is configured, and what it was filled in with. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    StaticMultiSelectElement,
    StaticSelectElement,
    UserSelectElement,
)

from bot.actions import VIEW_CONFIG
from bot.questions.channels import ChannelConfig
from bot.render.answers import NOT_IN_THE_MANUALS
from bot.views.form_inputs import MAX_OPTIONS, Refused, input_state, selected_values
from bot.views.kit import LABEL, Form, Json, context, modal
from bot.views.mrkdwn import plain

PRODUCTS, THRESHOLD, BEHAVIOUR = "products", "threshold", "behaviour"  # block ids, and action ids in them
PERSON, GROUP = "person", "group"
AUTO_ANSWER, FOLLOW_UPS = "auto_answer", "follow_ups"
_VALUE = 150  # characters of an option's value
_LABELS = {
    AUTO_ANSWER: "Answer every question in this channel, also without a mention",
    FOLLOW_UPS: "Answer follow-ups without a mention in the bot's threads",
}


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A user group of the workspace."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen from."""

    products: tuple[str, ...]
    groups: tuple[UserGroup, ...] = ()
    threshold: float | None = None  # that holds where none is set


def config_modal(config: ChannelConfig, choices: Choices) -> Json:
    """The modal, filled in with what is set now."""
    blocks: list[Block] = [context(f"For <#{config.channel}>. Leave a field empty to keep to the default.")]
    products = product_options(choices.products, config.products)
    if products:
        blocks.append(_products_input(products, config))
    blocks += [_threshold_input(config, choices), _behaviour_input(config), _person_input(config)]
    if groups := group_options(choices.groups, config.person):
        blocks.append(_group_input(config, groups))
    return modal("Channel settings", blocks, Form(VIEW_CONFIG, "Save", "Cancel", config.channel))


def read_config(view: Mapping[str, Any], products: Sequence[str]) -> ChannelConfig | Refused:
    """What the modal was filled in with; what is wrong where it cannot be used.

    `products` are those that the modal offered: a value names a product by its beginning.
    """
    try:
        threshold = read_percent(str(input_state(view, THRESHOLD).get("value") or ""))
    except ValueError:
        return Refused(THRESHOLD, "A number from 0 to 100, or nothing")
    person, group = input_state(view, PERSON).get("selected_user"), _chosen(view, GROUP)
    if person and group:
        return Refused(GROUP, "A person or a user group, not both")
    behaviour = set(selected_values(view, BEHAVIOUR))
    chosen = set(selected_values(view, PRODUCTS))
    return ChannelConfig(
        channel=str(view.get("private_metadata") or ""),
        products=tuple(name for name in dict.fromkeys(products) if name[:_VALUE] in chosen),
        threshold=threshold,
        auto_answer=AUTO_ANSWER in behaviour,
        follow_ups=FOLLOW_UPS in behaviour,
        person=person or group,
    )


def read_percent(text: str) -> float | None:
    """`60`, `60 %` and `0.6` as 0.6; None for nothing. Raises ValueError for anything else."""
    number = text.strip().rstrip("%").strip().replace(",", ".")
    if not number:
        return None
    value = float(number)
    share = value if "." in number and value <= 1 and "%" not in text else value / 100
    if not 0 <= share <= 1:
        raise ValueError(text)
    return share


def product_options(products: Sequence[str], chosen: Sequence[str]) -> list[Option]:
    """An option a product, those chosen first: no more than Slack can show."""
    ordered = [*chosen, *(name for name in products if name not in chosen)]
    return [_option(name[:_VALUE], name) for name in ordered[:MAX_OPTIONS]]


def group_options(groups: Sequence[UserGroup], chosen: str | None) -> list[Option]:
    """An option a group, the chosen one first, by its id where it is not among them: as Slack can show."""
    names = {chosen: chosen} if chosen and chosen.startswith("S") else {}
    names |= {group.id: group.name for group in groups}
    return [_option(id_, name) for id_, name in list(names.items())[:MAX_OPTIONS]]


def _option(value: str, label: str) -> Option:
    return Option(text=PlainTextObject(text=plain(label, LABEL)), value=value)


def _input(block_id: str, label: str, hint: str | None, element: InputInteractiveElement) -> InputBlock:
    return InputBlock(
        block_id=block_id,
        optional=True,
        label=PlainTextObject(text=label),
        hint=PlainTextObject(text=hint) if hint else None,
        element=element,
    )


def _products_input(options: list[Option], config: ChannelConfig) -> InputBlock:
    element = StaticMultiSelectElement(
        action_id=PRODUCTS,
        placeholder=PlainTextObject(text="All products"),
        options=options,
        initial_options=options[: len(config.products)] or None,
    )
    return _input(PRODUCTS, "Products", "Questions here are answered from their manuals only.", element)


def _threshold_input(config: ChannelConfig, choices: Choices) -> InputBlock:
    default = "" if choices.threshold is None else f" The default is {choices.threshold:.0%}."
    element = PlainTextInputElement(
        action_id=THRESHOLD,
        initial_value=None if config.threshold is None else f"{config.threshold * 100:g} %",
        placeholder=PlainTextObject(text="For example 60"),
        max_length=10,
    )
    hint = f"Below this confidence the answer is “{NOT_IN_THE_MANUALS}”.{default}"
    return _input(THRESHOLD, "Lowest confidence, in percent", hint, element)


def _behaviour_input(config: ChannelConfig) -> InputBlock:
    options = [_option(value, label) for value, label in _LABELS.items()]
    ticked = {AUTO_ANSWER: config.auto_answer, FOLLOW_UPS: config.follow_ups}
    initial = [option for option in options if ticked[option.value]]
    element = CheckboxesElement(action_id=BEHAVIOUR, options=options, initial_options=initial or None)
    return _input(BEHAVIOUR, "When to answer", None, element)


def _person_input(config: ChannelConfig) -> InputBlock:
    person = None if config.person is None or config.person.startswith("S") else config.person
    element = UserSelectElement(
        action_id=PERSON, initial_user=person, placeholder=PlainTextObject(text="Nobody")
    )
    return _input(PERSON, "Person to ask", "Mentioned by “Ask a person”.", element)


def _group_input(config: ChannelConfig, options: list[Option]) -> InputBlock:
    initial = next((option for option in options if option.value == config.person), None)
    element = StaticSelectElement(
        action_id=GROUP,
        options=options,
        initial_option=initial,
        placeholder=PlainTextObject(text="No user group"),
    )
    return _input(GROUP, "Or user group to ask", None, element)


def _chosen(view: Mapping[str, Any], block_id: str) -> str | None:
    option = input_state(view, block_id).get("selected_option") or {}
    return option.get("value") or None
