"""What one retraining works on, frozen when it begins: the data set, what is rehearsed, what is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qa_core.answers import Answers
from qa_core.engine import Engine
from qa_core.indexing.sources import load_catalog
from qa_core.store import Store
from qa_core.types import Passage
from training.evaluate import Outcome, measure
from training.feedback.masking import mask
from training.feedback.near_duplicates import near_any
from training.feedback.triplet import Triplet
from training.feedback.triplet_facts import triplet_of
from training.measuring.questions import fold_heading
from training.reading.examples import Example
from training.retraining.dataset import FrozenDataset, held_out_questions
from training.retraining.frozen import (
    CORRECTION,
    THUMBS_UP,
    Exam,
    FrozenQuestion,
    Result,
    ask_frozen,
    question_of,
    results_of,
)
from training.retraining.lessons import EncoderPair
from training.retraining.regression import (
    Material,
    RegressionSet,
    find_questions_file,
    own_questions,
    regression_from_answers,
    regression_from_file,
)
from training.retraining.rehearsal import (
    LoggedQuestion,
    Rehearsed,
    SectionPath,
    choose_questions,
    heading_questions,
    rehearse,
)
from training.retraining.steps import OnStep, part_of, untold
from training.retraining.unanswerable import FOR_CALIBRATION
from training.retrieval.kept_vectors import KeptVectors
from training.votes import Votes

N_LOGGED = 5_000  # questions asked last that are read; far fewer are chosen of them
N_VOTED_ON = 40  # questions of what is trained on that both releases are asked, for the report
N_LOOKED_AT = 1_000  # different questions that are held against those that were voted on
_PROVENANCE = {"vote": THUMBS_UP, "correction": CORRECTION, "import": "import"}


@dataclass(frozen=True, slots=True)
class Frozen:
    """Everything that a retraining starts from."""

    base: str  # id of the release that it starts from and is held against
    training: tuple[Triplet, ...]
    groups: Mapping[str, str]  # of each triplet, by id
    n_left_out: int  # approved triplets too near to both parts, or to the admin's own questions
    digest: str
    manuals: str  # names the passages that the current release was asked on, see `manuals_digest`
    exam: Exam
    rehearsed: tuple[Rehearsed, ...]
    current: tuple[Result, ...]  # what the current release makes of the exam
    figures: Mapping[str, float | None]  # of the current release on the exam, see `exam_figures`
    votes_read_at: float | None = None  # see `FrozenDataset`; None where an earlier version froze it

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return {**asdict(self), "groups": dict(self.groups), "figures": dict(self.figures)}

    @classmethod
    def of(cls, record: dict[str, Any]) -> Frozen:
        """What `as_json` made an object of."""
        return cls(
            base=record["base"],
            training=tuple(map(triplet_of, record["training"])),
            groups=record["groups"],
            n_left_out=record["n_left_out"],
            digest=record["digest"],
            manuals=record["manuals"],
            exam=Exam.of(record["exam"]),
            rehearsed=tuple(map(_rehearsed, record["rehearsed"])),
            current=tuple(map(Result.of, record["current"])),
            figures=record["figures"],
            votes_read_at=record.get("votes_read_at"),
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Where the questions of an installation are found."""

    store: Store
    questions: Path | None  # the admin's own regression set
    n_rehearsed: int


def freeze(
    source: Source,
    dataset: FrozenDataset,
    engine: Engine,
    vectors: KeptVectors,
    on_asked: OnStep = untold,
) -> Frozen:
    """Ask the current release, in `engine`, everything that has to be known of it."""
    held_out = tuple(_frozen(triplet, dataset.groups[triplet.id]) for triplet in dataset.held_out)
    trained = sorted((t for t in dataset.training if t.kind != "negative"), key=lambda t: t.id)
    voted_on = tuple(_frozen(triplet, dataset.groups[triplet.id]) for triplet in trained[:N_VOTED_ON])
    material = _material(source, dataset, engine, vectors, part_of(on_asked, 0.0, 0.2))
    regression = _regression(source, material, engine, part_of(on_asked, 0.2, 0.5))
    taken = material.taken | {fold_heading(frozen.question.text) for frozen in regression.questions}
    chosen = choose_questions(material.logged, material.headings, taken, source.n_rehearsed)
    n_asked, on_rehearsed = len(chosen) + len(FOR_CALIBRATION), part_of(on_asked, 0.5, 0.75)
    rehearsed = rehearse(engine, chosen, lambda n: on_rehearsed(n, n_asked))
    exam = Exam(held_out, regression.questions, regression.origin, voted_on)
    outcomes = _outcomes(engine, exam, regression, part_of(on_asked, 0.75, 1.0))
    return Frozen(
        base=engine.release,
        training=dataset.training,
        groups=dataset.groups,
        n_left_out=dataset.n_left_out,
        digest=dataset.digest,
        manuals=manuals_digest(engine.passages),
        exam=exam,
        rehearsed=rehearsed,
        current=results_of(exam.questions, outcomes, engine.ranking),
        figures=exam_figures(exam, outcomes),
        votes_read_at=dataset.votes_read_at,
    )


def _material(
    source: Source, dataset: FrozenDataset, engine: Engine, vectors: KeptVectors, on_step: OnStep
) -> Material:
    """What the current release may be asked that nobody voted on and that is not measured otherwise."""
    voted = [t.question for t in (*dataset.training, *dataset.held_out)]
    voted += held_out_questions(source.store) + own_questions(source.questions)
    on_step(0, 2)  # each of these may take long, and may be the last of a job that is cancelled
    logged = _free_of(voted, logged_questions(source.store), vectors, part_of(on_step, 0.0, 0.5))
    on_step(1, 2)
    in_manuals = (question for question, _ in heading_questions(engine.passages))
    headings = _free_of(voted, in_manuals, vectors, part_of(on_step, 0.5, 1.0))
    on_step(2, 2)
    return Material(logged, headings, frozenset(map(fold_heading, voted)) | contradicted(source.store))


def _free_of(
    voted: Sequence[str], questions: Iterable[LoggedQuestion], vectors: KeptVectors, on_step: OnStep
) -> tuple[LoggedQuestion, ...]:
    """Each question once, up to N_LOOKED_AT, without those that ask nearly what was voted on or is measured.

    What the current release says to them is no truth: people may have put it right, and what is held out
    must not be trained on in other words.
    """
    distinct = tuple(dict.fromkeys(questions))[:N_LOOKED_AT]
    texts, encoding = [each.text for each in distinct], part_of(on_step, 0.0, 0.5)
    own, others = vectors(texts, encoding), vectors(voted, encoding)
    near = near_any(texts, own, voted, others, part_of(on_step, 0.5, 1.0))
    return tuple(each for each, is_near in zip(distinct, near, strict=True) if not is_near)


def logged_questions(store: Store) -> tuple[LoggedQuestion, ...]:
    """The latest questions that were asked, latest first, without personal data."""
    asked = Answers(store).latest_questions(N_LOGGED)
    return tuple(LoggedQuestion(mask(each.text), each.product) for each in asked)


def contradicted(store: Store) -> set[str]:
    """Folded questions whose answer somebody found wrong: the release's own answer is no truth there."""
    votes, answers = Votes(store), Answers(store)
    ids = {vote.answer_id for vote in votes.since(0.0) if vote.value < 0}
    ids |= {correction.answer_id for correction in votes.all_corrections()}
    return {fold_heading(mask(given.question)) for given in answers.leading(ids)}


def manuals_digest(passages: Iterable[Passage]) -> str:
    """The sha256 of what is indexed: the passages' ids, in any order."""
    ids = sorted(passage.id for passage in passages)
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def exam_figures(exam: Exam, outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """What is reported of a release: quality without declining, and what it declines."""
    figures: dict[str, float | None] = {}
    left = list(outcomes)
    for name, questions in exam.parts.items():
        own, left = left[: len(questions)], left[len(questions) :]
        figures |= _figures(name, own)
    return figures


def _figures(part: str, outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    if not outcomes:
        return {}
    answering, declining = measure(outcomes, decline=False), measure(outcomes)
    return {
        f"{part}: section hit@1": answering.value("section_hit_at_1"),
        f"{part}: section hit@5": answering.value("section_hit_at_5"),
        f"{part}: ROUGE-L of what is shown": answering.value("shown_rouge_l"),
        f"{part}: token F1 of the span": answering.value("answer_f1"),
        f"{part}: answers that help": answering.value("answer_helps"),
        f"{part}: answerable, declined": declining.value("declined_answerable"),
        f"{part}: unanswerable, declined": declining.value("declined_unanswerable"),
    }


def _regression(source: Source, material: Material, engine: Engine, on_asked: OnStep) -> RegressionSet:
    sources = [Path(each.path) for each in load_catalog(source.store).sources]
    path = find_questions_file(source.questions, sources)
    return regression_from_file(path) if path else regression_from_answers(engine, material, on_asked)


def _outcomes(engine: Engine, exam: Exam, regression: RegressionSet, on_asked: OnStep) -> tuple[Outcome, ...]:
    """What the current release says to the exam; what it has said already is not asked again."""
    if regression.answers is None:
        return ask_frozen(engine, exam.questions, lambda n: on_asked(n, len(exam.questions)))
    held_out = ask_frozen(engine, exam.held_out, lambda n: on_asked(n, len(exam.held_out)))
    known = zip(regression.questions, regression.answers, strict=True)
    voted_on = ask_frozen(engine, exam.voted_on)
    return (*held_out, *(Outcome(frozen.question, answer) for frozen, answer in known), *voted_on)


def _frozen(triplet: Triplet, group: str) -> FrozenQuestion:
    return FrozenQuestion(triplet.id, question_of(triplet), group, _PROVENANCE[triplet.provenance])


def _rehearsed(record: dict[str, Any]) -> Rehearsed:
    best = record["best"]
    return Rehearsed(
        LoggedQuestion(**record["question"]),
        record["confidence"],
        best and SectionPath(best["manual"], tuple(best["heading_path"])),
        record["confidence_without"],
        tuple(Example.of(each) for each in record["examples"]),
        tuple(
            EncoderPair(each["question"], each["positive"], tuple(each["negatives"]))
            for each in record["pairs"]
        ),
    )
