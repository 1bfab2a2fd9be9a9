"""The calibration reserve as a retrieval setting: its contexts as a manual, its questions asked of it.

A third of the contexts is taken out; the questions on them are then not answerable, though articles on the
same subject stay.
"""

from __future__ import annotations

import html
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.measuring.questions import Question
from training.reading.examples import Example
from training.reading.loading import load_squad

RESERVE_FILE = Path(__file__).with_name("reserve.json")
SHARE_TAKEN_OUT = 1 / 3


@dataclass(frozen=True, slots=True)
class ReserveQuestion:
    """A question with the number of its context: questions on one context share their fate."""

    question: Question
    context: int


@dataclass(frozen=True, slots=True)
class ReserveManual:
    """The manual's HTML, and the questions asked of it."""

    html: str
    questions: tuple[ReserveQuestion, ...]


def read_reserve(data: Path, part: str = "calibration") -> tuple[Example, ...]:
    """The reserved questions of `squad-like-train.json` that are for `calibration`, or for the `table`."""
    ids = set(json.loads(RESERVE_FILE.read_text(encoding="utf-8"))[part])
    return tuple(e for e in load_squad(data / "qa" / "squad-like-train.json") if e.id in ids)


def make_reserve_manual(examples: Sequence[Example], n_questions: int, seed: int = 0) -> ReserveManual:
    """A manual of two thirds of the contexts, and `n_questions` of the questions, drawn with the seed.

    Each article is a chapter, each context a section of its own; a question on a context that was taken
    out has no answers.
    """
    rng = random.Random(seed)  # noqa: S311 - no secret
    contexts = list(dict.fromkeys(e.context for e in examples))
    taken_out = set(rng.sample(contexts, round(SHARE_TAKEN_OUT * len(contexts))))
    numbers = {context: number for number, context in enumerate(contexts)}
    titles = {e.context: " ".join(e.heading_path) for e in examples}
    headings = {context: f"{titles[context]} {numbers[context]}".strip() for context in contexts}
    drawn = rng.sample(examples, min(n_questions, len(examples)))
    questions = []
    for example in drawn:
        is_answered = example.answer is not None and example.context not in taken_out
        answers = (example.answer or "",) if is_answered else ()
        section = headings[example.context] if is_answered else None
        questions.append(
            ReserveQuestion(Question(example.question, answers, section), numbers[example.context])
        )
    left = [context for context in contexts if context not in taken_out]
    return ReserveManual(_html_of(left, titles, headings), tuple(questions))


def _html_of(contexts: Sequence[str], titles: dict[str, str], headings: dict[str, str]) -> str:
    lines = ["<!DOCTYPE html><html><head><title>Articles</title></head><body>"]
    chapter = None
    for context in sorted(contexts, key=lambda each: titles[each]):
        if titles[context] != chapter:
            chapter = titles[context]
            lines.append(f"<h1>{html.escape(chapter)}</h1>")
        lines.append(f"<h2>{html.escape(headings[context])}</h2><p>{html.escape(context)}</p>")
    return "\n".join([*lines, "</body></html>"])
