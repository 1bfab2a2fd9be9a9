"""Calibration error, AUROC, coverage and reliability bins, against values worked out by hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.measuring.reliability import (
    Bin,
    Judgements,
    auroc,
    before_after_table,
    bootstrap,
    calibration_error,
    coverage_at,
    equal_mass_bins,
    reliability,
    risk_coverage,
)
from training.measuring.reliability_diagram import draw_reliability

SCORES = [0.9, 0.8, 0.3, 0.1]
RIGHT = [True, False, True, False]
JUDGED = Judgements.of(SCORES, RIGHT)


def test_bins_hold_equal_numbers_of_answers_by_ascending_score() -> None:
    low, high = equal_mass_bins(JUDGED, 2)
    assert (low.n, low.share, low.score, low.right) == (2, 0.5, pytest.approx(0.2), 0.5)
    assert (high.n, high.share, high.score, high.right) == (2, 0.5, pytest.approx(0.85), 0.5)


def test_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    assert calibration_error(JUDGED, 2) == pytest.approx((0.3 + 0.35) / 2)
    assert calibration_error(JUDGED, 4) == pytest.approx((0.1 + 0.7 + 0.8 + 0.1) / 4)
    assert calibration_error(JUDGED, 1) == pytest.approx(0.525 - 0.5)


def test_what_is_right_as_often_as_promised_has_no_calibration_error() -> None:
    judged = Judgements.of([0.25] * 4 + [0.75] * 4, [True] + [False] * 3 + [True] * 3 + [False])
    assert calibration_error(judged, 2) == 0.0


def test_equal_scores_stay_in_one_bin() -> None:
    """However they are ordered: half of the ones at 0.5 are right, so the bin has no gap."""
    assert equal_mass_bins(Judgements.of([0.5] * 4, [True, True, False, False]), 2) == (
        Bin(4, 1.0, 0.5, 0.5),
    )
    assert calibration_error(Judgements.of([0.5] * 4, [True, True, False, False]), 2) == 0.0


def test_weights_count_an_answer_as_if_it_were_there_so_often() -> None:
    weighted = Judgements.of([0.9, 0.6, 0.2], [True, False, False], weights=[1, 3, 2])
    repeated = Judgements.of([0.9, 0.6, 0.6, 0.6, 0.2, 0.2], [True] + [False] * 5)
    assert calibration_error(weighted, 3) == pytest.approx(calibration_error(repeated, 3))
    assert calibration_error(weighted, 1) == pytest.approx(3.1 / 6 - 1 / 6)
    assert auroc(weighted) == auroc(repeated) == 1.0
    assert coverage_at(weighted) == pytest.approx(coverage_at(repeated)) == pytest.approx(1 / 6)


def test_risk_and_coverage_of_every_threshold() -> None:
    shares, precisions = risk_coverage(JUDGED)
    assert shares.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert precisions.tolist() == pytest.approx([1.0, 0.5, 2 / 3, 0.5])
    assert coverage_at(JUDGED, 0.6) == 0.75
    assert coverage_at(JUDGED, 0.8) == 0.25
    assert coverage_at(Judgements.of([0.9], [False])) == 0.0


def test_a_threshold_cannot_split_equal_scores() -> None:
    assert coverage_at(Judgements.of([0.9, 0.5, 0.5], [True, True, False]), 1.0) == pytest.approx(1 / 3)


def test_auroc_is_the_chance_that_the_right_one_scores_higher() -> None:
    assert auroc(JUDGED) == 0.75
    assert auroc(Judgements.of([0.5, 0.5], [True, False])) == 0.5
    assert auroc(Judgements.of([0.9], [True])) is None


def test_the_interval_holds_the_figure_and_is_the_same_for_a_seed() -> None:
    def share_right(judged: Judgements) -> float:
        return float(judged.right.mean())

    judged = Judgements.of(np.linspace(0, 1, 100).tolist(), [i % 2 == 0 for i in range(100)])
    interval = bootstrap(judged, share_right)
    assert interval == bootstrap(judged, share_right)
    assert interval.value == 0.5
    assert interval.low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.02)
    assert interval.high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.02)


def test_groups_are_drawn_whole_so_the_interval_of_few_groups_is_wide() -> None:
    """Two groups of 50, one all right and one all wrong: a resample has one of them, the other or both."""
    judged = Judgements.of([0.5] * 100, [True] * 50 + [False] * 50, groups=["a"] * 50 + ["b"] * 50)
    interval = bootstrap(judged, lambda drawn: float(drawn.right.mean()))
    assert (interval.low, interval.value, interval.high) == (0.0, 0.5, 1.0)


def test_all_figures_together() -> None:
    measured = reliability(JUDGED, n_bins=2, n_resamples=50)
    assert measured is not None
    assert (measured.n, measured.n_bins, measured.auroc, measured.coverage) == (4, 2, 0.75, 0.25)
    assert measured.calibration_error.value == pytest.approx(0.325)
    assert (measured.mean_score, measured.share_right) == (pytest.approx(0.525), 0.5)
    assert reliability(Judgements.of([], [])) is None


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="2 scores, but 1 judged"):
        Judgements.of([0.1, 0.2], [True])


def test_the_table_sets_after_beside_before() -> None:
    before = reliability(JUDGED, n_bins=2, n_resamples=20)
    after = reliability(Judgements.of([0.9, 0.1, 0.9, 0.1], RIGHT), n_bins=2, n_resamples=20)
    assert before is not None
    assert after is not None
    lines = before_after_table(before, after).splitlines()
    assert lines[0] == "| figure | before: raw score | after: confidence |"
    assert lines[2].startswith("| expected calibration error ↓ (2 equal-mass bins) | 0.325 (")
    assert " | 0.100 (" in lines[2]
    assert lines[3] == "| AUROC ↑ | 0.750 | 1.000 |"
    assert lines[4] == "| coverage at 80% precision ↑ | 25.0% | 50.0% |"
    assert lines[-1] == "| answers | 4 | 4 |"


def test_the_diagram_is_a_png_with_a_panel_for_each_score(tmp_path: Path) -> None:
    measured = reliability(JUDGED, n_bins=2, n_resamples=20)
    assert measured is not None
    one, two = tmp_path / "one.png", tmp_path / "new" / "two.png"
    draw_reliability([("after", measured)], one)
    draw_reliability([("before", measured), ("after", measured)], two)
    width_of = [int.from_bytes(path.read_bytes()[16:20]) for path in (one, two)]
    assert one.read_bytes().startswith(b"\x89PNG")
    assert width_of == [552, 1104]


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.floats(0.1, 3)), min_size=1, max_size=40),
    st.integers(1, 12),
)
def test_bins_hold_every_answer_once_and_errors_are_shares(
    drawn: list[tuple[float, bool, float]], n_bins: int
) -> None:
    judged = Judgements.of(*zip(*drawn, strict=True))
    bins = equal_mass_bins(judged, n_bins)
    assert sum(each.n for each in bins) == len(drawn)
    assert sum(each.share for each in bins) == pytest.approx(1)
    assert 0 <= calibration_error(judged, n_bins) <= 1 + 1e-12
    assert 0 <= coverage_at(judged) <= 1 + 1e-12


def test_answers_of_no_group_are_each_drawn_by_themselves():
    judged = Judgements.of([0.5] * 4, [True, False, True, True], groups=["a", None, "a", None])
    assert judged.groups.tolist() == [0, 1, 0, 2]
