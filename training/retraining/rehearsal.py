"""Rehearsal: what the current release knows is trained on again, so that it is not forgotten.

The labels are the release's own (Robins 1995, "Catastrophic forgetting, rehearsal and pseudorehearsal"):
its confident answers to logged questions and to headings of the manuals, and the passages that it holds
for silent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from qa_core.engine import Found
from qa_core.index_files import embedding_text
from qa_core.named.products import if_indexed
from qa_core.ranking import margin
from qa_core.types import Answer, Passage, Reading, Span
from training.measuring.questions import fold_heading
from training.reading.examples import Example
from training.retraining.lessons import EncoderPair
from training.retraining.unanswerable import FOR_CALIBRATION

MAX_QUESTIONS = 80
CONFIDENT = 0.6  # from this confidence on an answer is something that the release knows
N_NEGATIVES = 1
_SILENT = -2.0  # a margin below which the reader holds a passage for silent,
_BEHIND = 4.0  # if it is so much below that of the passage that answers
_MAX_HEADING = 80  # characters
_MIN_WORDS = 2


class Teacher(Protocol):
    """What is rehearsed: `qa_core.engine.Engine` of the current release, or a fake."""

    @property
    def products(self) -> tuple[str, ...]:
        """The products whose manuals are indexed."""

    def find(self, question: str, product: str | None = None) -> Found:
        """What search and reader find for the question."""

    def decide(self, found: Found, *, decline: bool) -> Answer:
        """The answer from what was found."""


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    """A question that was asked, within a product or of all manuals."""

    text: str
    product: str | None = None

    def within(self, products: Collection[str]) -> str | None:
        """The product if it still has manuals; all manuals are asked otherwise."""
        return if_indexed(self.product, products)


@dataclass(frozen=True, slots=True)
class SectionPath:
    """A section of a manual."""

    manual: str
    heading_path: tuple[str, ...]

    @classmethod
    def of(cls, passage: Passage) -> SectionPath:
        """The section that a passage stands in."""
        return cls(passage.manual.path, passage.section.heading_path)


def without(found: Found, place: SectionPath | None) -> Found:
    """What is found where the manuals lack that section: a question that they nearly answer."""
    return replace(
        found,
        hits=tuple(hit for hit in found.hits if SectionPath.of(hit.passage) != place),
        readings=tuple(each for each in found.readings if SectionPath.of(each.hit.passage) != place),
    )


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What the current release makes of one question."""

    question: LoggedQuestion
    confidence: float
    best: SectionPath | None = None  # where the first passage stands; None where nothing was found beside it
    confidence_without: float = 0.0  # in what is found beside that section
    examples: tuple[Example, ...] = ()  # empty where it is not confident
    pairs: tuple[EncoderPair, ...] = ()


def rehearse(
    teacher: Teacher, questions: Sequence[LoggedQuestion], on_asked: Callable[[int], None] = lambda _: None
) -> tuple[Rehearsed, ...]:
    """Ask the current release and take its confident answers for true.

    FOR_CALIBRATION is asked as well, after `questions`: nothing is taken for true there but how unsure the
    release is. `on_asked` is told how many have been asked.
    """
    rehearsed = []
    foreign = tuple(map(LoggedQuestion, FOR_CALIBRATION))
    for number, question in enumerate((*questions, *foreign), start=1):
        found = teacher.find(question.text, question.within(teacher.products))
        answer = teacher.decide(found, decline=False)
        asked = _believed(teacher, question, found, answer)
        knows = number <= len(questions) and answer.confidence >= CONFIDENT
        rehearsed.append(_with_lessons(f"rehearsal-{number}", asked, answer) if knows else asked)
        on_asked(number)
    return tuple(rehearsed)


def _believed(teacher: Teacher, question: LoggedQuestion, found: Found, answer: Answer) -> Rehearsed:
    """How sure the release is of its answer, and of the next one if the manuals lacked that section."""
    best = SectionPath.of(answer.readings[0].hit.passage) if answer.readings else None
    beside = without(found, best)
    if not beside.readings:
        return Rehearsed(question, answer.confidence)
    return Rehearsed(question, answer.confidence, best, teacher.decide(beside, decline=False).confidence)


def _with_lessons(name: str, asked: Rehearsed, answer: Answer) -> Rehearsed:
    ranked, question = answer.readings, asked.question
    if not ranked or not ranked[0].spans:
        return asked
    first = ranked[0]
    examples = [_example(name, question.text, first, first.spans[0])]
    highest = min(_SILENT, margin(first) - _BEHIND)
    silent = [reading for reading in ranked[1:] if margin(reading) < highest][:N_NEGATIVES]
    examples += [_example(f"{name}-{n}", question.text, reading) for n, reading in enumerate(silent, start=1)]
    negatives = tuple(embedding_text(reading.hit.passage) for reading in silent)
    pair = EncoderPair(question.text, embedding_text(first.hit.passage), negatives)
    return replace(asked, examples=tuple(examples), pairs=(pair,))


def _example(name: str, question: str, reading: Reading, span: Span | None = None) -> Example:
    """The span in the passage, or that the passage is silent.

    The best span of a confident answer is true also where the reader alone holds "no answer" for likelier.
    """
    passage = reading.hit.passage
    start, end = (span.start, span.end) if span else (None, None)
    return Example(name, question, passage.text, start, end, passage.section.heading_path)


def heading_questions(passages: Iterable[Passage]) -> tuple[tuple[LoggedQuestion, Passage], ...]:
    """The headings that stand once in all manuals, as questions, each with the first passage under it."""
    first: dict[str, list[Passage]] = {}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for passage in passages:
        section = (passage.manual.id, passage.section.heading_path)
        if section not in seen:
            seen.add(section)
            first.setdefault(fold_heading(passage.section.heading_path[-1]), []).append(passage)
    return tuple(
        (LoggedQuestion(own[0].section.heading_path[-1]), own[0])
        for own in first.values()
        if len(own) == 1 and not _is_title(own[0]) and _asks(own[0].section.heading_path[-1])
    )


def _is_title(passage: Passage) -> bool:
    """Whether the passage stands under the manual's title; some manuals have one level of headings."""
    return fold_heading(passage.section.heading_path[-1]) == fold_heading(passage.manual.title)


def _asks(heading: str) -> bool:
    return len(heading) <= _MAX_HEADING and len(heading.split()) >= _MIN_WORDS


def is_for_rehearsal(text: str) -> bool:
    """Half of all questions, by a hash that never changes: the others are free for the regression set."""
    return hashlib.sha256(fold_heading(text).encode()).digest()[0] % 2 == 0


def choose_questions(
    logged: Iterable[LoggedQuestion],
    headings: Iterable[LoggedQuestion],
    taken: Collection[str],
    limit: int = MAX_QUESTIONS,
) -> tuple[LoggedQuestion, ...]:
    """What to rehearse: logged questions first, then headings; none that is `taken` (folded)."""
    chosen: dict[str, LoggedQuestion] = {}
    for question in (*logged, *headings):
        key = fold_heading(question.text)
        if is_for_rehearsal(question.text) and key not in taken:
            chosen.setdefault(key, question)
    return tuple(chosen.values())[:limit]
