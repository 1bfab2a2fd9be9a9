"""What a report says was learned from people: their own words, and only those in the training part."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from fakes_retraining import report
from fakes_votes import CARE, DESCALE, LAMPS, WATER, Shop, passage

from training.feedback.anchoring import Anchors
from training.feedback.claims import Edit
from training.feedback.support import claim_of
from training.feedback.triplet import Rules, Triplet
from training.feedback.triplet_facts import read_facts
from training.retraining.job_report import JobReport, Learned, learned_from

APPROVING = Rules(approve_all=True)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path, APPROVING)


def learned(shop: Shop, *training: Triplet) -> tuple[Learned, ...]:
    """From these triplets; without any, from all that a release may learn from."""
    part = training or tuple(t for t in shop.triplets() if t.trainable)
    return learned_from(part, read_facts(shop.store), shop.rules, Anchors(shop.passages))


def span(answer_id: str, words: str, kind: str = "answer") -> Learned:
    start = DESCALE.index(words)
    return Learned(answer_id, kind, CARE.id, start, start + len(words))  # type: ignore[arg-type]


def test_a_thumbs_up_speaks_for_what_was_shown_and_a_thumbs_down_against_it(shop: Shop) -> None:
    liked, disliked = shop.ask(), shop.ask("How is it cleaned?", "Empty the tank first.")
    shop.up(liked)
    shop.down(disliked)

    assert learned(shop) == tuple(
        sorted([span(liked, "every 200 cups"), span(disliked, "Empty the tank first.", "negative")], key=repr)
    )


def test_of_two_corrections_that_conflict_the_one_that_the_admin_picked_was_learned(shop: Shop) -> None:
    answer_id = shop.ask(span="Put in one tablet.")
    shop.correct(answer_id, "every 200 cups", person="ada")
    shop.correct(answer_id, None, person="ben")
    assert learned(shop) == ()

    picked = shop.open().decide(shop.only().id, "approved")
    assert picked.answer == "every 200 cups"
    assert learned(shop) == (span(answer_id, "every 200 cups"),)


def test_that_no_manual_says_it_is_learned_whatever_passage_came_nearest(shop: Shop) -> None:
    answer_id = shop.ask(span=None)
    shop.up(answer_id)

    assert learned(shop) == (Learned(answer_id, "unanswerable"),)


def test_what_is_held_out_or_rejected_was_not_learned(shop: Shop) -> None:
    first, second = shop.ask(), shop.ask("How is it cleaned?")
    shop.up(first)
    shop.up(second)
    training = tuple(t for t in shop.triplets() if t.question == "How is it cleaned?")

    assert learned(shop, *training) == (span(second, "every 200 cups"),)


def test_what_people_said_stays_theirs_when_the_manual_has_moved_its_words(shop: Shop) -> None:
    answer_id = shop.ask()
    shop.up(answer_id)
    moved = passage(DESCALE, "Maintenance")
    shop.passages = (moved, WATER, LAMPS)

    [triplet] = shop.triplets()
    assert (triplet.passage_id, triplet.status) == (moved.id, "approved")
    assert learned(shop) == (span(answer_id, "every 200 cups"),)


@pytest.mark.parametrize(
    ("words", "is_theirs"), [("200 cups", True), ("the machine every 200 cups", True), ("one tablet", False)]
)
def test_an_edit_that_says_something_else_was_not_learned_from_people(
    shop: Shop, words: str, is_theirs: bool
) -> None:
    answer_id = shop.ask()
    shop.up(answer_id)
    claim = claim_of(shop.only())
    start = DESCALE.index(words)
    edit = Edit(None, replace(claim, start=start, end=start + len(words)))
    shop.open().decide(shop.only().id, "approved", edit)

    assert learned(shop) == ((span(answer_id, "every 200 cups"),) if is_theirs else ())


def test_what_one_person_says_beyond_the_cap_was_not_learned(shop: Shop) -> None:
    first, second = shop.ask(), shop.ask("How is it cleaned?")
    shop.up(first)
    shop.up(second)
    shop.rules = replace(APPROVING, cap_per_person=1)

    assert learned(shop) == (span(first, "every 200 cups"),)


def test_what_was_learned_survives_json() -> None:
    made = report(learned_from=(span("a1", "every 200 cups"), Learned("a2", "unanswerable")))
    assert JobReport.of(json.loads(json.dumps(made.as_json()))) == made


def test_a_report_of_an_earlier_version_names_answers_alone() -> None:
    record = {**report().as_json(), "learned_from": ["a1", "a2"]}
    assert JobReport.of(record).learned_from == (Learned("a1"), Learned("a2"))
