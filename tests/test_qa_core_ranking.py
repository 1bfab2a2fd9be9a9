"""Ranking: what retrieval, the reader and the question's words say of a passage."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from qa_core.ranking import (
    NO_SPAN,
    RankValues,
    RankWeights,
    coverage,
    margin,
    only_names_product,
    rank_score,
    rank_values,
    support,
)
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


def test_spans_support_a_passage_together_and_no_more_than_so_far() -> None:
    one, two, sure = (
        reading(),
        reading(spans=(Span(0, 5, 7.0), Span(0, 9, 7.0))),
        reading((Span(0, 5, 60.0),)),
    )
    assert support(one) == pytest.approx(8 * math.tanh(5 / 8))
    assert support(two) == pytest.approx(8 * math.tanh((5 + math.log(2)) / 8))
    assert support(reading(spans=())) == pytest.approx(8 * math.tanh(NO_SPAN / 8))
    assert support(two) < support(sure) <= 8.0


def test_a_passage_that_is_as_likely_silent_has_no_support() -> None:
    assert support(reading((Span(0, 5, 2.0),))) == 0.0


def test_coverage_counts_different_words_in_the_text_and_its_headings() -> None:
    assert coverage(QUESTION, reading().hit) == 1.0
    assert coverage("Where is the red, red lamp?", reading().hit) == 0.5
    assert coverage("How?", reading().hit) == 0.0  # no word counts


def test_a_model_that_is_named_counts_only_where_a_passage_tells_of_it() -> None:
    hit = replace(reading().hit, models=("kx", "kx7"))
    question = f"{QUESTION} KX7"
    assert rank_values(question, replace(reading(), hit=hit)) == rank_values(QUESTION, reading())
    assert coverage(question, hit) == 1.0
    assert coverage(question, replace(hit, has_model=True)) == 4 / 6


def of_product(product: str) -> Reading:
    manual = replace(MANUAL, product=product)
    passage = Passage("p", manual, Section(("Filter",), TEXT), 0, len(TEXT))
    return Reading(Hit(passage, 1.25, 0.5, 0.75), (), 2.0)


def test_a_product_s_name_ranks_all_of_its_manual_and_not_only_what_stands_under_its_title() -> None:
    readings = [of_product("Calvero Trail 5"), of_product("Folio 540")]
    assert [rank_values("Trail 5: green lamp?", each).coverage for each in readings] == [1.0, 0.5]


@pytest.mark.parametrize(
    ("question", "share"), [("Trail 5: red lamp?", 0.5), ("Trail 5: telecoil?", 0.0), ("Trail 5?", 1.0)]
)
def test_a_product_s_name_does_not_tell_that_its_manual_answers(question: str, share: float) -> None:
    assert coverage(question, of_product("Calvero Trail 5").hit) == share


VACUUM = replace(MANUAL, title="Marvo 300 vacuum cleaner", product="Marvo 300")


def of_vacuum(text: str, heading: str = "Charging", span_score: float = -9.0) -> Reading:
    passage = Passage("p", VACUUM, Section((heading,), text), 0, len(text))
    return Reading(Hit(passage, 1.25, 0.5, 0.75), (Span(0, 5, span_score),), 0.0)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How loud is the vacuum cleaner?", True),
        ("How heavy is the Marvo 300?", True),
        ("What is the Marvo 300?", False),  # asks of nothing else
        ("Is the vacuum cleaner for carpets?", False),  # it says something of it
        ("How loud is it?", False),  # names no product: there is nothing to be misled by
    ],
)
def test_a_passage_that_names_the_product_says_nothing_else_of_the_question(
    question: str, expected: bool
) -> None:
    assert (
        only_names_product(question, of_vacuum("The Marvo 300 is a vacuum cleaner for carpets.")) is expected
    )


def test_what_the_reader_finds_or_meaning_alone_has_found_counts() -> None:
    question = "How loud is the vacuum cleaner?"
    assert not only_names_product(question, of_vacuum("The vacuum cleaner makes 62 dB.", span_score=4.0))
    assert not only_names_product(question, of_vacuum("Sound level: 62 dB", heading="Noise"))


def test_a_model_of_the_series_in_the_title_is_what_the_manual_is_called() -> None:
    manual = replace(VACUUM, title="Marvo GS vacuum cleaners", product="cleaners")
    found = of_vacuum("The GS 630 has a lock.", heading="Children")
    passage = replace(found.hit.passage, manual=manual)
    reading = replace(found, hit=replace(found.hit, passage=passage))
    assert only_names_product("the gs 630 is leaking", reading)
    assert not only_names_product("the lock of the gs 630 is leaking", reading)


def test_what_a_section_s_heading_has_is_its_subject() -> None:
    reading = of_vacuum("Press the button.", heading="Starting the vacuum cleaner")
    assert not only_names_product("Where is the vacuum cleaner's switch?", reading)


def test_what_only_names_the_product_below_the_title_stands_behind_what_may_answer() -> None:
    question, weights = "How loud is the vacuum cleaner?", RankWeights()
    cover = of_vacuum("Marvo 300 vacuum cleaner, version 4", heading=VACUUM.title)
    section = of_vacuum("The vacuum cleaner has wheels.", heading="Wheels")
    assert rank_score(question, cover, weights) < rank_score(question, section, weights)


def test_a_title_page_stands_behind_whatever_the_reader_believes() -> None:
    question, weights = "Which filter has the Marvo 300?", RankWeights(reader=0.1)
    cover = of_vacuum("Marvo 300 and 400, with filter", heading="Marvo 300 vacuum cleaners", span_score=9.0)
    section = of_vacuum("The vacuum cleaner has wheels.", heading="Wheels")
    assert rank_score(question, cover, weights) < rank_score(question, section, weights)
    assert rank_score("Which models are there?", cover, weights) > rank_score(question, section, weights)


def test_a_block_is_covered_without_the_headings_and_the_other_blocks() -> None:
    assert rank_values(QUESTION, reading()) == RankValues(
        1.25, 0.5, support(reading()), 1.0, 0.5
    )  # lamp and blink


def test_a_passage_without_text_has_no_block() -> None:
    assert rank_values(QUESTION, reading(text="")) == RankValues(1.25, 0.5, support(reading()), 0.25, 0.0)


def test_the_score_adds_what_each_weighs() -> None:
    weights = RankWeights(dense=3.0, reader=0.1, coverage=2.0, block=1.0)
    assert rank_score(QUESTION, reading(), weights) == pytest.approx(
        1.25 + 1.5 + 0.1 * support(reading()) + 2.0 + 0.5
    )
    assert rank_score(QUESTION, reading(), RankWeights()) == 1.25


def test_a_manual_s_title_is_a_heading_of_all_its_passages_and_its_models_tell_nothing_else() -> None:
    own = of_product("Lamps")
    manual = replace(MANUAL, product="Lamps", title="Borealis BX-40/BX-60 desk lamp")
    titled = replace(own, hit=replace(own.hit, passage=replace(own.hit.passage, manual=manual)))
    question = "Is the button of the Borealis green?"
    assert [rank_values(question, each).coverage for each in (own, titled)] == [2 / 3, 1.0]
    assert coverage("weight of the BX60", titled.hit) == 0.0  # in place of two thirds


@pytest.mark.parametrize(
    ("question", "is_name"), [("how loud is the VX5000", True), ("weight of the VX5000", False)]
)
def test_a_model_of_the_product_s_series_names_it_as_well(question: str, is_name: bool) -> None:
    text = "Weight | VX3000: 11 kg | VX5000: 17 kg"
    manual = replace(MANUAL, product="Velora VX")
    passage = Passage("p", manual, Section(("Data",), text), 0, len(text))
    assert only_names_product(question, Reading(Hit(passage, 1.0, 0.5, 0.5), (), 2.0)) is is_name


def test_a_table_with_the_cell_that_is_asked_for_is_ahead_of_what_tells_of_the_same() -> None:
    table = reading(text="Fill of gas | BR 4: 40 g | BR 6: 60 g")
    told = reading(text="How much gas is in the BR 4 and the BR 6 is told on the plate.")
    weights = RankWeights()
    for question in ("gas in the BR 4", "How much gas has the BR 6?"):
        assert rank_score(question, table, weights) == rank_score(question, told, weights) + 0.5
    for question in ("How do I fill gas into the BR 4?", "Is the gas of the BR 4 harmful?", "gas"):
        assert rank_score(question, table, weights) == rank_score(question, told, weights)


def test_a_table_with_the_noun_for_the_measure_that_is_asked_says_more_than_the_model() -> None:
    question = "How loud is the Brisk F30?"
    for label, is_name in (("Noise", False), ("Length", True)):
        table = of_vacuum(f"{label} | Brisk F30: 40 | Brisk F50: 45", "Data")
        manual = replace(table.hit.passage.manual, product="Brisk fans", title="Brisk F30 and F50")
        table = replace(table, hit=replace(table.hit, passage=replace(table.hit.passage, manual=manual)))
        assert only_names_product(question, table) is is_name
