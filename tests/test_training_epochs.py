"""What is said of an epoch follows from the figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.reading.curves import draw_curves
from training.reading.epoch_table import epoch_table, loss_chart, markdown, summary
from training.reading.epochs import Epoch, Figures, best_epoch, observation, stops_early
from training.reading.fine_tune_report import FineTuneReport, ReportedEpoch
from training.reading.loading import LeftOut


def epochs(*losses: tuple[float | None, float]) -> list[Epoch]:
    """From (training loss, validation loss) of epoch 0, 1, …, on 20 questions."""
    return [Epoch(n, train, Figures(loss, 0.5, 40.0, 60.0, 20, 25)) for n, (train, loss) in enumerate(losses)]


def scored(*figures: tuple[float, float, float], n_questions: int = 200) -> list[Epoch]:
    """From (validation loss, exact match, F1) of epoch 0, 1, …; the training loss stays."""
    return [
        Epoch(n, 1.0 if n else None, Figures(loss, 0.5, exact, f1, n_questions, n_questions))
        for n, (loss, exact, f1) in enumerate(figures)
    ]


BEFORE = (None, 2.0)


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([BEFORE], "before training"),
        ([BEFORE, (1.9, 1.5)], "loss still falling (25% below before training)"),
        (
            [BEFORE, (1.9, 2.5)],
            "worse than before training (2.000); the data or the learning rate may not fit",
        ),
        (
            [BEFORE, (1.9, 2.0)],
            "no better than before training (2.000); the data or the learning rate may not fit",
        ),
        (
            [BEFORE, (1.9, 2.5), (1.9, 2.1)],
            "worse than before training (2.000); the data or the learning rate may not fit: stopping early",
        ),
        (
            [BEFORE, (1.9, 2.5), (1.8, 1.5)],
            "best so far, loss falls (2.500 → 1.500)",
        ),
        ([BEFORE, (1.9, 1.0), (1.0, 0.8)], "best so far, loss still falling (20% below epoch 1)"),
        (
            [BEFORE, (1.9, 1.0), (1.0, 0.995)],
            "best so far, loss hardly falls any more (0.5% below epoch 1)",
        ),
        (
            [BEFORE, (1.9, 1.0), (0.9, 1.2)],
            "overfitting: training loss falls (1.900 → 0.900) while validation rises (1.000 → 1.200)",
        ),
        ([BEFORE, (0.9, 1.0), (0.9, 1.2)], "validation no longer improves on epoch 1"),
        (
            [BEFORE, (0.9, 1.0), (0.9, 1.2), (0.9, 1.1)],
            "validation no longer improves on epoch 1: stopping early",
        ),
        (
            [BEFORE, (0.9, 1.0), (0.8, 1.1), (0.7, 1.2)],
            "overfitting: training loss falls (0.800 → 0.700) while validation rises (1.100 → 1.200)"
            ": stopping early",
        ),
        (
            [BEFORE, (1.9, 1.8), (1.7, 1.6), (1.5, 1.4), (1.2, 1.1), (1.0, 0.9)],
            "best so far, loss still falling (18% below epoch 4): more epochs may help",
        ),
    ],
)
def test_the_observation_is_derived_from_the_losses(
    losses: list[tuple[float | None, float]], said: str
) -> None:
    seen = epochs(*losses)
    assert observation(seen, n_epochs=5, stops=stops_early(seen, 2)) == said


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (
            [(1.276, 59.5, 74.1), (1.202, 50.0, 60.0)],
            "loss still falling (6% below before training), but F1 falls (74.1 → 60.0)",
        ),
        (
            [(1.276, 59.5, 74.1), (1.270, 58.5, 74.0)],
            "loss hardly falls any more (0.5% below before training), but exact match falls (59.5 → 58.5)",
        ),
        (
            [(1.2, 59.5, 74.1), (1.233, 58.0, 71.0)],
            "worse than before training (1.200), and F1 falls (74.1 → 71.0); "
            "the data or the learning rate may not fit",
        ),
        (
            [(1.2, 59.5, 74.1), (1.233, 59.5, 74.1), (1.21, 59.5, 74.1)],
            "worse than before training (1.200); the data or the learning rate may not fit",
        ),
        (
            [(1.2, 59.5, 74.1), (1.1, 60.0, 76.0), (1.15, 60.0, 74.0)],
            "validation no longer improves on epoch 1, and F1 falls (76.0 → 74.0)",
        ),
        (
            [(1.2, 59.5, 74.1), (1.1, 60.0, 76.0), (1.05, 58.0, 74.0)],
            "loss still falling (5% below epoch 1), but F1 falls (76.0 → 74.0)",
        ),
        (
            [(1.2, 59.5, 74.1), (1.233, 60.0, 76.0)],
            "F1 rises (74.1 → 76.0), but the loss rises (1.200 → 1.233)",
        ),
        (
            [(1.2, 59.5, 74.1), (1.1, 59.5, 74.1), (1.15, 61.0, 74.2)],
            "best so far, exact match rises (59.5 → 61.0), but the loss rises (1.100 → 1.150)",
        ),
        (
            [(1.2, 59.5, 74.1), (1.1, 60.0, 76.0), (0.8, 58.0, 74.0), (0.9, 62.0, 77.0)],
            "best so far, F1 above epoch 1 (76.0 → 77.0), but the loss rises (0.800 → 0.900)",
        ),
        (
            [(1.2, 59.5, 74.1), (1.1, 60.0, 76.0), (0.8, 58.0, 74.0), (0.9, 60.0, 75.0)],
            "loss rises (0.800 → 0.900), and F1 below epoch 1 (76.0 → 75.0)",
        ),
        (
            [(1.2, 59.5, 74.1), (1.1, 60.0, 76.0), (0.8, 58.0, 74.0), (0.9, 60.0, 76.0)],
            "best so far, loss below epoch 1 (1.100 → 0.900), but the loss rises (0.800 → 0.900)",
        ),
        (
            [(1.2, 59.5, 70.51), (1.1, 60.0, 70.49)],
            "loss still falling (8% below before training), but F1 falls (70.51 → 70.49)",
        ),
        (
            [(1.2, 59.5, 74.1), (1.1, 60.0, 76.0)],
            "F1 rises (74.1 → 76.0), loss still falling (8% below before training)",
        ),
    ],
)
def test_the_observation_compares_with_the_best_of_all_epochs_and_says_when_f1_falls(
    figures: list[tuple[float, float, float]], said: str
) -> None:
    assert observation(scored(*figures), n_epochs=3) == said


few_losses = st.sampled_from([0.0, 0.5, 0.6, 0.899, 0.9, 1.0, 1.0004, 1.2]) | st.floats(0, 5)
few_scores = st.sampled_from([0.0, 60.0, 69.6, 70.49, 70.5, 70.51, 71.5, 100.0]) | st.floats(0, 100)
runs = st.builds(
    lambda figures, train, n: [
        replace(epoch, train_loss=loss if epoch.number else None)
        for epoch, loss in zip(scored(*figures, n_questions=n), train, strict=False)
    ],
    st.lists(st.tuples(few_losses, few_scores, few_scores), min_size=2, max_size=6),
    st.lists(few_losses, min_size=6, max_size=6),
    st.sampled_from([20, 200]),
)
VALUES: dict[str, Callable[[Epoch], float]] = {
    "loss": lambda epoch: figures_of(epoch).loss,
    "validation": lambda epoch: figures_of(epoch).loss,
    "training loss": lambda epoch: epoch.train_loss or 0.0,
    "F1": lambda epoch: figures_of(epoch).f1,
    "exact match": lambda epoch: figures_of(epoch).exact_match,
}
CLAIM = re.compile(
    r"(training loss|loss|validation|F1|exact match) (rises|falls|above|below)"
    r"(?: (before training|epoch \d+))? \(([\d.]+) → ([\d.]+)\)"
)
SHARE = re.compile(
    r"loss (still falling|hardly falls any more) \(([\d.]+)% below (before training|epoch \d+)\)"
)


def figures_of(epoch: Epoch) -> Figures:
    assert epoch.figures is not None
    return epoch.figures


def named(run: list[Epoch], name: str) -> Epoch:
    return run[0] if name == "before training" else run[int(name.removeprefix("epoch "))]


@settings(max_examples=500)
@given(runs, st.booleans())
def test_every_word_of_an_observation_is_true_of_the_figures(run: list[Epoch], stops: bool) -> None:
    said = observation(run, n_epochs=len(run) - 1, stops=stops)
    now, last, before = run[-1], run[-2], run[:-1]
    best = best_epoch(before)
    assert best is not None

    for value_of, verb, other, was, is_now in CLAIM.findall(said):
        value, against = VALUES[value_of], named(run, other) if other else last
        assert (value(now) > value(against)) == (verb in ("rises", "above")), said
        assert value(now) != value(against), said
        assert (float(was), float(is_now)) == pytest.approx((value(against), value(now)), abs=0.051), said
        assert (was != is_now) or value(now) == pytest.approx(value(against)), said
    for words, share, other in SHARE.findall(said):
        losses = [figures_of(epoch).loss for epoch in run]
        assert named(run, other) is last, said
        assert losses[-1] < losses[-2] == min(losses[:-1]), said
        assert float(share) == pytest.approx(100 * (1 - losses[-1] / losses[-2]), abs=0.501), said
        assert (losses[-1] <= losses[-2] * 0.99) == (words == "still falling") or float(share) == 1, said
    if len(run) > 2:
        assert said.startswith("best so far, ") == (best_epoch(run) is now), said
    if "no longer improves" in said or "no better than" in said or "worse than" in said:
        assert figures_of(now).rank <= figures_of(best).rank, said
    if figures_of(now).loss > figures_of(last).loss:
        assert "falling" not in said, said
        assert "hardly" not in said, said
    if best_epoch(run) is now and len(before) and figures_of(now).n_questions == 200:
        assert ("F1 rises" in said or "F1 above" in said) == (
            round(figures_of(now).f1) > round(figures_of(best).f1)
        ), said
    assert ("falls" not in said and "rises" not in said) or CLAIM.search(said) or SHARE.search(said), said
    assert "None" not in said


def test_of_few_questions_the_loss_decides_and_a_fall_of_f1_is_said_all_the_same() -> None:
    seen = scored((1.276, 59.5, 74.1), (1.202, 50.0, 60.0), n_questions=49)
    assert best_epoch(seen) is seen[1]
    assert observation(seen, n_epochs=1) == (
        "loss still falling (6% below before training), but F1 falls (74.1 → 60.0)"
    )


def test_without_a_validation_part_the_training_loss_is_spoken_of_and_the_last_epoch_kept() -> None:
    seen = [Epoch(0, None, None), Epoch(1, 1.5, None), Epoch(2, 1.2, None)]
    assert observation(seen, 5) == "training loss falls (1.500 → 1.200); no validation part"
    assert best_epoch(seen) is seen[2]
    assert not stops_early(seen, 1)


def test_training_stops_after_as_many_epochs_without_a_better_one_as_patience_allows() -> None:
    seen = epochs(BEFORE, (1.0, 1.0), (0.9, 1.1), (0.8, 1.05))
    assert [stops_early(seen[:n], 2) for n in range(1, 5)] == [False, False, False, True]
    assert best_epoch(seen) is seen[1]


def test_the_model_before_training_stays_where_no_epoch_is_better() -> None:
    """The loss falls, and what people see gets worse: 200 questions are enough to believe them."""
    seen = scored((1.276, 59.5, 74.1), (1.202, 50.0, 60.0), (1.190, 50.0, 60.0))
    assert best_epoch(seen) is seen[0]
    assert [stops_early(seen[:n], 2) for n in range(1, 4)] == [False, False, True]


def test_an_epoch_is_better_by_f1_in_whole_points_then_exact_match_then_loss_then_age() -> None:
    before = (1.2, 59.5, 74.1)
    for better in ((1.3, 50.0, 75.0), (1.3, 60.0, 73.8), (1.1, 59.5, 74.0)):
        seen = scored(before, better)
        assert best_epoch(seen) is seen[1]
    same = scored(before, before)
    assert best_epoch(same) is same[0]


def test_where_a_trained_epoch_is_wanted_the_model_before_training_is_none() -> None:
    seen = scored((0.1, 90.0, 95.0), (1.0, 60.0, 70.0), (1.1, 60.0, 69.0))
    assert best_epoch(seen, only_trained=True) is seen[1]
    assert best_epoch(seen[:1], only_trained=True) is None
    assert [stops_early(seen[:n], 1, only_trained=True) for n in range(1, 4)] == [False, False, True]


@pytest.fixture
def report() -> FineTuneReport:
    seen = epochs(BEFORE, (1.0, 1.0), (0.5, 1.5))
    told = tuple(ReportedEpoch(epoch, observation(seen[: n + 1], 2)) for n, epoch in enumerate(seen))
    return FineTuneReport(
        epochs=told,
        best=1,
        stopped_early=False,
        n_train=80,
        n_answered=60,
        n_validation=20,
        n_shared=0,
        n_windows=90,
        n_unfit=0,
        n_placed=3,
        left_out=(LeftOut("record 7", "its question is empty"),),
        fresh_head=False,
        settings={"n_epochs": 2, "learning_rate": 3e-5, "n_frozen_layers": 4},
        identity="ab12",
        dtype="float32",
        device="cpu",
        seconds=12.0,
    )


def test_the_table_has_an_epoch_a_line(report: FineTuneReport) -> None:
    assert epoch_table(report.epochs).splitlines() == [
        "Epoch   Loss ↓  Accuracy ↑  Observation",
        "    0    2.000       0.500  before training",
        "    1    1.000       0.500  loss still falling (50% below before training)",
        "    2    1.500       0.500  overfitting: training loss falls (1.000 → 0.500) "
        "while validation rises (1.000 → 1.500)",
    ]


def test_the_bars_are_as_long_as_the_losses_are_high(report: FineTuneReport) -> None:
    lines = loss_chart(report.epochs, bar="#").splitlines()
    assert [line.count("#") for line in lines] == [0, 40, 20, 20, 10, 30]
    assert lines[1].split() == ["0", "validation", "2.000", "#" * 40]


def test_the_report_says_what_was_kept_and_left_out(report: FineTuneReport) -> None:
    assert summary(report) == (
        "The weights of epoch 1 were kept: exact match 40.0, F1 60.0 "
        "(before training 40.0 and 60.0) on 20 questions."
    )
    text = markdown(report)
    assert "| 2 | 1.500 | 0.500 | 0.500 | 40.0 | 60.0 | overfitting" in text
    assert "- record 7: its question is empty" in text
    assert "several times in their context: 3." in text
    assert "- The embeddings and the lowest 4 layers of the encoder stayed as they were." in text
    assert report.as_json()["epochs"][1]["figures"]["loss"] == 1.0


def test_the_curves_are_a_png(report: FineTuneReport, tmp_path: Path) -> None:
    draw_curves(report, tmp_path / "curves.png")
    content = (tmp_path / "curves.png").read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(content) > 10_000
