"""Frozen questions: what current release and candidate are both asked, and what each made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from qa_core.ranking import RankWeights, rank_score
from training.evaluate import Answerer, Outcome, ask_all
from training.feedback.triplet import Triplet
from training.gate import Evidence, Pair
from training.measuring import metrics
from training.measuring.chances import Ranked, chances_of
from training.measuring.questions import Question, is_in_gold_section

THUMBS_UP, CORRECTION = "👍", "correction"  # origins


@dataclass(frozen=True, slots=True)
class FrozenQuestion:
    """A question that no candidate is trained on, or that it must not forget."""

    id: str
    question: Question
    group: str  # questions on one topic
    origin: str  # THUMBS_UP, "correction", "file", "logged", "heading", "unanswerable"

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
    ranked: Ranked | None = None  # None if the right section is unknown
    agreement: float | None = None  # ROUGE-L of what is shown with gold; None in jobs of before it was told

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Result:
        """What `asdict` made an object of."""
        ranked = record.get("ranked")
        return cls(**{**record, "ranked": ranked and Ranked(tuple(ranked["scores"]), tuple(ranked["right"]))})

    @property
    def helps(self) -> bool:
        """Whether it says what is right, or stands where that is said."""
        return self.right or bool(self.hit)

    @property
    def score(self) -> float:
        """0 to 1: the mean of the right section's reciprocal rank and of the right words, all or nothing."""
        return self._with(float(self.right))

    @property
    def agreeing(self) -> float:
        """The same with the agreement with gold in place of the right words."""
        return self._with(float(self.right) if self.agreement is None else self.agreement)

    def _with(self, words: float) -> float:
        if self.hit is None:
            return words
        found = float(self.hit) if self.reciprocal_rank is None else self.reciprocal_rank
        return (found + words) / 2


def ask_frozen(
    engine: Answerer, questions: Sequence[FrozenQuestion], on_asked: Callable[[int], None] | None = None
) -> tuple[Outcome, ...]:
    """Every question asked once, nothing declined."""
    return ask_all(engine, [frozen.question for frozen in questions], on_asked)


def results_of(
    questions: Sequence[FrozenQuestion], outcomes: Sequence[Outcome], weights: RankWeights
) -> tuple[Result, ...]:
    """What became of each question; `weights` are those that the release ranks with."""
    return tuple(_result(q, outcome, weights) for q, outcome in zip(questions, outcomes, strict=True))


def _result(frozen: FrozenQuestion, outcome: Outcome, weights: RankWeights) -> Result:
    answer, question = outcome.answer, outcome.question
    first = answer.hits[0].passage if answer.hits else None
    return Result(
        id=frozen.id,
        declined=outcome.declined,
        confidence=answer.confidence,
        shown=answer.shown_text,
        span=answer.span_text,
        place=None if first is None else f"{first.manual.path} › {first.heading}",
        hit=None if question.section is None else first is not None and is_in_gold_section(first, question),
        right=outcome.right,
        reciprocal_rank=None if question.section is None else _reciprocal_rank(outcome),
        ranked=None if question.section is None else _ranked(outcome, weights),
        agreement=_agreement(answer.shown_text, question.answers),
    )


def _agreement(shown: str | None, golds: Sequence[str]) -> float:
    return metrics.best_over_golds(metrics.rouge_l, shown, golds) if shown and golds else 0.0


def _ranked(outcome: Outcome, weights: RankWeights) -> Ranked:
    question, readings = outcome.question, outcome.answer.readings
    return Ranked(
        tuple(rank_score(question.text, reading, weights) for reading in readings),
        tuple(is_in_gold_section(reading.hit.passage, question) for reading in readings),
    )


def _reciprocal_rank(outcome: Outcome) -> float:
    """Of the first passage in the right section."""
    return 1 / outcome.section_rank if outcome.section_rank is not None else 0.0


def question_of(triplet: Triplet) -> Question:
    """The triplet's question; its span, and what people saw and found right, are its gold."""
    golds = (triplet.answer, triplet.shown) if triplet.kind == "answer" else ()
    return Question(
        triplet.question,
        tuple(dict.fromkeys(gold for gold in golds if gold)),
        section=triplet.heading_path[-1] if golds and triplet.heading_path else None,
        manual=triplet.manual if golds else None,
        product=triplet.product,
    )


@dataclass(frozen=True, slots=True)
class Exam:
    """The frozen questions of one retraining."""

    held_out: tuple[FrozenQuestion, ...]  # from votes; no release was trained on them
    regression: tuple[FrozenQuestion, ...]
    regression_origin: str  # where the regression set comes from, in words
    voted_on: tuple[FrozenQuestion, ...] = ()  # some of what is trained on: for the report, not for the gate

    @property
    def parts(self) -> dict[str, tuple[FrozenQuestion, ...]]:
        """The questions of each part, by its name in reports."""
        return {"held-out": self.held_out, "regression": self.regression, "voted on": self.voted_on}

    @property
    def questions(self) -> tuple[FrozenQuestion, ...]:
        """All of them, in the order of the parts."""
        return self.held_out + self.regression + self.voted_on

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
            tuple(map(FrozenQuestion.of, record.get("voted_on", ()))),
        )


def evidence_of(exam: Exam, current: Iterable[Result], candidate: Iterable[Result]) -> Evidence:
    """The scores of both for the gate.

    A held-out question that no manual answers scores by whether it is declined; for the others see
    `_scores`. So who declines more, or less, gains on the ones and loses on the others.
    """
    before = {result.id: result for result in current}
    after = {result.id: result for result in candidate}

    def pairs(questions: Iterable[FrozenQuestion], score: Callable[[Result], float]) -> tuple[Pair, ...]:
        return tuple(Pair(score(before[q.id]), score(after[q.id]), q.group) for q in questions)

    known, unknown = _by_answerable(exam.regression)
    held_known, held_unknown = _by_answerable(exam.held_out)
    old, new = (_scores(held_known, results) for results in (before, after))
    answered = tuple(Pair(old[q.id], new[q.id], q.group) for q in held_known)
    return Evidence(
        held_out=answered + pairs(held_unknown, lambda r: float(r.declined)),
        answers=pairs(known, lambda r: float(r.helps)),
        answered=pairs(known, lambda r: float(not r.declined)),
        declined=pairs(unknown, lambda r: float(r.declined)),
    )


def _scores(questions: Sequence[FrozenQuestion], results: Mapping[str, Result]) -> dict[str, float]:
    """The score of each question's result, 0 to 1, by id. One that is declined scores 0: nobody sees it.

    Otherwise it is how probable the right section is made (a half), its reciprocal rank, and the ROUGE-L of
    what is shown with what a person marked as the answer (a quarter each). An imported answer does not tell
    how much is to be shown: there it is whether the right words are said, all or nothing.

    A thumbs-up tells that what was shown helps, not that other words would not: it was given to what the
    current release shows, which a candidate can only repeat or miss. There the rank counts for a half.

    Of a first retraining on 157 triplets, whose half of other questions gained 2.5 points in hit@1, draws of
    40 held-out questions passed the gate 59 times in 100 by the section's probability beside its rank and
    whether the right words are said, all or nothing, and 13 times by rank and words alone (12 questions: 55
    and 6). ROUGE-L took the place of the latter: it tells also how much is shown beside the right words.
    """
    asked = [(question, results[question.id]) for question in questions]
    chances = iter(chances_of([result.ranked for _, result in asked if result.ranked is not None]))
    scores = {}
    for question, result in asked:
        score = _rank_score(question, result)
        if result.ranked is not None:
            score = (next(chances) + score) / 2
        scores[question.id] = 0.0 if result.declined else score
    return scores


def _rank_score(question: FrozenQuestion, result: Result) -> float:
    if question.origin == THUMBS_UP and result.reciprocal_rank is not None:
        return result.reciprocal_rank
    return result.agreeing if question.origin == CORRECTION else result.score


def _by_answerable(
    questions: Iterable[FrozenQuestion],
) -> tuple[list[FrozenQuestion], list[FrozenQuestion]]:
    questions = list(questions)
    return [q for q in questions if q.question.answerable], [
        q for q in questions if not q.question.answerable
    ]
