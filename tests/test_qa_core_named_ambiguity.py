"""Which other products' manuals say as much of a question that names none."""

from __future__ import annotations

from qa_core.named.ambiguity import by_product, product_of, rivals
from qa_core.ranking import RankWeights
from qa_core.types import Hit, Manual, Passage, Reading, Section, Span

WEIGHTS = RankWeights()  # the retrieval score alone ranks
QUESTION = "What does E02 mean?"
WASHER = "Code: E02 | Meaning: The drum is blocked"
DISHWASHER = "Code: E02 | Meaning: No water"


def reading(product: str, text: str, score: float = 1.0, n_spans: int = 1) -> Reading:
    manual = Manual(product, "/manuals", f"{product}.md", product, product, None, None, "d")
    passage = Passage(f"{product}/{text}", manual, Section(("Codes",), text), 0, len(text))
    return Reading(Hit(passage, score, 0.5, 0.5), (Span(0, 4, 1.0),) * n_spans, 0.0)


def rivals_of(*ranked: Reading) -> list[str]:
    return [product_of(own[0]) for own in rivals(QUESTION, ranked, WEIGHTS)]


def test_readings_are_parted_by_product_in_their_order() -> None:
    a1, b1, a2 = reading("A", "one"), reading("B", "two"), reading("a", "three")
    assert by_product((a1, b1, a2)) == ((a1, a2), (b1,))


def test_another_product_that_says_as_much_is_a_rival() -> None:
    assert rivals_of(reading("Borix W2", WASHER), reading("Alpen D1", DISHWASHER, 0.8)) == ["Alpen D1"]


def test_what_is_well_behind_or_says_less_or_holds_no_span_is_none() -> None:
    first = reading("Borix W2", WASHER)
    assert rivals_of(first, reading("Alpen D1", DISHWASHER, 0.5)) == []
    assert rivals_of(first, reading("Alpen D1", "Code: E03 | Meaning: Heater")) == []
    assert rivals_of(first, reading("Alpen D1", DISHWASHER, n_spans=0)) == []


def test_another_passage_of_the_same_product_is_none() -> None:
    assert rivals_of(reading("Borix W2", WASHER), reading("borix w2", DISHWASHER)) == []


def test_where_the_first_says_little_of_the_question_there_are_none() -> None:
    assert rivals_of(reading("Borix W2", "The drum turns."), reading("Alpen D1", "The tap is open.")) == []
