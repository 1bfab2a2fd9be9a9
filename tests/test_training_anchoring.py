from dataclasses import replace

import pytest
from fakes_votes import CARE, DESCALE, WATER, Shop, passage

from training.anchoring import Anchors
from training.claims import Claim, place_of

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
