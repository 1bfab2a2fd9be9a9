"""Calibration: weights and thresholds from questions with known answers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from qa_core.confidence import FEATURES
from qa_core.engine import Found
from qa_core.ranking import RankWeights
from qa_core.types import Hit, Manual, Passage, Reading, Section, Span
from training.calibrate import (
    LEAST_FOREIGN_DECLINED,
    MOST_OWN_DECLINED,
    UNFITTED,
    FitSettings,
    Judged,
    Sample,
    choose_settings,
    fit_confidence,
    held_out,
    mix_weights,
    raw_score,
    section_hit,
    threshold_between,
)
from training.measuring.questions import Question

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


def test_the_threshold_leaves_both_limits_the_same_room() -> None:
    own, foreign = np.linspace(0.2, 1.0, 401), np.linspace(0.0, 0.4, 401)
    threshold = threshold_between(own, foreign)
    room = MOST_OWN_DECLINED - np.mean(own < threshold)
    assert room == pytest.approx(np.mean(foreign < threshold) - LEAST_FOREIGN_DECLINED, abs=0.005)
    assert threshold == pytest.approx(0.2 + 0.8 * MOST_OWN_DECLINED, abs=0.02)


def test_where_both_limits_cannot_be_kept_both_are_missed_by_as_much() -> None:
    alike = np.linspace(0.0, 1.0, 401)
    threshold = threshold_between(alike, alike)
    assert threshold == pytest.approx((MOST_OWN_DECLINED + LEAST_FOREIGN_DECLINED) / 2, abs=0.005)


def test_the_threshold_lies_amid_what_does_alike() -> None:
    own, foreign = np.array([0.8, 0.9]), np.array([0.0, 0.1])
    assert 0.1 < threshold_between(own, foreign) <= 0.8


def test_a_section_is_hit_by_what_ranks_first() -> None:
    reader_is_right = sample("Filter", reading("Reset", 1.0, 0.0), reading("Filter", 0.9, 2.0))
    assert not section_hit(reader_is_right, UNFITTED)
    assert section_hit(reader_is_right, replace(UNFITTED, ranking=RankWeights(reader=0.06)))


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
    assert calibrator.threshold == UNFITTED.threshold


def test_more_unanswerable_questions_do_not_change_what_is_fitted() -> None:
    rest = (0.0,) * (len(FEATURES) - 1)
    answers = judged(300)
    foreign = [Judged((-2.0 + i / 50, *rest), helps=False, answerable=False) for i in range(100)]
    once, thrice = (fit_confidence(answers + foreign * n, UNFITTED) for n in (1, 3))
    assert once.confidence((1.0, *rest)) == pytest.approx(thrice.confidence((1.0, *rest)), abs=0.02)


def answer(x: float, helps: bool, group: str | None = None, answerable: bool = True) -> Judged:
    return Judged((x, *(0.0,) * (len(FEATURES) - 1)), helps, answerable, group)


def test_the_raw_score_is_the_readers_share_for_its_span_against_no_answer() -> None:
    assert raw_score([reading("Filter", 1.0, 0.0)]) == 0.5
    assert raw_score([reading("Filter", 1.0, math.log(3)), reading("Reset", 0.9, 9.0)]) == pytest.approx(0.75)
    assert raw_score([]) == 0.0


def test_in_the_mix_unanswerable_questions_have_their_share_however_many_there_are() -> None:
    answers = [answer(0, True)] * 4 + [answer(0, False, answerable=False)]
    assert mix_weights(answers, 1 / 3).tolist() == [1, 1, 1, 1, pytest.approx(2.0)]
    assert mix_weights(answers[:4], 1 / 3).tolist() == [1, 1, 1, 1]


def test_folds_are_held_out_by_group() -> None:
    """Group `odd` alone goes against the rest: a fold without it predicts it wrong, however large it is."""
    rest = [answer(x, x > 0, f"g{i}") for i, x in enumerate([-2.0, -1.0, 1.0, 2.0] * 5)]
    odd = [answer(1.5, False, "odd")] * 15
    chances = held_out([*rest, *odd], [], FitSettings(group_exponent=0.0))
    assert (chances[-15:] > 0.7).all()


def test_a_large_group_counts_less_than_as_many_questions_of_their_own() -> None:
    rest = [answer(x, x > 0) for x in (-2.0, -1.0, 1.0, 2.0) * 5]
    odd = [answer(1.5, False, "odd")] * 16
    plain, by_group = (
        fit_confidence([*rest, *odd], UNFITTED, settings=FitSettings(group_exponent=exponent))
        for exponent in (0.0, 1.0)
    )
    features = odd[0].features
    assert by_group.confidence(features) > plain.confidence(features) + 0.2


def test_other_questions_enter_the_fit_by_their_weight_whatever_their_number() -> None:
    """In the others every answer helps: the more they weigh, the more confident the fit."""
    answers = [answer(x, x > 0) for x in (-2.0, -1.0, 1.0, 2.0) * 10]
    others = [answer(0.0, helps=True), answer(0.1, helps=True)]
    fitted = [
        fit_confidence(answers, UNFITTED, others * n, FitSettings(other_weight=weight))
        for n, weight in ((1, 0.0), (1, 0.5), (20, 0.5), (1, 2.0))
    ]
    without, half, half_of_many, twice = (each.confidence(answer(0.0, True).features) for each in fitted)
    assert without == pytest.approx(0.5, abs=0.01)
    assert without < half - 0.1 < twice - 0.1
    assert half == pytest.approx(half_of_many, abs=0.02)


def test_the_weight_of_other_questions_is_chosen_on_held_out_folds() -> None:
    answers = [answer(x, x > 0) for x in (-2.0, -1.0, 1.0, 2.0) * 10]
    candidates = [FitSettings(other_weight=weight) for weight in (0.0, 1.0)]
    contrary = [answer(x, x < 0) for x in (-2.0, 2.0) * 10]
    alike = [answer(x, x > 0) for x in (-0.5, 0.5) * 40]
    assert choose_settings(answers, contrary, candidates).other_weight == 0.0
    assert choose_settings(answers[:8], alike, candidates).other_weight == 1.0
