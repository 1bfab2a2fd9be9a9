"""Questions in the manuals' words: shorthand and slips of the keyboard."""

from __future__ import annotations

import pytest

from qa_core.spelling import Spelling
from qa_core.types import Manual, Passage, Section

MANUAL = Manual("m", "/manuals", "oven.md", "Calvero Brisane oven", "Brisane", None, None, "d")


def spelling(*texts: str, heading: str = "Cleaning") -> Spelling:
    sections = [Section((MANUAL.title, heading), text) for text in texts]
    return Spelling([Passage(f"p{n}", MANUAL, s, 0, len(s.text)) for n, s in enumerate(sections)])


OVEN = spelling(
    "Descaling takes 20 minutes. Press the button.",
    "The password and the temperature are in the menu. Replace the filter.",
    "The filters are washable.",
)


@pytest.mark.parametrize(
    ("asked", "corrected"),
    [
        ("How do I start desclaing?", "How do I start descaling?"),  # two letters changed places
        ("Repalce the fliter", "Replace the filter"),
        ("HOW DO I START DESCLAING", "HOW DO I START DESCALING"),
        ("the brissane's fliter", "the brisane's filter"),
        ("is the brisanne loud", "is the brisane loud"),  # names as well
        ("What is the descaler?", "What is the descaler?"),  # the manuals have words of its stem
        ("Where are the buttons?", "Where are the buttons?"),
        ("Does it stink of butter?", "Does it stink of butter?"),  # English has it
        ("the fridge-flter and oven.pasword@home", "the fridge-flter and oven.pasword@home"),
        ("E-fliter, fliter2, /fliter", "E-fliter, fliter2, /fliter"),
        ("Who is Grzegorz?", "Who is Grzegorz?"),  # nothing is near
        ("buton", "buton"),  # too short to be sure
        ("dsecaling desacling", "descaling descaling"),
        ("", ""),
    ],
)
def test_slips_become_the_manuals_words(asked: str, corrected: str) -> None:
    assert OVEN.corrected(asked) == corrected


@pytest.mark.parametrize(
    ("asked", "corrected"),
    [
        ("pw for the menu, pls", "password for the menu, please"),
        ("at what Temp", "at what Temperature"),
        ("wifi config", "wifi config"),  # which the manuals know nothing of
        ("it doesnt start, whats up", "it doesn't start, what is up"),
        ("temp-2 and pw3", "temp-2 and pw3"),
    ],
)
def test_shorthand_is_written_out_as_the_manuals_do(asked: str, corrected: str) -> None:
    assert OVEN.corrected(asked) == corrected


@pytest.mark.parametrize(
    ("asked", "corrected"),
    [
        ("order no filter", "order number filter"),
        ("Order no. of the filter?", "Order number of the filter?"),
        ("where is the serial #", "where is the serial number"),
        ("part nr for a filter", "part number for a filter"),
        ("part no longer in stock", "part no longer in stock"),
        ("item #4 of the list, no filter", "item #4 of the list, no filter"),
    ],
)
def test_signs_of_a_number_are_read_as_one(asked: str, corrected: str) -> None:
    assert spelling("The order number of the filter.").corrected(asked) == corrected
    assert OVEN.corrected(asked) == asked  # no number is told


def test_shorthand_that_the_manuals_use_stays() -> None:
    assert spelling("Menu > Temp sets the temperature.").corrected("where is temp") == "where is temp"


def test_of_two_words_that_are_as_near_the_more_frequent_one_is_meant() -> None:
    words = spelling("The washer has a washes setting. Washers wear out.", "washers washers")
    assert words.corrected("washexs") == "washers"


def test_a_letter_that_should_be_doubled_is_no_edit() -> None:
    words = spelling(
        "The espresso machine makes an espresso." * 2, "Use express mail. Keep the batteries dry."
    )
    assert words.corrected("expreso and expresso") == "espresso and espresso"
    assert words.corrected("bateries") == "batteries"
    assert (
        spelling("Make an espresso. Use express mail.").corrected("expreso") == "express"
    )  # neither is rare


def test_slips_are_told_and_shorthand_is_not() -> None:
    assert OVEN.slips("pw: repalce the fliter, fliter") == (("repalce", "replace"), ("fliter", "filter"))
    assert OVEN.slips("How do I start descaling?") == ()


def test_an_index_without_passages_corrects_nothing() -> None:
    assert Spelling([]).corrected("How do I start desclaing? pw") == "How do I start desclaing? pw"


FAN = spelling(
    "The rain cover is grey. Keep the water-tank full. Call if you are not able to.",
    "Turn the thumbscrew. Press down the button.",
)


@pytest.mark.parametrize(
    ("asked", "corrected"),
    [
        ("raincover of the fan", "rain cover of the fan"),
        ("Watertank size", "Water tank size"),
        ("notable features", "notable features"),  # which stand side by side by chance
        ("the raintank", "the raintank"),  # which stand nowhere side by side
        ("the thumb screw", "the thumbscrew"),
        ("a screw by the thumb", "a screw by the thumb"),
        ("turn the button", "turn the button"),
        ("does it run w/o water", "does it run without water"),
        ("runs w/ water or w/air", "runs with water or with air"),
        ("m/w/o and 3w/4", "m/w/o and 3w/4"),
        ("how many W/kg", "how many W/kg"),
    ],
)
def test_compounds_and_short_words_become_the_manuals_own(asked: str, corrected: str) -> None:
    assert FAN.corrected(asked) == corrected
