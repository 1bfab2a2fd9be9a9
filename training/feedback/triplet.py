"""Triplets: a question, a passage as its context, and the answer's span in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from qa_core.types import Passage

Kind = Literal["answer", "unanswerable", "negative"]
Status = Literal["pending", "approved", "rejected", "stale"]
Provenance = Literal["vote", "correction", "import"]

KINDS: tuple[Kind, ...] = ("answer", "unanswerable", "negative")
STATUSES: tuple[Status, ...] = ("pending", "approved", "rejected", "stale")
PROVENANCES: tuple[Provenance, ...] = ("vote", "correction", "import")


@dataclass(frozen=True, slots=True)
class Triplet:
    """A question and what one passage says to it. There is one triplet per question and passage.

    An "answer" has the right span, a "negative" a span that is wrong (nothing more is known), and for an
    "unanswerable" one no manual says it: its context is the passage that came nearest. Nobody's id is in it.
    """

    id: str  # 16 hex digits: of question and passage
    question: str  # personal data is masked
    context: str  # the passage's text, and on to the end of the answer where that lies beyond it
    start: int | None  # the span is context[start:end]; both None for "unanswerable"
    end: int | None
    kind: Kind
    status: Status
    provenance: Provenance
    question_key: str  # 16 hex digits: the same for a question that is asked again
    passage_id: str | None = None  # of a passage in today's manuals; of the former one if stale
    heading_path: tuple[str, ...] = ()
    manual: str | None = None  # path relative to its source
    manual_version: str | None = None
    product: str | None = None  # whose manuals were asked; None: all
    shown: str | None = None  # what people saw and found right; None where nobody voted for it
    n_up: int = 0  # people for it
    n_down: int = 0  # people against it
    conflict: str | None = None  # why an admin must look at it; such a triplet is not trained on
    edited: bool = False  # by an admin
    answer_ids: tuple[str, ...] = ()  # of the answers whose votes and corrections speak for it

    @property
    def answer(self) -> str | None:
        """The words of the span; None where there is none."""
        return None if self.start is None else self.context[self.start : self.end]

    def is_in_section(self, passage: Passage) -> bool:
        """Whether a passage stands in the section that the triplet's own one stands in."""
        return (passage.manual.path, passage.section.heading_path) == (self.manual, self.heading_path)

    @property
    def trainable(self) -> bool:
        """Whether a release may learn from it."""
        return self.status == "approved" and self.conflict is None


@dataclass(frozen=True, slots=True)
class Rules:
    """How votes become triplets."""

    min_voters: int = 1  # people who must be for it
    cap_per_person: int = 50  # questions of one person that count in a week, the first ones
    held_out_share: float = 0.2  # of the approved triplets that are kept to measure on
    approve_all: bool = False  # without an admin's look; what is in conflict waits all the same


def digest_of(triplets: Iterable[Triplet]) -> str:
    """The sha256 of what can be learnt from triplets: votes that change nothing do not change it."""
    content = [[t.id, t.kind, t.question, t.context, t.start, t.end, t.heading_path] for t in triplets]
    return hashlib.sha256(json.dumps(sorted(content)).encode()).hexdigest()
