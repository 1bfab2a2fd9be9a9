"""How much to show: the run of whole sentences, steps and rows around a span that answers the question.

Answers in manuals are instructions, often of several sentences; the bare span is too little and the whole
passage too much. A passage is cut into blocks (a sentence, a row, a list with what introduces it), each
block gets evidence (words and meaning shared with the question, and the reader's spans), and the run of
blocks with the most evidence above a floor is shown. How much that is belongs to a release: people who vote
tell how much they want to see, and a retraining learns it (`training/retraining/excerpt_fit.py`). The shipped
settings are the best ones on TV-Remote of those that `python -m training.recipes.shown DATA` tries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt

from qa_core.asked.cells import HOW_TO, answer_in_row
from qa_core.asked.row_cells import in_whole_cells, in_whole_rows
from qa_core.asked.sentences import in_asked_sentence
from qa_core.asked.spans import asked_spans
from qa_core.excerpt_blocks import LONGEST_PROCEDURE, Block, outline_of
from qa_core.ranking import words_of
from qa_core.tokens import tokenize
from qa_core.types import Excerpt, KnownAnswer, Passage, Reading, Span

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class ExcerptSettings:
    """How evidence is weighed, and how long an excerpt may grow: a part of a release's calibration."""

    # A run of several blocks has no more words; steps stay together, save clauses and long lists.
    max_words: int = 70
    floor: float = 0.15  # of the highest evidence: blocks below it make a run worse
    span_weight: float = 1.0  # of the reader's spans, beside words (1) and meaning (1)


DEFAULT_EXCERPT = ExcerptSettings()
# What people found right when the very same was asked weighs so many times what all else can: it stands
# nearly always alone. On paraphrases of voted questions (TV-Remote, seed 0) ROUGE-L is 0.653 without, 0.672
# with 2 and 0.686 with 4 and 7; on the other half 0.436, 0.436, 0.435 and 0.434.
_KNOWN_TIMES = 4.0
# Of the best row's evidence; rows below it are not shown beside it. On the manuals that were written to
# calibrate with (training/recipes/own_manuals), ROUGE-L of what is shown is 0.488 without, 0.569 with 0.5,
# 0.594 with 0.6, 0.605 with 0.7, 0.614 with 0.8 and 0.617 with 0.9; the right words are shown as often.
_ROW_FLOOR = 0.75
# How a sentence begins that says nothing without the one before; one that repeats wants what was done, and
# between them may stand what came of it: "Hold SET. The display is locked. Repeat to unlock it."
_REPEATS = re.compile(r"Repeat\b|Do (?:so|this|that|it|the same) again\b")
_REFERS = re.compile(
    rf"{_REPEATS.pattern}|(?:This|These|Then|Afterwards|Otherwise)\b|(?:After|Before) (?:this|that)\b"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A span and the excerpt that it is shown in."""

    span: Span
    excerpt: Excerpt


def show(
    question: str, reading: Reading, blocks: Sequence[Block], similarities: Floats, settings: ExcerptSettings
) -> Shown:
    """What is shown of a reading with a span; `similarities` are the cosines of question and blocks."""
    if reading.hit.known_right is not None:
        strength = evidence(question, reading, blocks, similarities, settings)
        return choose_excerpt(reading, blocks, strength, settings)
    passage, asks_how = reading.hit.passage, HOW_TO.search(question) is not None
    rows = [(block.start, block.end) for block in blocks if block.is_row]
    asked = asked_spans(question, reading, rows)
    reading = replace(reading, spans=asked.spans)
    strength = evidence(question, reading, blocks, similarities, settings)
    if asked.parts:
        strength = np.where([_has_any(block, asked.parts) for block in blocks], strength, 0.0)
    shown = choose_excerpt(reading, blocks, strength, settings)
    shown = replace(shown, excerpt=_from_what_it_refers_to(shown.excerpt, blocks, passage, settings))
    if not asks_how:
        names = words_of(passage).manual
        shown = replace(shown, span=in_asked_sentence(question, passage.text, shown.span, names))
    if rows:
        shown = replace(shown, span=_in_its_row(question, passage, rows, shown.span))
    return _with_steps(shown, passage.section.text) if asks_how else shown


def _has_any(block: Block, parts: Sequence[tuple[int, int]]) -> bool:
    """Whether one of these parts of the section lies in a block, or the block in it."""
    return any(start < block.end and end > block.start for start, end in parts)


def _from_what_it_refers_to(
    excerpt: Excerpt, blocks: Sequence[Block], passage: Passage, settings: ExcerptSettings
) -> Excerpt:
    """The excerpt with the sentences before it that its first ones refer to, where these fit."""
    text = passage.section.text
    while any(refers.match(text, block.start) for refers, block in _first_sentences(excerpt, blocks)):
        before = next((block for block in reversed(blocks) if block.end <= excerpt.start), None)
        if before is None or before.is_row or text[before.end : excerpt.start].strip(" "):
            break
        if len(text[before.start : excerpt.end].split()) > settings.max_words:
            break
        excerpt = replace(excerpt, start=before.start)
    return excerpt


def _first_sentences(excerpt: Excerpt, blocks: Sequence[Block]) -> Iterator[tuple[re.Pattern[str], Block]]:
    """The first blocks of an excerpt, each with how one refers to what is before the excerpt."""
    inside = (block for block in blocks if block.start >= excerpt.start and block.end <= excerpt.end)
    return zip((_REFERS, _REPEATS), inside, strict=False)


def _in_its_row(question: str, passage: Passage, rows: Sequence[tuple[int, int]], span: Span) -> Span:
    """The part of the span's row that answers, where that lies in the passage."""
    at = passage.start
    start, end = answer_in_row(question, passage.section.text, rows, at + span.start, at + span.end)
    return replace(span, start=start - at, end=end - at) if at <= start and end <= passage.end else span


def _with_steps(shown: Shown, text: str) -> Shown:
    """The same with the steps right behind it, where the last that is shown is the sentence before them."""
    outline, end = outline_of(text), shown.excerpt.end
    units = outline.units
    first = next((i for i, unit in enumerate(units) if unit.start >= end), 0)
    if not first or units[first].kind != "step" or units[first - 1].kind != "sentence":
        return shown
    last = units[outline.lists[first].end - 1].end
    is_long = outline.n_words(units[first].start, last) > LONGEST_PROCEDURE
    return shown if is_long else replace(shown, excerpt=replace(shown.excerpt, end=last))


def evidence(
    question: str,
    reading: Reading,
    blocks: Sequence[Block],
    similarities: Floats,
    settings: ExcerptSettings,
) -> Floats:
    """What speaks for each block, `[blocks]`; `similarities` are the cosines of question and blocks."""
    passage, spans = reading.hit.passage, reading.spans
    text = passage.section.text
    asked = set(tokenize(question))
    words = [len(asked & set(tokenize(text[b.start : b.end]))) / max(len(asked), 1) for b in blocks]
    covered = np.zeros(len(blocks))
    weights = _softmax(np.array([span.score for span in spans]))
    for span, weight in zip(spans, weights, strict=True):
        covered += weight * _touched(blocks, passage, span)
    strength: Floats = np.array(words) + similarities + settings.span_weight * covered
    known = reading.hit.known_right
    if known is not None:
        weight = _KNOWN_TIMES * (2 + settings.span_weight) * known.strength
        strength = strength + weight * _touched(blocks, passage, known)
    return strength


def choose_excerpt(
    reading: Reading,
    blocks: Sequence[Block],
    strength: Floats,
    settings: ExcerptSettings,
) -> Shown:
    """The run with the most evidence that holds one of the spans, and the best span in it.

    What people found right when the same was asked may be longer than a run is otherwise.
    """
    passage = reading.hit.passage
    trimmed = (_without_rows_behind(span, passage, blocks, strength) for span in reading.spans)
    read = [_in_whole_cells(span, passage, blocks) for span in trimmed]
    spans = (*read, *_known_span(reading))
    worth = _without_other_rows(blocks, strength) - settings.floor * strength.max()
    gains = worth * [block.n_words for block in blocks]
    best: tuple[tuple[float, int], Shown] | None = None
    for first, last in (*_runs(blocks, settings.max_words), *_known_run(reading, blocks)):
        start, end = blocks[first].start, blocks[last - 1].end
        inside = (s for s in spans if passage.start + s.start >= start and passage.start + s.end <= end)
        span = next(inside, None)
        value = float(gains[first:last].sum()), start - end  # of equal runs the shorter
        if span is not None and (best is None or value > best[0]):
            best = value, Shown(span, Excerpt(start, end))
    return best[1] if best else _around(passage, blocks, spans[0])


def _without_other_rows(blocks: Sequence[Block], strength: Floats) -> Floats:
    """The evidence, where a row has most none of the rows that are well behind it.

    Sentences are read on from one to the next; the rows of a table are alike and about something else each.
    """
    if not blocks[int(strength.argmax())].is_row:
        return strength
    is_behind = strength < _ROW_FLOOR * strength.max()
    worth: Floats = np.where(is_behind & [block.is_row for block in blocks], 0.0, strength)
    return worth


def _without_rows_behind(span: Span, passage: Passage, blocks: Sequence[Block], strength: Floats) -> Span:
    """The span without the ends that lie in rows well behind the best one that it touches.

    Half of a row and half of the next are no answer: of these only what it has of the best row is left.
    """
    touched: list[int] = np.flatnonzero(_touched(blocks, passage, span)).tolist()
    best = max(touched, key=lambda i: float(strength[i]), default=0)
    if len(touched) < 2:
        return span
    first, last = (best, best) if blocks[best].is_row else (touched[0], touched[-1])
    while first - 1 in touched and strength[first - 1] >= _ROW_FLOOR * strength[best]:
        first -= 1
    while last + 1 in touched and strength[last + 1] >= _ROW_FLOOR * strength[best]:
        last += 1
    start = max(passage.start + span.start, blocks[first].start)
    end = min(passage.start + span.end, blocks[last].end)
    row = max(blocks[best].start, passage.start), min(blocks[best].end, passage.end)
    start, end = in_whole_rows(passage.section.text, start, end, row)
    return replace(span, start=start - passage.start, end=end - passage.start)


def _in_whole_cells(span: Span, passage: Passage, blocks: Sequence[Block]) -> Span:
    """The span in whole cells, where it lies in rows of a table."""
    touched = list(compress(blocks, _touched(blocks, passage, span)))
    if not touched or not all(block.is_row for block in touched):
        return span
    first = max(touched[0].start, passage.start)
    last = min(touched[-1].end, passage.end)
    at = first - passage.start
    start, end = in_whole_cells(passage.section.text[first:last], span.start - at, span.end - at)
    return replace(span, start=start + at, end=end + at)


def _known_run(reading: Reading, blocks: Sequence[Block]) -> list[tuple[int, int]]:
    """The run of the blocks that hold what people found right, if there is any."""
    known = reading.hit.known_right
    if known is None:
        return []
    rows = np.flatnonzero(_touched(blocks, reading.hit.passage, known)).tolist()
    return [(rows[0], rows[-1] + 1)] if rows else []


def _touched(blocks: Sequence[Block], passage: Passage, part: Span | KnownAnswer) -> npt.NDArray[np.bool_]:
    """Which blocks a part of the passage reaches into."""
    start, end = passage.start + part.start, passage.start + part.end
    return np.array([block.end > start and block.start < end for block in blocks], dtype=bool)


def _known_span(reading: Reading) -> tuple[Span, ...]:
    """What is known to be right, behind the reader's spans: the reader may not have thought of it."""
    known, n_chars = reading.hit.known_right, len(reading.hit.passage.text)
    if known is None or known.start >= n_chars:
        return ()
    return (Span(known.start, min(known.end, n_chars), reading.spans[-1].score),)


def _around(passage: Passage, blocks: Sequence[Block], span: Span) -> Shown:
    """All blocks that a span touches, where no run of the allowed length holds any."""
    touched = list(compress(blocks, _touched(blocks, passage, span)))
    return Shown(span, Excerpt(touched[0].start, touched[-1].end))


def _runs(blocks: Sequence[Block], max_words: int) -> list[tuple[int, int]]:
    """All runs `[first, last)` within the limit, and every single block."""
    runs = []
    for first in range(len(blocks)):
        n_words = 0
        for last in range(first + 1, len(blocks) + 1):
            n_words += blocks[last - 1].n_words
            if n_words > max_words and last > first + 1:
                break
            runs.append((first, last))
    return runs


def _softmax(scores: Floats) -> Floats:
    exponents = np.exp(scores - scores.max())
    shares: Floats = exponents / exponents.sum()
    return shares
