"""Answers that were given come back as they were."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from fakes_bot import TEXT, answer, declined, hit

from qa_core.answers import N_SPANS, Answers, AskedQuestion
from qa_core.migrations import QA_CORE
from qa_core.store import Store
from qa_core.types import Answer, Excerpt, PageStart, Passage, Reading, Section, Span


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "db", (QA_CORE,))
    yield store
    store.close()


@pytest.fixture
def answers(store: Store) -> Answers:
    return Answers(store)


def in_long_section() -> Answer:
    """The passage is a part of its section, and what is shown reaches beyond it."""
    found = hit()
    before, after = "Much before. ", " Much after."
    text = before + TEXT + after
    section = Section(
        ("Care",), text, (PageStart(0, 3), PageStart(len(before) + 40, 4), PageStart(len(text) - 1, 5))
    )
    passage = Passage("p" * 16, found.passage.manual, section, len(before) + 11, len(before) + 30)
    first = replace(found, passage=passage)
    return replace(
        answer(),
        span=Span(0, 12, 9.5),
        shown=Excerpt(len(before), len(before) + 70),
        hits=(first, hit("Other.")),
        readings=(Reading(first, tuple(Span(0, n, float(-n)) for n in range(1, 9)), -1.5),),
    )


def test_an_answer_comes_back_with_texts_pages_and_place(answers: Answers) -> None:
    given = answers.get(answers.add(answer(), "U1", "Meridio 300"))

    assert given is not None
    assert given.answer == answer()
    assert (given.asked_by, given.product) == ("U1", "Meridio 300")


def test_an_answer_tells_again_which_products_may_be_meant(answers: Answers) -> None:
    given = replace(declined(), also=("Borix W2",))
    answer_id = answers.add(given, "U1")
    found = answers.get(answer_id)
    assert found is not None
    assert found.answer.products == ("Meridio 300", "Borix W2")
    assert [each.is_open for each in answers.leading([answer_id])] == [True]


def test_an_answer_tells_again_which_words_were_slips(answers: Answers) -> None:
    given = replace(answer(), slips=(("fliter", "filter"), ("pmup", "pump")))
    found = answers.get(answers.add(given, "U1"))
    assert found is not None
    assert found.answer.slips == given.slips


def test_a_declined_answer_comes_back_with_its_nearest_passages(answers: Answers) -> None:
    given = answers.get(answers.add(declined("Is it blue?"), "U1"))

    assert given is not None
    assert given.answer == declined("Is it blue?")
    assert given.product is None


def test_of_a_section_only_what_was_shown_is_kept(answers: Answers) -> None:
    asked = in_long_section()
    given = answers.get(answers.add(asked, "U1"))

    assert given is not None
    kept, was = given.answer.hits[0].passage, asked.hits[0].passage
    assert kept.section.text == asked.shown_text
    assert (kept.id, kept.text, kept.heading) == (was.id, was.text, was.heading)
    assert (given.answer.shown_text, given.answer.span_text) == (asked.shown_text, asked.span_text)
    assert [kept.section.page_at(kept.start + n) for n in range(len(kept.text))] == [
        was.section.page_at(was.start + n) for n in range(len(was.text))
    ]


def test_the_footnotes_of_what_was_shown_are_kept(answers: Answers) -> None:
    text = "Step: B | Speed: 9 m/min*\nStep: C | Speed: 5 m/min\n* Wet: 5 m/min.\nCharge it."
    row = text.index("\n")
    passage = Passage("p" * 16, hit().passage.manual, Section(("Care",), text), 0, row)
    first = replace(hit(), passage=passage)
    asked = replace(answer(), span=Span(16, row, 9.5), shown=Excerpt(0, row), hits=(first,))

    given = answers.get(answers.add(asked, "U1"))

    assert given is not None
    assert given.answer.footnotes == ("* Wet: 5 m/min.",)
    assert given.answer.shown_text == "Step: B | Speed: 9 m/min*\n* Wet: 5 m/min."


def test_the_best_spans_of_each_reading_are_kept(answers: Answers) -> None:
    asked = in_long_section()
    given = answers.get(answers.add(asked, "U1"))

    assert given is not None
    [reading] = given.answer.readings
    assert reading.spans == asked.readings[0].spans[:N_SPANS]
    assert (reading.hit, reading.null_score) == (given.answer.hits[0], -1.5)


def test_numbers_of_numpy_are_stored_too(answers: Answers) -> None:
    odd = replace(answer(), confidence=np.float32(0.5), span=Span(np.int64(0), np.int64(7), np.float32(1.5)))  # type: ignore[arg-type]

    given = answers.get(answers.add(odd, "U1"))

    assert given is not None
    assert (given.answer.confidence, given.answer.span) == (0.5, Span(0, 7, 1.5))


def test_answers_since_a_moment_are_counted(answers: Answers) -> None:
    answers.add(answer(), "U1")
    time.sleep(0.002)
    moment = datetime.now(UTC)
    ids = [answers.add(answer(), "U1"), answers.add(declined(), "U2"), answers.add(answer(), "U2")]

    assert {given.id for given in answers.since(moment)} == set(ids)
    assert answers.count_since(moment) == (3, 2)
    assert answers.count_since(datetime(2100, 1, 1, tzinfo=UTC)) == (0, 0)


def test_the_latest_questions_come_first_and_no_more_than_wanted(answers: Answers) -> None:
    for question, product in (("One?", None), ("Two?", "Meridio 300"), ("Three?", None)):
        answers.add(answer(question=question), "U1", product)
        time.sleep(0.002)

    assert answers.latest_questions(2) == (
        AskedQuestion("Three?", None),
        AskedQuestion("Two?", "Meridio 300"),
    )


def test_a_persons_questions_can_be_forgotten(answers: Answers) -> None:
    mine, yours = answers.add(answer(), "U1"), answers.add(answer(), "U2")

    assert len(answers.forget("U1")) == 1
    assert answers.get(mine) is None
    assert answers.get(yours) is not None
