"""Quantities of the dimension that a question asks for."""

from __future__ import annotations

import pytest

from qa_core.asked.quantities import asked_dimensions, is_of_other_dimension, with_asked_dimension
from qa_core.types import Span

PIPES = (
    "Use pipes of 28 mm inside diameter, insulated with 19 mm. Fill the system with at least 60 litres.\n"
    "Fuse | 16 A | Mains | 230 V"
)


def span(marked: str, text: str = PIPES, score: float = 5.0) -> Span:
    start = text.index(marked)
    return Span(start, start + len(marked), score)


def best(question: str, *marked: str) -> str:
    found = with_asked_dimension(question, PIPES, [span(each) for each in marked])[0]
    return PIPES[found.start : found.end]


@pytest.mark.parametrize(
    ("question", "dimensions"),
    [
        ("max track length corner", {"length"}),
        ("What pressure should the system have?", {"pressure"}),
        ("pressure HX 40", {"pressure"}),
        ("how loud is it", {"sound"}),
        ("How long does it take?", {"time", "length"}),
        ("length and weight of the hose", {"length", "mass"}),
        ("Where is the pressure switch?", set()),
        ("pressure switch delay", set()),
        ("How do I set the temperature?", set()),
        ("How many litres at which pressure?", set()),
        ("When is the pressure checked?", set()),
        ("Does it bounce?", set()),
    ],
)
def test_what_a_question_asks_for(question: str, dimensions: set[str]) -> None:
    assert asked_dimensions(question) == dimensions


def test_a_quantity_of_another_dimension_gives_way_to_one_that_may_be_meant() -> None:
    assert best("pipe diameter", "60 litres") == "28 mm"  # of the sentence with more of the question
    assert best("fuse?", "230 V") == "16 A"  # of the same row
    assert best("diameter?", "19 mm", "60 litres") == "19 mm"  # as the reader says
    assert best("diameter?", "Use pipes", "60 litres") == "Use pipes"  # no quantity: it may be the answer
    assert best("Which diameter?", "60 litres") == "60 litres"  # it may be something else that is asked for


def test_where_there_is_none_the_spans_stay() -> None:
    spans = [span("60 litres"), span("28 mm")]
    assert with_asked_dimension("What pressure?", PIPES, spans) == tuple(spans)
    assert with_asked_dimension("What pressure?", PIPES, []) == ()


def test_a_passage_without_the_asked_dimension_is_told() -> None:
    assert is_of_other_dimension("What pressure?", PIPES, span("60 litres"))
    assert not is_of_other_dimension("What voltage?", PIPES, span("60 litres"))  # there is one
    assert not is_of_other_dimension("What pressure?", PIPES, span("Fill the system"))
    assert not is_of_other_dimension("How many litres?", PIPES, span("60 litres"))
