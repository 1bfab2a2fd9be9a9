"""How much people want to see is learned from what they marked."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from fakes import FakeEncoder

from qa_core.engine import Found
from qa_core.excerpt import DEFAULT_EXCERPT, ExcerptSettings
from qa_core.types import Hit, Manual, Passage, Reading, Section, Span
from training.retraining.excerpt_fit import (
    LEAST_WORDS,
    MIN_CASES,
    MIN_MARKED,
    ExcerptCase,
    best_of,
    excerpts,
    fit_excerpt,
)

MANUAL = Manual("m", "/manuals", "a.md", "A", "A", None, None, "d")
ENCODER = FakeEncoder()
SENTENCES = [
    "The {part} of the pump is cleaned with a soft cloth every two weeks.",
    "Clean the {part} more often where the pump stands in dust or in a workshop.",
    "A {part} that is dirty makes the pump loud, and lets it use more current.",
    "When the {part} is worn, order another one with the number on its back.",
]


def case(number: int, said: str, is_marked: bool = True) -> ExcerptCase:
    """A question whose answer stands in the first of four sentences that all share words with it."""
    text, asked = passage_text(number), f"How often is part{number} of the pump cleaned?"
    passage = Passage(f"p{number}", MANUAL, Section(("Care",), text), 0, len(text))
    at = text.index("every two weeks")
    spans = (Span(at, at + len("every two weeks"), 5.0),)
    reading = Reading(Hit(passage, 1.0, 0.5, 0.5), spans, 0.0)
    found = Found(asked, asked, ENCODER.encode_question(asked), (reading.hit,))
    return ExcerptCase(found, reading, said, is_marked, number)


def passage_text(number: int) -> str:
    return " ".join(sentence.format(part=f"part{number}") for sentence in SENTENCES)


def marked_first(numbers: Iterable[int]) -> list[ExcerptCase]:
    """A person marked the first sentence."""
    return [case(n, SENTENCES[0].format(part=f"part{n}")) for n in numbers]


def marked_whole(numbers: Iterable[int]) -> list[ExcerptCase]:
    return [case(n, passage_text(n)) for n in numbers]


def content_with(settings: ExcerptSettings, numbers: Iterable[int]) -> list[ExcerptCase]:
    """A person was content with what these settings show."""
    return [case(n, shown(settings, n), is_marked=False) for n in numbers]


def shown(settings: ExcerptSettings, number: int = 99) -> str:
    each = case(number, "")
    return excerpts(each.found, each.reading, ENCODER, [settings])[0]


def n_words(settings: ExcerptSettings) -> int:
    return len(shown(settings).split())


SHORT, LONG = ExcerptSettings(20, 0.3, 2.0), ExcerptSettings(100, 0.15, 1.0)


def test_who_marks_one_sentence_is_shown_less_from_then_on() -> None:
    learned = fit_excerpt(marked_first(range(30)), ENCODER, DEFAULT_EXCERPT)
    assert n_words(learned) <= LEAST_WORDS < n_words(DEFAULT_EXCERPT)


def test_it_is_told_after_each_case_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []
    fit_excerpt(marked_first(range(30)), ENCODER, DEFAULT_EXCERPT, lambda done, of: told.append((done, of)))
    assert told == [(n, 30) for n in range(1, 31)]


def test_who_marks_the_whole_passage_is_shown_more_from_then_on() -> None:
    learned = fit_excerpt(marked_whole(range(30)), ENCODER, SHORT)
    assert n_words(SHORT) < 20
    assert n_words(learned) > 50


@pytest.mark.parametrize("seen", [SHORT, DEFAULT_EXCERPT, LONG])
@pytest.mark.parametrize("present", [SHORT, DEFAULT_EXCERPT])
def test_thumbs_ups_alone_change_nothing_whatever_was_shown_then(
    seen: ExcerptSettings, present: ExcerptSettings
) -> None:
    assert fit_excerpt(content_with(seen, range(40)), ENCODER, present) == present


def test_many_who_are_content_do_not_hold_excerpts_at_their_length() -> None:
    mixed = [*marked_first(range(30)), *content_with(DEFAULT_EXCERPT, range(30, 60))]
    assert n_words(fit_excerpt(mixed, ENCODER, DEFAULT_EXCERPT)) <= LEAST_WORDS


def test_however_little_people_mark_a_release_keeps_room_for_what_stands_beside_it() -> None:
    few_words = [case(n, "every two weeks") for n in range(30)]
    assert fit_excerpt(few_words, ENCODER, DEFAULT_EXCERPT).max_words == LEAST_WORDS


def test_few_answers_or_few_marked_ones_change_nothing() -> None:
    few = marked_first(range(MIN_CASES - 1))
    assert fit_excerpt(few, ENCODER, DEFAULT_EXCERPT) == DEFAULT_EXCERPT
    content = content_with(DEFAULT_EXCERPT, range(100, 120))
    assert fit_excerpt([*few[: MIN_MARKED - 1], *content], ENCODER, DEFAULT_EXCERPT) == DEFAULT_EXCERPT


def test_people_who_want_different_things_leave_it_as_it_is() -> None:
    split = [*marked_first(range(0, 30, 2)), *marked_whole(range(1, 30, 2))]
    assert fit_excerpt(split, ENCODER, DEFAULT_EXCERPT) == DEFAULT_EXCERPT


def test_answers_on_one_topic_are_one_witness() -> None:
    gains = np.array([[0.0, 0.2]] * 12 + [[0.0, -0.1]] * 8)
    assert best_of(gains, list(range(20))) == 1
    assert best_of(gains, [number // 4 for number in range(20)]) == 0  # three topics against two
    assert best_of(np.array([[0.0, 0.2]] * 20), ["one"] * 20) == 0
