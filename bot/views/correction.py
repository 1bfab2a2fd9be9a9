"""The modal in which a person says what would have been right, and what it was filled in with. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from slack_sdk.models.blocks import (
    Block,
    InputBlock,
    OptionGroup,
    PlainTextInputElement,
    PlainTextObject,
)

from bot.actions import VIEW_CORRECTION, VIEW_NEAREST
from bot.views.blocks import citation, plain_citation
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
from bot.views.kit import LABEL, Form, Json, context, divider, modal, section
from bot.views.mrkdwn import plain
from bot.views.passages import asked, passage_blocks, waiting_modal
from bot.views.quote import Marked, quote
from qa_core.types import Answer, Passage
from training.feedback.locating import Located, has_words

SPAN, PASTED, NOTHING = "span", "pasted", "nothing"  # block ids, each with one element of the same action id
_N_SHOWN = 5  # passages that the modal shows in full

_SAY_SOMETHING = "Pick sentences, paste the right text, or tick that the manuals don't say."
_SAY_ONE_THING = "Say one thing only: pick sentences, or paste the right text, or tick the box."
_ONE_PASSAGE = "Pick sentences of one passage only."
_NO_SENTENCE = "This is not a sentence of the answer's passages. Open the form again."
_NO_WORDS = "Paste words of a manual."


@dataclass(frozen=True, slots=True)
class Place:
    """What a modal is about, and where its effects are told."""

    answer_id: str
    channel: str | None = None
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True)
class Picked:
    """What a person says would have been right."""

    kind: Literal["span", "pasted", "not_in_manuals"]
    hit: int | None = None  # of a span: which of the answer's hits
    start: int | None = None  # of a span, in the passage's text
    end: int | None = None
    text: str | None = None  # that was pasted

    def span_of(self, answer: Answer) -> tuple[Passage, tuple[int, int]]:
        """The passage that was picked from, and the span in it."""
        assert self.hit is not None
        assert self.start is not None
        assert self.end is not None
        return answer.hits[self.hit].passage, (self.start, self.end)


def correction_modal(answer: Answer, place: Place) -> Json:
    """What would have been right: a span of the passages found, a pasted text, or nothing."""
    blocks: list[Block] = [context(asked(answer))]
    groups = _groups(answer)
    if groups:
        hint = "One, or the first and the last of several, in one passage."
        blocks.append(sentences_input(SPAN, "the passages found", hint, option_groups=groups))
    blocks += [_pasted_input(), nothing_input(NOTHING, "not_in_manuals")]
    if answer.hits:
        blocks += [divider(), section("*The passages that were found*")]
    for number, hit in enumerate(answer.hits[:_N_SHOWN], start=1):
        blocks += [section(f"*{number}.*"), *passage_blocks(hit.passage)]
    form = Form(VIEW_CORRECTION, "Save", "Cancel", json.dumps(asdict(place)))
    return modal("What would be right?", blocks, form)


def searching_modal() -> Json:
    """What is seen while a pasted text is looked for."""
    return waiting_modal("What would be right?", "Looking for this text in the manuals …", VIEW_NEAREST)


def nearest_modal(found: Located, place: Place) -> Json:
    """The nearest match to a pasted text that no manual has word for word."""
    words = quote(Marked(found.passage.section.text, found.start, found.end))
    page = found.passage.section.page_at(found.start)
    blocks: list[Block] = [
        section("No manual has this text word for word. The nearest is:"),
        *map(section, words.sections),
        context(citation(found.passage, page)),
        section("Save this in its place?"),
    ]
    about = asdict(place) | {"passage_id": found.passage.id, "start": found.start, "end": found.end}
    return modal("The nearest match", blocks, Form(VIEW_NEAREST, "Save", "Cancel", json.dumps(about)))


def nothing_near_modal() -> Json:
    """That no manual has anything like a pasted text."""
    text = (
        "No manual has this text, nor anything like it. Copy the words from the manual itself, or, if no "
        "manual says it, press 👎 again and tick that the manuals don't say."
    )
    return modal("Not in a manual", [section(text)], Form(VIEW_NEAREST))


def saved_modal(text: str) -> Json:
    """That a pasted text was found and saved; `text` is mrkdwn."""
    return modal("Thank you", [section(text)], Form(VIEW_NEAREST))


def read_place(view: Mapping[str, Any]) -> Place:
    """What a submitted modal is about."""
    about = json.loads(view.get("private_metadata") or "{}")
    return Place(about.get("answer_id") or "", about.get("channel"), about.get("thread_ts"))


def read_nearest(view: Mapping[str, Any], passages: tuple[Passage, ...]) -> Located | None:
    """The match that was offered; None if its passage has left the manuals meanwhile."""
    about = json.loads(view.get("private_metadata") or "{}")
    passage = next((each for each in passages if each.id == about.get("passage_id")), None)
    return None if passage is None else Located(passage, about["start"], about["end"])


def read_correction(view: Mapping[str, Any], answer: Answer) -> Picked | Refused:
    """What the modal was filled in with, or what is wrong with it."""
    spans = [_read_value(value) for value in selected_values(view, SPAN)]
    pasted = typed(view, PASTED)
    nothing = is_ticked(view, NOTHING)
    if (n_given := bool(spans) + bool(pasted) + nothing) != 1:
        reason = _SAY_ONE_THING if n_given else _SAY_SOMETHING
        return Refused(PASTED if pasted or not spans else SPAN, reason)
    if nothing:
        return Picked("not_in_manuals")
    if pasted:
        return Picked("pasted", text=pasted) if has_words(pasted) else Refused(PASTED, _NO_WORDS)
    if len({hit for hit, _, _ in spans}) > 1:
        return Refused(SPAN, _ONE_PASSAGE)
    hit, start, end = spans[0][0], min(s for _, s, _ in spans), max(e for _, _, e in spans)
    if not (0 <= hit < len(answer.hits) and 0 <= start < end <= len(answer.hits[hit].passage.text)):
        return Refused(SPAN, _NO_SENTENCE)
    return Picked("span", hit, start, end)


def _read_value(value: str) -> tuple[int, int, int]:
    """Hit, start and end; -1 for the hit of what is no option of ours."""
    try:
        hit, start, end = (int(number) for number in value.split(":"))
    except ValueError:
        return -1, 0, 0
    return hit, start, end


def _groups(answer: Answer) -> list[OptionGroup]:
    groups = []
    for number, hit in enumerate(answer.hits):
        options = sentence_options(hit.passage.text, f"{number}:")
        if options:
            label = plain(f"{number + 1}. {plain_citation(hit.passage, hit.passage.page)}", LABEL)
            groups.append(OptionGroup(label=PlainTextObject(text=label), options=options))
    return groups


def _pasted_input() -> InputBlock:
    return InputBlock(
        block_id=PASTED,
        optional=True,
        label=PlainTextObject(text="Or paste the right text"),
        hint=PlainTextObject(text="As it stands in a manual. Otherwise the nearest match is offered."),
        element=PlainTextInputElement(action_id=PASTED, multiline=True, max_length=MAX_TEXT),
    )
