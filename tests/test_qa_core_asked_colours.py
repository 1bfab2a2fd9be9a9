"""The colour of a light that a question asks about."""

from __future__ import annotations

import pytest

from qa_core.asked.colours import asked_colours, has_other_colours_alone

NAMES = frozenset({"tovo"})
RED = "Red LED\nThe red LED flashes when the battery is empty."


LIGHTS = "Green: ready. Amber: no mains. Red: alarm. Brown: earth."


@pytest.mark.parametrize(
    ("question", "colours"),
    [
        ("green LED flashing", {"green"}),
        ("What does the Tovo's orange light mean?", {"amber"}),  # what is there of the kind
        ("yellow and red lights are on", {"amber", "red"}),
        ("blue light", set()),
        ("the LED is green, how do I reset it", set()),
        ("where does the brown wire go", set()),
        ("LED flashing", set()),
        ("credible lights", set()),
    ],
)
def test_colours_count_where_a_question_is_about_lights_alone(question: str, colours: set[str]) -> None:
    assert asked_colours(question, LIGHTS, NAMES) == colours


def test_of_colours_alike_the_very_one_is_asked_for_where_it_is_there() -> None:
    assert asked_colours("yellow light", "Amber: no mains. Yellow: wait.", NAMES) == {"yellow"}


@pytest.mark.parametrize(
    ("question", "text", "is_other"),
    [
        ("green led on the tovo", RED, True),
        ("red led on the tovo", RED, False),
        ("green led flashes 7 times on the tovo", RED, True),
        ("red led flashes 7 times on the tovo", RED, False),
        ("red or green led", RED, False),
        ("green led", "The LED flashes.", False),
        ("green led on while charging", RED, False),
        ("yellow light", "Amber: mains is missing. Red: alarm.", False),
    ],
)
def test_a_text_about_lights_of_other_colours(question: str, text: str, is_other: bool) -> None:
    assert has_other_colours_alone(question, text, NAMES) is is_other
