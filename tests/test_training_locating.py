from dataclasses import replace
from itertools import pairwise

import pytest
from fakes_bot import hit

from qa_core.types import Passage
from training.feedback.locating import has_words, locate, nearest

TEXT = (
    "Descale the machine every 200 cups (or 90 %).\n"
    "1. Empty the tank.\n"
    "2. Put in one tablet.\n"
    "Rinse twice afterwards. Then dry the tray."
)


def passages(text=TEXT, *cuts):
    """The passages of one section, cut at these offsets."""
    whole = hit(text).passage
    edges = [0, *cuts, len(text)]
    return tuple(
        Passage(f"p{n}", whole.manual, whole.section, start, end)
        for n, (start, end) in enumerate(pairwise(edges), start=1)
    )


def test_a_text_is_found_word_for_word():
    found = locate("Put in one tablet.", passages())
    assert found.text == "Put in one tablet."
    assert found.likeness == 100.0
    assert found.span == (TEXT.index("Put"), TEXT.index("Put") + 18)
    assert found.context == TEXT


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("  every\n200   CUPS ", "every 200 cups"),
        ("every *200* cups", "every 200 cups"),
        ("Descale the machine", "Descale the machine"),
        ("Empty the tank. Put in one tablet", "Empty the tank.\n2. Put in one tablet."),
        ("1. Empty the tank. 2. Put in", "1. Empty the tank.\n2. Put in"),
        ("Empty the\u200b tank", "Empty the tank."),
    ],
)
def test_case_spaces_marks_and_step_numbers_do_not_matter(pasted, text):
    assert locate(pasted, passages()).text == text


def test_a_part_of_a_word_is_not_a_match():
    assert locate("cale the machine", passages()) is None


@pytest.mark.parametrize(
    ("pasted", "text", "found"),
    [
        ("5 bar", "Fill it to 1.5 bar.", None),
        ("5 bar", "Fill it to 1.5 bar, at most to 5 bar.", "5 bar."),
        ("Fill it to 1", "Fill it to 1.5 bar.", None),
        ("to 1.5 bar", "Fill it to 1.5 bar.", "to 1.5 bar."),
        ("000 pages", "It prints 1,000 pages.", None),
        ("2 cup", "Add 1/2 cup.", None),
        ("10 W", "It draws 110 W, in standby 10 W.", "10 W."),
        ("5 °C", "Store it above -5 °C.", None),
        ("5 °C", "Store it above −5 °C.", None),
        ("-5 °C", "Store it above −5 °C.", "−5 °C."),
        ("-5 °C", "Store it above 5 °C.", None),
        ("from 5 °C on", "It works from -5 °C on.", None),
        ("from -5 °C on", "It works from -5 °C on.", "from -5 °C on."),
        ("5 bar", "It takes 2-5 bar.", "5 bar."),
        ("bar, 5", "It takes 2 bar, 5 times.", "bar, 5"),
    ],
)
def test_a_piece_begins_and_ends_outside_of_numbers(pasted, text, found):
    located = locate(pasted, passages(text))
    assert (located and located.text) == found


def test_words_in_another_order_are_no_match():
    assert locate("one tablet Put in", passages()) is None


def test_a_text_without_words_is_nowhere():
    assert not has_words(" –*… ")
    assert locate("…", passages()) is None


def test_the_passage_in_which_it_begins_is_told_and_the_context_holds_all_of_it():
    cut = TEXT.index("2. Put")
    found = locate("Empty the tank. Put in one tablet.", passages(TEXT, cut))
    assert found.passage.id == "p1"
    assert found.context == TEXT[: TEXT.index("tablet.") + 7]
    start, end = found.span
    assert found.context[start:end] == "Empty the tank.\n2. Put in one tablet."


def test_a_text_of_the_second_passage_is_told_by_it():
    cut = TEXT.index("Rinse")
    found = locate("then dry the tray", passages(TEXT, cut))
    assert found.passage.id == "p2"
    assert found.context[slice(*found.span)] == "Then dry the tray."


def test_the_first_manual_that_has_it_is_taken():
    other = tuple(replace(p, id="q", manual=replace(p.manual, id="n" * 16)) for p in passages())
    assert locate("Rinse twice", (*other, *passages())).passage.id == "q"


def test_the_nearest_match_is_whole_sentences_or_steps():
    found = nearest("put 1 tablet into it", passages())
    assert found.text == "2. Put in one tablet."
    assert 60 < found.likeness < 100


def test_what_is_alike_nothing_is_not_offered():
    assert nearest("Zebra quagga xylophone", passages()) is None
