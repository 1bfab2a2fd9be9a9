"""Calibration: weights and thresholds from questions with known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

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
    confidences = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    helps = np.array([True, True, False, True, False])
    assert threshold_at(confidences, helps, 0.75) == 0.6
    assert threshold_at(confidences, helps, 0.8) == 0.8
    assert threshold_at(confidences, ~np.ones(5, dtype=bool), 0.8) == 1.0


def test_the_reader_counts_as_much_as_it_helps_to_find_the_section() -> None:
    reader_is_right = sample("Filter", reading("Reset", 1.0, 0.0), reading("Filter", 0.9, 2.0))
    assert not section_hit(reader_is_right, replace(UNFITTED, reader_weight=0.0))
    assert choose_reader_weight([reader_is_right]) == 0.06  # 0.05 would be a tie
    reader_is_wrong = sample("Filter", reading("Filter", 1.0, 0.0), reading("Reset", 0.9, 2.0))
    assert choose_reader_weight([reader_is_wrong]) == 0.0


def test_confidence_is_calibrated_on_what_it_was_fitted_on() -> None:
    rng = np.random.default_rng(0)
    judged = []
    for margin in rng.uniform(-4, 4, 400):
        helps = bool(rng.uniform() < 1 / (1 + np.exp(-margin)))
        judged.append(Judged("what about the filter", (reading("Filter", 1.0, float(margin)),), helps))
    calibrator = fit_confidence(judged, UNFITTED)
    sure, unsure = ((reading("Filter", 1.0, margin),) for margin in (3.0, -3.0))
    assert calibrator.confidence("what about the filter", sure) == pytest.approx(0.95, abs=0.04)
    assert calibrator.confidence("what about the filter", unsure) == pytest.approx(0.05, abs=0.04)
    given = [j.helps for j in judged if calibrator.confidence(j.question, j.ranked) >= calibrator.threshold]
    assert np.mean(given) == pytest.approx(0.8, abs=0.03)
