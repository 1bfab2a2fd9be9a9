"""Rows of lights and sounds that a question describes."""

from __future__ import annotations

import re

import pytest

from qa_core.asked.signals import described_rows

PUMP = """\
Signal: Red lamp, horn steady | Cause: Runs dry
Signal: Amber lamp, horn steady | Cause: Too hot
Signal: Horn, 3 times a minute | Cause: Tank low
Signal: Red lamp blinks | Cause: Service due"""
CHARGER = """\
Power | steady green | Full
Power | red, blinking slowly | Poor contact
Power | red, blinking fast | Cell faulty
Link | red, blinking fast | No hub"""


def meanings(question: str, text: str) -> list[str]:
    rows = [match.span() for match in re.finditer(".+", text)]
    return [text[each.meaning : each.end] for each in described_rows(question, text, rows)]


@pytest.mark.parametrize(
    ("question", "text", "meant"),
    [
        ("red lamp on and constant beep from the pump", PUMP, ["Runs dry"]),
        ("red light and it beeps", PUMP, ["Runs dry"]),
        ("the red lamp is flashing, what should they do", PUMP, ["Service due"]),
        ("orange light with a buzzer", PUMP, ["Too hot"]),  # nobody tells it from amber
        ("charger flashes red quickly, power light", CHARGER, ["Cell faulty"]),
        ("power led blinks red", CHARGER, ["Poor contact", "Cell faulty"]),  # how fast is not said
        ("red lamp but no beep", PUMP, ["Service due"]),
        ("the lamp is red, not blinking, and it beeps", PUMP, ["Runs dry"]),
        ("orange lamp blinking 7 times", PUMP, []),  # which is said of none
        ("green lamp and a beep", PUMP, []),
        ("the lamp is red, how do I reset it", PUMP, []),
        ("where does the red hose go", PUMP, []),
        ("the red lamp blinks", "Red lamp blinks | Hot\nRed lamp | Cold", []),  # of one colour all
        ("the red lamp blinks", "The red lamp blinks. The green lamp is off.", []),
    ],
)
def test_a_light_is_told_by_its_colour_how_it_blinks_and_a_sound(
    question: str, text: str, meant: list[str]
) -> None:
    assert meanings(question, text) == meant
