"""Amounts and names, asked for and in cells."""

from __future__ import annotations

import pytest

from qa_core.asked.cell_kinds import asked_name_of, asks_for_amount, is_amount


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("which motor does it have", {"motor"}),
        ("What kind of grease is needed", {"greas"}),
        ("battery type", {"batteri"}),
        ("type of battery", {"batteri"}),
        ("what is the power of the motor", set()),
        ("what does the motor need", set()),
    ],
)
def test_what_a_question_asks_the_name_of(question: str, name: set[str]) -> None:
    assert asked_name_of(question) == name


def test_how_much_or_how_many_asks_for_an_amount() -> None:
    assert asks_for_amount("How much grease?")
    assert asks_for_amount("strokes, how many")
    assert not asks_for_amount("How do I grease it?")


@pytest.mark.parametrize(
    ("cell", "is_one"),
    [
        ("2300 W", True),
        ("4", True),
        ("0.5 l of oil", True),
        ("type N2", False),
        ("SAE 90", False),
        ("15W40", False),
        ("none", False),
    ],
)
def test_an_amount_is_a_number_with_what_it_counts_or_measures(cell: str, is_one: bool) -> None:
    assert is_amount(cell) == is_one
