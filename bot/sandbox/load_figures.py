"""What a crowd asks, and the figures of what it got. Pure but for the file of questions."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa_core.errors import DataError
from qa_core.types import Passage
from training.measuring.metrics import percentile
from training.measuring.questions import is_in_manual, read_questions
from training.retraining.rehearsal import heading_questions

COLUMNS = (
    "",
    "asked",
    "answered once",
    "answered twice",
    "lost",
    "p50 (s)",
    "p95 (s)",
    "slowest (s)",
    "slowest ack (s)",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was posted, and its answers. Times are seconds since 1970."""

    posted_at: float
    answered_at: tuple[float, ...]  # oldest first; an apology is no answer


@dataclass(frozen=True, slots=True)
class Figures:
    """Of questions, and of the acknowledgements meanwhile; None where there is nothing to measure."""

    n_asked: int
    n_once: int
    n_twice: int  # or more often
    n_lost: int
    p50_s: float | None  # from the question's post to that of its first answer
    p95_s: float | None
    slowest_s: float | None
    slowest_ack_s: float | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be asked, and where it comes from, in words."""

    questions: tuple[str, ...]
    origin: str

    def draw(self, n: int, seed: int) -> tuple[str, ...]:
        """`n` questions in an order that the seed decides; all of them again where there are fewer."""
        order = random.Random(seed).sample(self.questions, len(self.questions))  # noqa: S311 - a lot
        return tuple(itertools.islice(itertools.cycle(order), n))


def choose(file: Path | None, passages: Sequence[Passage]) -> Choice:
    """The file's questions on manuals that are indexed; headings of those where the file has none.

    Raises DataError where there is neither, or the file cannot be read.
    """
    manuals = {passage.manual for passage in passages}
    questions = () if file is None else read_questions(file)
    fitting = tuple(
        question.text
        for question in questions
        if question.manual is None or any(is_in_manual(manual, question.manual) for manual in manuals)
    )
    if file is not None and fitting:
        return Choice(fitting, str(file))
    headings = tuple(question.text for question, _ in heading_questions(passages))
    if not headings:
        raise DataError(
            "The indexed manuals have no headings to ask for. Write questions, one JSON object a line, and "
            "name the file: MANUALBOT_QUESTIONS=questions.jsonl"
        )
    return Choice(headings, "headings of the manuals")


def figures_of(asked: Sequence[Asked], acks_s: Sequence[float]) -> Figures:
    """The figures of questions, and of acknowledgements that took so many seconds."""
    took_s = [each.answered_at[0] - each.posted_at for each in asked if each.answered_at]
    n_answers = [len(each.answered_at) for each in asked]
    return Figures(
        n_asked=len(asked),
        n_once=n_answers.count(1),
        n_twice=sum(n > 1 for n in n_answers),
        n_lost=n_answers.count(0),
        p50_s=percentile(took_s, 50),
        p95_s=percentile(took_s, 95),
        slowest_s=max(took_s, default=None),
        slowest_ack_s=max(acks_s, default=None),
    )


def row(name: str, figures: Figures) -> tuple[str | float | None, ...]:
    """A line of the table that COLUMNS head."""
    counts = (figures.n_asked, figures.n_once, figures.n_twice, figures.n_lost)
    return (name, *counts, figures.p50_s, figures.p95_s, figures.slowest_s, figures.slowest_ack_s)


def times_as_slow(before: Figures, after: Figures) -> float | None:
    """The ratio of the two 95th percentiles; None where one of them is missing."""
    if before.p95_s is None or after.p95_s is None:
        return None
    return after.p95_s / before.p95_s
