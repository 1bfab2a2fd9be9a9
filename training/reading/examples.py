"""Examples: questions on contexts, each made from a record that was checked."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, SupportsIndex, TypeGuard

from training.feedback.numbers import is_apart

_N_AROUND = 120  # characters on either side of an occurrence that are compared with the question
_WORD = re.compile(r"\w+")


class InvalidRecord(ValueError):  # noqa: N818 - caught where records are counted, never seen by a person
    """Why a record is no example."""


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """An answer as a record has it: its words, and where they are said to start."""

    text: str
    start: int | None


@dataclass(frozen=True, slots=True)
class Example:
    """A question on one context; `start` and `end` are None when the context does not answer it."""

    id: str
    question: str
    context: str
    start: int | None
    end: int | None
    heading_path: tuple[str, ...] = ()
    other_answers: tuple[str, ...] = ()  # also right; they count when answers are scored

    @property
    def answer(self) -> str | None:
        """The answer's text."""
        return None if self.start is None else self.context[self.start : self.end]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Example:
        """What `dataclasses.asdict` made an object of."""
        lists = {name: tuple(record[name]) for name in ("heading_path", "other_answers")}
        return cls(**{**record, **lists})


def make_example(record: Mapping[str, Any], default_id: str) -> Example:
    """The example of a record: a triplet (`answer`) or a question in SQuAD's form (`answers`).

    Raises InvalidRecord with the reason.
    """
    context, question = _text(record, "context"), _text(record, "question")
    title = record.get("title") or ""
    if not isinstance(title, str):
        raise InvalidRecord(f"its title is {_kind(title)}, not a text")
    heading = (encodable(title, "title").replace("_", " "),) if title else ()
    example_id = default_id if record.get("id") is None else str(record["id"])
    answers = given_answers(record)
    if not answers:
        return Example(example_id, question, context, None, None, heading)
    spans = [_span(context, question, answer.text, answer.start) for answer in answers]
    others = tuple(dict.fromkeys(context[start:end] for start, end in spans[1:]))
    return Example(example_id, question, context, *spans[0], heading, others)


def given_answers(record: Mapping[str, Any]) -> list[LabelledAnswer]:
    """The answers as they are written, the first one being trained on; none where there is no answer.

    A data set fills what a row does not have with None: `answers` are read where `answer` is None. Raises
    InvalidRecord with the reason.
    """
    if "answer" in record and (record["answer"] is not None or record.get("answers") is None):
        found = _of_triplet(record)
    elif "answers" in record:
        found = _of_squad(record["answers"])
    else:
        raise InvalidRecord("it has neither 'answer' (null where the context does not answer) nor 'answers'")
    _check_mark(record.get("is_impossible"), found)
    return found


def stands_several_times(example: Example) -> bool:
    """Whether the answer's words occur more than once in the context."""
    return example.answer is not None and len(occurrences(example.context, example.answer)) > 1


def occurrences(text: str, words: str) -> list[int]:
    """Where the words begin in the text, first to last; they may overlap."""
    starts, at = [], text.find(words)
    while at >= 0:
        starts.append(at)
        at = text.find(words, at + 1)
    return starts


def _text(record: Mapping[str, Any], key: str) -> str:
    if key not in record:
        raise InvalidRecord(f"it has no {key!r} (it has {_keys(record)})")
    text = record[key]
    if not isinstance(text, str):
        raise InvalidRecord(f"its {key} is {_kind(text)}, not a text")
    if not text.strip():
        raise InvalidRecord(f"its {key} is empty")
    return encodable(text, key)


def encodable(text: str, key: str) -> str:
    """The text, which can be stored and read; raises InvalidRecord for half a character."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidRecord(f"its {key} holds half a character at offset {error.start}") from None
    return text


def _check_mark(is_impossible: object, found: Sequence[LabelledAnswer]) -> None:
    if is_impossible is not None and not isinstance(is_impossible, bool):
        raise InvalidRecord(f"its is_impossible is {_kind(is_impossible)}, not true or false")
    if is_impossible is True and found:
        raise InvalidRecord(f"it is marked is_impossible and has the answer {found[0].text!r}")
    if is_impossible is False and not found:
        raise InvalidRecord("its is_impossible is false and it has no answer")


def _of_triplet(record: Mapping[str, Any]) -> list[LabelledAnswer]:
    answer, (start, end) = record["answer"], _place(record)
    if isinstance(answer, Mapping):
        if "text" not in answer:
            raise InvalidRecord(f"its answer has no 'text' (it has {_keys(answer)})")
        if _is_list(answer["text"]):
            return _of_squad(answer)
        if _place(answer) != (None, None):
            start, end = _place(answer)
        answer = answer["text"]
    if answer is None or answer == "":
        if any(at is not None and at >= 0 for at in (start, end)):
            raise InvalidRecord(f"it has no answer, and an offset for one: {end if start is None else start}")
        return []
    return [_answer(answer, start, end)]


def _place(fields: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Where an answer is said to start and to end; None where that is not said."""
    start, end = _offset(fields.get("answer_start")), _offset(fields.get("end"))
    start = _offset(fields.get("start")) if start is None else start
    offsets = fields.get("offsets")
    if offsets is None:
        return start, end
    if not _is_list(offsets) or len(offsets) != 2:
        raise InvalidRecord(f"its offsets are {offsets!r}, not a start and an end")
    return (_offset(offsets[0]) if start is None else start), (_offset(offsets[1]) if end is None else end)


def _offset(value: object) -> int | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):  # missing in a column of numbers
        return None
    if isinstance(value, float) and value.is_integer():  # a column of numbers with some missing has floats
        return int(value)
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        raise InvalidRecord(f"its answer's offset is {_kind(value)}, not a whole number")
    return operator.index(value)


def _of_squad(answers: object) -> list[LabelledAnswer]:
    if isinstance(answers, Mapping):  # columns, as in a datasets.Dataset
        texts, starts = answers.get("text"), answers.get("answer_start")
        if not _is_list(texts):
            raise InvalidRecord(f"its answers' text is {_kind(texts)}, not a list")
        if starts is None:
            starts = [None] * len(texts)
        if not _is_list(starts) or len(starts) != len(texts):
            raise InvalidRecord(f"its answers have {len(texts)} texts and other offsets: {starts!r}")
        return [_answer(text, _offset(start)) for text, start in zip(texts, starts, strict=True)]
    if not _is_list(answers):
        raise InvalidRecord(f"its answers are {_kind(answers)}, not a list")
    found = []
    for answer in answers:
        if not isinstance(answer, Mapping) or "text" not in answer:
            raise InvalidRecord(f"an answer is {answer!r}, not an object with 'text' and 'answer_start'")
        found.append(_answer(answer["text"], _offset(answer.get("answer_start"))))
    return found


def _answer(text: object, start: int | None, end: int | None = None) -> LabelledAnswer:
    if not isinstance(text, str):
        raise InvalidRecord(f"its answer is {_kind(text)}, not a text")
    if not text.strip():
        raise InvalidRecord("its answer is only spaces")
    if end is not None:
        start = end - len(text) if start is None else start
        if end != start + len(text):
            raise InvalidRecord(
                f"its answer {text!r} does not stand from {start} to {end} of its context: "
                f"it has {len(text)} characters"
            )
    return LabelledAnswer(encodable(text, "answer"), start)


def _span(context: str, question: str, answer: str, start: int | None) -> tuple[int, int]:
    if start is not None:
        if start < 0 or context[start : start + len(answer)] != answer:
            seen = context[max(start, 0) : max(start, 0) + len(answer)]
            raise InvalidRecord(
                f"its answer {answer!r} does not stand at offset {start} of its context, but {seen!r}"
            )
        return _trimmed(context, start, start + len(answer))
    answer = answer if answer in context else answer.strip()
    starts = occurrences(context, answer)
    if not starts:
        at = context.casefold().find(answer.casefold())
        near = f"; {context[at : at + len(answer)]!r} does" if at >= 0 else ""
        raise InvalidRecord(f"its answer {answer!r} does not stand in its context{near}")
    best = max(starts, key=lambda at: _fit(context, question, at, at + len(answer)))
    return _trimmed(context, best, best + len(answer))


def _trimmed(context: str, start: int, end: int) -> tuple[int, int]:
    """The span without spaces at its ends: no token covers them."""
    words = context[start:end]
    return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())


def _fit(context: str, question: str, start: int, end: int) -> tuple[bool, int]:
    """How well an occurrence fits: whole words and numbers first, then the question's words around it.

    Of several that fit equally, `max` takes the first.
    """
    around = context[max(0, start - _N_AROUND) : start] + " " + context[end : end + _N_AROUND]
    asked = set(_WORD.findall(question.casefold()))
    return is_apart(context, start, end), len(asked & set(_WORD.findall(around.casefold())))


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _keys(fields: Mapping[str, Any]) -> str:
    return ", ".join(map(repr, fields)) or "nothing"


def _kind(value: object) -> str:
    return "missing" if value is None else f"{value!r} ({type(value).__name__})"[:80]
