"""Numbers that count or measure something."""

from __future__ import annotations

import pytest

from qa_core.asked.amounts import is_counted, is_measured, with_units_apart, without_amounts


@pytest.mark.parametrize(
    "behind",
    [
        " kg",
        "%",
        " m waterproof",
        "-hour run",
        " am",
        " of 7",
        " out of 5 times",
        " kPa",
        " dB(A)",
        " m³",
        " rpm",
    ],
)
def test_a_unit_measures(behind: str) -> None:
    assert is_measured(f"5{behind}", 1)


@pytest.mark.parametrize("behind", [" videos", " beeps", " kg"])
def test_a_plural_counts(behind: str) -> None:
    assert is_counted(f"5{behind}", 1)


@pytest.mark.parametrize("behind", ["", "?", " is on", " means what", " on the display", " of the pump"])
def test_other_words_count_nothing(behind: str) -> None:
    assert not is_counted(f"5{behind}", 1)


def test_a_text_without_amounts_keeps_the_names() -> None:
    assert without_amounts("the X200 with 2 bags on the 540 DN") == "the X200 with   bags on the 540 DN"


def test_a_unit_stands_apart_from_its_number() -> None:
    assert with_units_apart("3mm or 2.5kg on the X20V 4C") == "3 mm or 2.5 kg on the X20V 4C"
