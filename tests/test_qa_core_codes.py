"""Codes and models that questions name and manuals lack."""

from __future__ import annotations

import pytest

from qa_core.codes import Codes, with_letters

TEXTS = (
    (
        "Messages",
        "Code: E04 | Meaning: Paper jam\nCode: E05 | Meaning: Cover open\nCode: E-12 | Meaning: Hot",
    ),
    (
        "Models",
        "Hood washers of the series: HX 510, HX 520 and HX 530. Works with PowerRail 500 or PowerRail 750.",
    ),
    ("Cuffs", "Cuffs CF-42M and CF-46L. Parameters P01 to P40. Fit both M4 screws."),
    (
        "Menus",
        "Menu 01: language. Menu 02: tone. Menu 03: clock. Press OK 3 seconds, to test OK 5 seconds.",
    ),
)
TRAIL = Codes("Calvero Trail 5", ("Calvero Trail 3", "Calvero Trail 5"), TEXTS)
MOWER = Codes("Mossi X1 mower", ("Mossi X1 mower", "Mossi X2 mower"), (("Blades", "Fit 3 blades."),))


@pytest.mark.parametrize(
    "question",
    [
        "range of the Trail 7?",
        "what does error E77 mean",
        "E-6?",
        "error 99",
        "HX 540 tank volume",
        "the hx540's tank",
        "cuff CF-47M",
        "default of P99",
        "what does menu 60 do",
        "charging time of the PowerRail 1000",
    ],
)
def test_what_looks_like_the_manuals_codes_and_is_none_is_lacking(question: str) -> None:
    assert TRAIL.lack(question)


@pytest.mark.parametrize(
    "question",
    [
        "range of the Trail 5?",
        "E4 or e-04 or E77",  # there is an answer to one of them
        "error 12",
        "Hx-510 tank volume",
        "default of P17",  # P01 to P40
        "menu 3",
        "press OK 2 times",
        "PIN 1234",
        "trail of 7 km",
        "M8 screws",  # one M4 is no row of them
        "WPA2",
        "how long does it take",
    ],
)
def test_what_the_manuals_have_or_count_nowhere_is_not_lacking(question: str) -> None:
    assert not TRAIL.lack(question)


def test_a_sister_of_the_product_is_lacking() -> None:
    assert [MOWER.lack(f"blades of the {model}") for model in ("X1", "X2", "X3")] == [False, True, True]
    assert not MOWER.lack("is the X1 louder than the X2")


def test_versions_that_the_text_tells_of_are_known() -> None:
    codes = Codes("Netvia", ("Netvia",), (("Update", "With firmware 4.1 the lamp is green."),))
    assert [codes.tell_of_version(each) for each in ("4.1", "9")] == [True, False]


UPS = Codes(
    "UPS",
    ("UPS",),
    (("Fault codes", "Code: F-02 | Meaning: Overload\nCode: W-02 | Meaning: Weak\nCode: F14 | Hot"),),
)


@pytest.mark.parametrize(
    ("question", "spelled"),
    [
        ("error 5 on the display", "error E05 on the display"),
        ("Error code 04?", "Error code E04?"),
        ("message no. 12", "message no. E-12"),
        ("error 99", "error 99"),
        ("error 5 times", "error 5 times"),
        ("error E05 after 5 minutes", "error E05 after 5 minutes"),
        ("menu 4", "menu 4"),
    ],
)
def test_a_fault_s_number_finds_its_code(question: str, spelled: str) -> None:
    assert with_letters(question, [TRAIL]) == spelled


def test_of_several_codes_of_a_number_the_one_that_begins_as_the_word_is_meant() -> None:
    words = ("fault 2", "warning 2", "code 2", "alarm 14")
    assert [with_letters(each, [UPS]) for each in words] == [
        "fault F-02",
        "warning W-02",
        "code 2",
        "alarm F14",
    ]


def test_a_number_that_two_products_count_differently_finds_no_code() -> None:
    other = Codes("Pump", ("Pump",), (("Alarms", "Code: A5 | Meaning: Dry\nCode: E-4 | Meaning: Hot"),))
    assert with_letters("error 5 or error 4", [TRAIL, other]) == "error 5 or error E04"
