"""The fit of ranking's weights, on questions whose section is known."""

from __future__ import annotations

import numpy as np
import pytest

from qa_core.engine import Found
from qa_core.ranking import RankWeights, rank_score
from qa_core.types import Hit, Manual, Passage, Reading, Section, Span
from training.calibrate import Sample
from training.measuring.questions import Question
from training.retrieval.ranking_fit import fit_ranking

MANUAL = Manual("m", "/manuals", "a.md", "A", "A", None, None, "d")
ASKED = "green lamp"


def reading(
    section: str, retrieved: float, margin: float, text: str = "Something else.", dense: float = 0.5
) -> Reading:
    passage = Passage(f"{section} {text}", MANUAL, Section((section,), text), 0, len(text))
    return Reading(Hit(passage, retrieved, dense, 0.5), (Span(0, 5, margin),), 0.0)


def sample(gold: str | None, *readings: Reading) -> Sample:
    hits = tuple(each.hit for each in readings)
    found = Found(ASKED, ASKED, np.zeros(1, dtype=np.float32), hits, readings)
    return Sample(Question(ASKED, ("x",), section=gold), found)


def drawn(n: int, informative: str) -> list[Sample]:
    """Questions of two readings, of which one value tells the gold one; the others are noise."""
    rng = np.random.default_rng(0)
    samples = []
    for _ in range(n):
        gold, other = rng.uniform(0.5, 1.5, 2), rng.uniform(0, 1, 2)
        margins, texts, cosines = [0.0, 0.0], ["Something else.", "Something else."], [0.5, 0.5]
        if informative == "reader":
            margins = [float(rng.normal(6, 2)), float(rng.normal(0, 2))]
        if informative == "words":
            texts = ["Look at the green lamp.", "Something else."]
        if informative == "cosine":
            cosines = [float(rng.normal(0.6, 0.1)), float(rng.normal(0.3, 0.1))]
        if informative == "retrieval":
            gold = gold + 2
        readings = [
            reading("Gold", gold[0], margins[0], texts[0], cosines[0]),
            reading("Other", other[0], margins[1], texts[1], cosines[1]),
        ]
        samples.append(sample("Gold", *readings))
    return samples


@pytest.mark.parametrize(
    ("informative", "name"), [("reader", "reader"), ("words", "block"), ("cosine", "dense")]
)
def test_what_tells_the_gold_section_gets_weight(informative: str, name: str) -> None:
    fitted = fit_ranking(drawn(60, informative))
    assert getattr(fitted, name) > 0.05
    others = {"dense", "reader", "coverage", "block"} - (
        {"coverage", "block"} if informative == "words" else {name}
    )
    assert all(getattr(fitted, other) == pytest.approx(0.0, abs=1e-6) for other in others)


def test_the_fitted_weights_put_the_gold_section_first() -> None:
    samples = drawn(60, "reader")
    fitted = fit_ranking(samples)

    def n_right(weights: RankWeights) -> int:
        scores = [[rank_score(ASKED, each, weights) for each in s.found.readings] for s in samples]
        return sum(gold > other for gold, other in scores)

    assert n_right(RankWeights()) < n_right(fitted) == 60


def test_a_passage_is_never_the_worse_for_what_speaks_for_it() -> None:
    misleading = [
        sample("Gold", reading("Gold", 1.0, 0.0), reading("Other", 0.5, 5.0, "The green lamp."))
        for _ in range(20)
    ]
    assert fit_ranking(misleading) == RankWeights()


def test_questions_that_tell_nothing_leave_retrieval_alone() -> None:
    assert fit_ranking([]) == RankWeights()
    assert fit_ranking([sample(None, reading("A", 1.0, 1.0), reading("B", 0.5, 9.0))]) == RankWeights()
    assert fit_ranking([sample("A", reading("A", 1.0, 1.0), reading("A", 0.5, 9.0))]) == RankWeights()


def test_a_few_questions_move_the_present_weights_a_little_and_many_move_them_far() -> None:
    present = RankWeights(reader=0.02)
    few, many = (fit_ranking(drawn(n, "words"), present).block for n in (4, 60))
    assert 0 < few < many


def test_without_questions_that_tell_the_present_weights_stay() -> None:
    present = RankWeights(reader=0.02, coverage=0.5)
    assert fit_ranking([sample(None, reading("Gold", 1.0, 1.0))], present) == present


def test_questions_that_the_present_weights_rank_right_leave_them_nearly_as_they_are() -> None:
    present = RankWeights(reader=0.3)
    assert fit_ranking(drawn(10, "reader"), present).reader == pytest.approx(0.3, rel=0.5)
