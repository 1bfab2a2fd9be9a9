"""The modal in which an administrator puts a triplet right, and what it was filled in with. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement, PlainTextObject

from bot.actions import VIEW_TRIPLET
from bot.render.terminal import clean
from bot.views.form_inputs import (
    MAX_TEXT,
    Refused,
    is_ticked,
    nothing_input,
    selected_values,
    sentence_options,
    sentences_input,
    typed,
)
from bot.views.kit import Form, Json, context, modal, section
from bot.views.quote import Marked, quote
from bot.views.triage import place_and_votes
from training.feedback.triage import Amendment, Seen
from training.feedback.triplet import Triplet

QUESTION, SPAN, ANSWER, NOTHING = "question", "span", "answer", "nothing"  # block ids, and action ids

_SAY_ONE_THING = "Say one thing only: pick sentences, or change the answer's words, or tick the box."
_GIVE_WORDS = "Give the right words of a manual, or tick that the manuals don't say."
_NO_SENTENCE = "This is not a sentence of the passage. Open the form again."


@dataclass(frozen=True, slots=True)
class About:
    """The triplet that a form is about, and the page of the App Home that it was opened from."""

    seen: Seen
    page: int = 0

    @classmethod
    def read(cls, view: Mapping[str, Any]) -> About:
        """What a submitted form is about."""
        about = json.loads(view.get("private_metadata") or "{}")
        return cls(Seen(**about["seen"]), about["page"])


def triplet_modal(triplet: Triplet, page: int) -> Json:
    """The triplet's question and answer, to be changed."""
    words = quote(Marked(triplet.context, 0, len(triplet.context), triplet.start or 0, triplet.end or 0))
    blocks: list[Block] = [
        _question_input(triplet),
        *map(section, words.sections),
        context(place_and_votes(triplet)),
        *_picker(triplet),
        _answer_input(triplet),
        nothing_input(NOTHING, "unanswerable", ticked=triplet.kind == "unanswerable"),
    ]
    about = asdict(About(Seen.of(triplet), page))
    return modal("Put it right", blocks, Form(VIEW_TRIPLET, "Save and approve", "Cancel", json.dumps(about)))


def read_amendment(view: Mapping[str, Any], triplet: Triplet) -> Amendment | Refused:
    """What is to be changed, or what is wrong with it."""
    asked = typed(view, QUESTION)
    question = None if asked == _question(triplet) else asked
    picked = [_range(value) for value in selected_values(view, SPAN)]
    answer = typed(view, ANSWER)
    changed = answer.split() != _answer(triplet).split()
    ticked = is_ticked(view, NOTHING)
    was_ticked = triplet.kind == "unanswerable"
    if bool(picked) + (changed and bool(answer)) + ticked > 1:
        return Refused(ANSWER if changed else SPAN, _SAY_ONE_THING)
    if picked:
        return _of_picked(triplet, question, picked)
    if answer and changed:
        return Amendment(question, answer)
    if ticked:
        return Amendment(question, unanswerable=not was_ticked)
    return Refused(ANSWER, _GIVE_WORDS) if changed or was_ticked else Amendment(question)


def _of_picked(triplet: Triplet, question: str | None, picked: list[tuple[int, int]]) -> Amendment | Refused:
    start, end = min(first for first, _ in picked), max(last for _, last in picked)
    if not 0 <= start < end <= len(triplet.context):
        return Refused(SPAN, _NO_SENTENCE)
    return Amendment(question, triplet.context[start:end], start=start)


def _range(value: str) -> tuple[int, int]:
    """Start and end; -1 for the start of what is no option of ours."""
    try:
        start, end = (int(number) for number in value.split(":"))
    except ValueError:
        return -1, 0
    return start, end


def _question(triplet: Triplet) -> str:
    return clean(triplet.question)[:MAX_TEXT].strip()


def _answer(triplet: Triplet) -> str:
    """The words that the form begins with: none where the known ones are wrong, or too many."""
    words = triplet.answer if triplet.kind == "answer" else None
    return "" if words is None or len(words) > MAX_TEXT else clean(words)


def _question_input(triplet: Triplet) -> InputBlock:
    return InputBlock(
        block_id=QUESTION,
        label=PlainTextObject(text="Question"),
        element=PlainTextInputElement(
            action_id=QUESTION, initial_value=_question(triplet), max_length=MAX_TEXT
        ),
    )


def _picker(triplet: Triplet) -> list[InputBlock]:
    options = sentence_options(triplet.context)
    hint = "One, or the first and the last of several."
    return [sentences_input(SPAN, "this passage", hint, options=options)] if options else []


def _answer_input(triplet: Triplet) -> InputBlock:
    return InputBlock(
        block_id=ANSWER,
        optional=True,
        label=PlainTextObject(text="Or change the answer's words"),
        hint=PlainTextObject(text="As they stand in this passage, or anywhere else in the manuals."),
        element=PlainTextInputElement(
            action_id=ANSWER, multiline=True, initial_value=_answer(triplet) or None, max_length=MAX_TEXT
        ),
    )
