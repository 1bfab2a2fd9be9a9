from dataclasses import replace

import pytest
from fakes_votes import CARE, DESCALE, WATER, Shop, passage

from training.feedback.anchoring import Anchors
from training.feedback.claims import Claim, place_of

CLAIM = Claim(place_of(CARE), 20, 34)  # "every 200 cups"


def anchored(*passages, claim=CLAIM):
    found = Anchors(passages).anchor(claim)
    return found and (found.place.passage_id, found.place.text[found.start : found.end])


def test_what_has_not_changed_stays():
    assert Anchors([CARE, WATER]).anchor(CLAIM) == CLAIM


def test_a_passage_with_the_same_text_takes_its_place_that_of_the_same_manual_first():
    moved, copied = passage(DESCALE, "Upkeep"), passage(DESCALE, "Care", path="other.md")
    assert anchored(copied, moved) == (moved.id, "every 200 cups")
    assert anchored(copied) == (copied.id, "every 200 cups")


def test_words_that_still_occur_are_found_in_the_changed_passage():
    changed = passage("New: first read this. " + DESCALE)
    assert anchored(WATER, changed) == (changed.id, "every 200 cups")


def test_a_change_of_spaces_and_case_around_the_words_does_not_matter():
    changed = passage(DESCALE.replace("Descale the machine", "DESCALE  the\nmachine"))
    assert anchored(changed) == (changed.id, "every 200 cups")


def test_of_two_occurrences_the_one_in_its_own_sentence_is_meant():
    changed = passage("Clean the tray every 200 cups. " + DESCALE)
    found = Anchors([changed]).anchor(CLAIM)
    assert (found.start, found.end) == (51, 65)


def test_words_that_are_gone_are_stale():
    assert anchored(passage(DESCALE.replace("200", "300")), WATER) is None
    assert anchored() is None


def test_the_same_words_in_quite_another_text_are_not_taken_for_them():
    assert anchored(passage("The warranty covers every 200 cups that you brew with our own beans.")) is None


def test_an_unanswerable_question_goes_stale_with_the_text_that_it_was_about():
    claim = replace(CLAIM, start=None, end=None)
    assert Anchors([passage(DESCALE, "Upkeep")]).anchor(claim).place.heading_path == ("Meridio", "Upkeep")
    assert Anchors([passage(DESCALE + " It makes tea.")]).anchor(claim) is None


@pytest.mark.parametrize(
    "text", [DESCALE + "\n", DESCALE.replace(". ", ".\r\n"), " " + DESCALE.replace(" ", "\N{NO-BREAK SPACE}")]
)
def test_an_unanswerable_question_keeps_its_text_however_its_lines_end(text):
    here = passage(DESCALE.replace(". ", ".\n"))
    claim = Claim(replace(place_of(here), text=text), None, None)
    assert Anchors([WATER, here]).anchor(claim) == Claim(place_of(here), None, None)


REST = " The tank must be empty. Close the lid and unplug the machine."


@pytest.mark.parametrize(
    ("span", "before", "now", "found"),
    [
        ("Press ▲", "Press ▲ to go up.", "Press ▼ to go up.", None),
        ("Press ▲", "Press ▲ to go up.", "Press ▲ twice to go up.", "Press ▲"),
        ("-5 °C", "Store it above -5 °C in winter.", "Always store it above -5 °C in winter.", "-5 °C"),
        ("-5 °C", "Store it above -5 °C in winter.", "Store it above 5 °C in winter.", None),
        ("-5 °C", "Store it above -5 °C in winter.", "Store it above ≥5 °C in winter.", None),
        ("5 °C", "Store it above 5 °C in winter.", "Store it above -5 °C in winter.", None),
        ("1.5 bar", "Fill it to 1.5 bar.", "Fill it to 1-5 bar.", None),
        ("5 bar", "Fill it to 5 bar.", "Fill it to 1.5 bar.", None),
        ("1.5 bar", "Fill it to 1.5 bar.", "Now fill it to 1.5 bar.", "1.5 bar"),
    ],
)
def test_signs_and_numbers_are_found_again_as_they_are_or_not_at_all(span, before, now, found):
    old, new = passage(before + REST), passage(now + REST)
    start = old.text.index(span)
    claim = Claim(place_of(old), start, start + len(span))
    assert anchored(new, claim=claim) == (found and (new.id, found))


def said_of(span: str, text: str) -> Claim:
    """A claim about words of a passage that begins with `text`."""
    start = text.index(span)
    return Claim(place_of(passage(f"{text}\n{REST}")), start, start + len(span))


@pytest.mark.parametrize(
    ("span", "before", "now"),
    [
        (
            "every 3 months",
            "Descale every 3 months.",
            "Descale every 6 months. Change seals every 3 months.",
        ),
        ("in May", "Change the filter in May.", "Change the filter in June. Clean the filter in May."),
        ("1.2 kg", "Weight | 1.2 kg", "Weight | 1.5 kg\nWeight of the base | 1.2 kg"),
        ("Wash it under warm water.", "Wash it under warm water.", "Never wash it under warm water."),
        ("dishwasher", "Put it into the dishwasher.", "Don't put it into the dishwasher."),
        ("2 hours", "Do not run it for 2 hours.", "Run it for 2 hours."),
        ("vinegar", "Descale it with vinegar or tablets.", "Descale it only with vinegar or tablets."),
    ],
)
def test_words_that_are_said_of_another_thing_now_or_denied_are_stale(span, before, now):
    assert anchored(passage(now + "\n" + REST), claim=said_of(span, before)) is None


@pytest.mark.parametrize(
    ("span", "before", "now"),
    [
        ("every 3 months", "Descale it every 3 months.", "Now descale it every 3 months."),
        ("1.2 kg", "Weight | 1.2 kg | K1", "Weight | 1.2 kg | K1, K2"),
        ("1.2 kg", "Weight | 1.2 kg", "Weight: 1.2 kg"),
        ("the dial", "1. Turn the dial.\n2. Wait.", "1. Wait.\n2. Turn the dial."),
        ("Press OK.", "Press OK.", "Now press OK."),
        ("warm water", "Never wash it under warm water.", "Never wash the filter under warm water."),
    ],
)
def test_words_that_are_still_said_of_the_same_are_found_in_a_sentence_that_has_changed(span, before, now):
    new = passage(now + "\n" + REST)
    found = Anchors([new]).anchor(said_of(span, before))
    assert found is not None
    assert found.place.text[found.start : found.end].lower() == span.lower()


def test_many_words_in_a_row_are_found_whatever_stands_around_them():
    span = "hold the left button and the right button down until all four lamps blink"
    old, new = passage(f"To reset it, {span}."), passage(f"For another day's work with new beans {span}.")
    start = old.text.index(span)
    claim = Claim(place_of(old), start, start + len(span))
    assert anchored(new, claim=claim) == (new.id, span)


START = "To start the pump open the inlet valve. Press OK. The green lamp lights up after five seconds."
STOP = "To stop the pump close the outlet valve. Press OK. The green lamp goes out after nine seconds."


def of_one_section(section, *texts):
    first, *others = (passage(each, "Pump", section=section) for each in texts)
    return first, *(replace(each, section=first.section) for each in others)


def test_of_equal_sentences_the_one_in_the_most_similar_passage_is_meant():
    now = STOP.replace("nine", "two")
    section = f"{START}\n{now}"
    started, stopped = of_one_section(section, START, now)
    old = passage(STOP, "Pump", section=f"{START}\n{STOP}")
    at = STOP.index("Press OK.")
    found = anchored(started, stopped, claim=Claim(place_of(old), at, at + 9))
    assert found == (stopped.id, "Press OK.")


def test_of_equal_sentences_none_is_meant_where_nothing_tells():
    section = "First valve. Press OK.\nSecond valve. Press OK."
    parts = of_one_section(section, *section.split("\n"))
    old = passage("Any valve. Press OK.", "Pump")
    at = old.text.index("Press OK.")
    assert anchored(*parts, claim=Claim(place_of(old), at, at + 9)) is None


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    yield shop
    shop.store.close()


def test_a_triplet_follows_its_text_and_is_stale_while_that_is_gone(shop):
    shop.up(shop.ask())
    changed = passage("Read this first. " + DESCALE)
    shop.passages = (changed,)
    assert (shop.only().passage_id, shop.only().answer) == (changed.id, "every 200 cups")
    assert (shop.only().status, shop.only().context) == ("pending", changed.text)
    shop.passages = (WATER,)
    assert (shop.only().status, shop.only().answer, shop.only().trainable) == (
        "stale",
        "every 200 cups",
        False,
    )
    shop.passages = (CARE,)
    assert (shop.only().status, shop.only().passage_id) == ("pending", CARE.id)


def test_votes_before_and_after_a_change_of_the_manual_are_about_one_triplet(shop):
    shop.up(shop.ask(), "U1")
    changed = passage("Read this first. " + DESCALE)
    shop.passages = (changed,)
    shop.up(shop.ask(of=changed), "U2")
    assert (shop.only().n_up, shop.only().passage_id) == (2, changed.id)


def test_a_decision_outlasts_a_change_of_the_manual(shop):
    shop.up(shop.ask())
    shop.open().decide(shop.only().id, "approved")
    shop.passages = (passage("Read this first. " + DESCALE),)
    assert shop.only().status == "approved"


def test_stale_triplets_conflict_with_none(shop):
    shop.up(shop.ask(), "U1")
    shop.up(shop.ask(of=WATER, span="every two months"), "U2")
    shop.passages = (WATER,)
    assert sorted((t.status, t.conflict) for t in shop.triplets()) == [("pending", None), ("stale", None)]
