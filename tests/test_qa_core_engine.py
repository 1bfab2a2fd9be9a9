"""The engine: question in, cited answer or an honest no out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeEncoder

from qa_core.asked.spans import asked_spans
from qa_core.confidence import FEATURES, Calibrator
from qa_core.doubts import (
    KNOWN_CODE,
    KNOWN_FAULT,
    OF_ANOTHER,
    OF_ANOTHER_COLOUR,
    OF_ANOTHER_KIND,
    OF_ANOTHER_MODEL,
    ONLY_LEADS_IN,
    ONLY_NAMED,
    TRUST,
    UNKNOWN_CODE,
)
from qa_core.engine import Engine, Models
from qa_core.errors import DataError
from qa_core.excerpt import ExcerptSettings
from qa_core.ranking import RankWeights, squashed_odds
from qa_core.types import Answer, Hit, KnownAnswer, Manual, Passage, Reading, Section, Span

MANUAL = Manual("m", "/manuals", "dryer.md", "Dryer", "Dryer", None, None, "d")
RESET = "To reset the dryer:\n1. Switch it off.\n2. Hold SET for 5 seconds."
TEXTS = (RESET, "The filter catches dust.", "The tank holds 4 litres.")
N = len(FEATURES)
# Confidence follows the lead over the second passage alone; with a margin of 0 it is 0.5 on TEXTS.
CALIBRATOR = Calibrator(
    RankWeights(reader=1.0),
    (-0.2 - squashed_odds([-5.0], 0.0),) + (0.0,) * (N - 1),
    (1.0,) * N,
    (1.0,) + (0.0,) * (N - 1),
    0.0,
    0.7,
)


class FakeIndex:
    """All passages, in the order of the manual."""

    def __init__(self, texts: Sequence[str] = TEXTS) -> None:
        self.asked: list[tuple[str, int, str | None]] = []
        self.products: tuple[str, ...] = ()  # that a question may be about
        self.same: tuple[str, ...] = ()  # that have the first passage as well
        self._hits = tuple(
            Hit(
                Passage(f"p{i}", MANUAL, Section(("Dryer", f"Part {i}"), text), 0, len(text)),
                1 - i / 10,
                0.5,
                1,
            )
            for i, text in enumerate(texts)
        )

    def search(
        self,
        question: str,
        vector: np.ndarray,
        k: int,
        product: str | None = None,
        whole: np.ndarray | None = None,
    ) -> tuple[Hit, ...]:
        self.asked.append((question, k, product))
        self.vectors = (vector, whole)
        return self._hits[:k]

    def corrected(self, question: str) -> str:
        return question.replace("watre", "water")

    def slips(self, question: str) -> tuple[tuple[str, str], ...]:
        return (("watre", "water"),) if "watre" in question else ()

    def spell_out(self, question: str, _product: str | None = None) -> str:
        return question.replace("error 4", "error E04")

    def topic(self, question: str, _product: str | None = None) -> str:
        return question.replace("R22 ", "")

    def lacks(self, question: str, _passage: Passage) -> bool:
        return "E99" in question

    def names_beside_title(self, _passage: Passage) -> frozenset[str]:
        return frozenset()

    def is_of_sister(self, question: str, _passage: Passage) -> bool:
        return "Borealis" in question

    def open_to(self, _question: str, _product: str | None = None) -> tuple[str, ...]:
        return self.products

    def named(self, question: str, _product: str | None = None) -> tuple[str, ...]:
        return ("Washer",) if "washer" in question else ()

    def also_in(self, _passage: Passage) -> tuple[str, ...]:
        return self.same


class FakeReader:
    """Finds one word, with a margin; everywhere else nothing."""

    def __init__(self, word: str, margin: float) -> None:
        self.word, self.margin = word, margin
        self.n_read = 0

    def read(self, _question: str, hits: Sequence[Hit]) -> tuple[Reading, ...]:
        self.n_read = len(hits)
        return tuple(self._reading(hit) for hit in hits)

    def _reading(self, hit: Hit) -> Reading:
        at = hit.passage.text.find(self.word)
        if at < 0:
            return Reading(hit, (Span(0, 3, -5.0),), 0.0)
        return Reading(hit, (Span(at, at + len(self.word), self.margin),), 0.0)


def engine(word: str, margin: float = 5.0, texts: Sequence[str] = TEXTS, **changes: object) -> Engine:
    models = Models(FakeEncoder(), FakeIndex(texts), FakeReader(word, margin), CALIBRATOR, "r1")
    return Engine(replace(models, **changes))


def test_the_answer_is_the_span_in_the_passage_that_reads_best() -> None:
    answer = engine("4 litres").ask("How much water?")
    assert answer.span_text == "4 litres"
    assert answer.shown_text == "The tank holds 4 litres."
    assert answer.hits[0].passage.id == "p2"
    assert answer.release == "r1"


def test_a_step_is_shown_with_its_whole_list() -> None:
    assert engine("Hold SET").ask("How do I reset it?").shown_text == RESET


def test_a_release_shows_as_much_as_it_has_learned_to_show() -> None:
    text = "The tank holds 4 litres. It is filled with cold water. The lid of the tank is shut then."
    shown = [
        engine("4 litres", texts=[text], calibrator=replace(CALIBRATOR, excerpt=ExcerptSettings(n_words)))
        .ask("How much water does the tank hold?", decline=False)
        .shown_text
        for n_words in (5, 100)
    ]
    assert shown == ["The tank holds 4 litres.", text]


def test_the_other_passages_follow_in_the_order_of_retrieval() -> None:
    answer = engine("4 litres").ask("How much water?")
    assert [hit.passage.id for hit in answer.hits] == ["p2", "p0", "p1"]


def test_below_the_threshold_the_bot_declines_and_keeps_the_nearest_passages() -> None:
    answer = engine("4 litres", margin=0.0).ask("How much water?")
    assert not answer.answered
    assert answer.span is answer.shown is answer.span_text is answer.shown_text is None
    assert answer.confidence == pytest.approx(0.5)
    assert len(answer.hits) == 3


def test_without_declining_even_an_improbable_span_is_given() -> None:
    answer = engine("4 litres", margin=0.0).ask("How much water?", decline=False)
    assert answer.span_text == "4 litres"
    assert answer.confidence < answer.threshold


def knowing(known: KnownAnswer, at: int, margin: float = 5.0) -> Engine:
    """An engine whose index knows that of the passage `at`."""
    made = engine("4 litres", margin)
    hits = list(made.models.index.search("", np.zeros(0), 3))
    hits[at] = replace(hits[at], known=known)
    index = FakeIndex()
    index._hits = tuple(hits)
    return Engine(replace(made.models, index=index))


def test_where_people_said_that_no_manual_answers_it_declines() -> None:
    sure = engine("4 litres").ask("How much water?").confidence
    half = knowing(KnownAnswer(0, 0, 0.5), at=2).ask("How much water?")
    assert half.confidence == pytest.approx(sure / 2)
    asked_again = knowing(KnownAnswer(0, 0, 1.0), at=2).ask("How much water?")
    assert not asked_again.answered
    assert asked_again.confidence == 0.0
    assert knowing(KnownAnswer(0, 0, 1.0), at=1).ask("How much water?").confidence == sure


def test_what_is_asked_of_a_code_that_no_manual_has_is_declined() -> None:
    sure = engine("4 litres").ask("E4: how much water?")
    unknown = engine("4 litres").ask("E99: how much water?")
    assert sure.answered
    assert not unknown.answered
    assert unknown.confidence == pytest.approx(sure.confidence * UNKNOWN_CODE)


def test_the_row_of_the_code_that_is_asked_about_is_an_answer() -> None:
    texts = ("Code: E20 | Cause: Air", "The filter catches dust.", "Hang it up.")
    unsure = engine("Air", margin=-2.0, texts=texts).ask("E20 warranty", decline=False)
    sure = engine("Air", margin=-2.0, texts=texts).ask("E20?")
    assert sure.confidence == pytest.approx(1 - (1 - unsure.confidence) * (1 - KNOWN_CODE))


def test_the_row_of_a_code_of_which_something_is_asked_is_an_answer() -> None:
    texts = ("Code: E20 | Cause: Air", "The filter catches dust.", "Hang it up.")
    unsure = engine("Air", margin=-2.0, texts=texts).ask("E20 warranty of the part", decline=False)
    sure = engine("Air", margin=-2.0, texts=texts).ask("E20 after he dropped it", decline=False)
    assert sure.confidence == pytest.approx(1 - (1 - unsure.confidence) * (1 - KNOWN_FAULT), abs=0.1)
    assert sure.confidence >= KNOWN_FAULT > unsure.confidence


def test_the_cell_that_is_asked_for_is_an_answer() -> None:
    texts = ("Noise | Brisk F30: 40 | Brisk F50: 45", "The Brisk F30 is silent.")
    assert engine("40", margin=-4.0, texts=texts).ask("how loud is the Brisk F30").confidence >= KNOWN_CODE
    assert engine("40", margin=-4.0, texts=texts).ask("how long is the Brisk F30").confidence < KNOWN_CODE


def test_a_quantity_of_another_dimension_than_is_asked_for_is_hardly_an_answer() -> None:
    texts = ("The water pipes have 60 litres.", "The filter catches dust.", "Hang it up.")
    sure = engine("60 litres", margin=1.0, texts=texts).ask("water in the pipes", decline=False)
    other = engine("60 litres", margin=1.0, texts=texts).ask("pressure in the pipes", decline=False)
    assert other.confidence == pytest.approx(sure.confidence * OF_ANOTHER_KIND, rel=0.2)
    price = engine("60 litres", margin=1.0, texts=texts).ask("price of the pipes", decline=False)
    assert price.confidence == pytest.approx(sure.confidence * OF_ANOTHER_KIND, rel=0.2)


def test_the_section_of_the_word_that_is_asked_about_is_an_answer() -> None:
    unsure = engine("catches", margin=-2.0).ask("part 1", decline=False)
    sure = engine("catches", margin=-2.0).ask("What is part 1?", decline=False)
    assert unsure.hits[0].passage.id == sure.hits[0].passage.id == "p1"
    assert sure.confidence == pytest.approx(1 - (1 - unsure.confidence) * (1 - KNOWN_CODE))


def test_what_only_names_the_product_is_no_answer() -> None:
    texts = ("The Dryer is for laundry.", "The filter catches dust.", "Hang it up.")
    sure = engine("laundry", margin=-4.0, texts=texts).ask("How loud?", decline=False)
    named = engine("laundry", margin=-4.0, texts=texts).ask("How loud is the dryer?", decline=False)
    assert named.confidence == pytest.approx(sure.confidence * ONLY_NAMED)


def test_a_section_that_only_leads_to_others_is_no_answer() -> None:
    texts = ("Where filters can be:", "Of paper or felt, which is washed.", "Hang it up.")
    assert engine("filters", margin=-4.0, texts=texts).ask("Part 0").hits[0].passage.id == "p1"
    alone = engine("filters", texts=texts[:1]).ask("Part 0", decline=False)
    said = engine("filters", texts=("Filters are of felt.",)).ask("Part 0", decline=False)
    assert alone.confidence == pytest.approx(said.confidence * ONLY_LEADS_IN)


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("reader red, two flashes", "reader red, three flashes"),
        ("reader is red", "reader is blue"),  # a light, as the table tells
    ],
)
def test_what_stands_of_other_flashes_or_of_a_light_that_its_table_names_is_hardly_an_answer(
    question: str, other: str
) -> None:
    rows = "Reader: red | Meaning: locked\nReader: red, two flashes | Meaning: card unknown"
    reading = engine("locked", texts=(rows,))
    asked, doubted = (reading.ask(each, decline=False) for each in (question, other))
    assert doubted.confidence == pytest.approx(OF_ANOTHER_COLOUR * asked.confidence, rel=0.2)


def test_what_stands_of_a_light_of_another_colour_is_hardly_an_answer() -> None:
    red = engine("flashing", texts=("The red lamp is flashing.",))
    asked, other = (red.ask(f"{colour} lamp flashing", decline=False) for colour in ("red", "green"))
    assert other.confidence == pytest.approx(asked.confidence * OF_ANOTHER_COLOUR)


def test_what_is_said_of_another_model_alone_is_hardly_an_answer() -> None:
    hooks = engine("hang outside", texts=("The BR-4 may hang outside. Use screws. The BR-6 is new.",))
    own, other = (hooks.ask(f"may the {model} hang outside", decline=False) for model in ("BR-4", "BR-6"))
    assert other.confidence == pytest.approx(own.confidence * OF_ANOTHER_MODEL)


def test_what_the_manual_of_another_product_says_is_hardly_an_answer() -> None:
    sure = engine("4 litres").ask("How much water?")
    of_another = engine("4 litres").ask("How much water does the washer take?", decline=False)
    assert of_another.confidence == pytest.approx(sure.confidence * OF_ANOTHER)


def test_what_a_sister_s_manual_says_is_hardly_an_answer() -> None:
    sure = engine("4 litres").ask("How much water?")
    of_sister = engine("4 litres").ask("How much water does the Borealis take?", decline=False)
    assert of_sister.confidence == pytest.approx(sure.confidence * OF_ANOTHER)


def test_the_spans_that_are_asked_for_are_worked_out_once() -> None:
    asked_spans.cache_clear()
    assert engine("4 litres").ask("How much water?").answered
    assert asked_spans.cache_info().misses == 1


def of_two_products(word: str, *, is_open: bool = True) -> Engine:
    """A dryer's manual and a washer's, with as much of the question each: neither has a lead."""
    asked = engine(word, texts=("The filter is grey.", "The filter is blue."), calibrator=LEADING)
    index = asked.models.index
    first, second = index._hits
    washer = replace(second.passage, manual=replace(MANUAL, id="w", product="Washer"))
    index._hits = (replace(first, score=1.0), replace(second, score=0.9, passage=washer))
    index.products = ("Dryer", "Washer") if is_open else ()
    return asked


# Sure of what is alone, or well ahead; not of what has a lead of 0.1.
LEADING = replace(
    CALIBRATOR, ranking=RankWeights(), means=(0.5,) + (0.0,) * (N - 1), weights=(9.0,) + (0.0,) * (N - 1)
)


def test_where_several_products_say_as_much_the_bot_asks_which() -> None:
    answer = of_two_products("filter").ask("What colour is the filter?")
    assert not answer.answered
    assert answer.products == ("Dryer", "Washer")
    assert answer.also == ("Washer",)


def test_where_the_question_names_its_product_it_does_not() -> None:
    answer = of_two_products("filter", is_open=False).ask("What colour is the filter?")
    assert not answer.answered
    assert answer.also == answer.products == ()


def test_an_answer_tells_which_other_products_have_it_too() -> None:
    asked = engine("4 litres")
    asked.models.index.products, asked.models.index.same = ("Dryer", "Washer"), ("Washer", "Iron")
    answer = asked.ask("How much water?")
    assert answer.answered
    assert answer.also == ("Washer",)  # the iron is not asked here
    assert answer.products == ()


def test_a_fault_s_number_is_read_as_the_manuals_write_it() -> None:
    found = engine("4 litres").find("error  4?")
    assert (found.question, found.asked) == ("error  4?", "error E04?")


def test_what_people_found_right_is_not_declined() -> None:
    unsure = engine("4 litres", margin=-3.0).ask("How much water?")
    assert not unsure.answered
    answer = knowing(KnownAnswer(0, len(TEXTS[2]), 1.0), at=2, margin=-3.0).ask("How much water?")
    assert answer.shown_text == TEXTS[2]
    assert answer.confidence == pytest.approx(1 - (1 - unsure.confidence) * (1 - TRUST))
    nearly = knowing(KnownAnswer(0, len(TEXTS[2]), 0.5), at=2, margin=-3.0).ask("How much water?")
    assert unsure.confidence < nearly.confidence < answer.confidence


def test_a_threshold_from_the_settings_takes_the_place_of_the_calibrated_one() -> None:
    answer = engine("4 litres", margin=0.0, threshold=0.4).ask("How much water?")
    assert answer.answered
    assert answer.threshold == 0.4


def test_the_product_narrows_the_search_and_spaces_are_folded() -> None:
    asking = engine("4 litres")
    asking.ask("  How much\n water? ", product="Dryer")
    assert asking.models.index.asked == [("How much water?", 10, "Dryer")]


def test_a_question_is_searched_in_the_manuals_words_and_kept_in_the_person_s() -> None:
    asking = engine("4 litres")
    answer = asking.ask("How much watre?")
    assert asking.models.index.asked == [("How much water?", 10, None)]
    assert answer.question == "How much watre?"
    assert answer.slips == (("watre", "water"),)


def test_only_the_best_hits_are_read_and_the_rest_is_kept() -> None:
    asking = engine("word 1", texts=[f"Here is word {i}." for i in range(20)])
    answer = asking.ask("Which?")
    assert asking.models.reader.n_read == 8
    assert len(answer.hits) == 10


@pytest.mark.parametrize("question", ["", "  \n\t"])
def test_an_empty_question_is_an_error_that_says_what_to_do(question: str) -> None:
    with pytest.raises(DataError, match="The question is empty"):
        engine("4 litres").ask(question)


def test_a_book_as_question_is_cut_and_answered() -> None:
    asking = engine("4 litres")
    answer: Answer = asking.ask("water " * 100_000)
    assert answer.answered
    assert len(asking.models.index.asked[0][0]) <= 2_000


def test_an_empty_index_declines() -> None:
    answer = engine("4 litres", texts=[]).ask("How much water?")
    assert not answer.answered
    assert answer.hits == ()
    assert answer.confidence == 0.0


def test_a_question_is_looked_for_by_its_topic_and_remembered_by_all_of_it() -> None:
    own = engine("4 litres")
    own.ask("R22 water")
    encode = own.models.encoder.encode_question
    topic, whole = own.models.index.vectors
    assert np.array_equal(topic, encode("water"))
    assert np.array_equal(whole, encode("R22 water"))
    own.ask("water")
    assert own.models.index.vectors[1] is None
