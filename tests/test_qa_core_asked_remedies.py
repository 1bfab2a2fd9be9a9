"""What is to be done about a fault."""

from __future__ import annotations

import pytest

from qa_core.asked.remedies import asks_for_meaning, asks_what_to_do, remedies_in
from qa_core.asked.row_cells import rows_of

FAULTS = """\
Code: P4 | Meaning: Hose blocked | What to do: rinse it
Code: P5 | Meaning: Tank empty | What to do: –"""


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [
        ("P4 what to do", True),
        ("what should they do when it shows P4", True),
        ("P4, what helps", True),
        ("how do I get rid of P4", True),
        ("what does P4 mean", False),
        ("P4 on the pump", False),
    ],
)
def test_what_to_do_is_asked(question: str, is_asked: bool) -> None:
    assert asks_what_to_do(question) is is_asked


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [
        ("what does P4 mean and how do I fix it", True),
        ("What's P4 and what can I do?", True),
        ("why does it show P4, and what helps", True),
        ("what is the solution for P4", False),
        ("how do I clear P4", False),
    ],
)
def test_the_meaning_is_asked_beside_what_to_do(question: str, is_asked: bool) -> None:
    assert asks_for_meaning(question) is is_asked


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("What to do", ["rinse it"]),
        ("Remedy", ["rinse it"]),
        ("First help", ["rinse it"]),
        ("Corrective action", ["rinse it"]),
        ("Do this", ["rinse it"]),
        ("What you can do", ["rinse it"]),
        ("Help line", []),
        ("Actions that led to it", []),
    ],
)
def test_the_columns_name_tells_that_it_has_the_remedy(column: str, told: list[str]) -> None:
    text = FAULTS.replace("What to do", column)
    assert [text[start:end] for start, end in remedies_in(text, rows_of(text))] == told
