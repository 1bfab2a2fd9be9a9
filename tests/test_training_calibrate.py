"""Calibration: weights and thresholds from questions with known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qa_core.confidence import FEATURES
from qa_core.engine import Found
from qa_core.types import Hit, Manual, Passage, Reading, Section, Span
from training.calibrate import (
    UNFITTED,
    Judged,
    Sample,
    choose_reader_weight,
    fit_confidence,
    section_hit,
    threshold_at,
)
from training.questions import Question

MANUAL = Manual("m", "/manuals", "a.md", "A", "A", None, None, "d")


def reading(section: str, score: float, margin: float) -> Reading:
    text = f"About {section}."
    passage = Passage(section, MANUAL, Section(("A", section), text), 0, len(text))
    return Reading(Hit(passage, score, 0.5, 0.5), (Span(0, 5, margin),), 0.0)


def sample(gold: str, *readings: Reading) -> Sample:
    found = Found(
        "?", "what about it", np.zeros(1, dtype=np.float32), tuple(r.hit for r in readings), readings
    )
    return Sample(Question("?", ("x",), section=gold), found)


def test_the_threshold_is_the_lowest_confidence_with_the_precision() -> None:
    confidences, weights = np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.ones(5)
    helps = np.array([True, True, False, True, False])
    assert threshold_at(confidences, helps, weights, 0.75) == 0.6
    assert threshold_at(confidences, helps, weights, 0.8) == 0.8
    assert threshold_at(confidences, helps, np.array([1, 1, 0.1, 1, 1]), 0.8) == 0.6
    assert threshold_at(confidences, ~np.ones(5, dtype=bool), weights, 0.8) == 1.0


def test_the_reader_counts_as_little_as_finds_the_section_almost_as_often() -> None:
    reader_is_right = sample("Filter", reading("Reset", 1.0, 0.0), reading("Filter", 0.9, 2.0))
    assert not section_hit(reader_is_right, replace(UNFITTED, reader_weight=0.0))
    assert choose_reader_weight([reader_is_right]) == 0.06  # 0.05 would be a tie
    reader_is_wrong = sample("Filter", reading("Filter", 1.0, 0.0), reading("Reset", 0.9, 2.0))
    assert choose_reader_weight([reader_is_wrong]) == 0.0
    no_matter = sample("Filter", reading("Filter", 1.0, 0.0), reading("Reset", 0.1, 0.0))
    lost = sample("Filter", reading("Reset", 1.0, 0.0), reading("Lamp", 0.1, 0.0))
    assert choose_reader_weight([reader_is_right] + [no_matter] * 20 + [lost] * 5) == 0.0


def judged(n: int) -> list[Judged]:
    """Answers whose first feature says all there is to know: its logistic is their chance to help."""
    rng = np.random.default_rng(0)
    leads = rng.uniform(-4, 4, n)
    chances = 1 / (1 + np.exp(-leads))
    rest = (0.0,) * (len(FEATURES) - 1)
    return [Judged((float(x), *rest), bool(rng.uniform() < p)) for x, p in zip(leads, chances, strict=True)]


def test_confidence_is_calibrated_on_what_it_was_fitted_on() -> None:
    answers = judged(600)
    calibrator = fit_confidence(answers, UNFITTED)
    rest = (0.0,) * (len(FEATURES) - 1)
    assert calibrator.confidence((3.0, *rest)) == pytest.approx(0.95, abs=0.04)
    assert calibrator.confidence((-3.0, *rest)) == pytest.approx(0.05, abs=0.04)
    given = [each.helps for each in answers if calibrator.confidence(each.features) >= calibrator.threshold]
    assert np.mean(given) == pytest.approx(0.8, abs=0.03)


def test_more_unanswerable_questions_do_not_change_what_is_fitted() -> None:
    rest = (0.0,) * (len(FEATURES) - 1)
    answers = judged(300)
    foreign = [Judged((-2.0 + i / 50, *rest), helps=False, answerable=False) for i in range(100)]
    once, thrice = (fit_confidence(answers + foreign * n, UNFITTED) for n in (1, 3))
    assert once.confidence((1.0, *rest)) == pytest.approx(thrice.confidence((1.0, *rest)), abs=0.02)
