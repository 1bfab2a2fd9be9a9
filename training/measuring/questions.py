"""Questions with gold answers, one JSON object a line: what `manualbot evaluate` reads."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_core.errors import DataError
from qa_core.types import Manual, Passage

_NOT_IN_WORDS = re.compile(r"[\W_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its gold answers, and where the answer stands as far as that is known.

    `product` is where the question is asked: answering it sees that product's manuals only, as in a
    channel that belongs to a product. Without it, all manuals are asked.
    """

    text: str
    answers: tuple[str, ...]  # empty: the manuals do not answer it
    section: str | None = None  # a heading of the right section, as in the manual
    manual: str | None = None  # path of the right manual, relative to its source
    product: str | None = None

    @property
    def answerable(self) -> bool:
        """Whether there is an answer in the manuals."""
        return bool(self.answers)


def read_questions(path: Path) -> tuple[Question, ...]:
    """The questions of a JSON Lines file; raises DataError naming the file, the line and what is wrong.

    Empty lines and unknown keys are passed over.
    """
    questions = []
    for number, line in enumerate(_read_text(path).split("\n"), start=1):
        if line.strip():
            try:
                questions.append(read_question(_read_object(line)))
            except DataError as error:
                raise DataError(f"{path}, line {number}: {error}") from error
    if not questions:
        raise DataError(f'{path} has no questions. Write one a line: {{"question": "…", "answers": ["…"]}}')
    return tuple(questions)


def read_question(record: dict[str, Any]) -> Question:
    """The question that one record holds; raises DataError with the key and the value seen."""
    text = record.get("question")
    if not isinstance(text, str) or not text.strip():
        raise DataError(f"`question` must be a text that is not empty, not {_seen(record, 'question')}")
    answers = record.get("answers")
    if not isinstance(answers, list) or not all(isinstance(a, str) and a.strip() for a in answers):
        raise DataError(
            "`answers` must be a list of texts that are not empty ([] for a question that the manuals "
            f"do not answer), not {_seen(record, 'answers')}"
        )
    section, manual, product = (_optional_text(record, key) for key in ("section", "manual", "product"))
    return Question(text, tuple(answers), section, manual, product)


def fold_heading(heading: str) -> str:
    """The heading for comparison: case, punctuation and spaces do not count (`Wi-Fi` is `WIFI`)."""
    return _NOT_IN_WORDS.sub("", unicodedata.normalize("NFKC", heading).casefold())


def is_in_section(passage: Passage, section: str) -> bool:
    """Whether a heading above the passage is the one named; see `fold_heading`."""
    return fold_heading(section) in {fold_heading(h) for h in passage.section.heading_path}


def is_in_manual(manual: Manual, path: str) -> bool:
    """Whether the path, relative to the source, names the manual."""
    return unicodedata.normalize("NFC", manual.path) == unicodedata.normalize("NFC", path)


def is_in_gold_section(passage: Passage, question: Question) -> bool:
    """Whether the passage stands in the section that is right, of the right manual where that is told.

    Headings repeat from manual to manual. False for a question without a gold section.
    """
    in_manual = question.manual is None or is_in_manual(passage.manual, question.manual)
    return question.section is not None and in_manual and is_in_section(passage, question.section)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 ({error}). Save it as UTF-8") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}). Give a JSON Lines file") from error


def _read_object(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON ({error}). Write one object a line") from error
    if not isinstance(record, dict):
        raise DataError(f'must be an object like {{"question": "…", "answers": ["…"]}}, not {line[:60]}')
    return record


def _optional_text(record: dict[str, Any], key: str) -> str | None:
    value = record.get(key)
    if key == "section" and isinstance(value, list) and value:
        value = value[-1]  # a heading path, as `manualbot ask --json` prints it
    if value is not None and not isinstance(value, str):
        raise DataError(f"`{key}` must be a text or left out, not {_seen(record, key)}")
    return value or None


def _seen(record: dict[str, Any], key: str) -> str:
    return repr(record[key])[:60] if key in record else "missing"
