"""The three layers of one prediction: input encoding, forward pass, span selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qa_core.reader import Logits, WindowLogits
from qa_core.types import Answer, Reading, Span
from qa_core.windows import Windower

N_LOGITS = 5  # of each kind, of each window
N_CANDIDATES = 5  # of each passage


@dataclass(frozen=True, slots=True)
class TokenLogit:
    """A token that may start or end the answer, and the model's logit for it."""

    position: int
    token: str
    value: float


@dataclass(frozen=True, slots=True)
class WindowTrace:
    """One model input, and what the model said of it."""

    passage: int  # place among the hits in the order of retrieval, from 0
    tokens: tuple[str, ...]
    segment_ids: tuple[int, ...]
    first: int
    last: int
    starts: tuple[TokenLogit, ...]
    ends: tuple[TokenLogit, ...]
    null_score: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that was considered; `dropped` says why it is not the answer, None for the one that is."""

    passage: int
    text: str
    score: float
    dropped: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """An answer with what led to it."""

    answer: Answer
    windows: tuple[WindowTrace, ...]
    candidates: tuple[Candidate, ...]


def make_trace(
    answer: Answer, readings: Sequence[Reading], logits: Sequence[WindowLogits], windower: Windower
) -> Trace:
    """The trace of an answer; `readings` are in the order of retrieval."""
    windows = tuple(_window(part, windower) for part in logits)
    found = [c for i, reading in enumerate(readings) for c in _candidates(answer, i, reading)]
    return Trace(answer, windows, tuple(sorted(found, key=lambda c: (c.dropped is not None, -c.score))))


def _window(part: WindowLogits, windower: Windower) -> WindowTrace:
    tokens = windower.tokens(part.window)
    return WindowTrace(
        passage=part.window.context_index,
        tokens=tuple(tokens),
        segment_ids=tuple(int(i) for i in part.window.type_ids),
        first=part.window.first,
        last=part.window.last,
        starts=_highest(part.start, part, tokens),
        ends=_highest(part.end, part, tokens),
        null_score=part.null_score,
    )


def _highest(logits: Logits, part: WindowLogits, tokens: Sequence[str]) -> tuple[TokenLogit, ...]:
    allowed = np.arange(part.window.first, part.window.last)
    best = allowed[np.argsort(-logits[allowed], kind="stable")[:N_LOGITS]]
    return tuple(TokenLogit(int(i), tokens[i], float(logits[i])) for i in best)


def _candidates(answer: Answer, index: int, reading: Reading) -> list[Candidate]:
    """The best spans of a passage; the answer is among them, of whatever rank it is."""
    passage = reading.hit.passage
    is_first = bool(answer.hits) and passage.id == answer.hits[0].passage.id
    considered = list(reading.spans[:N_CANDIDATES])
    if is_first and answer.span is not None and not any(_is_same(span, answer.span) for span in considered):
        considered.append(answer.span)
    candidates = []
    for rank, span in enumerate(considered):
        dropped = _why_dropped(answer, span, rank) if is_first else _why_not_here(reading, span)
        candidates.append(Candidate(index, passage.text[span.start : span.end], span.score, dropped))
    return candidates


def _why_not_here(reading: Reading, span: Span) -> str:
    nothing_here = reading.null_score > span.score
    return "the null score of its passage is higher" if nothing_here else "another passage ranks higher"


def _why_dropped(answer: Answer, span: Span, rank: int) -> str | None:
    """Of a span in the passage that ranks first. What stands around a span may count for more than it."""
    if answer.span is None:
        return "a better span in the same passage" if rank else "confidence below the threshold"
    if _is_same(span, answer.span):
        return None
    if span.score > answer.span.score:
        return "the sentences around the answer say more"
    return "a better span in the same passage"


def _is_same(span: Span, other: Span) -> bool:
    return (span.start, span.end) == (other.start, other.end)
