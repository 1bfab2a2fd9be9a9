"""Votes and corrections, read as what each person claims about a question. Pure.

A claim is "these words of this passage answer it", or "no manual says it". A thumbs-up is for the claim
that the answer made, a thumbs-down against it; a correction is for its own claim and against the answer's.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from qa_core.tokens import is_sign
from qa_core.types import Passage
from training.feedback.numbers import number_marks
from training.feedback.triplet import Triplet
from training.votes import Correction, Vote

_NOT_IN_WORDS = re.compile(r"[\W_]+")
NEGATIONS = {"not", "never", "no", "without", "cannot", "t"}  # "t": of "don't"


@dataclass(frozen=True, slots=True)
class Place:
    """A passage as a claim knows it: as it was when somebody spoke about it."""

    passage_id: str
    text: str  # of the passage, and on to the end of a span that lies beyond it
    heading_path: tuple[str, ...] = ()
    manual: str | None = None
    manual_version: str | None = None


@dataclass(frozen=True)
class Claim:
    """`place.text[start:end]` answers the question; or, with None for both, no manual says it."""

    place: Place
    start: int | None
    end: int | None

    @property
    def kind(self) -> Literal["answer", "unanswerable"]:
        """What it says."""
        return "unanswerable" if self.start is None else "answer"

    @cached_property
    def words(self) -> str:
        """The span's words, folded: case, spaces and marks do not count."""
        return "" if self.start is None else fold(self.place.text[self.start : self.end])

    @cached_property
    def said(self) -> str:
        """The span's words and signs: "press ▲" is not "press ▼"."""
        return "" if self.start is None else words_and_signs(self.place.text[self.start : self.end])

    def agrees_with(self, other: Claim) -> bool:
        """Whether both can be right: overlapping spans, and the same words in another place, are."""
        if self.start is None or other.start is None:
            return self.start == other.start
        if self.place.passage_id == other.place.passage_id:
            assert self.end is not None
            assert other.end is not None
            if self.start < other.end and other.start < self.end:
                return True
        return _is_part(self.said, other.said) or _is_part(other.said, self.said)


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer showed, as far as votes are about it; its question is masked."""

    answer_id: str
    question: str
    question_key: str
    product: str | None
    claim: Claim | None  # None: there was no passage to show
    excerpt: str | None  # what was seen around the span


@dataclass(frozen=True, slots=True)
class Edit:
    """What an admin put in a claim's place."""

    question: str | None  # None: as it was asked
    claim: Claim


@dataclass(frozen=True, slots=True)
class About:
    """What an admin saw and decided about: the same claim in a passage that has changed is the same."""

    question_key: str
    claim: Claim
    negative: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What an admin decided about a claim; the latest one counts."""

    status: Literal["approved", "rejected"]
    revision: int  # counts all decisions
    edit: Edit | None = None
    about: About | None = None  # None in decisions of before it was stored


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that triplets are derived from."""

    shown: Mapping[str, Shown] = field(default_factory=dict)  # by answer
    votes: Sequence[Vote] = ()
    corrections: Sequence[Correction] = ()  # the latest of each person and answer
    first_said: Mapping[tuple[str, str], float] = field(default_factory=dict)  # by answer and person
    last_signals: Mapping[tuple[str, str], float] = field(default_factory=dict)  # by answer and person
    imported: Sequence[Triplet] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)  # by `decision_key`
    forgotten: frozenset[str] = frozenset()  # answers whose question somebody wanted to be forgotten
    questions: frozenset[str] | None = None  # the keys of those that these are all facts of; None: of any


def question_key(question: str, product: str | None) -> str:
    """The same for a question that is asked again: case, spaces and marks do not count."""
    return short_hash(words_and_signs(question), (product or "").casefold())


def words_and_signs(text: str) -> str:
    """The words in one case, with the signs that name buttons, lights and units; smileys are none.

    Numbers keep their sign and what stands between their digits: "-1.5" is neither "1.5" nor "5".
    """
    text = unicodedata.normalize("NFKC", text).casefold().replace("−", "-")
    in_numbers = number_marks(text)
    kept = "".join(
        c if n in in_numbers or _is_letter(c) else f" {c} " if is_sign(c) else " " for n, c in enumerate(text)
    )
    return " ".join(kept.split()) or text.strip()


def _is_letter(char: str) -> bool:
    """Whether words are made of it: letters, digits, and what scripts combine them with."""
    return char.isalnum() or unicodedata.category(char) in ("Mn", "Mc")


def _is_part(words: str, of: str) -> bool:
    """Whether these words stand in those, and not behind a "not"."""
    at = f" {of} ".find(f" {words} ")
    return at >= 0 and not NEGATIONS & set(of[:at].split()[-2:])


def fold(text: str) -> str:
    """The words alone, in one case."""
    return _NOT_IN_WORDS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def decision_key(question: str, claim: Claim, negative: bool = False) -> str:
    """What a decision is about: a claim as it was made, for or against; `question` is a question's key."""
    if claim.start is None:
        return short_hash(question, "unanswerable")
    return short_hash(question, "-" if negative else "+", claim.place.passage_id, claim.start, claim.end)


def short_hash(*parts: Any) -> str:
    """16 hex digits of the parts' sha256."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def place_of(passage: Passage, text: str | None = None) -> Place:
    """The passage as a place; `text` where it goes on beyond the passage."""
    manual = passage.manual
    words = passage.text if text is None else text
    return Place(passage.id, words, passage.section.heading_path, manual.path, manual.version)
