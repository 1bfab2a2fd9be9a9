"""Rows of tables that are told apart by ranges, and amounts that are asked about."""

from __future__ import annotations

import pytest

from qa_core.asked.ranges import rows_with_amount

HARDNESS = """Hardness in °dH: up to 6 | Level: L0
Hardness in °dH: 7 to 11 | Level: L1
Hardness in °dH: 12–21 | Level: L2
Hardness in °dH: over 21 | Level: L3"""
SLEEVES = "S | 17 to 22 cm\nM | 22 to 32 cm\nL | 32 cm to 42 cm"


def row_of(question: str, text: str) -> str | None:
    at, rows = 0, []
    for line in text.split("\n"):
        rows.append((at, at + len(line)))
        at += len(line) + 1
    found = rows_with_amount(question, text, rows)
    return text[slice(*found[0])] if found else None


@pytest.mark.parametrize(
    ("question", "level"),
    [
        ("we have 19 degrees, which level", "L2"),
        ("the hardness is 8", "L1"),  # names the column
        ("hardness 7", "L1"),
        ("Which level for 4.5 degrees of hardness?", "L0"),
        ("30 degrees german hardness", "L3"),
    ],
)
def test_the_row_whose_range_has_the_amount_is_found(question: str, level: str) -> None:
    row = row_of(question, HARDNESS)
    assert row is not None
    assert row.endswith(level)


@pytest.mark.parametrize(
    ("question", "size"),
    [
        ("arm of 36 cm", "L"),
        ("20cm around", "S"),
        ("36,5 cm", "L"),
        ("-36 cm", None),
        ("arm of 36 inches", None),
    ],
)
def test_columns_without_a_name_have_ranges_as_well(question: str, size: str | None) -> None:
    row = row_of(question, SLEEVES)
    assert (row and row[0]) == size


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("arm of 32 cm", SLEEVES),  # where two begin and end
        ("arm of 36 kg", SLEEVES),  # told in another unit
        ("arm of 99 cm", SLEEVES),
        ("which sleeve is right", SLEEVES),
        ("the GS 36 does not start", SLEEVES),  # no amount
        ("error 36", SLEEVES),
        ("at 36 cm or 20 cm", SLEEVES),  # two
        ("at 50 °C", "Wool | 30 to 60 °C\nLinen | 40 to 60 °C"),  # what may be set, not what tells apart
        ("at 50 °C", "Linen | 40 to 60 °C\nWool | by hand"),  # one alone
        ("speed of the NQ 90", "Current | NQ 90: 20 to 90 A\nSpeed | NQ 90: 1 to 9 m"),  # of no one scale
    ],
)
def test_where_it_is_unsure_no_row_is_found(question: str, text: str) -> None:
    assert row_of(question, text) is None
