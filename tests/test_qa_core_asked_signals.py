"""Rows of lights and sounds that a question describes."""

from __future__ import annotations

import re

import pytest

from qa_core.asked.signals import described_rows, lacks_asked_flashes, light_words, plainest

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

READER = """\
Ring: red | Meaning: Locked
Ring: red, two flashes | Meaning: Card unknown
Ring: red, 4 flashes | Meaning: Cell empty
Ring: green | Meaning: Open"""


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
        ("reader is green", READER.replace("Ring", "Reader"), ["Open"]),  # a light, as the table tells
        ("ring red twice", READER, ["Card unknown"]),
        ("ring red, flashing four times", READER, ["Cell empty"]),
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


@pytest.mark.parametrize(
    ("question", "text", "plain"),
    [
        ("ring red", READER, ["Locked"]),
        ("ring flashes red", READER, ["Card unknown", "Cell empty"]),
        ("power led red", CHARGER, ["Poor contact", "Cell faulty"]),
    ],
)
def test_of_lights_alike_the_plainest_say_no_more_than_the_question(
    question: str, text: str, plain: list[str]
) -> None:
    lights = described_rows(question, text, [match.span() for match in re.finditer(".+", text)])
    assert [text[each.meaning : each.end] for each in plainest(question, lights)] == plain


@pytest.mark.parametrize(
    ("question", "text", "is_lacking"),
    [
        ("ring red, three flashes", READER, True),
        ("the ring flashes 3 times", READER, True),  # of no colour
        ("ring red once", READER, True),
        ("ring red twice", READER, False),
        ("ring red", READER, False),
        ("green ring blinks three times", READER, False),  # of which no number is told
        ("red light blinks once", "Light: red flash | Locked\nLight: red twice | Empty", False),
        ("lamp blinks four times", "If it blinks twice it is open, three times closed.", True),
        ("lamp blinks twice", "If it blinks twice it is open.", False),
        ("lamp blinks twice", "Press it three times.", False),
    ],
)
def test_a_number_of_flashes_is_lacking_where_such_lights_have_others(
    question: str, text: str, is_lacking: bool
) -> None:
    assert lacks_asked_flashes(question, text) is is_lacking


def test_a_light_is_called_as_its_column_is() -> None:
    assert light_words(READER) == {"ring"}
    assert light_words("Ring: 12 mm | Part: 7\nThe ring is red.") == frozenset()
