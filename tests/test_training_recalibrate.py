"""A candidate's confidence says what the current release's says, on whatever scale its features are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes_votes import CARE, LAMPS, WATER, Shop

from qa_core.confidence import Calibrator
from qa_core.engine import Found
from qa_core.types import Hit, Passage, Reading, Span
from training.calibrate import UNFITTED
from training.feedback.triplet import Triplet
from training.retraining.recalibrate import MORE_SILENT, Belief, carried_over, excerpt_cases

CALIBRATOR = replace(UNFITTED, weights=(1.5, 0.5, 0.5, 1.0, 0.3), bias=0.6, threshold=0.41)


def chance(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_what_fits_already_stays_as_it_is() -> None:
    beliefs = [Belief(n / 10, chance(n / 10)) for n in range(-30, 31)]
    same = carried_over(CALIBRATOR, beliefs)
    assert same.weights == pytest.approx(CALIBRATOR.weights, abs=0.01)
    assert same.bias == pytest.approx(CALIBRATOR.bias, abs=0.01)
    assert same.threshold == CALIBRATOR.threshold


def test_logits_that_grew_wider_and_higher_are_brought_back() -> None:
    beliefs = [Belief(2 * n / 100 + 1, chance(n / 100)) for n in range(-300, 301)]
    values = (0.3, 0.2, 0.1, 0.4, 0.0)
    back = carried_over(CALIBRATOR, beliefs).logit(values)
    assert back == pytest.approx((CALIBRATOR.logit(values) - 1) / 2, abs=0.1)


def test_right_answers_alone_move_little_when_they_are_few() -> None:
    believed = [Belief(n / 10, chance(n / 10)) for n in range(-40, 41)]
    surer = carried_over(CALIBRATOR, [*believed, *[Belief(0.0, 1.0)] * 5])
    assert 0.0 < surer.bias - CALIBRATOR.bias < 0.3


def test_what_may_well_be_chance_changes_nothing() -> None:
    believed = [Belief(n / 10, chance(n / 10)) for n in range(-40, 41)]
    mixed = [*[Belief(0.0, 1.0)] * 8, *[Belief(0.0, 0.0)] * 3]
    assert carried_over(CALIBRATOR, [*believed, *mixed]) == CALIBRATOR
    assert carried_over(CALIBRATOR, [*believed, *mixed * 10]) != CALIBRATOR


def n_answered(calibrator: Calibrator, logits: Sequence[float]) -> int:
    """How many reach the threshold, of answers that had these logits before."""
    scale = calibrator.weights[0] / CALIBRATOR.weights[0]
    shift = calibrator.bias - scale * CALIBRATOR.bias
    return sum(chance(scale * each + shift) >= CALIBRATOR.threshold for each in logits)


def test_votes_on_what_has_an_answer_hardly_answer_more_of_what_has_none() -> None:
    silent = [-3.0 + n / 40 for n in range(100)]  # the last ones may be answered already
    beliefs = [Belief(each, chance(each), at_beginning=each) for each in silent]
    praised = [Belief(-1.0, 1.0)] * 300
    before = n_answered(CALIBRATOR, silent)
    unbounded = carried_over(CALIBRATOR, [*praised, *(replace(each, at_beginning=None) for each in beliefs)])
    assert n_answered(unbounded, silent) > before + 20
    bounded = carried_over(CALIBRATOR, [*praised, *beliefs])
    assert bounded != CALIBRATOR
    assert n_answered(bounded, silent) == before + int(MORE_SILENT * len(silent))


def test_confidence_may_fall_as_far_as_it_is_believed_to() -> None:
    silent = [-1.0 + n / 40 for n in range(100)]
    beliefs = [Belief(each, 0.0, at_beginning=each) for each in silent]
    lower = carried_over(CALIBRATOR, beliefs)
    assert n_answered(lower, silent) < n_answered(CALIBRATOR, silent)
    assert lower == carried_over(CALIBRATOR, [replace(each, at_beginning=None) for each in beliefs])


def test_what_ranking_adds_for_what_has_no_answer_is_taken_back() -> None:
    silent = [-3.0 + n / 40 for n in range(100)]
    before = n_answered(CALIBRATOR, silent)
    beliefs = [Belief(each + 0.8, chance(each + 0.8), at_beginning=each) for each in silent]
    assert n_answered(CALIBRATOR, [each.logit for each in beliefs]) > before + 20
    carried = carried_over(CALIBRATOR, beliefs)  # they say what is believed: nothing else is to be changed
    assert carried.weights == CALIBRATOR.weights
    assert n_answered(carried, [each.logit for each in beliefs]) == before + int(MORE_SILENT * len(silent))


def test_without_beliefs_nothing_changes() -> None:
    assert carried_over(CALIBRATOR, []) == CALIBRATOR


def found(*passages: Passage, n_spans: int = 1) -> Found:
    spans = (Span(0, 5, 1.0),) * n_spans
    hits = tuple(Hit(each, 1.0, 0.5, 0.5) for each in passages)
    return Found("q", "q", np.zeros(4, np.float32), hits, tuple(Reading(hit, spans, 0.0) for hit in hits))


@pytest.fixture
def triplets(tmp_path: Path) -> tuple[Triplet, ...]:
    """A thumbs-up and a correction."""
    shop = Shop(tmp_path)
    shop.up(shop.ask())
    shop.correct(shop.ask("When is the filter changed?", "Order filters", WATER), FILTERS, WATER, "U2")
    return shop.triplets()


FILTERS = "Change the water filter every two months."


def groups_of(triplets: Sequence[Triplet]) -> dict[str, str]:
    return {each.id: each.question for each in triplets}


def test_what_people_marked_or_saw_tells_how_much_they_want_to_see(triplets: tuple[Triplet, ...]) -> None:
    read = [found(LAMPS, CARE, WATER)] * len(triplets)
    cases = excerpt_cases(triplets, read, groups_of(triplets))
    assert {(c.reading.hit.passage.id, c.said, c.is_marked, c.group) for c in cases} == {
        (CARE.id, next(t.shown for t in triplets if t.shown), False, "How often must I descale?"),
        (WATER.id, FILTERS, True, "When is the filter changed?"),
    }
    edited = [replace(each, shown=None, edited=True) for each in triplets]  # what was voted for is gone
    assert [c.said for c in excerpt_cases(edited, read, groups_of(triplets))] == [FILTERS]


def test_imports_and_what_was_not_read_tell_nothing_of_that(triplets: tuple[Triplet, ...]) -> None:
    groups = groups_of(triplets)
    imported = [replace(each, provenance="import") for each in triplets]
    assert excerpt_cases(imported, [found(CARE, WATER)] * len(imported), groups) == []
    assert excerpt_cases(triplets, [found(LAMPS)] * len(triplets), groups) == []
    assert excerpt_cases(triplets, [found(CARE, WATER, n_spans=0)] * len(triplets), groups) == []
