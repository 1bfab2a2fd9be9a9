"""How often a light flashes."""

from __future__ import annotations

import pytest

from qa_core.asked.flashes import flashes_in


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("red, two flashes", {2}),
        ("it flashes red three times", {3}),
        ("light red 5x", {5}),
        ("green, one flash a second", {1}),
        ("blinks once, then blinking twice", {1, 2}),
        ("amber twice", {2}),
        ("a double flash", {2}),
        ("4 short pulses", {4}),
        ("two lamps flash", set()),
        ("flashes for 5 seconds", set()),
        ("it blinks at once", set()),
        ("press it twice until red", set()),
        ("restarted three times, red", set()),
    ],
)
def test_the_flashes_of_a_light_are_counted_however_it_is_said(text: str, numbers: set[int]) -> None:
    assert flashes_in(text) == numbers
