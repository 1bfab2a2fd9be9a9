"""Question + passages → spans, scored across passages.

A span's score is its start logit plus its end logit as the model gives them, never normalised within one
passage: only so do spans of different passages compare (Clark & Gardner 2018, "Simple and Effective
Multi-Paragraph Reading Comprehension"). Every window is read alone: int8 takes its scale from the whole
batch, so in one what is found in a passage would hang on what is read beside it. On a CPU a batch is no
faster (235 ms for the eight passages of a question, 220 alone, on two cores): padding costs what it saves.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from qa_core.errors import ModelError, first_line
from qa_core.inference.checkpoint import Checkpoint, most_tokens
from qa_core.inference.runtime import Session, alone, open_session
from qa_core.types import Hit, Reading, Span
from qa_core.units import whole_token, without_mark
from qa_core.windows import Context, Window, Windower, WindowSettings

MAX_SPAN_TOKENS = 200
N_BEST = 20

DEFAULT_WINDOWS = WindowSettings()

Logits = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class WindowLogits:
    """A window with what the model says of each of its tokens."""

    window: Window
    start: Logits  # [n_tokens]
    end: Logits  # [n_tokens]

    @property
    def null_score(self) -> float:
        """The score of "the answer is not in this window"."""
        return float(self.start[self.window.null_token] + self.end[self.window.null_token])


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """A span in tokens, `[first, last]`, with its score."""

    first: int
    last: int
    score: float


class Reader:
    """The extractive QA model, open on one runtime."""

    def __init__(self, windower: Windower, session: Session, digest: str) -> None:
        self.windower = windower
        self.digest = digest
        self._session = session
        self._max_span_tokens = MAX_SPAN_TOKENS
        self._kept: dict[bytes, tuple[Logits, Logits]] | None = None  # start and end logits, by window

    @classmethod
    def open(cls, model_dir: Path, runtime: str, cache: Path, n_threads: int) -> Reader:
        """Open a model folder; raises ModelError with the reason when it cannot be used."""
        checkpoint = Checkpoint.open(model_dir)
        tokenizer = checkpoint.tokenizer()
        check_vocabulary(tokenizer, checkpoint.config, model_dir)
        windower = Windower(tokenizer, window_settings(checkpoint.config))
        session = open_session(model_dir, "read", runtime, cache, n_threads)
        return cls(windower, session, checkpoint.digest)

    def limited(self, max_span_tokens: int) -> Reader:
        """The same reader, for short answers: no span of more tokens is considered."""
        reader = copy.copy(self)  # the session is shared
        reader._max_span_tokens = max_span_tokens
        return reader

    def keeping(self) -> Reader:
        """The same reader for a job that asks the same things again: what it has read it does not read twice.

        A passage of 200 tokens takes 2 kB for each question that is asked of it, as long as the reader lives.
        """
        reader = copy.copy(self)
        reader._kept = {}
        return reader

    def read(self, question: str, hits: Sequence[Hit]) -> tuple[Reading, ...]:
        """What is found in each hit, in their order."""
        return self.readings(hits, self.logits(question, hits))

    def logits(self, question: str, hits: Sequence[Hit]) -> tuple[WindowLogits, ...]:
        """The forward pass alone: every window of every hit, in the hits' order."""
        contexts = [Context(hit.passage.text, hit.passage.section.heading_path) for hit in hits]
        windows = self.windower.windows(question, contexts)
        return tuple(WindowLogits(window, *self._look_at(window)) for window in windows)

    def _look_at(self, window: Window) -> tuple[Logits, Logits]:
        """Start and end logits `[n_tokens]`, from what was kept where that is there."""
        if self._kept is None:
            return self._forward(window)
        key = _key(window)
        if key not in self._kept:
            self._kept[key] = self._forward(window)
        return self._kept[key]

    def _forward(self, window: Window) -> tuple[Logits, Logits]:
        try:
            [start], [end] = self._session.run(alone(window.input_ids, window.type_ids))
        except MemoryError:
            raise
        except Exception as error:  # each runtime, and each family of models, raises its own
            raise ModelError(
                f"The reader cannot read a question with its passage ({first_line(error)}). "
                "Try MANUALBOT_RUNTIME=torch-fp32, or another model"
            ) from error
        if not (np.isfinite(start).all() and np.isfinite(end).all()):
            raise ModelError("The reader gave a logit that is not finite. Try MANUALBOT_RUNTIME=onnx-fp32")
        return start, end

    def readings(self, hits: Sequence[Hit], logits: Sequence[WindowLogits]) -> tuple[Reading, ...]:
        """The n-best spans of each hit from its windows' logits."""
        parts: list[list[WindowLogits]] = [[] for _ in hits]
        for part in logits:
            parts[part.window.context_index].append(part)
        limit = self._max_span_tokens
        return tuple(_reading(hit, own, limit) for hit, own in zip(hits, parts, strict=True))


def window_settings(config: Mapping[str, Any]) -> WindowSettings:
    """The sizes of windows that a model with this `config.json` can read."""
    n_tokens = min(DEFAULT_WINDOWS.max_tokens, most_tokens(config) or DEFAULT_WINDOWS.max_tokens)
    return replace(DEFAULT_WINDOWS, max_tokens=n_tokens)


def check_vocabulary(tokenizer: Tokenizer, config: Mapping[str, Any], model_dir: Path) -> None:
    """Raises ModelError if there are no words, or the model of this `config.json` has not enough embeddings.

    Without a vocabulary the library makes a tokenizer that knows nothing but [CLS] and its like.
    """
    vocabulary = tokenizer.get_vocab()
    added = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    if not any(char.isalnum() for token in vocabulary.keys() - added for char in token):
        raise ModelError(
            f"The tokenizer of {model_dir} knows no word: its vocabulary is missing. "
            "Save the model with the tokenizer that it was trained with"
        )
    n_embeddings = config.get("vocab_size")
    n_tokens = max(vocabulary.values()) + 1
    if isinstance(n_embeddings, int) and n_tokens > n_embeddings:
        raise ModelError(
            f"The tokenizer in {model_dir} has {n_tokens} tokens, and the model embeddings for {n_embeddings}"
            ". Save the model with the tokenizer that it was trained with"
        )


def _key(window: Window) -> bytes:
    """The same for windows that the model cannot tell apart."""
    return hashlib.blake2b(window.input_ids.tobytes() + window.type_ids.tobytes(), digest_size=16).digest()


def best_spans(
    logits: WindowLogits, n_best: int = N_BEST, max_tokens: int = MAX_SPAN_TOKENS
) -> list[TokenSpan]:
    """The best spans of a window, best first: no longer than `max_tokens`, start before end."""
    first, last = logits.window.first, logits.window.last
    start, end = logits.start[first:last], logits.end[first:last]
    scores = start[:, None] + end[None, :]
    n = last - first
    lengths = np.arange(n)[None, :] - np.arange(n)[:, None]
    scores = np.where((lengths >= 0) & (lengths < max_tokens), scores, -np.inf)
    flat = scores.ravel()
    n_best = min(n_best, int(np.isfinite(flat).sum()))
    top = np.argpartition(-flat, n_best - 1)[:n_best]
    top = top[np.lexsort((top, -flat[top]))]
    return [TokenSpan(first + int(i // n), first + int(i % n), float(flat[i])) for i in top]


def char_span(window: Window, span: TokenSpan) -> Span:
    """The span in characters of the context's text."""
    return Span(int(window.offsets[span.first, 0]), int(window.offsets[span.last, 1]), span.score)


def _reading(hit: Hit, parts: Sequence[WindowLogits], max_span_tokens: int) -> Reading:
    """Windows overlap: a span found in two of them counts once, with its better score."""
    text = hit.passage.text
    found: dict[tuple[int, int], Span] = {}
    for part in parts:
        for token_span in best_spans(part, max_tokens=max_span_tokens):
            span = char_span(part.window, token_span)
            span = replace(span, end=whole_token(text, without_mark(text, span.start, span.end)))
            known = found.get((span.start, span.end))
            if span.start < span.end and (known is None or known.score < span.score):
                found[span.start, span.end] = span
    spans = sorted(found.values(), key=lambda s: (-s.score, s.start, s.end))
    null_score = min((part.null_score for part in parts), default=0.0)
    return Reading(hit, tuple(spans[:N_BEST]), null_score)
