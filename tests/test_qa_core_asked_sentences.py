"""The sentence of a long span that was asked for."""

from __future__ import annotations

import pytest

from qa_core.asked.sentences import about_put_thing, in_asked_sentence
from qa_core.types import Span

PROSE = (
    "Fasten the hose with both clamps, then open the tap. The supply pressure must lie between 1 and 8 bar. "
    "Tighten all unions by hand only."
)
STEPS = (
    "1. Fasten the hose with both clamps and open the tap slowly.\n"
    "2. See that the supply pressure lies between 1 and 8 bar, and tighten by hand."
)


@pytest.mark.parametrize(
    ("question", "text", "marked"),
    [
        ("which supply pressure", PROSE, "The supply pressure must lie between 1 and 8 bar."),
        ("pressure", PROSE, PROSE),  # a single word
        ("supply pressure, hose clamps", PROSE, PROSE),  # of two sentences
        ("which supply pressure", STEPS, STEPS),
        ("open the tap", PROSE[:52], PROSE[:52]),  # short
    ],
)
def test_a_long_span_is_cut_to_the_sentence_with_most_of_the_question(
    question: str, text: str, marked: str
) -> None:
    span = in_asked_sentence(question, text, Span(0, len(text), 1.0))
    assert text[span.start : span.end] == marked


def test_the_products_name_tells_no_sentence_apart() -> None:
    text = (
        "The Orvo hose set is fastened with both clamps, and then the tap is opened. It takes 8 bar at most."
    )
    span = Span(0, len(text), 1.0)
    assert in_asked_sentence("orvo hose", text, span, frozenset({"orvo"})) == span
    assert in_asked_sentence("orvo hose", text, span) != span


CARE = "The jug and the lid may go into the dishwasher. The whisk is rinsed by hand. Never dip it in oil."


@pytest.mark.parametrize(
    ("question", "marked", "told"),
    [
        (
            "can I put the whisk in the dishwasher",
            "may go into the dishwasher",
            "The whisk is rinsed by hand.",
        ),
        ("may my whisk be put into the dishwasher?", "The jug and the lid", "The whisk is rinsed by hand."),
        ("could the lid go in the dishwasher", "may go into the dishwasher", "may go into the dishwasher"),
        ("can the whisk go in the oil", "Never dip it in oil", "Never dip it in oil"),  # it is the whisk
        ("can I put the cord in the dishwasher", "may go into the dishwasher", "may go into the dishwasher"),
        ("the dishwasher and the whisk", "may go into the dishwasher", "may go into the dishwasher"),
    ],
)
def test_who_asks_whether_a_thing_may_be_put_somewhere_is_told_about_that_thing(
    question: str, marked: str, told: str
) -> None:
    start = CARE.index(marked)
    span = about_put_thing(question, CARE, Span(start, start + len(marked), 1.0), 0, len(CARE))
    assert CARE[span.start : span.end] == told


def test_a_sentence_that_is_not_shown_is_not_marked() -> None:
    first = Span(0, CARE.index("."), 1.0)
    question = "can I put the whisk in the dishwasher"
    assert about_put_thing(question, CARE, first, 0, first.end) == first
