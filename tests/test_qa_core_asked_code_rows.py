"""Questions about a code alone, and the rows that have it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_core.asked.code_rows import (
    AS_WRITTEN_BONUS,
    ASKED_ROW_BONUS,
    AskedCodes,
    asked_beside_codes,
    asks_for_its_row,
    is_on_fault,
    names_its_fault,
)
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


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("E20, what can the customer do himself", True),
        ("code 61 keeps coming up at night", True),
        ("price of the sensor for E20", False),  # of which no row tells
        ("E23 after a fall", False),
        ("it came up after a fall", False),
        ("the Volumat 30 fell down", False),
    ],
)
def test_a_fault_may_be_asked_about_in_many_words(question: str, names: bool) -> None:
    assert names_its_fault(question, passage()) is names


def test_a_code_inside_a_row_does_not_lead_it() -> None:
    assert not asks_for_its_row("E20", passage("Step: 4 | Action: Wait until E20 is gone."))


@pytest.mark.parametrize("question", ["F2 on the volumat", "what does F6 mean", "failure #5"])
def test_each_code_of_a_row_and_that_of_a_heading_is_asked_for(question: str) -> None:
    text = "Code: F1 F2 | Cause: Hot\nCode: F5-F7 | Cause: Wet"
    own = Passage("p", MANUAL, Section(("Faults", "Failure #5"), text), 0, len(text))
    asked = question.replace("F6", "F5-F7")  # as the index spells it
    assert asks_for_its_row(asked, own)


@pytest.mark.parametrize(
    ("heading", "text", "is_there"),
    [
        ("Faults", "E20 | Air", True),
        ("Display", "Code: E20 | Cause: Air", True),
        ("Error E-20", "Open the door.", True),
        ("Error E.20", "Open the door.", True),
        ("Troubleshooting", "Display: E20 | Meaning: Air", True),
        ("Problems and solutions", "Indication: E20 | Meaning: Air", True),
        ("If something goes wrong", "Display: E20 | Meaning: Air", True),
        ("Display", "Shown: E20 | Possible cause: Air", True),
        ("Display", "Shown: E20 | What to do: Call", True),
        ("Messages", "Wait until E20 is gone.", False),
        ("Models", "Model: E20 | Weight: 3 kg", False),
        ("3.1 Faults of the E10 and E20", "Open the door.", False),
    ],
)
def test_a_row_of_faults_or_a_heading_is_about_its_code(heading: str, text: str, is_there: bool) -> None:
    own = Passage("p", MANUAL, Section((heading,), text), 0, len(text))
    assert is_on_fault(own, frozenset({"e20"})) is is_there


@pytest.mark.parametrize(
    ("question", "is_there"),
    [
        ("E20 on the volumat, what now?", True),
        ("the pump says E20", True),
        ("E20 air in the tube", True),  # all of it is in the row
        ("the tube is torn at E20, how do they get it out?", False),
    ],
)
def test_a_row_is_hardly_about_what_is_asked_beside_its_code(question: str, is_there: bool) -> None:
    text = "Code: E20 | Cause: Air in the tube"
    own = Passage("p", MANUAL, Section(("Faults",), text), 0, len(text))
    assert is_on_fault(own, frozenset({"e20"}), asked_beside_codes(question)) is is_there


def test_the_model_s_own_number_is_no_fault_but_behind_a_word_for_one() -> None:
    text = "Fault: 30 | Too hot\nFault: V30 | Cold"
    named = replace(MANUAL, product="Volumat V30")
    own = Passage("p", named, Section(("Faults",), text), 0, len(text))
    assert [is_on_fault(own, frozenset({code})) for code in ("30", "v30")] == [True, False]


def test_a_model_of_the_product_s_series_beside_the_code_asks_for_nothing_more() -> None:
    series = replace(passage(), manual=replace(MANUAL, product="Velora VX"))
    assert asks_for_its_row("E20 on a VX3000, what can they do?", series)
    assert not asks_for_its_row("E20 on an HX3000", series)


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [
        ("E20 on the VX-30W", True),  # a model may end in a letter
        ("E20 on the velora 4", True),
        ("what does E20 mean on the Velora 4 Plus", True),
        ("E20 on the velora, bag 4", False),
        ("E20 on the Marvo 4 Plus", False),
    ],
)
def test_whatever_a_model_of_the_series_is_called_asks_for_nothing_more(
    question: str, is_asked: bool
) -> None:
    series = replace(passage(), manual=replace(MANUAL, product="Velora VX"))
    assert asks_for_its_row(question, series) is is_asked


def test_a_model_with_a_number_and_a_word_beside_a_fault_is_no_more_to_find() -> None:
    series = replace(passage(), manual=replace(MANUAL, product="Velora VX"))
    codes = AskedCodes.of("see E20 at the Velora 4 Plus", ())
    assert codes.bonus(series, may_be_its=True) == ASKED_ROW_BONUS + AS_WRITTEN_BONUS


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [("code 65 on the Volumat", True), ("E7", True), ("code 3", False), ("error 12", False)],
)
def test_a_code_that_shares_its_cell_with_a_text_leads_the_row(question: str, is_asked: bool) -> None:
    text = "Message: 65 Bag empty | Cause: Use\nMessage: E7 Sensor dirty | Cause: Dust\n"
    text += "Message: 3 beeps | Cause: Door\nTray: 12 Bottles | Cause: none"
    assert asks_for_its_row(question, passage(text)) is is_asked


def test_what_the_first_heading_calls_the_product_is_nothing_to_find() -> None:
    question, names = "E20 on the Volumat Marvo", frozenset({"marvo"})
    assert not asks_for_its_row(question, passage())
    assert asks_for_its_row(question, passage(), names)
    assert AskedCodes.of(question, ()).bonus(passage(), True, names) == ASKED_ROW_BONUS + AS_WRITTEN_BONUS


@pytest.mark.parametrize(
    "question",
    ["Err 2 on the Volumat", "err 2", "error 2", "fault no. 2 on the Volumat", "Error no 2", "Volumat msg 2"],
)
@pytest.mark.parametrize("written", ["Err 2", "2"])
def test_a_word_for_faults_and_its_number_are_a_code_however_they_are_written(
    question: str, written: str
) -> None:
    own = passage(f"Message: {written} | Meaning: Bag empty\nMessage: Err 7 | Meaning: Bag torn")
    assert asks_for_its_row(question, own)
    assert is_on_fault(own, AskedCodes.of(question, ()).codes)


NUMBERS = "Code: 24 | Cause: Key turned\nCode: 30 | Cause: Belt loose"


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [
        ("the Volumat shows 24 on the display", True),
        ("24 on the Volumat", True),
        ("volumat 24?", True),
        ("24", True),
        ("24 error on the Volumat", True),
        ("30 on the Volumat", False),  # its model's number
        ("the Volumat says 24 times", False),
        ("the Volumat shows 24 °C", False),
        ("bags of the Volumat: 24", False),
        ("the Volumat shows 25", False),
    ],
)
def test_a_bare_number_is_a_code_where_it_is_shown_or_alone(question: str, is_asked: bool) -> None:
    own = passage(NUMBERS)
    bonus = AskedCodes.of(question, ()).bonus(own, may_be_its=True)
    assert asks_for_its_row(question, own) is is_asked
    assert bonus >= ASKED_ROW_BONUS if is_asked else bonus == 0.0


def test_a_bare_number_is_no_code_but_among_faults() -> None:
    weights = "Size: 24 | Weight: 3 kg"
    own = Passage("p", MANUAL, Section(("Weights",), weights), 0, len(weights))
    assert not asks_for_its_row("the Volumat shows 24", own)
    assert not asks_for_its_row("24 on the Volumat", own)


def test_of_two_products_codes_that_which_is_written_as_in_the_question_is_asked_for() -> None:
    asked = AskedCodes.of("customer has error E-1", ())
    padded, exact = passage("Code: E01 | Cause: Air"), passage("Code: E-1 | Cause: Water")
    bonuses = [asked.bonus(each, may_be_its=True) for each in (padded, exact)]
    assert bonuses == [ASKED_ROW_BONUS, ASKED_ROW_BONUS + AS_WRITTEN_BONUS]
