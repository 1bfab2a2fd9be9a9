"""The spans of a reading that answer what is asked: of its code, light, amount, cell, quantity or model.

A small reader marks what is near the words of a question. What a question names tells more: the row that its
code leads, the cell where row and column meet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from qa_core.asked.cells import asked_cells
from qa_core.asked.colours import asked_colours
from qa_core.asked.key_cells import asked_key
from qa_core.asked.letter_codes import letter_codes, letter_rows, tells_of_faults
from qa_core.asked.models import Place, about_asked_model
from qa_core.asked.quantities import with_asked_dimension
from qa_core.asked.ranges import rows_with_amount
from qa_core.asked.remedies import asks_for_meaning, asks_what_to_do, remedies_in
from qa_core.asked.row_cells import rows_of
from qa_core.asked.row_keys import folded, keys_of, lone_numbers, numbered_codes
from qa_core.asked.signals import SignalRow, described_rows, plainest
from qa_core.asked.signs import asked_state_cell
from qa_core.asked.told_codes import asks_beyond_rows, told_of_codes
from qa_core.asked.worded_rows import worded_row
from qa_core.ranking import words_of
from qa_core.tokens import tokenize
from qa_core.types import Passage, Reading, Span

_NO = re.compile(r"\b(?:no|not|never|cannot)\b|n['’]t\b", re.IGNORECASE)
_N_REMEMBERED = 20  # readings: the confidence and what is shown are made from the same spans
Part = tuple[int, int]  # of a section, such as a row of a table: where it starts and ends in its text


@dataclass(frozen=True, slots=True)
class Asked:
    """The spans that answer, best first, and the parts that do so alone: none where all else may as well."""

    spans: tuple[Span, ...]
    parts: tuple[Part, ...] = ()
    is_of_other_model: bool = False  # whether the best is about a sister of the question's, none about that


@lru_cache(maxsize=_N_REMEMBERED)
def asked_spans(question: str, reading: Reading, rows: tuple[Part, ...]) -> Asked:
    """The spans of a reading that are about what the question names; `rows` are those of its passage."""
    passage = reading.hit.passage
    codes = _codes(question, passage)
    parts, besides = _told_of_codes(question, passage, codes, rows)
    if parts:
        told = parts if besides else _remedies(question, passage, parts)
        return Asked((*_spans_in_rows(reading, told), *(_whole(part, reading) for part in besides)), parts)
    if lights := described_rows(question, passage.section.text, rows):
        plain = plainest(question, lights)
        meanings = tuple(_meaning(question, passage.section.text, each) for each in plain)
        return Asked(_spans_in_rows(reading, meanings), tuple((each.start, each.end) for each in lights))
    if in_range := rows_with_amount(question, passage.section.text, rows):
        return Asked((_whole(in_range[0], reading),), in_range)
    if cells := _asked_cells(question, reading, rows):
        return Asked(cells)
    names = words_of(passage).manual
    if key := asked_key(question, passage.section.text, _within(passage, rows), names):
        cell, row = key
        return Asked((_whole((cell.value, cell.end), reading),), (row,))
    colours = asked_colours(question, passage.text, names)
    spans = with_asked_dimension(question, passage.text, reading.spans)
    about_it = about_asked_model(question, Place(passage.text, passage.section.text, names), spans, colours)
    is_of_other_model = bool(spans) and not (about_it or colours)
    answering = _that_answer(question, passage, about_it or spans)
    if not colours and (part := _worded(question, passage, rows, answering[:1])):
        answering = (_whole(part, reading),)
    return Asked(answering, is_of_other_model=is_of_other_model)


def _remedies(question: str, passage: Passage, rows: Sequence[Part]) -> Sequence[Part]:
    """What is to be done, as these rows tell; all of them where more is asked, or that is not told."""
    is_asked = asks_what_to_do(question) and not asks_for_meaning(question)
    told = remedies_in(passage.section.text, rows) if is_asked else ()
    return _within(passage, told) or rows


def _meaning(question: str, text: str, light: SignalRow) -> Part:
    """What a row tells of a light: where it has columns for how that shines, the one that is asked for."""
    cell = asked_state_cell(question, text, (light.start, light.end))
    return (cell.value, cell.end) if cell else (light.meaning, light.end)


def _worded(question: str, passage: Passage, rows: Sequence[Part], best: Sequence[Span]) -> Part | None:
    """What is asked for by its row's words, where the best span is of another row."""
    marked = ((passage.start + span.start, passage.start + span.end) for span in best)
    within, names = _within(passage, rows), words_of(passage).manual
    return next((worded_row(question, passage.section.text, within, each, names) for each in marked), None)


def _that_answer(question: str, passage: Passage, spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans that say more than the question does, if only that it is not so; all where none does."""
    asked = frozenset(tokenize(question))
    marked = ((span, passage.text[span.start : span.end]) for span in spans)
    telling = (span for span, text in marked if _NO.search(text) or not asked.issuperset(tokenize(text)))
    return tuple(telling) or tuple(spans)


def _codes(question: str, passage: Passage) -> frozenset[str]:
    """What may be codes in the question where it is about a passage, folded."""
    letters = letter_codes(question) & letter_rows(passage.heading, passage.text)
    numbers = map(folded, lone_numbers(question)) if tells_of_faults(passage.heading, passage.text) else ()
    return (numbered_codes(question) | letters).union(numbers) - words_of(passage).manual


def _rows_of_codes(codes: frozenset[str], passage: Passage, rows: Sequence[Part]) -> tuple[Part, ...]:
    """The rows that one of the codes leads; a model may lead rows as well, or a part."""
    text = passage.section.text
    return tuple((start, end) for start, end in rows if not codes.isdisjoint(keys_of(text[start:end])))


def _told_of_codes(
    question: str, passage: Passage, codes: frozenset[str], rows: Sequence[Part]
) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """The parts of a passage that tell of codes, the rows that these lead among them; and those beside these.

    The rows may lie elsewhere in the section, where more is asked than they have.
    """
    led = _rows_of_codes(codes, passage, rows)
    of_section = led or (_rows_of_codes(codes, passage, rows_of(passage.section.text)) if codes else ())
    if not of_section:
        return (), ()
    besides = told_of_codes(question, passage, codes, of_section)
    if besides and asks_beyond_rows(question, passage, of_section):
        return besides, besides
    return (tuple(sorted((*led, *besides))), besides) if led else ((), ())


def _spans_in_rows(reading: Reading, rows: Sequence[Part]) -> tuple[Span, ...]:
    """The spans that reach into these rows, cut to them; the first of the rows where none does."""
    at = reading.hit.passage.start
    cut: list[Span] = []
    for span in reading.spans:
        touched = [row for row in rows if row[1] > at + span.start and row[0] < at + span.end]
        if touched:
            start, end = max(span.start, touched[0][0] - at), min(span.end, touched[-1][1] - at)
            cut.append(replace(span, start=start, end=end))
    return tuple(cut) or (_whole(rows[0], reading),)


def _whole(row: Part, reading: Reading) -> Span:
    """A row, as far as it lies in the passage."""
    passage = reading.hit.passage
    start, end = max(row[0], passage.start), min(row[1], passage.end)
    return Span(start - passage.start, end - passage.start, reading.spans[-1].score)


def _within(passage: Passage, rows: Sequence[Part]) -> tuple[Part, ...]:
    """The rows that lie in the passage."""
    return tuple((start, end) for start, end in rows if passage.start <= start and end <= passage.end)


def _asked_cells(question: str, reading: Reading, rows: Sequence[Part]) -> tuple[Span, ...]:
    """The cells of tables that the question asks for, where they lie in the passage; the first is marked."""
    passage, score = reading.hit.passage, reading.spans[0].score
    found = asked_cells(question, passage.section.text, rows)
    if any(start < passage.start or end > passage.end for start, end in found):
        return ()
    return tuple(Span(start - passage.start, end - passage.start, score) for start, end in found)
