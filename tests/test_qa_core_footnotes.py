"""Footnotes that what is shown refers to."""

from __future__ import annotations

import pytest

from qa_core.footnotes import footnotes_of

ROWS = """\
Tank | Midi: 5 l¹ | Maxi: 9 l ²⁾
Area | Midi: 20 m² | Maxi: 430 ft² at 2 m/s²
Speed | Midi: 9 m/min* | Maxi: 3 * 4 m/min
Lamp | Midi: – [1] | Maxi: yes
¹ 4 l in winter.
² Of dry floor.
²⁾ With the larger hose.
* Uphill less.
[1] Can be ordered."""


@pytest.mark.parametrize(
    ("row", "notes"),
    [
        (0, ["¹ 4 l in winter.", "²⁾ With the larger hose."]),
        (1, []),
        (2, ["* Uphill less."]),
        (3, ["[1] Can be ordered."]),
    ],
)
def test_a_marker_takes_its_line_along(row: int, notes: list[str]) -> None:
    line = ROWS.split("\n")[row]
    start = ROWS.index(line)
    found = footnotes_of(ROWS, start, start + len(line))
    assert [ROWS[slice(*each)] for each in found] == notes


def test_what_is_shown_already_or_is_long_is_left_out() -> None:
    assert footnotes_of(ROWS, 0, len(ROWS)) == ()
    assert footnotes_of(f"Tank¹\n¹ {'very ' * 50}large", 0, 5) == ()
