"""The data set of one retraining, frozen: what is trained on, and what has never been."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from qa_core.store import Store
from qa_core.types import Passage
from training.question_groups import Asked, Part, near_duplicates, same_answers, take_sides
from training.triplet import Rules, Triplet, digest_of
from training.triplet_store import Triplets

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


class HasPassages(Protocol):
    """An index, as far as triplets need it."""

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All passages of today's manuals."""


@dataclass(frozen=True, slots=True)
class FrozenDataset:
    """What one retraining learns from and is measured on; it stays as it is while votes come in."""

    training: tuple[Triplet, ...]  # of every kind
    held_out: tuple[Triplet, ...]  # answers and unanswerable ones of all rounds, never trained on
    groups: Mapping[str, str]  # of each triplet, by id: near-duplicate questions are in one group
    n_left_out: int  # approved, but too near to both parts
    digest: str  # sha256 of both parts
    seed: int


def frozen_dataset(
    store: Store,
    index: HasPassages,
    seed: int = 0,
    rules: Rules = Rules(),  # noqa: B008 - frozen
    encode: Encode | None = None,
) -> FrozenDataset:
    """The approved triplets as of now, in two parts that share no group of near-duplicate questions.

    What was held out or trained on once stays so in every later round: the same facts give the same data
    set again, and held-out triplets only become more. `encode` (texts → unit vectors) also finds
    near-duplicates that share no words.
    """
    triplets = [t for t in Triplets(store, index.passages, rules).list() if t.trainable]
    asked = [_asked(triplet) for triplet in triplets]
    questions = [triplet.question for triplet in triplets]
    vectors = encode(questions) if encode is not None and questions else None
    pairs = near_duplicates(questions, vectors) | same_answers(asked)
    with store.transaction() as db:
        rows = db.execute("SELECT question_key, part FROM dataset_parts").fetchall()
        known = cast("dict[str, Part]", dict(rows))
        sides = take_sides(asked, pairs, known, rules.held_out_share, seed)
        new = [(key, part, time.time()) for key, part in sides.parts.items() if key not in known]
        db.conn.executemany("INSERT INTO dataset_parts VALUES (?, ?, ?)", new)
    training = tuple(t for t in triplets if sides.parts.get(t.question_key) == "training")
    held_out = tuple(
        t for t in triplets if sides.parts.get(t.question_key) == "held_out" and t.kind != "negative"
    )
    parts = (digest_of(training), digest_of(held_out))
    return FrozenDataset(
        training=training,
        held_out=held_out,
        groups={t.id: sides.groups[t.question_key] for t in (*training, *held_out)},
        n_left_out=sum(t.question_key not in sides.parts for t in triplets),
        digest=hashlib.sha256("\n".join(parts).encode()).hexdigest(),
        seed=seed,
    )


def _asked(triplet: Triplet) -> Asked:
    is_answer = triplet.kind == "answer"
    return Asked(
        triplet.question_key,
        triplet.question,
        triplet.passage_id,
        triplet.start if is_answer else None,
        triplet.end if is_answer else None,
        testable=triplet.kind != "negative",
    )
