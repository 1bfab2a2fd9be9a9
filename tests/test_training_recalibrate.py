"""A candidate's confidence says what the current release's says, on whatever scale its features are."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from training.calibrate import UNFITTED
from training.recalibrate import Belief, carried_over

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


def test_without_beliefs_nothing_changes() -> None:
    assert carried_over(CALIBRATOR, []) == CALIBRATOR
