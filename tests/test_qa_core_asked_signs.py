"""Columns that are called as a light shines."""

from __future__ import annotations

import pytest

from qa_core.asked.cells import asked_cells
from qa_core.asked.row_cells import rows_of
from qa_core.asked.signs import asked_state_cell, asked_states

PUMP = """\
Lamp: RUN | Colour: green | Lit: pumping | Flashing: waiting
Lamp: DRY | Colour: red | Lit: no water | Flashing: air in the hose"""


@pytest.mark.parametrize(
    ("question", "names", "asked"),
    [
        ("the lamp blinks", {"Steady", "Flashing"}, {"Flashing"}),
        ("constantly lit", {"On", "Flashing"}, {"On"}),
        ("is it bad when the light stays on", {"On", "Flashing"}, {"On"}),
        ("it flashes fast", {"Blinks slowly", "Blinks fast"}, {"Blinks fast"}),
        ("it flashes", {"Blinks slowly", "Blinks fast"}, set()),  # which is not said
        ("turn the lamp on the left", {"On", "Flashing"}, set()),
        ("the lamp blinks", {"Colour", "Flashing"}, set()),  # no other state to tell it from
    ],
)
def test_a_column_is_asked_for_by_what_a_light_does(question: str, names: set[str], asked: set[str]) -> None:
    assert asked_states(question, frozenset(names)) == asked


def test_the_state_tells_which_cell_of_a_lights_row_is_meant() -> None:
    first = rows_of(PUMP)[0]
    cell = asked_state_cell("green lamp blinks", PUMP, first)
    assert cell is not None
    assert PUMP[cell.value : cell.end] == "waiting"
    assert asked_state_cell("green lamp", PUMP, first) is None


def test_a_row_that_is_named_needs_no_colour() -> None:
    [(start, end)] = asked_cells("DRY lamp blinking", PUMP, rows_of(PUMP))
    assert PUMP[start:end] == "air in the hose"
