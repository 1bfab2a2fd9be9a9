"""Ranking and confidence: which passage answers, and how probable that is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from qa_core.confidence import FEATURES, Calibrator
from qa_core.errors import ReleaseError
from qa_core.excerpt import ExcerptSettings
from qa_core.ranking import RankWeights, support
from qa_core.types import Hit, Manual, Passage, Reading, Section, Span

MANUAL = Manual("m", "/manuals", "a.md", "A", "A", None, None, "d")
N = len(FEATURES)
CALIBRATOR = Calibrator(RankWeights(reader=1.0), (0.0,) * N, (1.0,) * N, (1.0,) + (0.0,) * (N - 1), 0.0, 0.5)


def reading(text: str, score: float, best: float | None, null: float = 0.0) -> Reading:
    passage = Passage(text, MANUAL, Section(("Setup",), text), 0, len(text))
    spans = () if best is None else (Span(0, len(text), best),)
    return Reading(Hit(passage, score, 0.5, 3.0), spans, null)


def test_reading_can_overturn_the_order_of_retrieval() -> None:
    first, second = reading("first", 1.0, 0.0), reading("second", 0.5, 3.0)
    assert CALIBRATOR.rank("what?", [first, second]) == (second, first)
    assert replace(CALIBRATOR, ranking=RankWeights()).rank("what?", [first, second]) == (first, second)


def test_equal_scores_keep_the_order_of_retrieval() -> None:
    readings = (reading("first", 1.0, 1.0), reading("second", 1.0, 1.0))
    assert CALIBRATOR.rank("what?", readings) == readings


def test_confidence_is_a_logistic_of_the_standardised_features() -> None:
    calibrator = replace(CALIBRATOR, means=(1.0,) + (0.0,) * (N - 1), scales=(2.0,) + (1.0,) * (N - 1))
    assert calibrator.confidence((2.0,) + (0.0,) * (N - 1)) == pytest.approx(1 / (1 + 2.718281828**-0.5))


def test_extreme_features_do_not_overflow() -> None:
    assert CALIBRATOR.confidence((-1e6,) + (0.0,) * (N - 1)) == pytest.approx(0.0)
    assert CALIBRATOR.confidence((1e6,) + (0.0,) * (N - 1)) == pytest.approx(1.0)


def test_the_features_say_what_their_names_say() -> None:
    ranked = [reading("the green lamp", 1.0, 3.0), reading("other", 0.25, 1.0)]
    named = dict(zip(FEATURES, CALIBRATOR.features("Is the green light on?", ranked, 0.7), strict=True))
    assert named["lead"] == pytest.approx(0.75 + support(ranked[0]) - support(ranked[1]))
    assert named["dense"] == 0.5
    assert named["block"] == 0.7
    assert named["coverage"] == pytest.approx(1 / 3)  # green, of green, light and on
    assert named["n_words"] == pytest.approx(1.386, abs=1e-3)


def test_a_calibration_is_read_as_it_was_written(tmp_path: Path) -> None:
    learned = replace(CALIBRATOR, excerpt=ExcerptSettings(30, 0.3, 2.0))
    learned.save(tmp_path / "calibration.json")
    assert Calibrator.open(tmp_path / "calibration.json") == learned


def test_a_calibration_of_a_retraining_keeps_the_one_that_was_fitted(tmp_path: Path) -> None:
    retrained = replace(CALIBRATOR, bias=1.0, ranking=RankWeights(reader=0.5), fitted=CALIBRATOR)
    retrained.save(tmp_path / "calibration.json")
    again = Calibrator.open(tmp_path / "calibration.json")
    assert again == retrained
    assert again.beginning == CALIBRATOR == CALIBRATOR.beginning


def test_a_calibration_of_before_excerpts_were_learned_shows_as_much_as_it_did(
    tmp_path: Path,
) -> None:
    path = tmp_path / "calibration.json"
    CALIBRATOR.save(path)
    content = json.loads(path.read_text())
    del content["excerpt"]
    path.write_text(json.dumps(content))
    assert Calibrator.open(path).excerpt == ExcerptSettings(85, 0.15, 0.5)


def test_a_calibration_of_before_ranking_looked_at_words_is_read(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    CALIBRATOR.save(path)
    content = json.loads(path.read_text())
    del content["ranking"]
    path.write_text(json.dumps({**content, "reader_weight": 0.02}))
    assert Calibrator.open(path).ranking == RankWeights(reader=0.02)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"features": ["margin"]}, "other features"),
        ({"weights": [1]}, "one number for each"),
        ({"bias": None}, ""),
        ({"ranking": {"luck": 1.0}}, "luck"),
        ({"ranking": None}, ""),
        ({"excerpt": {"max_words": 0, "floor": 0.1, "span_weight": 1.0}}, "no words"),
        ({"excerpt": {"max_words": 30}}, "floor"),
        ({"fitted": {"bias": 1.0}}, "means"),
    ],
)
def test_a_calibration_that_does_not_fit_is_refused(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    path = tmp_path / "calibration.json"
    CALIBRATOR.save(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ReleaseError, match=f"is not a calibration file.*{reason}"):
        Calibrator.open(path)
