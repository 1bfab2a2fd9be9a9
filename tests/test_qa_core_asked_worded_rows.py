"""The row that is asked for by its words."""

from __future__ import annotations

import re

import pytest

from qa_core.asked.worded_rows import worded_row

KEYS = """\
Key: F5 | Action: copy the marked lines
Key: F6 | Action: move the marked lines
Key: F7 | Action: delete a file
Key: F8 | Action: close the file"""


@pytest.mark.parametrize(
    ("question", "marked", "answer"),
    [
        ("key to delete something", "F8", "F7"),  # the column that it names
        ("how do I delete a file", "close", "Key: F7 | Action: delete a file"),
        ("what does F7 do", "close", "Key: F7 | Action: delete a file"),
        ("how do I delete a file", "delete", None),  # it is marked
        ("how do I copy lines", "marked lines\nKey: F6", None),  # in part
        ("what about a file", "F5", None),  # which two rows have
        ("can I move a file of marked lines", "copy", None),  # which has nearly as much
        ("key of the tovo", "F5", None),
    ],
)
def test_a_row_with_far_more_of_the_question_is_taken_in_place_of_the_marked_one(
    question: str, marked: str, answer: str | None
) -> None:
    rows = [row.span() for row in re.finditer(".+", KEYS)]
    start = KEYS.index(marked)
    found = worded_row(question, KEYS, rows, (start, start + len(marked)), frozenset({"tovo"}))
    assert (KEYS[slice(*found)] if found else None) == answer


def test_what_is_marked_outside_the_rows_stays() -> None:
    text = f"{KEYS}\nHelp is in the menu."
    rows = [row.span() for row in re.finditer(".+", KEYS)]
    start = text.index("Help")
    assert worded_row("how do I delete a file", text, rows, (start, len(text)), frozenset()) is None


def test_of_rows_that_share_as_much_the_one_with_all_of_its_label_in_the_question_is_meant() -> None:
    text = "Seats per table | Day: 40 | Week: 60\nTables | Day: 2 | Week: 9\nMaps | Day: 1 | Week: 1"
    rows = [row.span() for row in re.finditer(".+", text)]

    def taken(question: str, marked: str) -> str | None:
        start = text.rindex(marked)
        found = worded_row(question, text, rows, (start, start + len(marked)), frozenset())
        return text[slice(*found)] if found else None

    assert taken("which ticket for 5 tables", "40") == "Tables | Day: 2 | Week: 9"
    assert taken("which ticket for 5 tables", "9") is None  # it is marked
    assert taken("which ticket for 5 tables", "1") is None  # which is of neither


def test_a_letter_that_is_no_token_belongs_to_a_label_all_the_same() -> None:
    text = "Crate S | Bears: 2 kg\nCrate M | Bears: 4 kg\nCrate L | Bears: 9 kg"
    rows = [row.span() for row in re.finditer(".+", text)]
    marked = (text.index("4"), text.index("4") + 4)
    assert worded_row("which crate bears most", text, rows, marked, frozenset()) is None
    assert worded_row("crate S", text, rows, marked, frozenset()) == rows[0]
