"""The first cell of a row, where that is asked for."""

from __future__ import annotations

import re

import pytest

from qa_core.asked.key_cells import asked_key

PARTS = """\
Part number: 204-10 | Part: Beater
Part number: 204-11 | Part: Pouring spout
Part number: 204-12 | Part: Seal, lid
Part number: 204-13 | Part: Seal, jar"""
TO_ORDER = """\
Order no.: K-70 | Description: Slicing disc | Price: 19 EUR
Order no.: K-71 | Description: Grating disc, steel | Price: 24 EUR"""
SIGNALS = "Code: E7 | Message: Door open\nCode: E8 | Message: Heater off"
COUNTED = "No.: 1 | Part: Tray\nNo.: 2 | Part: Lid"


def key(question: str, text: str, *names: str) -> str | None:
    """The words of the cell."""
    rows = [match.span() for match in re.finditer(".+", text)]
    found = asked_key(question, text, rows, frozenset(names))
    return text[found[0].value : found[0].end] if found else None


@pytest.mark.parametrize(
    ("question", "text", "number"),
    [
        ("part number of the beater", PARTS, "204-10"),
        ("which part number has the lid seal", PARTS, "204-12"),
        ("article number for the spout", PARTS, "204-11"),  # as another manual calls it
        ("order no. of the slicing disc", TO_ORDER, "K-70"),
        ("part number grating disc", TO_ORDER, "K-71"),
        ("which code means that the heater is off", SIGNALS, "E8"),
        # Of several, of none, and where the number is given or something else is asked for.
        ("part number of the seal", PARTS, None),
        ("part number of the whisk", PARTS, None),
        ("what is part number 204-11", PARTS, None),
        ("price of the slicing disc", TO_ORDER, None),
        ("what does the message heater off mean", SIGNALS, None),
        ("which code means a heater in danger", SIGNALS, None),
        ("number of trays", COUNTED, None),
    ],
)
def test_the_first_cell_is_found_by_the_others_of_its_row(
    question: str, text: str, number: str | None
) -> None:
    assert key(question, text) == number


def test_the_product_s_name_tells_no_row() -> None:
    assert key("part number of the Brillo", "Part number: 7 | Part: Brillo brush", "brillo") is None
