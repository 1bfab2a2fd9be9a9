"""The manuals and questions that were written for the project, and what lessons are made of them."""

from __future__ import annotations

import pytest

from qa_core.documents import read_document
from qa_core.passages import split_passages
from qa_core.types import Manual, Passage, Section
from training.measuring.questions import Question
from training.recipes.own_lessons import answer_of
from training.recipes.own_manuals import OwnQuestion, Part, manuals_path, read_own

MANUAL = Manual("m", "/manuals", "lamp.md", "Lamp", "Lamp", None, None, "d")
TEXT = """To start, do this:
1. Press **ON** for 3 seconds.
2. Wait until the lamp is green.
Code: E-4 | Meaning: Pump blocked | Remedy: Clean the filter
Code: E-5 | Meaning: No water | Remedy: Open the tap"""


def passage(text: str = TEXT, heading: str = "Starting") -> Passage:
    return Passage(heading, MANUAL, Section(("Lamp", heading), text), 0, len(text))


def own(gold: str, kind: str, key: str = "") -> OwnQuestion:
    return OwnQuestion(Question("?", (gold,), "Starting", "lamp.md"), kind, key)


def marked(question: OwnQuestion, *passages: Passage) -> str | None:
    found = answer_of(question, passages)
    return None if found is None else found[0].text[found[1] : found[2]]


@pytest.mark.parametrize(
    ("gold", "kind", "key", "expected"),
    [
        (
            "1. Press **ON** for 3 seconds.\n2. Wait until the lamp is green.",
            "procedure",
            "",
            "Press **ON** for 3 seconds.\n2. Wait until the lamp is green.",
        ),
        ("Wait until the lamp is green.", "fact", "green", "Wait until the lamp is green."),
        ("| E-5 | No water | Open the tap |", "code", "Open the tap", "Open the tap"),
        ("| E-4 | Pump blocked | Clean the filter |", "table", "Pump blocked", "Pump blocked"),
        ("| E-6 | Pump blocked | Clean the filter |", "table", "Pump blocked", None),
        ("Press OFF.", "fact", "OFF", None),
    ],
)
def test_the_answer_s_words_are_found_in_the_passage(
    gold: str, kind: str, key: str, expected: str | None
) -> None:
    found = marked(own(gold, kind, key), passage())
    assert found == expected or (found or "").endswith(expected or "\0")


def test_only_the_gold_section_answers() -> None:
    question = own("Wait until the lamp is green.", "fact")
    assert marked(question, passage(heading="Elsewhere")) is None
    assert marked(question, passage(heading="Elsewhere"), passage()) == "Wait until the lamp is green."


@pytest.mark.parametrize(
    ("part", "n_manuals", "n_answerable", "n_others"),
    [
        ("learning", 30, 1080, 180),
        ("calibrating", 8, 180, 50),
        ("calibrating_apart", 20, 906, 112),
        ("held_out", 11, 450, 76),
    ],
)
def test_the_questions_are_those_that_their_readme_counts(
    part: Part, n_manuals: int, n_answerable: int, n_others: int
) -> None:
    questions = [each.question for each in read_own(part)]
    assert sum(question.answerable for question in questions) == n_answerable
    assert sum(not question.answerable for question in questions) == n_others
    manuals = {question.manual for question in questions if question.answerable}
    assert len(manuals) == n_manuals
    assert all((manuals_path(part) / str(manual)).is_file() for manual in manuals)
    assert len({question.text.casefold() for question in questions}) > 0.97 * len(questions)


def test_nearly_all_answers_stand_in_their_sections() -> None:
    folder = manuals_path("learning")
    passages = [
        each
        for path in sorted(folder.glob("*.md"))
        for each in split_passages(
            read_document(path, folder), lambda texts: [len(text) // 4 for text in texts]
        )
    ]
    answerable = [each for each in read_own("learning") if each.question.answerable]
    found = [answer_of(each, passages) for each in answerable]
    assert sum(each is not None for each in found) > 0.97 * len(answerable)
