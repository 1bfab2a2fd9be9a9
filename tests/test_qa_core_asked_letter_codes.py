"""Codes of faults without a number: what leads rows, and what of a question's capitals is one."""

from __future__ import annotations

import numpy as np
import pytest

from qa_core.asked.code_rows import asks_for_its_row
from qa_core.asked.codes import Codes
from qa_core.asked.letter_codes import letter_codes, letter_faults, letter_rows
from qa_core.asked.written_codes import WrittenCodes
from qa_core.index import Index
from qa_core.types import Manual, Passage, Section

FAULTS = (
    "Code: HE | Meaning: Heating is cold\nCode: dO | Meaning: Lid is open\nCode: CAN | Meaning: Bus is down"
)


def passage(id_: str, product: str, heading: str, text: str) -> Passage:
    manual = Manual(product, "/manuals", f"{product}.md", f"{product} manual", product, None, None, "d")
    return Passage(id_, manual, Section((heading,), text), 0, len(text))


WASHER = passage("w1", "Velora washer", "Fault codes", FAULTS)


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("what does HE mean", {"he"}),
        ("my washer shows dO and won't start", {"do"}),
        ("CAN on the display?", {"can"}),
        ("Velora washer HE", {"he"}),
        ("OE, UE", {"oe", "ue"}),
        ("ERROR HE WHAT NOW", {"he"}),
        ("CAN I wash wool", set()),
        ("HOW DO I CLEAN IT", set()),
        ("how DO I clean it", set()),
        ("he error on the washer", {"he"}),
        ("what does he mean", {"he"}),
        ("the display shows lo", {"lo"}),
        ("no error, but it stops", set()),
        ("error on startup", set()),
        ("what does it mean", set()),
        ("can he wash wool", set()),
        ("USB-C or HE 52, E-HE, PCBs, Do", {"pcbs"}),
    ],
)
def test_capitals_may_be_codes_and_other_words_where_codes_stand(question: str, codes: set[str]) -> None:
    assert letter_codes(question) == codes


@pytest.mark.parametrize(
    ("heading", "text", "codes"),
    [
        ("Fault codes", FAULTS, {"he", "do", "can"}),
        ("Care", FAULTS.replace("Code", "Error"), {"he", "do", "can"}),
        ("Ports", "Port: USB | Use: Sticks\nPort: LAN | Use: Network", set()),
        ("Fault codes", "Lamp: LED | Meaning: It is on", set()),  # no row of codes
        ("Fault codes", "Code: Do | Meaning: Lid\nCode: He | Meaning: Cold", set()),
        ("Display › Error HE", "Call service.", {"he"}),
        ("Faults › 4.2 dO – open lid", "Close it.", {"do"}),
        ("Ports › USB – sticks", "Put it in.", set()),
    ],
)
def test_codes_lead_rows_of_faults_or_their_headings(heading: str, text: str, codes: set[str]) -> None:
    assert letter_rows(heading, text) == codes


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [
        ("what does CAN mean", True),
        ("HE, error DO?", True),
        ("washer error DO", True),
        ("HE and E7", False),
        ("price of the pump for HE", False),
        ("USB on the display", False),
    ],
)
def test_a_row_is_asked_for_by_its_letters(question: str, is_asked: bool) -> None:
    assert asks_for_its_row(question, WASHER) is is_asked


def test_the_row_of_letters_comes_before_a_text_with_all_other_words(tmp_path) -> None:
    words = "An error code is on the display when the drill has a fault. Code: E07 | Meaning: Hot"
    passages = (passage("d1", "Torvo drill", "Error codes on the display", words), WASHER)
    index = Index.build(passages, np.eye(2, dtype=np.float32), tmp_path / "index")

    def first(question: str) -> str:
        return index.search(question, np.array([1, 0], dtype=np.float32), 2)[0].passage.id

    asked = ("error code HE on the display", "error code ON the display", "error HE of the Torvo drill")
    assert [first(question) for question in asked] == ["w1", "d1", "d1"]


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("error code FE on the display", True),
        ("what does FE mean", True),
        ("it shows DO, and error HE", False),  # there is an answer to one of them
        ("error DE", False),  # the text has it
        ("the error LED blinks", False),
        ("does it show HDMI", False),
        ("WHICH CODE LOCK DOES IT HAVE", False),
        ("error HE 52", False),
    ],
)
def test_letters_that_are_no_code_beside_others_are_lacking(question: str, is_lacking: bool) -> None:
    texts = (("Fault codes", FAULTS), ("Plugs", "DE and UK plugs"))
    codes = Codes("Velora washer", ("Velora washer",), texts, WrittenCodes(texts))
    assert codes.lack(question) is is_lacking


def test_a_manual_without_a_row_of_codes_lacks_no_letters() -> None:
    texts = (("Faults", "The lamp is red."),)
    assert not Codes("Torvo drill", ("Torvo drill",), texts, WrittenCodes(texts)).lack("error FE")


def test_letters_of_questions_are_surely_codes_behind_a_word_for_faults() -> None:
    assert letter_faults("error HE, alarm: dO, what does UE mean, TV on") == {"he", "do", "ue"}
