"""What is rehearsed, what is frozen, and what triplets teach: chosen so that nothing is in two places."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from fakes_bot import FakeEngine
from fakes_bot import answer as fake_answer

from qa_core.engine import Found
from qa_core.errors import DataError
from qa_core.index_files import embedding_text
from qa_core.known import KnownQuestion
from qa_core.types import Answer, Hit, Manual, Passage, Reading, Section, Span
from training.feedback.triplet import Triplet
from training.measuring.questions import Question, fold_heading
from training.reading.examples import Example
from training.retraining.frozen import FrozenQuestion
from training.retraining.lessons import (
    EncoderPair,
    Parts,
    encoder_pairs,
    questions_to_remember,
    reader_examples,
    split_triplets,
    without_answer,
)
from training.retraining.regression import (
    Material,
    find_questions_file,
    regression_from_answers,
    regression_from_file,
)
from training.retraining.rehearsal import (
    LoggedQuestion,
    SectionPath,
    choose_questions,
    heading_questions,
    is_for_rehearsal,
    rehearse,
)
from training.retraining.unanswerable import FOR_CALIBRATION, UNANSWERABLE

MANUAL = Manual("m" * 16, "/manuals", "a.md", "A", "A 1", None, None, "d" * 64)


def passage(text: str, *path: str, name: str = "") -> Passage:
    section = Section(("A", *path), text)
    return Passage((name or text)[:16], MANUAL, section, 0, len(text))


CLEAN = passage("Rinse the filter once a month.", "Cleaning the filter")
SET = passage("Press MENU to set the clock.", "Setting the clock")
ELSEWHERE = passage("Then rinse the filter once a month again.", "Every month")
OTHER = passage("The lamp turns red.", "Signals of the lamp")
ALL = (CLEAN, SET, ELSEWHERE, OTHER)


def hits(*passages: Passage) -> tuple[Hit, ...]:
    return tuple(Hit(each, 1.0, 0.5, 0.5) for each in passages)


def triplet(of: Passage = CLEAN, answer: str = "once a month", **changed: object) -> Triplet:
    start = of.text.index(answer)
    made = Triplet(
        id="t1",
        question="How often is the filter rinsed?",
        context=of.text,
        start=start,
        end=start + len(answer),
        kind="answer",
        status="approved",
        provenance="vote",
        question_key="k1",
        passage_id=of.id,
        heading_path=of.section.heading_path,
        manual="a.md",
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def search(_question: str, _product: str | None) -> Sequence[Hit]:
    return hits(CLEAN, ELSEWHERE, SET, OTHER)


def test_a_release_remembers_what_people_saw_and_found_right_or_else_the_span() -> None:
    span, asked = triplet(), "How often is the filter rinsed?"
    assert questions_to_remember([span]) == (KnownQuestion(asked, CLEAN.id, True, span.start, span.end),)
    seen = questions_to_remember([triplet(shown=CLEAN.text[2:])])
    assert seen == (KnownQuestion(asked, CLEAN.id, True, 2, len(CLEAN.text)),)
    elsewhere = triplet(shown="Words that are not there any more.")
    assert questions_to_remember([elsewhere]) == questions_to_remember([span])


def test_a_release_remembers_what_is_wrong_and_what_no_manual_says() -> None:
    asked = "How often is the filter rinsed?"
    wrong = triplet(kind="negative")
    nowhere = triplet(kind="unanswerable", start=None, end=None)
    assert questions_to_remember([wrong, nowhere, triplet(passage_id=None)]) == (
        KnownQuestion(asked, CLEAN.id, is_right=False),
        KnownQuestion(asked, CLEAN.id, is_right=False, is_unanswerable=True),
    )


def test_negatives_stand_in_another_section_and_do_not_hold_the_answer() -> None:
    assert without_answer(triplet(), ALL) == [SET, OTHER]


def test_a_triplet_teaches_the_reader_its_span_and_two_silent_passages() -> None:
    examples = reader_examples([triplet()], search)
    assert [(each.id, each.context, each.answer) for each in examples] == [
        ("t1", CLEAN.text, "once a month"),
        ("t1-1", SET.text, None),
        ("t1-2", OTHER.text, None),
    ]
    assert examples[0].heading_path == ("A", "Cleaning the filter")


def test_what_no_manual_says_is_not_said_by_the_nearest_passage_either() -> None:
    unanswerable = triplet(kind="unanswerable", start=None, end=None)
    contexts = [(each.context, each.answer) for each in reader_examples([unanswerable], search)]
    assert contexts == [(CLEAN.text, None), (ELSEWHERE.text, None), (SET.text, None)]


def test_a_passage_that_was_voted_down_does_not_answer() -> None:
    [example] = reader_examples([triplet(kind="negative")], search)
    assert (example.context, example.answer) == (CLEAN.text, None)


def test_the_encoder_learns_pairs_with_hard_negatives() -> None:
    passages = {each.id: each for each in ALL}
    assert encoder_pairs([triplet()], passages, search) == [
        EncoderPair(
            "How often is the filter rinsed?",
            "A › Cleaning the filter\nRinse the filter once a month.",
            (embedding_text(SET), embedding_text(OTHER)),
        )
    ]


def test_a_passage_that_was_voted_down_is_the_first_hard_negative() -> None:
    passages = {each.id: each for each in ALL}
    down = triplet(OTHER, "red", id="t2", kind="negative")
    [pair] = encoder_pairs([triplet(), down], passages, search)
    assert pair.negatives == (embedding_text(OTHER), embedding_text(SET))


def test_no_answer_to_a_question_is_a_negative_of_another_answer_to_it() -> None:
    answers = [triplet(), triplet(ELSEWHERE, "once a month again", id="t2")]
    contexts = [(each.id, each.context) for each in reader_examples(answers, search)]
    assert contexts[3:] == [("t2", ELSEWHERE.text), ("t2-1", SET.text), ("t2-2", OTHER.text)]
    pairs = encoder_pairs(answers, {each.id: each for each in ALL}, search)
    assert [pair.positive for pair in pairs] == [embedding_text(CLEAN), embedding_text(ELSEWHERE)]
    assert [pair.negatives for pair in pairs] == [(embedding_text(SET), embedding_text(OTHER))] * 2


def split(n_triplets: int, n_in_a_group: int = 1) -> Parts:
    triplets = [triplet(id=f"t{n}", question_key=f"k{n}") for n in range(n_triplets)]
    groups = {each.id: f"g{n // n_in_a_group}" for n, each in enumerate(triplets)}
    parts = split_triplets(triplets, groups, 0.25)
    train, choosing = ({groups[t.id] for t in part} for part in (parts.train, parts.choosing))
    assert not train & choosing
    assert {*parts.train, *parts.choosing} == {*triplets}
    return parts


def test_groups_are_not_torn_apart() -> None:
    assert len(split(400, n_in_a_group=2).choosing) == pytest.approx(100, abs=25)


def test_what_was_trained_on_is_not_set_aside_when_more_is_known() -> None:
    before = split(40)
    for n in range(41, 300):
        after = split(n)
        assert {*before.train} <= {*after.train}
        before = after


@pytest.mark.parametrize("n", [4, 12, 25, 40, 60])
def test_of_few_triplets_the_share_or_ten_are_set_aside_and_most_are_trained_on(n: int) -> None:
    parts = split(n)
    assert len(parts.choosing) >= min(10, round(0.25 * n))
    assert len(parts.train) >= n / 2


def test_a_group_larger_than_the_share_is_trained_on() -> None:
    assert all(split(n, n_in_a_group=n // 3).choosing == () for n in range(9, 90, 3))


def test_headings_that_stand_once_are_questions() -> None:
    twice = passage("B", "Signals of the lamp", name="twice")
    under = replace(twice, manual=replace(MANUAL, id="n" * 16))
    asked = heading_questions((*ALL, under, passage("C", "Safety")))
    assert [(question.text, first.text) for question, first in asked] == [
        ("Cleaning the filter", CLEAN.text),
        ("Setting the clock", SET.text),
        ("Every month", ELSEWHERE.text),
    ]


def test_a_manual_of_one_level_has_headings_too_and_its_title_is_none() -> None:
    manual = replace(MANUAL, title="Smart TV manual")
    flat = [
        Passage(heading, manual, Section((heading,), "Text."), 0, 5)
        for heading in ("Smart TV manual", "Showing captions", "Using the TV")
    ]
    assert [q.text for q, _ in heading_questions(flat)] == ["Showing captions", "Using the TV"]


def test_no_question_is_both_rehearsed_and_frozen() -> None:
    logged = tuple(LoggedQuestion(f"Question number {n}?") for n in range(60))
    rehearsed = {each.text for each in choose_questions(logged, (), set())}
    engine = FakeEngine({each.text: confident(each.text) for each in logged})
    frozen = regression_from_answers(engine, Material(logged, (), frozenset())).questions
    assert len(rehearsed) + sum(each.origin == "logged" for each in frozen) == 60
    assert not rehearsed & {each.question.text for each in frozen}
    assert all(is_for_rehearsal(text) for text in rehearsed)


def test_what_people_spoke_about_is_neither_rehearsed_nor_frozen() -> None:
    logged = tuple(LoggedQuestion(f"Question number {n}?") for n in range(20))
    taken = frozenset(fold_heading(each.text) for each in logged)
    engine = FakeEngine({each.text: confident(each.text) for each in logged})
    assert choose_questions(logged, (), taken) == ()
    frozen = regression_from_answers(engine, Material(logged, (), taken)).questions
    assert {each.origin for each in frozen} <= {"unanswerable"}


def confident(question: str, confidence: float = 0.87) -> Answer:
    return replace(fake_answer(question=question), confidence=confidence)


def test_confident_answers_are_frozen_as_gold_and_clear_declines_as_unanswerable() -> None:
    free = [n for n in range(30) if not is_for_rehearsal(f"Question number {n}?")]
    sure, unsure = (LoggedQuestion(f"Question number {n}?") for n in free[:2])
    engine = FakeEngine({unsure.text: confident(unsure.text, 0.55)})
    for number, text in enumerate(UNANSWERABLE):
        engine.answers[text] = confident(text, 0.1 if number < 3 else 0.4)
    made = regression_from_answers(engine, Material((sure, unsure), (), frozenset()))
    assert made.questions[0] == FrozenQuestion(
        "logged-1",
        Question(
            sure.text,
            ("Descale the machine every 200 cups.", "every 200 cups"),
            "Descaling",
            "meridio/manual.html",
        ),
        "meridio/manual.html descaling",
        "logged",
    )
    assert [each.question.text for each in made.questions[1:]] == list(UNANSWERABLE[:3])
    assert made.origin == (
        "1 logged questions and 0 headings that the current release answers with confidence, and 3 questions "
        "that it clearly declines"
    )


def test_the_admins_own_file_comes_first_then_the_one_beside_the_manuals(tmp_path: Path) -> None:
    own, beside = tmp_path / "own.jsonl", tmp_path / "manuals" / "questions.jsonl"
    assert find_questions_file(own, [tmp_path / "manuals"]) == own
    assert find_questions_file(None, [tmp_path / "manuals"]) is None
    beside.parent.mkdir()
    beside.write_text("{}")
    assert find_questions_file(None, [tmp_path, tmp_path / "manuals"]) == beside


def test_a_file_is_frozen_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    line = {"question": "How?", "answers": ["So."], "section": "Setting the clock", "manual": "a.md"}
    path.write_text(json.dumps(line) + "\n" + json.dumps({"question": "Why?", "answers": []}))
    made = regression_from_file(path)
    assert made.questions == (
        FrozenQuestion(
            "file-1", Question("How?", ("So.",), "Setting the clock", "a.md"), "a.md settingtheclock", "file"
        ),
        FrozenQuestion("file-2", Question("Why?", ()), "why", "file"),
    )
    assert FrozenQuestion.of(json.loads(json.dumps(made.questions[0].as_json()))) == made.questions[0]


def test_a_line_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('{"question": "How?"}')
    with pytest.raises(DataError, match=r"own\.jsonl, line 1: `answers` must be a list"):
        regression_from_file(path)


@dataclass
class FakeTeacher:
    confidence: float = 0.9
    products: tuple[str, ...] = ("A 1",)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def find(self, question: str, product: str | None = None) -> Found:
        self.asked.append((question, product))
        first, second, third = found = hits(CLEAN, SET, OTHER)
        readings = (
            Reading(first, (Span(17, 29, 5.0),), 1.0),
            Reading(second, (Span(0, 5, 2.0),), 3.0),  # not silent enough to be one
            Reading(third, (Span(0, 3, -4.0),), 6.0),
        )
        return Found(question, question, np.zeros(2, dtype=np.float32), found, readings)

    def decide(self, found: Found, *, decline: bool) -> Answer:
        """A third as sure of what is found beside CLEAN."""
        assert not decline
        return replace(
            fake_answer(),
            confidence=self.confidence / (1 if found.hits[0].passage == CLEAN else 3),
            hits=found.hits,
            readings=found.readings,
            span=None,
            shown=None,
        )


def test_confident_answers_are_rehearsed_with_what_is_silent() -> None:
    rehearsed = rehearse(FakeTeacher(), [LoggedQuestion("How often?")])[0]
    assert rehearsed.confidence == 0.9
    assert rehearsed.examples == (
        Example("rehearsal-1", "How often?", CLEAN.text, 17, 29, CLEAN.section.heading_path),
        Example("rehearsal-1-1", "How often?", OTHER.text, None, None, OTHER.section.heading_path),
    )
    assert rehearsed.pairs == (EncoderPair("How often?", embedding_text(CLEAN), (embedding_text(OTHER),)),)


def test_the_span_of_a_confident_answer_is_true_where_the_reader_alone_holds_none_for_likelier() -> None:
    class Doubtful(FakeTeacher):
        def find(self, question: str, product: str | None = None) -> Found:
            found = super().find(question, product)
            nulls = (8.0, 6.0, 8.0)  # margins of -3, -4 and -12: only the last is far behind the first
            readings = [
                replace(each, null_score=null) for each, null in zip(found.readings, nulls, strict=True)
            ]
            return replace(found, readings=tuple(readings))

    rehearsed = rehearse(Doubtful(), [LoggedQuestion("How often?")])[0]
    assert rehearsed.examples == (
        Example("rehearsal-1", "How often?", CLEAN.text, 17, 29, CLEAN.section.heading_path),
        Example("rehearsal-1-1", "How often?", OTHER.text, None, None, OTHER.section.heading_path),
    )


def test_what_the_release_is_not_sure_of_is_not_rehearsed() -> None:
    rehearsed = rehearse(FakeTeacher(confidence=0.5), [LoggedQuestion("How often?")])[0]
    assert (rehearsed.examples, rehearsed.pairs) == ((), ())


def test_it_is_told_how_sure_the_release_is_without_the_section_that_it_took() -> None:
    rehearsed = rehearse(FakeTeacher(), [LoggedQuestion("How often?")])[0]
    assert rehearsed.best == SectionPath(CLEAN.manual.path, CLEAN.section.heading_path)
    assert rehearsed.confidence_without == pytest.approx(0.3)


def test_what_nothing_answers_is_asked_and_taken_for_no_truth() -> None:
    rehearsed = rehearse(FakeTeacher(), [LoggedQuestion("How often?")])
    assert [each.question.text for each in rehearsed[1:]] == list(FOR_CALIBRATION)
    assert all((each.examples, each.pairs) == ((), ()) for each in rehearsed[1:])
    assert not {fold_heading(q) for q in FOR_CALIBRATION} & {fold_heading(q) for q in UNANSWERABLE}


def test_a_product_without_manuals_is_asked_of_all() -> None:
    teacher = FakeTeacher()
    rehearse(teacher, [LoggedQuestion("q", "A 1"), LoggedQuestion("q", "gone"), LoggedQuestion("q", "a 1")])
    assert teacher.asked[:3] == [("q", "A 1"), ("q", None), ("q", "a 1")]
