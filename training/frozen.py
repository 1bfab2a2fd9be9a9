"""Frozen questions: what current release and candidate are both asked, and what each made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from training.evaluate import Answerer, Outcome, ask_all
from training.gate import Evidence, Pair
from training.questions import Question


@dataclass(frozen=True, slots=True)
class FrozenQuestion:
    """A question that no candidate is trained on, or that it must not forget."""

    id: str
    question: Question
    group: str  # questions on one topic
    origin: str  # "👍", "correction", "file", "logged", "heading", "unanswerable"

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return asdict(self)

    @classmethod
    def of(cls, record: dict[str, Any]) -> FrozenQuestion:
        """What `as_json` made an object of."""
        question = {**record["question"], "answers": tuple(record["question"]["answers"])}
        return cls(**{**record, "question": Question(**question)})


@dataclass(frozen=True, slots=True)
class Result:
    """What a release made of a frozen question, asked with declining switched off."""

    id: str  # of the question
    declined: bool  # whether the release would have kept the answer back
    confidence: float
    shown: str | None
    span: str | None
    place: str | None  # manual and headings
    hit: bool | None  # whether the first passage stands in the right section; None where that is unknown
    right: bool  # see `training.evaluate.is_right`
    reciprocal_rank: float | None = None  # of the right section; 0 if it was not found, None if unknown

    @property
    def helps(self) -> bool:
        """Whether it says what is right, or stands where that is said."""
        return self.right or bool(self.hit)

    @property
    def score(self) -> float:
        """0 to 1: the mean of the right section's reciprocal rank and of the right words, all or nothing.

        Ranks below the first tell two releases apart with fewer questions: at 40 held-out ones a gain of 4
        points in hit@1 passes the gate twice as often as by the first rank alone (and no gain in 12 of 100
        draws, not in 4). A measure of overlap would move when answers only grow longer, on wrong golds too.
        """
        if self.hit is None:
            return float(self.right)
        found = float(self.hit) if self.reciprocal_rank is None else self.reciprocal_rank
        return (found + self.right) / 2


def ask_frozen(
    engine: Answerer, questions: Sequence[FrozenQuestion], on_asked: Callable[[int], None] | None = None
) -> tuple[Outcome, ...]:
    """Every question asked once, nothing declined."""
    return ask_all(engine, [frozen.question for frozen in questions], on_asked)


def results_of(questions: Sequence[FrozenQuestion], outcomes: Sequence[Outcome]) -> tuple[Result, ...]:
    """What became of each question."""
    return tuple(_result(q, outcome) for q, outcome in zip(questions, outcomes, strict=True))


def _result(frozen: FrozenQuestion, outcome: Outcome) -> Result:
    answer, question = outcome.answer, outcome.question
    first = answer.hits[0].passage if answer.hits else None
    return Result(
        id=frozen.id,
        declined=outcome.declined,
        confidence=answer.confidence,
        shown=answer.shown_text,
        span=answer.span_text,
        place=None if first is None else f"{first.manual.path} › {first.heading}",
        hit=None if question.section is None else _is_hit(outcome),
        right=outcome.right,
        reciprocal_rank=None if question.section is None else _reciprocal_rank(outcome),
    )


def _is_hit(outcome: Outcome) -> bool:
    in_manual = outcome.question.manual is None or outcome.manual_rank == 1
    return outcome.section_rank == 1 and in_manual


def _reciprocal_rank(outcome: Outcome) -> float:
    """Of the first passage in the right section, no better than that of the right manual's first one."""
    ranks = [outcome.section_rank]
    if outcome.question.manual is not None:
        ranks.append(outcome.manual_rank)
    found = [rank for rank in ranks if rank is not None]
    return 1 / max(found) if len(found) == len(ranks) else 0.0


@dataclass(frozen=True, slots=True)
class Exam:
    """The frozen questions of one retraining."""

    held_out: tuple[FrozenQuestion, ...]  # from votes; no release was trained on them
    regression: tuple[FrozenQuestion, ...]
    regression_origin: str  # where the regression set comes from, in words

    @property
    def questions(self) -> tuple[FrozenQuestion, ...]:
        """All of them, held-out ones first."""
        return self.held_out + self.regression

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return asdict(self)

    @classmethod
    def of(cls, record: dict[str, Any]) -> Exam:
        """What `as_json` made an object of."""
        return cls(
            tuple(map(FrozenQuestion.of, record["held_out"])),
            tuple(map(FrozenQuestion.of, record["regression"])),
            record["regression_origin"],
        )


def evidence_of(exam: Exam, current: Iterable[Result], candidate: Iterable[Result]) -> Evidence:
    """The scores of both for the gate.

    A held-out question that no manual answers scores by whether it is declined.
    """
    before = {result.id: result for result in current}
    after = {result.id: result for result in candidate}

    def pairs(questions: Iterable[FrozenQuestion], score: Callable[[Result], float]) -> tuple[Pair, ...]:
        return tuple(Pair(score(before[q.id]), score(after[q.id]), q.group) for q in questions)

    known, unknown = _by_answerable(exam.regression)
    held_known, held_unknown = _by_answerable(exam.held_out)
    return Evidence(
        held_out=pairs(held_known, lambda r: r.score) + pairs(held_unknown, lambda r: float(r.declined)),
        answers=pairs(known, lambda r: float(r.helps)),
        answered=pairs(known, lambda r: float(not r.declined)),
        declined=pairs(unknown, lambda r: float(r.declined)),
    )


def _by_answerable(
    questions: Iterable[FrozenQuestion],
) -> tuple[list[FrozenQuestion], list[FrozenQuestion]]:
    questions = list(questions)
    return [q for q in questions if q.question.answerable], [
        q for q in questions if not q.question.answerable
    ]
