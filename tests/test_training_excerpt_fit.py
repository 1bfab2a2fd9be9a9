"""How much people want to see is learned from what they marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from fakes import FakeEncoder

from qa_core.engine import Found
from qa_core.excerpt import DEFAULT_EXCERPT, ExcerptSettings
from qa_core.types import Hit, Manual, Passage, Reading, Section, Span
from training.excerpt_fit import MIN_CASES, ExcerptCase, excerpts, fit_excerpt

MANUAL = Manual("m", "/manuals", "a.md", "A", "A", None, None, "d")
ENCODER = FakeEncoder()
SENTENCES = [
    "The {part} of the pump is cleaned with a soft cloth every two weeks.",
    "Clean the {part} more often where the pump stands in dust or in a workshop.",
    "A {part} that is dirty makes the pump loud, and lets it use more current.",
    "When the {part} is worn, order another one with the number on its back.",
]


def case(number: int, marked: Callable[[Sequence[str]], str | None], seen: str | None = None) -> ExcerptCase:
    """A question whose answer stands in the first of four sentences that all share words with it."""
    parts = [each.format(part=f"part{number}") for each in SENTENCES]
    text, asked = " ".join(parts), f"How often is part{number} of the pump cleaned?"
    passage = Passage(f"p{number}", MANUAL, Section(("Care",), text), 0, len(text))
    at = text.index("every two weeks")
    spans = (Span(at, at + len("every two weeks"), 5.0),)
    reading = Reading(Hit(passage, 1.0, 0.5, 0.5), spans, 0.0)
    found = Found(asked, asked, ENCODER.encode_question(asked), (reading.hit,))
    return ExcerptCase(found, reading, marked(parts), seen, number)


def cases(n: int, marked: Callable[[Sequence[str]], str | None]) -> list[ExcerptCase]:
    return [case(number, marked) for number in range(n)]


def mean_words(settings: ExcerptSettings) -> float:
    each = case(99, lambda _: None)
    return np.mean([len(text.split()) for text in excerpts(each.found, each.reading, ENCODER, [settings])])


def first(parts: Sequence[str]) -> str:
    return parts[0]


def test_who_marks_one_sentence_is_shown_less_from_then_on() -> None:
    learned = fit_excerpt(cases(30, first), ENCODER, DEFAULT_EXCERPT)
    assert mean_words(learned) < 20 < mean_words(DEFAULT_EXCERPT)


def test_who_marks_the_whole_passage_is_shown_more_from_then_on() -> None:
    short = ExcerptSettings(20, 0.3, 2.0)
    learned = fit_excerpt(cases(30, " ".join), ENCODER, short)
    assert mean_words(short) < 20
    assert mean_words(learned) > 50


def test_who_is_content_wants_nothing_else() -> None:
    assert fit_excerpt(cases(30, lambda _: None), ENCODER, DEFAULT_EXCERPT) == DEFAULT_EXCERPT


def test_few_answers_or_many_on_one_topic_change_nothing() -> None:
    few = cases(MIN_CASES - 1, first)
    assert fit_excerpt(few, ENCODER, DEFAULT_EXCERPT) == DEFAULT_EXCERPT
    same = [ExcerptCase(c.found, c.reading, c.marked, c.seen, "one") for c in cases(30, first)]
    assert fit_excerpt(same, ENCODER, DEFAULT_EXCERPT) == DEFAULT_EXCERPT


def test_people_who_want_different_things_leave_it_as_it_is() -> None:
    split = [case(n, first if n % 2 else " ".join) for n in range(30)]
    assert fit_excerpt(split, ENCODER, DEFAULT_EXCERPT) == DEFAULT_EXCERPT


@pytest.mark.parametrize("n_content", [0, 30])
def test_a_thumbs_up_does_not_hold_excerpts_at_their_length(n_content: int) -> None:
    mixed = [*cases(30, first), *[case(100 + n, lambda _: None) for n in range(n_content)]]
    assert mean_words(fit_excerpt(mixed, ENCODER, DEFAULT_EXCERPT)) < 20


def test_what_was_seen_then_counts_not_what_is_shown_today() -> None:
    short = ExcerptSettings(20, 0.3, 2.0)
    whole = [
        case(n, lambda _: None, seen=" ".join(s.format(part=f"part{n}") for s in SENTENCES))
        for n in range(30)
    ]
    some = [*whole, *[case(100 + n, " ".join) for n in range(10)]]
    assert mean_words(fit_excerpt(some, ENCODER, short)) > 50
