"""The three layers of a prediction, for a person: input encoding, forward pass, span selection. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from bot.render.terminal import clean, count
from qa_core.types import Answer

if TYPE_CHECKING:
    from qa_core.trace import Candidate, TokenLogit, Trace, WindowTrace

WIDEST_SPAN = 70


def trace_text(trace: Trace) -> str:
    """The three layers, one under the other."""
    n_passages = len({window.passage for window in trace.windows})
    lines = [
        f"1 Input encoding: {count(n_passages, 'passage')} in {count(len(trace.windows), 'window')}",
        *(line for number, window in enumerate(trace.windows) for line in _encoding(number, window)),
        "",
        "2 Forward pass: the highest logits of each window, and its null score",
        *(line for number, window in enumerate(trace.windows) for line in _forward(number, window)),
        "",
        "3 Span selection: score = start logit + end logit, compared across passages",
        *(_candidate(candidate) for candidate in trace.candidates),
        _verdict(trace.answer),
        "",
    ]
    return "\n".join(lines)


def trace_json(trace: Trace) -> dict[str, Any]:
    """The three layers as one JSON object; the answer stands beside it."""
    return {
        "windows": [_window_json(window) for window in trace.windows],
        "candidates": [
            {
                "passage": candidate.passage,
                "text": candidate.text,
                "score": float(candidate.score),
                "dropped": candidate.dropped,
            }
            for candidate in trace.candidates
        ],
    }


def _window_json(window: WindowTrace) -> dict[str, Any]:
    return {
        "passage": window.passage,
        "tokens": list(window.tokens),
        "segment_ids": [int(segment) for segment in window.segment_ids],
        "spans_in": [window.first, window.last],
        "starts": [_logit_json(logit) for logit in window.starts],
        "ends": [_logit_json(logit) for logit in window.ends],
        "null_score": float(window.null_score),
    }


def _logit_json(logit: TokenLogit) -> dict[str, Any]:
    return {"position": logit.position, "token": logit.token, "value": float(logit.value)}


def _encoding(number: int, window: WindowTrace) -> tuple[str, ...]:
    runs = " ".join(f"{segment}×{len(tuple(run))}" for segment, run in groupby(window.segment_ids))
    return (
        f"  window {number}: passage {window.passage}, {len(window.tokens)} tokens, "
        f"spans in tokens {window.first} to {window.last - 1}",
        f"    tokens    {clean(' '.join(window.tokens))}",
        f"    segments  {runs}",
    )


def _forward(number: int, window: WindowTrace) -> tuple[str, ...]:
    return (
        f"  window {number}: passage {window.passage}, null score {window.null_score:.2f}",
        f"    start  {_logits(window.starts)}",
        f"    end    {_logits(window.ends)}",
    )


def _logits(logits: Sequence[TokenLogit]) -> str:
    return "  ".join(f"{clean(logit.token)}[{logit.position}] {logit.value:.2f}" for logit in logits)


def _candidate(candidate: Candidate) -> str:
    words = " ".join(clean(candidate.text).split())
    if len(words) > WIDEST_SPAN:
        words = words[: WIDEST_SPAN - 1] + "…"
    fate = f"  dropped: {candidate.dropped}" if candidate.dropped else ""
    return f"  {candidate.score:8.2f}  passage {candidate.passage}  {words}{fate}"


def _verdict(answer: Answer) -> str:
    sign, verdict = ("≥", "answered") if answer.confidence >= answer.threshold else ("<", "declined")
    return f"  confidence {answer.confidence:.3f} {sign} threshold {answer.threshold:.3f}: {verdict}"
