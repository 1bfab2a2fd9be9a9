"""Ranking: what retrieval, the reader and the question's words say of a passage."""

from __future__ import annotations

import pytest

from qa_core.ranking import NO_SPAN, RankWeights, coverage, margin, rank_score, rank_values
from qa_core.types import Hit, Manual, Passage, Reading, Section, Span

MANUAL = Manual("m", "/manuals", "a.md", "A", "A", None, None, "d")
TEXT = "Press the green button. The lamp is blinking."
QUESTION = "Is the green lamp of the filter blinking?"  # four words count: green, lamp, filter, blink


def reading(spans: tuple[Span, ...] = (Span(0, 5, 7.0),), text: str = TEXT) -> Reading:
    passage = Passage("p", MANUAL, Section(("Filter",), text), 0, len(text))
    return Reading(Hit(passage, 1.25, 0.5, 0.75), spans, 2.0)


def test_the_margin_is_the_best_span_over_the_null_score() -> None:
    assert margin(reading()) == 5.0
    assert margin(reading(spans=())) == NO_SPAN


def test_coverage_counts_different_words_in_the_text_and_its_headings() -> None:
    assert coverage(QUESTION, reading().hit.passage) == 1.0
    assert coverage("Where is the red, red lamp?", reading().hit.passage) == 0.5
    assert coverage("How?", reading().hit.passage) == 0.0  # no word counts


def test_a_block_is_covered_without_the_headings_and_the_other_blocks() -> None:
    assert rank_values(QUESTION, reading()) == (1.25, 5.0, 1.0, 0.5)  # lamp and blink


def test_a_passage_without_text_has_no_block() -> None:
    assert rank_values(QUESTION, reading(text="")) == (1.25, 5.0, 0.25, 0.0)


def test_the_score_adds_what_each_weighs() -> None:
    weights = RankWeights(reader=0.1, coverage=2.0, block=1.0)
    assert rank_score(QUESTION, reading(), weights) == pytest.approx(1.25 + 0.5 + 2.0 + 0.5)
    assert rank_score(QUESTION, reading(), RankWeights()) == 1.25
