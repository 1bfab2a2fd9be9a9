"""Prices and order numbers that a passage has, or lacks."""

from __future__ import annotations

import pytest

from qa_core.asked.kinds import lacks_asked_kind


@pytest.mark.parametrize(
    ("question", "text", "lacks"),
    [
        ("What does a new filter cost?", "The filter lasts a year.", True),
        ("What does a new filter cost?", "A filter is 20 euros.", False),
        ("price of the filter", "Filter | € 20", False),
        ("price of the filter", "Filters are replaced free of charge.", False),
        ("order number of the filter", "The filter lasts a year.", True),
        ("order no. of the filter", "Filter | FX-20", False),
        ("part number of the filter", "Filter | 4011220", False),
        ("part number of the filter", "Part no.: 12 | Filter", False),
        ("part number of the filter", "Filter | 12 V, 500 mA", True),
        ("In which order are the parts fitted?", "First the filter.", False),
        ("How is the filter cleaned?", "With water.", False),
    ],
)
def test_a_price_or_an_order_number_has_to_be_there(question: str, text: str, lacks: bool) -> None:
    assert lacks_asked_kind(question, text) is lacks
