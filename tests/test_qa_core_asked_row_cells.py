"""Spans in rows of a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.asked.row_cells import in_whole_cells, in_whole_rows

ROW = "Fuse (1 x 230 V): 40 A | Cable: 4 x 2.5 mm² | Remedy: Open the tap and clean the inlet filter of it"


def whole(marked: str, text: str = ROW) -> str:
    """What becomes of a part of the row."""
    start = text.index(marked)
    first, last = in_whole_cells(text, start, start + len(marked))
    return text[first:last]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("40 A | Cable", "40 A"),  # the next column's name says nothing
        ("40 A | Cable: ", "40 A"),
        ("230 V): 40 A", "40 A"),  # nor does the end of this one's
        ("2.5", "4 x 2.5 mm²"),  # a number wants its unit
        ("40 A | Cable: 4 x", "40 A | Cable: 4 x 2.5 mm²"),
        ("clean the inlet filter", "clean the inlet filter"),  # a part of a long cell may be the answer
        ("Cable: 4 x 2.5 mm²", "Cable: 4 x 2.5 mm²"),
        ("Cable", "Cable"),
    ],
)
def test_a_span_has_whole_cells_and_no_piece_of_a_name(marked: str, expected: str) -> None:
    assert whole(marked) == expected


def test_a_span_over_rows_ends_before_the_name_in_the_next_one() -> None:
    assert (
        whole("mains inlet\nConnection", "Connection: P3 | mains inlet\nConnection: P4 | bus")
        == "mains inlet"
    )


ROWS = "Trays | KL 20: 2 | KL 40: 4\nMass | KL 20: 12 kg | KL 40: 17 kg\nNoise | KL 20: 41 dB | KL 40: 46 dB"


@pytest.mark.parametrize(
    ("marked", "best", "expected"),
    [
        ("17 kg\nNoise", "Mass", "17 kg"),
        ("17 kg\nNoise", "Noise", "41 dB | KL 40: 46 dB"),  # its label alone says nothing
        ("4\nMass | KL 20: 12 kg", "Mass", "Mass | KL 20: 12 kg"),
        ("Mass | KL 20: 12 kg", "Mass", "Mass | KL 20: 12 kg"),
        (ROWS, "Mass", ROWS),
    ],
)
def test_half_of_a_row_and_half_of_the_next_are_cut_to_the_better_one(
    marked: str, best: str, expected: str
) -> None:
    start, row = ROWS.index(marked), ROWS.index(best)
    end = (ROWS + "\n").index("\n", row)
    first, last = in_whole_rows(ROWS, start, start + len(marked), (row, end))
    assert ROWS[first:last] == expected


@given(st.text("ab:| \n", max_size=40), st.data())
def test_a_span_stays_inside_the_rows_and_holds_something(text: str, data: st.DataObject) -> None:
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first, last = in_whole_cells(text, start, end)
    assert 0 <= first < last <= len(text)
