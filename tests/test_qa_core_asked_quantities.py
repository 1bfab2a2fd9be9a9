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


@pytest.mark.parametrize(
    ("question", "dimensions"),
    [
        ("how many watts does the pump draw", {"power"}),
        ("how many kilos does it weigh when it is empty", {"mass"}),
        ("How much kW?", {"power"}),
        ("how many watt hours has the cell", set()),
        ("how many litres per minute", set()),
        ("how many feet does the table have", set()),
        ("how many hoses", set()),
    ],
)
def test_a_unit_is_asked_for_by_its_name(question: str, dimensions: set[str]) -> None:
    assert asked_dimensions(question) == dimensions


@pytest.mark.parametrize(
    ("question", "text", "marked", "is_other"),
    [
        (
            "how many watts does the pump draw",
            "The pump lasts 9,000 h. Clean it in 3 steps.",
            "9,000 h",
            True,
        ),
        ("how many kilos does the pump weigh", "The pump lasts 9,000 h. Clean it in 3 steps.", "3", True),
        ("how many hours does it run", "It runs for two hours.", "two", False),
        ("how many kilos does it weigh", "Weight (kg): 12 | Length: 3 m", "12", False),
        ("how many watts", "Power, W: 40 | Length: 3 m", "40", False),
        ("how many litres does it pump", "It pumps 6 l/min.", "6", False),
        (
            "what voltage has the lamp",
            "Life: 800 h | Cable of the lamp: 3 m",
            "800 h | Cable of the lamp: 3 m",
            True,
        ),
        (
            "want no sound",
            "The 6 mm socket is below it and cuts the speaker.",
            "6 mm socket is below it",
            False,
        ),
        (
            "pipe diameter",
            "Noise: 40 dB, at night 30 dB | Pipes: DN 90",
            "40 dB, at night 30 dB | Pipes: DN 90",
            False,
        ),
        (
            "how heavy is it",
            "Tray 30 × 20 cm, flat to 2 mm, in five sizes",
            "30 × 20 cm, flat to 2 mm, in five",
            True,
        ),
    ],
)
def test_a_passage_without_a_named_unit_is_told_whatever_is_marked(
    question: str, text: str, marked: str, is_other: bool
) -> None:
    assert is_of_other_dimension(question, text, span(marked, text)) is is_other


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("how many hours does it charge", "Charge it overnight."),
        ("how many days until I oil it", "Oil it weekly."),
        ("how many hours does it run", "Runtime: 1:30"),
        ("how many minutes does it heat", "Heat-up: 4 mins"),
        ("how many inches wide is the screen", 'The screen is 24" wide.'),
        ("how many kilos does it bear", "It bears 90 pounds."),
        ("how many litres does it hold", "It holds 3 pints."),
        ("how many volts has it", "Use a 12VDC supply."),
        ("how many amps has the fuse", "Fuse: T6.3A"),
    ],
)
def test_a_quantity_in_other_words_is_of_the_dimension_of_a_named_unit(question: str, text: str) -> None:
    assert not is_of_other_dimension(question, text, Span(0, len(text), 5.0))
