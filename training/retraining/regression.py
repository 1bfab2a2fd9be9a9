"""The regression set: frozen questions on which a candidate must not be worse than the current release.

The admin's own file counts first, then a `questions.jsonl` that lies beside the manuals. Votes on what that
one asks are learned from: its questions may be the very ones that people try the bot with. Without either the
current release's own confident answers are taken for true: to logged questions and, where these are few, to
headings of the manuals. What has no answer is a list of questions that no manual answers, as far as it
clearly declines them; logged questions that it declines are not held against a candidate that answers them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa_core.types import Answer
from training.evaluate import Answerer, Outcome, ask_all
from training.feedback.masking import mask
from training.measuring.questions import Question, fold_heading, read_questions
from training.retraining.frozen import FrozenQuestion
from training.retraining.rehearsal import LoggedQuestion, is_for_rehearsal
from training.retraining.unanswerable import UNANSWERABLE

QUESTIONS_FILE = "questions.jsonl"  # in a source's folder
MAX_LOGGED = 80
MAX_QUESTIONS = 100  # logged ones and headings
MIN_CONFIDENCE = 0.6
CLEARLY = 0.75  # of the threshold: what the release is less sure of than this is clearly declined


@dataclass(frozen=True, slots=True)
class RegressionSet:
    """The questions, and where they come from, in words."""

    questions: tuple[FrozenQuestion, ...]
    origin: str
    answers: tuple[Answer, ...] | None = None  # of the current release, where it was asked already


@dataclass(frozen=True, slots=True)
class Material:
    """What a regression set can be made of where there is no file."""

    logged: tuple[LoggedQuestion, ...]  # latest first
    headings: tuple[LoggedQuestion, ...]
    taken: frozenset[str]  # folded questions that are trained on, or that people contradicted


def own_questions(path: Path | None) -> tuple[str, ...]:
    """What the admin's own file asks, masked as voted questions are: nothing near it is trained on.

    Raises DataError that names the line that cannot be used.
    """
    return () if path is None else tuple(mask(question.text) for question in read_questions(path))


def find_questions_file(own: Path | None, sources: Iterable[Path]) -> Path | None:
    """The admin's own file, else the one beside the manuals."""
    if own is not None:
        return own
    beside = [source / QUESTIONS_FILE for source in sources if source.is_dir()]
    return next((path for path in beside if path.is_file()), None)


def regression_from_file(path: Path) -> RegressionSet:
    """The questions of a file. Raises DataError that names the line that cannot be used."""
    questions = tuple(
        FrozenQuestion(f"file-{n}", question, _group(question), "file")
        for n, question in enumerate(read_questions(path), start=1)
    )
    return RegressionSet(questions, f"the {len(questions)} questions of {path.name}")


def regression_from_answers(
    current: Answerer, material: Material, on_asked: Callable[[int, int], None] = lambda _done, _of: None
) -> RegressionSet:
    """What the current release is confident of. `on_asked` is told (asked, to ask)."""
    logged = _free(material.logged, material.taken, MAX_LOGGED)
    headings = _free(material.headings, material.taken, MAX_QUESTIONS - len(logged))
    asked = [*logged, *headings, *map(LoggedQuestion, UNANSWERABLE)]
    questions = [Question(each.text, (), product=each.product) for each in asked]
    outcomes = ask_all(current, questions, lambda n: on_asked(n, len(questions)))
    n_own = len(logged) + len(headings)
    confident = _confident(outcomes[: len(logged)], "logged")
    n_logged = len(confident)
    confident += _confident(outcomes[len(logged) : n_own], "heading")
    declined = _declined(outcomes[n_own:])
    kept = [*confident, *declined]
    origin = (
        f"{n_logged} logged questions and {len(confident) - n_logged} headings that the current release "
        f"answers with confidence, and {len(declined)} questions that it clearly declines"
    )
    return RegressionSet(tuple(q for q, _ in kept), origin, tuple(answer for _, answer in kept))


def _free(
    questions: Sequence[LoggedQuestion], taken: Collection[str], limit: int
) -> tuple[LoggedQuestion, ...]:
    """Those that are neither taken nor for rehearsal, each text once."""
    free: dict[str, LoggedQuestion] = {}
    for question in questions:
        key = fold_heading(question.text)
        if key not in taken and not is_for_rehearsal(question.text):
            free.setdefault(key, question)
    return tuple(free.values())[:limit]


def _confident(outcomes: Sequence[Outcome], origin: str) -> list[tuple[FrozenQuestion, Answer]]:
    return [
        (FrozenQuestion(f"{origin}-{n}", question, _group(question), origin), outcome.answer)
        for n, outcome in enumerate(outcomes, start=1)
        if (question := _answered(outcome)) is not None
    ]


def _answered(outcome: Outcome) -> Question | None:
    """The question with the release's own answer for gold; None where it is not confident."""
    answer = outcome.answer
    shown, span = answer.shown_text, answer.span_text
    if outcome.declined or answer.confidence < MIN_CONFIDENCE or shown is None or span is None:
        return None
    passage = answer.hits[0].passage
    return Question(
        outcome.question.text,
        tuple(dict.fromkeys((shown, span))),
        section=passage.section.heading_path[-1],
        manual=passage.manual.path,
        product=outcome.question.product,
    )


def _declined(outcomes: Sequence[Outcome]) -> list[tuple[FrozenQuestion, Answer]]:
    return [
        (
            FrozenQuestion(f"unanswerable-{n}", outcome.question, f"unanswerable-{n}", "unanswerable"),
            outcome.answer,
        )
        for n, outcome in enumerate(outcomes, start=1)
        if not outcome.answer.answered or outcome.answer.confidence < CLEARLY * outcome.answer.threshold
    ]


def _group(question: Question) -> str:
    if question.section is None:
        return fold_heading(question.text)
    return f"{question.manual or ''} {fold_heading(question.section)}"
