"""The first stage of fine-tuning: triplets from anywhere → examples, each checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_core.errors import DataError
from training.feedback.triplet import STATUSES
from training.reading.examples import (
    Example,
    InvalidRecord,
    given_answers,
    make_example,
    stands_several_times,
)
from training.reading.records import Record, read_records


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that was not used, and why."""

    record: str
    reason: str


@dataclass(frozen=True, slots=True)
class LoadedTriplets:
    """What a source gave."""

    examples: tuple[Example, ...]
    left_out: tuple[LeftOut, ...] = ()
    n_placed: int = 0  # answers without an offset that stand several times in their context


@dataclass(frozen=True, slots=True)
class Checked:
    """A record and what was made of it: an example, or the reason why it is none."""

    record: Record
    example: Example | None
    reason: str = ""
    is_mistake: bool = False  # else a record without an example is a triplet that is not to be learned from

    @property
    def name(self) -> str:
        """By which the record can be found: "record 3 (id 'a')"."""
        own_id = (self.record.fields or {}).get("id")
        if own_id is None or repr(own_id) in self.record.name:
            return self.record.name
        return f"{self.record.name} (id {own_id!r})"

    @property
    def complaint(self) -> str:
        """The name and the reason, as a sentence begins."""
        return f"{self.name[0].upper()}{self.name[1:]}: {self.reason}"


def load_triplets(source: object, *, skip_invalid: bool = False) -> LoadedTriplets:
    """The examples of a list of triplets, a file (SQuAD, JSON, JSONL), a `datasets.Dataset` or a DataFrame.

    A triplet has `context`, `question` and `answer`, null or empty if the context does not answer; at will
    `answer_start`, `start` and `end`, or `offsets` (characters), `is_impossible`, `id` and `title` (read as
    the heading above the context). An answer without an offset that stands several times is taken where
    most of the question's words are nearby, whole words and numbers before parts, the first of equals.

    A record that cannot be used raises DataError with its number or id and the reason; with `skip_invalid`
    it is left out, and listed. Left out and listed in any case is what `manualbot triplets export` marks as
    not to be learned from: wrong answers, what is not approved, and what is in conflict. What was loaded
    before is given back as it is.
    """
    if isinstance(source, LoadedTriplets):
        return source
    examples, left_out, n_placed = [], [], 0
    for checked in check_records(source):
        if checked.example is None:
            if checked.is_mistake and not skip_invalid:
                raise DataError(
                    f"{checked.complaint}. Mend it, or leave such records out (skip_invalid, --skip-invalid)"
                )
            left_out.append(LeftOut(checked.name, checked.reason))
            continue
        examples.append(checked.example)
        n_placed += not _has_offset(checked.record) and stands_several_times(checked.example)
    if not examples:
        raise DataError(nothing_in(source, left_out))
    return LoadedTriplets(tuple(examples), tuple(left_out), n_placed)


def load_squad(path: Path) -> list[Example]:
    """The examples of a file in SQuAD format (v1.1 or v2.0); DataError names a record that is wrong."""
    return list(load_triplets(path).examples)


def check_records(source: object) -> Iterator[Checked]:
    """Each record of a source, read and checked; no two examples have the same id.

    Raises DataError for a source that cannot be read at all.
    """
    seen: dict[str, str] = {}
    for number, record in enumerate(read_records(source), start=1):
        reason = _why_not_to_learn(record.fields or {})
        if reason is not None:
            yield Checked(record, None, reason)
            continue
        try:
            checked = Checked(record, _example(record, number, seen))
        except InvalidRecord as error:
            checked = Checked(record, None, str(error), is_mistake=True)
        yield checked


def nothing_in(source: object, left_out: Sequence[LeftOut] = ()) -> str:
    """What to say of a source without an example."""
    name = str(source) if isinstance(source, str | Path) else "The data"
    if not left_out:
        return f"{name} holds no question. Give at least one triplet"
    first = left_out[0]
    return f"{name} holds no question that can be used; {first.record}: {first.reason}"


def _why_not_to_learn(fields: Mapping[str, Any]) -> str | None:
    """What an exported triplet says against itself; None where there is nothing."""
    if fields.get("kind") == "negative":
        return "its answer is a wrong one (kind 'negative')"
    status, conflict = fields.get("status"), fields.get("conflict")
    if status in STATUSES and status != "approved":
        return f"its status is {status!r}, not 'approved'"
    return f"it is in conflict: {conflict}" if conflict and isinstance(conflict, str) else None


def _example(record: Record, number: int, seen: dict[str, str]) -> Example:
    if record.fields is None:
        raise InvalidRecord(record.problem)
    example = make_example(record.fields, default_id=f"record {number}")
    if example.id in seen:
        raise InvalidRecord(f"its id {example.id!r} is that of {seen[example.id]} too")
    seen[example.id] = record.name
    return example


def _has_offset(record: Record) -> bool:
    """Whether a record that is an example says where its answer stands."""
    answers = given_answers(record.fields or {})
    return not answers or answers[0].start is not None
