"""The codes of questions, and what leads rows."""

from __future__ import annotations

import pytest

from qa_core.asked.row_keys import keys_of, lone_numbers, numbered_codes, shown_numbers


def test_a_row_may_be_led_by_several_codes_or_by_all_from_one_to_another() -> None:
    keys = keys_of("Code: F1 F2 | Cause: Hot\nCode: F5-F7 | Cause: Wet\nE01, E02 | Dry\n- E 9: Cold")
    several = {"f1": "F1", "f2": "F2", "e1": "E01", "e2": "E02", "e9": "E 9"}
    assert keys == several | dict.fromkeys(("f5", "f6", "f7"), "F5-F7")
    assert keys_of("TC 24-50 | Charger").keys() == {"tc2450"}


def test_a_code_may_share_its_cell_with_its_text() -> None:
    text = "Message: 05 Bag empty | Meaning: Use\nError code: E7 – dirty | Meaning: Dust\nTray: A4 Photo | 20"
    assert {key: written for key, written in keys_of(text).items() if " " not in written} == {
        "5": "05",
        "e7": "E7",
    }


@pytest.mark.parametrize("written", ["Err 2", "ERR-02", "Error 2", "02", "Message: 2", "Code 2"])
def test_a_row_may_be_led_by_a_number_with_a_word_for_faults_before_it(written: str) -> None:
    assert "2" in keys_of(f"{written} | Cause: Wet")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("e-04 or E5A", {"e4", "e5a"}),
        ("failure #2", {"2"}),
        ("fault no. 7 or error number 8", {"7", "8"}),
        ("Err 2", {"2"}),
        ("ERR-05, err06, msg. 204", {"5", "6", "204"}),
        ("Er 5 or er06", {"er5", "er6"}),
        ("F.28", {"f28"}),
        ("E=04", {"e4"}),
        ("E 05", {"e5"}),
        ("the printer 5", set()),
        ("HA at 5", set()),
        ("1.5-2", set()),
    ],
)
def test_the_codes_of_a_question_have_numbers(text: str, codes: set[str]) -> None:
    assert numbered_codes(text) == codes


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("it shows 101 on the display", ["101"]),
        ("Ofenta says “24”", ["24"]),
        ("customer got 404, what now?", ["404"]),
        ("a 204 error after the update", ["204"]),
        ("what does 204 mean", ["204"]),
        ("it shows 24 °C", []),
        ("it shows 24 in the display and 30 rpm", ["24"]),
        ("shows 24 degrees", []),
        ("says 30 times", []),
        ("reads 12:30", []),
        ("it shows 5", []),
        ("20 error codes", []),
        ("the 24 V lamp", []),
    ],
)
def test_a_display_may_show_a_bare_number(text: str, numbers: list[str]) -> None:
    assert list(shown_numbers(text)) == numbers


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("404 on the Ofenta", ["404"]),
        ("ofenta 404?", ["404"]),
        ("404", ["404"]),
        ("24 V", []),
        ("ofenta at 60 °C", []),
        ("is 24 enough", []),
        ("E4 on 220", []),
    ],
)
def test_a_question_may_begin_or_end_with_a_number_alone(question: str, numbers: list[str]) -> None:
    assert list(lone_numbers(question)) == numbers


def test_what_a_display_shows_beside_a_code_is_no_code() -> None:
    assert numbered_codes("E20 while it shows 101") == {"e20"}


def test_a_row_may_be_led_by_a_code_with_an_equals_sign() -> None:
    assert keys_of("Shows: E=04 | Hot\nShows: E=06 E=07 | Wet") == {"e4": "E=04", "e6": "E=06", "e7": "E=07"}
