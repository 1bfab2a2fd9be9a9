"""What a person filled the correction modal in with: checked, looked for in the manuals, and saved."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.actions import VIEW_CORRECTION, VIEW_NEAREST
from bot.deliveries import Body, Task
from bot.listening import Listener, record_all
from bot.slack.telling import FORGOTTEN, reply, show_in_modal, whisper
from bot.views.blocks import note
from bot.views.correction import (
    Picked,
    Place,
    nearest_modal,
    nothing_near_modal,
    read_correction,
    read_nearest,
    read_place,
    saved_modal,
    searching_modal,
)
from bot.views.form_inputs import Refused
from bot.views.voting import correction_thanks
from qa_core.answers import GivenAnswer
from qa_core.types import Passage
from training.feedback.locating import Located, locate, nearest
from training.votes import Correction, CorrectionKind

if TYPE_CHECKING:
    from bot.services import Services
    from bot.views.kit import Message

LEFT = "That passage has left the manuals meanwhile. Paste the text again."
NOT_SAVED = (
    "I have not saved your correction: no manual has your text word for word. "
    "Press 👎 again to choose from the passages."
)

# Slack shows our answer to a submission, "Looking for this text", when it arrives there, and what was found
# in its place: were that quicker, "Looking" would stand for ever.
_ACK_S = 0.8


def check_correction(services: Services, body: Body) -> Mapping[str, Any] | None:
    """Slack's answer to a submission: what is wrong with it; or, for a pasted text, that we look for it."""
    given = services.answers.get(read_place(body["view"]).answer_id)
    if given is None:
        return None
    picked = read_correction(body["view"], given.answer)
    if isinstance(picked, Refused):
        return picked.response()
    if picked.kind != "pasted":
        return None
    services.inbox.record(*record_all(CORRECTION, body))
    return {"response_action": "update", "view": searching_modal()}


def handle_correction(services: Services, task: Task) -> None:
    """Save a picked span or "the manuals don't say"; look for a pasted text."""
    place = read_place(task.body["view"])
    given = services.answers.get(place.answer_id)
    picked = None if given is None else read_correction(task.body["view"], given.answer)
    if given is None or not isinstance(picked, Picked):
        reply(services, task.body, note(FORGOTTEN))
    elif picked.kind == "pasted":
        _look_for(services, task, given, picked.text or "")
    elif picked.kind == "span":
        passage, span = picked.span_of(given.answer)
        services.votes.correct(_correction(task, given, "span", passage, (passage.text, span)))
        _thank(services, task, place)
    else:
        services.votes.correct(_correction(task, given, "not_in_manuals"))
        _thank(services, task, place)


def handle_nearest(services: Services, task: Task) -> None:
    """The nearest match was taken."""
    place = read_place(task.body["view"])
    given = services.answers.get(place.answer_id)
    if given is None:
        reply(services, task.body, note(FORGOTTEN))
        return
    found = read_nearest(task.body["view"], services.engines.known().passages)
    if found is None:
        _tell(services, task, place, note(LEFT))
        return
    services.votes.correct(_pasted(task, given, found))
    _thank(services, task, place)


def _look_for(services: Services, task: Task, given: GivenAnswer, text: str) -> None:
    place = read_place(task.body["view"])
    engine = services.engines.if_any()
    passages = engine.passages if engine else ()
    found = locate(text, _same_manuals_first(given, passages))
    if found is not None:
        services.votes.correct(_pasted(task, given, found))
        number = services.votes.example_number(given.id)
        view = saved_modal(correction_thanks(number).text)
    else:
        hits = (engine.ask(text, decline=False).hits if engine else ()) + given.answer.hits
        alike = nearest(text, _of_index([hit.passage for hit in hits], passages))
        view = nothing_near_modal() if alike is None else nearest_modal(alike, place)
    time.sleep(min(max(task.delivery.received_at + _ACK_S - time.time(), 0.0), _ACK_S))
    shown = show_in_modal(services, task, str(task.body["view"]["id"]), view)
    if not shown and found is None:
        _tell(services, task, place, note(NOT_SAVED))
    elif not shown:
        _thank(services, task, place)


def _same_manuals_first(given: GivenAnswer, passages: tuple[Passage, ...]) -> list[Passage]:
    """Of a text that stands in several manuals, the one of the manuals that were found is meant."""
    found = {hit.passage.manual.id: number for number, hit in reversed(list(enumerate(given.answer.hits)))}
    return sorted(passages, key=lambda passage: found.get(passage.manual.id, len(found)))


def _of_index(found: list[Passage], passages: tuple[Passage, ...]) -> list[Passage]:
    """The index's own: an answer's passages have sections that are cut."""
    ids = dict.fromkeys(passage.id for passage in found)
    by_id = {passage.id: passage for passage in passages if passage.id in ids}
    return [by_id[id_] for id_ in ids if id_ in by_id]


def _pasted(task: Task, given: GivenAnswer, found: Located) -> Correction:
    return _correction(task, given, "pasted", found.passage, (found.context, found.span))


def _correction(
    task: Task,
    given: GivenAnswer,
    kind: CorrectionKind,
    passage: Passage | None = None,
    text: tuple[str, tuple[int, int]] | None = None,
) -> Correction:
    context, span = text or (None, (None, None))
    return Correction(
        event_id=str(task.body["view"].get("id") or task.delivery.key),  # a modal is filled in once
        answer_id=given.id,
        person=task.delivery.person or "",
        kind=kind,
        release=given.answer.release,
        at=task.delivery.received_at,
        passage_id=None if passage is None else passage.id,
        passage_text=context,
        start=span[0],
        end=span[1],
    )


def _thank(services: Services, task: Task, place: Place) -> None:
    _tell(services, task, place, correction_thanks(services.votes.example_number(place.answer_id)))


def _tell(services: Services, task: Task, place: Place, message: Message) -> None:
    """Where the answer stands, else in direct messages."""
    person = task.delivery.person
    if not (place.channel and person and whisper(services, place.channel, person, message, place.thread_ts)):
        reply(services, task.body, message)


CORRECTION = Listener("view", VIEW_CORRECTION, handle_correction, check=check_correction)
LISTENERS = (CORRECTION, Listener("view", VIEW_NEAREST, handle_nearest))
