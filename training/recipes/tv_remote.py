"""The TV-Remote questions (E-Manual QA, Findings of EMNLP 2021) as the protocols ask them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

from training.measuring.questions import Question, fold_heading, read_questions

_HEADING = re.compile(r"^#+\s+(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TvQuestion:
    """A question with what the protocols need besides.

    `question.section` is None where the annotators' section is not a heading of the manual: those
    questions count for answer quality, not for hits. `annotated_section` is there for all.
    """

    id: str
    question: Question
    annotated_section: str | None
    kind: str  # Normal Q&A, Paraphrased Q&A, Compound Q&A, Yes_No Q&A
    group: int  # questions whose gold answers overlap or whose sections coincide


def manual_path(data: Path) -> Path:
    """The TV's manual in the data folder."""
    return data / "tv-remote" / "manual.md"


def manual_headings(data: Path) -> tuple[str, ...]:
    """The headings of the TV's manual, in order."""
    return tuple(_HEADING.findall(manual_path(data).read_text(encoding="utf-8")))


def read_tv_questions(data: Path) -> tuple[TvQuestion, ...]:
    """All questions, in the order of the file; raises DataError for a bad line."""
    path = data / "tv-remote" / "questions.jsonl"
    known = {fold_heading(heading) for heading in manual_headings(data)}
    questions = read_questions(path)
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    return tuple(
        TvQuestion(
            id=record["id"],
            question=question if _is_known(question, known) else replace(question, section=None),
            annotated_section=question.section,
            kind=record["kind"],
            group=record["group"],
        )
        for question, record in zip(questions, records, strict=True)
    )


def _is_known(question: Question, known: set[str]) -> bool:
    return question.section is not None and fold_heading(question.section) in known
