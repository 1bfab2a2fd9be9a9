"""Triplets as files: SQuAD's JSON and JSON lines, out and in again without loss."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from qa_core.durable import write_file
from qa_core.errors import DataError
from training.feedback.claims import question_key, short_hash
from training.feedback.masking import mask
from training.feedback.triplet import KINDS, PROVENANCES, STATUSES, Triplet
from training.reading.examples import Example, InvalidRecord, encodable, make_example
from training.reading.loading import nothing_in
from training.reading.records import Record, read_records

SQUAD_VERSION = "v2.0"
MAX_PROBLEMS = 10  # that an error lists
MAX_COUNT = 2**63 - 1  # people; what the store's JSON can hold

_TEXTS = ("passage_id", "manual", "manual_version", "product", "shown", "conflict")
_OWN = {field.name for field in fields(Triplet)} - {"id", "question", "context"}


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that is no triplet."""

    record: str  # "line 7 of votes.jsonl"
    reason: str


class _Bad(ValueError):  # noqa: N818 - never leaves this module
    """Why a record is no triplet."""


def to_jsonl(triplets: Iterable[Triplet]) -> str:
    """One object a line: every field, and `answer` with its words, null where there is none."""
    lines = [
        json.dumps(
            {"question": t.question, "context": t.context, "answer": t.answer} | asdict(t), ensure_ascii=False
        )
        for t in triplets
    ]
    return "".join(f"{line}\n" for line in lines)


def to_squad(triplets: Iterable[Triplet]) -> str:
    """SQuAD v2.0: an article a manual, a paragraph a context.

    Negatives, which SQuAD does not know, are `is_impossible` with the wrong words as `plausible_answers`, as
    v2.0 has them. What else is known of a triplet stands beside a question's own fields, which readers of
    SQuAD pass over.
    """
    articles: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for triplet in triplets:
        paragraphs = articles.setdefault(triplet.manual or "", {})
        paragraphs.setdefault(triplet.context, []).append(_squad_question(triplet))
    data = [
        {"title": title, "paragraphs": [{"context": c, "qas": qas} for c, qas in paragraphs.items()]}
        for title, paragraphs in articles.items()
    ]
    return json.dumps({"version": SQUAD_VERSION, "data": data}, ensure_ascii=False, indent=1) + "\n"


def read_triplets(path: Path) -> tuple[Triplet, ...]:
    """The triplets of a file in SQuAD's format, as JSON lines or as a JSON list; questions are masked.

    What another program wrote is taken as approved. A question's key is that of its words, whatever the file
    says: a question that was changed in an exported file is another one. Raises DataError naming every record
    that is none, and nothing is read then; also for a file without a record.
    """
    triplets, problems = [], []
    told: dict[tuple[object, ...], tuple[Triplet, str]] = {}
    for record in read_records(path):
        try:
            triplets.append(_triplet(record))
            _check_kind(triplets[-1], record.name, told)
        except (_Bad, InvalidRecord) as reason:
            problems.append(Problem(record.name, str(reason)))
    if problems:
        raise DataError(_complaint(path, problems))
    if not triplets:
        raise DataError(nothing_in(path))
    return tuple(triplets)


def write_triplets(path: Path, text: str) -> None:
    """Write a file whole or not at all; raises DataError where it cannot be written."""
    try:
        write_file(path, text, shared=True)
    except OSError as error:
        raise DataError(f"{path} cannot be written ({error.strerror or error}). Name another file") from error


def _squad_question(triplet: Triplet) -> dict[str, Any]:
    span = [] if triplet.answer is None else [{"text": triplet.answer, "answer_start": triplet.start}]
    own = {name: value for name, value in asdict(triplet).items() if name in _OWN}
    is_answer = triplet.kind == "answer"
    question = {
        "id": triplet.id,
        "question": triplet.question,
        "answers": span if is_answer else [],
        "is_impossible": not is_answer,
    }
    if triplet.kind == "negative":
        question["plausible_answers"] = span
    return question | own


def _triplet(record: Record) -> Triplet:
    if record.fields is None:
        raise _Bad(record.problem)
    given = dict(record.fields)
    kind = _one_of(given, "kind", KINDS, None)
    example = make_example(_as_example(given, kind), record.name)
    if kind is None:
        kind = "unanswerable" if example.start is None else "answer"
    if (kind == "unanswerable") != (example.start is None):
        raise _Bad(f"its kind is {kind!r}, and it has {'an' if example.answer else 'no'} answer")
    _one_of(given, "provenance", PROVENANCES, None)
    start, end = _span(given, example)
    texts = {name: _text(given, name) for name in _TEXTS}
    question = mask(example.question)
    passage_id = texts["passage_id"] or short_hash(example.context)
    key = question_key(question, texts["product"])
    return Triplet(
        id=short_hash(key, passage_id),
        question=question,
        context=example.context,
        start=start,
        end=end,
        kind=kind,
        status=_one_of(given, "status", STATUSES, "approved"),
        provenance="import",
        question_key=key,
        passage_id=passage_id,
        heading_path=_list(given, "heading_path"),
        manual=texts["manual"],
        manual_version=texts["manual_version"],
        product=texts["product"],
        shown=texts["shown"],
        n_up=_count(given, "n_up"),
        n_down=_count(given, "n_down"),
        conflict=texts["conflict"],
        edited=_flag(given, "edited"),
        answer_ids=_list(given, "answer_ids"),
    )


def _check_kind(triplet: Triplet, name: str, told: dict[tuple[object, ...], tuple[Triplet, str]]) -> None:
    """Raises _Bad for an answer that another record calls wrong; `told` grows by each call."""
    what = (triplet.question_key, triplet.context, triplet.start, triplet.end)
    other, other_name = told.setdefault(what, (triplet, name))
    if other.kind != triplet.kind:
        raise _Bad(
            f"its kind is {triplet.kind!r}, and that of {other_name}, with the same question and answer, "
            f"{other.kind!r}. Delete one of them"
        )


def _as_example(given: Mapping[str, Any], kind: str | None) -> dict[str, Any]:
    """The record as `make_example` reads it: our own title is a manual's path, no heading."""
    record = {name: value for name, value in given.items() if name not in ("title", "id")}
    if kind == "negative" and "plausible_answers" in record:
        record = record | {"answers": record["plausible_answers"], "is_impossible": False}
    return record


def _span(given: Mapping[str, Any], example: Example) -> tuple[int | None, int | None]:
    """As our own files have it, to the character; of others, without spaces at the ends."""
    start, end = given.get("start"), given.get("end")
    if isinstance(start, int) and isinstance(end, int) and example.start is not None:
        inside = 0 <= start < end <= len(example.context)
        if not inside or example.context[start:end].strip() != example.answer:
            raise _Bad(f"its answer {example.answer!r} does not stand from {start} to {end} of its context")
        return start, end
    return example.start, example.end


def _one_of(given: Mapping[str, Any], name: str, allowed: tuple[Any, ...], default: Any) -> Any:
    value = given.get(name)
    if value is not None and value not in allowed:
        raise _Bad(f"its {name} is {value!r}, not one of {', '.join(allowed)}")
    return default if value is None else value


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise _Bad(f"its {name} is {value!r}, not a text")
    return None if value is None else encodable(str(value), name)


def _count(given: Mapping[str, Any], name: str) -> int:
    value = given.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNT:
        raise _Bad(f"its {name} is {value!r}, not a whole number of people")
    return value


def _flag(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise _Bad(f"its {name} is {value!r}, not true or false")
    return value is True


def _list(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = given.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _Bad(f"its {name} is {value!r}, not a list of texts")
    return tuple(encodable(each, name) for each in value)


def _complaint(path: Path, problems: list[Problem]) -> str:
    lines = [f"\n  {problem.record}: {problem.reason}" for problem in problems[:MAX_PROBLEMS]]
    more = len(problems) - len(lines)
    tail = f"\n  and {more:,} more" if more else ""
    n = f"{len(problems):,} record" + ("s are" if len(problems) > 1 else " is")
    return f"{path}: {n} no triplet; nothing was imported{''.join(lines)}{tail}"
