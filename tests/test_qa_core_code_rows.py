"""Questions about a code alone, and the rows that have it."""

from __future__ import annotations

import pytest

from qa_core.code_rows import asks_for_its_row
from qa_core.types import Manual, Passage, Section

MANUAL = Manual(
    "m", "/manuals", "v.md", "Veridian Volumat 30 infusion pump", "Veridian Volumat", None, None, "d"
)
TEXT = (
    "Code: E20 | Cause: Air in the line | Remedy: Open the door and tap the sensor.\n"
    "Code: E21, E22 | Cause: Door open | Remedy: Close it.\n"
    "- HA: The alarm for a high temperature.\n"
    "- 61: The motor is hot."
)


def passage(text: str = TEXT) -> Passage:
    return Passage("p", MANUAL, Section(("Faults",), text), 0, len(text))


@pytest.mark.parametrize(
    "question",
    ["E20", "E20 on volumat", "what does E-20 mean on the Volumat 30?", "pump shows E22", "HA on the display",
     "error 61", "E20 remedy", "alarm E21, door is closed"],
)  # fmt: skip
def test_a_code_that_leads_a_row_is_asked_for(question: str) -> None:
    assert asks_for_its_row(question, passage())


@pytest.mark.parametrize(
    "question",
    [
        "E23",
        "E20 and E99",
        "price of the sensor for E20",
        "Volumat 30",
        "what is it",
        "61 bottles",
        "how do I E",
    ],
)
def test_what_has_no_row_or_asks_for_more_is_not(question: str) -> None:
    assert not asks_for_its_row(question, passage())


def test_a_code_inside_a_row_does_not_lead_it() -> None:
    assert not asks_for_its_row("E20", passage("Step: 4 | Action: Wait until E20 is gone."))
