"""The data set of one retraining, frozen: what is trained on, and what has never been."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from qa_core.store import Store
from qa_core.types import Passage
from training.feedback.claims import question_key
from training.feedback.near_duplicates import Pair, near_duplicates
from training.feedback.question_groups import Asked, Part, same_answers, take_sides
from training.feedback.triplet import Rules, Triplet, digest_of
from training.feedback.triplet_store import Triplets
from training.retraining.steps import OnStep, part_of, untold

Encode = Callable[[Sequence[str], OnStep], NDArray[np.float32]]


class HasPassages(Protocol):
    """An index, as far as triplets need it."""

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All passages of today's manuals."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near-duplicates are found, and what else nothing that is trained on may be near.

    `on_step` is told how far that is: for tens of thousands of questions it takes minutes.
    """

    encode: Encode | None = None  # texts → unit vectors; also finds those that share no words
    kept_apart: tuple[str, ...] = ()  # questions that a candidate is measured on: the admin's own
    on_step: OnStep = untold

    def pairs(self, asked: Sequence[Asked]) -> set[Pair]:
        """Those that ask nearly the same, or whose answers are one."""
        questions = [each.text for each in asked]
        vectors = None
        if self.encode is not None and questions:
            vectors = self.encode(questions, part_of(self.on_step, 0.0, 0.5))
        return near_duplicates(questions, vectors, part_of(self.on_step, 0.5, 1.0)) | same_answers(asked)


@dataclass(frozen=True, slots=True)
class FrozenDataset:
    """What one retraining learns from and is measured on; it stays as it is while votes come in."""

    training: tuple[Triplet, ...]  # of every kind
    held_out: tuple[Triplet, ...]  # answers and unanswerable ones of all rounds, never trained on
    groups: Mapping[str, str]  # of each triplet, by id: near-duplicate questions are in one group
    n_left_out: int  # approved, but too near to both parts, or to what is kept apart
    digest: str  # sha256 of both parts
    seed: int
    # Seconds since 1970; what was said later is not in it. The same votes read later are the same data set.
    votes_read_at: float = field(compare=False)


def frozen_dataset(
    store: Store,
    index: HasPassages,
    seed: int = 0,
    rules: Rules = Rules(),  # noqa: B008 - frozen
    nearness: Nearness = Nearness(),
) -> FrozenDataset:
    """The approved triplets as of now, in two parts that share no group of near-duplicate questions.

    What was held out or trained on once stays so in every later round, and so does what is near it, also
    while nobody speaks for it: the same facts give the same data set again. What is near a question that is
    `kept_apart` is held out as well or, if it or what is near it was trained on before, left out.
    """
    votes_read_at = time.time()
    triplets = [t for t in Triplets(store, index.passages, rules).list() if t.trainable]
    asked = sorted(map(_asked, triplets), key=lambda each: each.key)
    apart = [Asked(f"own-{n}", text, testable=False) for n, text in enumerate(nearness.kept_apart, start=1)]
    # The oldest come first: a group keeps its name whoever joins it, and none is named after what is apart.
    everyone = [*_ever_in_a_part(store), *asked, *apart]
    pairs = nearness.pairs(everyone)
    with store.transaction() as db:
        rows = db.execute("SELECT question_key, part FROM dataset_parts").fetchall()
        known = cast("dict[str, Part]", dict(rows))
        fixed: dict[str, Part] = {**known, **{each.key: "held_out" for each in apart}}
        sides = take_sides(everyone, pairs, fixed, rules.held_out_share, seed)
        _remember(db, [each for each in asked if each.key in sides.parts], {**sides.parts, **known})
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
        votes_read_at=votes_read_at,
    )


def held_out_questions(store: Store) -> tuple[str, ...]:
    """The questions that were ever held out, whoever speaks for them now."""
    rows = store.rows("SELECT question FROM dataset_parts WHERE part = 'held_out' AND question NOT NULL")
    return tuple(row["question"] for row in rows)


def remember_as_trained(store: Store, questions: Iterable[tuple[str, str | None]]) -> None:
    """Note questions, each with its product, that a release is trained on without anybody's vote.

    Voted on later they are not held out. What was held out before stays so. No words of theirs are kept.
    """
    keys = [question_key(text, product) for text, product in questions]
    with store.transaction() as db:
        db.conn.executemany(
            "INSERT OR IGNORE INTO dataset_parts (question_key, part, at) VALUES (?, 'training', ?)",
            [(key, time.time()) for key in keys],
        )


def _ever_in_a_part(store: Store) -> list[Asked]:
    rows = store.rows(
        "SELECT question_key AS key, question AS text, passage_id, span_start AS start, span_end AS end"
        " FROM dataset_parts WHERE question NOT NULL ORDER BY at, question_key"
    )
    return [Asked(**row, testable=False) for row in rows]


def _remember(db: Database, asked: Iterable[Asked], parts: Mapping[str, Part]) -> None:
    """Store the part of each question, once and for all, how it is asked now, and where its answer stands.

    Where nothing answers it any more, that stays: it was learned.
    """
    now = time.time()
    db.conn.executemany(
        "INSERT INTO dataset_parts (question_key, part, at, question, passage_id, span_start, span_end)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (question_key) DO UPDATE SET question = excluded.question,"
        " passage_id = coalesce(excluded.passage_id, passage_id),"
        " span_start = coalesce(excluded.span_start, span_start),"
        " span_end = coalesce(excluded.span_end, span_end)",
        [(a.key, parts[a.key], now, a.text, a.passage_id, a.start, a.end) for a in asked],
    )


def _asked(triplet: Triplet) -> Asked:
    """The triplet's question, and where its answer stands if a passage of the manuals holds it."""
    stands = triplet.kind == "answer" and triplet.passage_id is not None
    place = (triplet.passage_id, triplet.start, triplet.end) if stands else (None, None, None)
    return Asked(triplet.question_key, triplet.question, *place, testable=triplet.kind != "negative")
