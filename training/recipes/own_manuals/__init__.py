"""The manuals and questions that were written for this project; see README.md beside this file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from training.measuring.questions import Question, read_question

Part = Literal["learning", "calibrating", "calibrating_apart", "held_out"]


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question on these manuals, with what only training needs."""

    question: Question
    kind: str
    key: str  # the heart of the answer, in its own words; "" where all of it counts


def manuals_path(part: Part) -> Path:
    """The folder of a part's manuals."""
    return Path(__file__).parent / part


def read_own(part: Part) -> tuple[OwnQuestion, ...]:
    """The questions of a part, in the order of the file."""
    lines = (manuals_path(part) / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return tuple(OwnQuestion(read_question(r), r["kind"], r.get("key", "")) for r in records)
