"""The probability of the right passage: sharp scores alone gain nothing, a lead does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.measuring.chances import Ranked, chances_of

LEADS = Ranked((2.0, 1.0, 0.5), (True, False, False))
TRAILS = Ranked((1.0, 1.5), (True, False))
NOWHERE = Ranked((1.0, 0.5), (False, False))


def test_the_chance_is_a_softmax_over_the_scores() -> None:
    assert Ranked((1.0, 1.0, 1.0, 1.0), (True, False, True, False)).chance(0.1) == pytest.approx(0.5)
    assert Ranked((0.3, 0.0), (True, False)).chance(0.3) == pytest.approx(0.731, abs=0.001)


def test_a_passage_that_leads_is_more_probable_than_one_that_trails_and_none_has_no_chance() -> None:
    leads, trails, nowhere = chances_of([LEADS, TRAILS, NOWHERE])
    assert leads > 0.5 > trails > 0.0 == nowhere


@given(st.floats(0.5, 2.0))
def test_scores_that_lie_wider_apart_gain_nothing(factor: float) -> None:
    def scaled(ranked: Ranked) -> Ranked:
        return Ranked(tuple(factor * score for score in ranked.scores), ranked.right)

    plain, wide = chances_of([LEADS, TRAILS]), chances_of([scaled(LEADS), scaled(TRAILS)])
    assert wide == pytest.approx(plain, abs=0.01)


def test_nothing_found_is_nothing_probable() -> None:
    assert chances_of([]) == ()
    assert chances_of([NOWHERE]) == (0.0,)
