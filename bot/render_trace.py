"""The three layers of a prediction, for a person: input encoding, forward pass, span selection. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Protocol

from bot.render import citation
from bot.terminal import clean
from qa_core.types import Answer

WIDEST_SPAN = 70


class Logit(Protocol):
    """A token that may start or end the answer, and the model's logit for it."""

    @property
    def position(self) -> int:
        """Which token of the window, from 0."""

    @property
    def token(self) -> str:
        """The token as the vocabulary writes it."""

    @property
    def value(self) -> float:
        """The logit."""


class WindowTrace(Protocol):
    """One model input, and what the model said of it."""

    @property
    def passage(self) -> int:
        """Which passage it is cut from: its place among the hits in the order of retrieval, from 0."""

    @property
    def tokens(self) -> Sequence[str]:
        """Its tokens."""

    @property
    def segment_ids(self) -> Sequence[int]:
        """For each token 0 (question) or 1 (passage)."""

    @property
    def first(self) -> int:
        """The first token in which a span may start."""

    @property
    def last(self) -> int:
        """One past the last token in which a span may end."""

    @property
    def starts(self) -> Sequence[Logit]:
        """The highest start logits, best first."""

    @property
    def ends(self) -> Sequence[Logit]:
        """The highest end logits, best first."""

    @property
    def null_score(self) -> float:
        """The score of "the answer is not here"."""


class Candidate(Protocol):
    """A span that was considered."""

    @property
    def passage(self) -> int:
        """Which passage it lies in, counted as in `WindowTrace`."""

    @property
    def text(self) -> str:
        """Its words."""

    @property
    def score(self) -> float:
        """Start logit + end logit."""

    @property
    def dropped(self) -> str | None:
        """Why it cannot be the answer; None for those that can."""


class Trace(Protocol):
    """An answer with what led to it."""

    @property
    def answer(self) -> Answer:
        """The answer."""

    @property
    def windows(self) -> Sequence[WindowTrace]:
        """The model inputs, in the order of the passages."""

    @property
    def candidates(self) -> Sequence[Candidate]:
        """The best spans of all passages, best first, with the ones that were dropped."""
