"""The triplets of an installation, always those that follow from the facts of now, and admins' decisions."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import orjson
from sqlite_utils import Database

from qa_core.errors import DataError
from qa_core.forgotten import ForgottenQuestions
from qa_core.store import Store, among
from qa_core.types import Passage
from training.feedback.anchoring import Anchors
from training.feedback.claims import Edit, short_hash
from training.feedback.gone_answers import forget_what_is_gone
from training.feedback.new_facts import Fingerprint, fingerprint, is_only_added_to, questions_since
from training.feedback.shown_answers import keep_shown
from training.feedback.support import facts_of_their_own
from training.feedback.triplet import Rules, Status, Triplet
from training.feedback.triplet_facts import (
    read_facts,
    save_decision,
    save_imported,
    triplet_of,
)
from training.triplets import Derivation, Derived, derive

log = logging.getLogger(__name__)

DERIVATION = 5  # changes when the same facts give other triplets
_QUESTION_KEY = "json_extract(content, '$.triplet.question_key')"
_CONFLICT = "json_extract(content, '$.triplet.conflict')"
_MOST_TRIES = 10  # to decide before somebody else says or decides something


@dataclass(frozen=True, slots=True)
class Decision:
    """What an admin decides about a triplet."""

    status: Literal["approved", "rejected"]
    edit: Edit | None = None  # what takes its place


@dataclass(frozen=True, slots=True)
class Basis:
    """What triplets were derived from."""

    manuals_and_rules: str  # hash, of the derivation's version too
    facts: Fingerprint


class Triplets:
    """The triplets that follow from today's facts and passages; safe to use from any thread and process."""

    def __init__(self, store: Store, passages: Sequence[Passage], rules: Rules = Rules()) -> None:  # noqa: B008
        """`store` was opened with QA_CORE and TRAINING; `passages` are those of the current index."""
        self.passages = passages
        self.rules = rules
        self._store = store
        self._anchors = Anchors(passages)

    def list(self, status: Status | None = None) -> tuple[Triplet, ...]:
        """All triplets, or those with this status; what is in conflict first, then by id."""
        self.refresh()
        where, parameters = ("WHERE status = ?", [status]) if status else ("", [])
        rows = self._store.rows(f"SELECT content FROM triplets {where} ORDER BY id", parameters)  # noqa: S608
        with _no_collection():
            triplets = [_read(row["content"]).triplet for row in rows]
        return tuple(sorted(triplets, key=lambda triplet: triplet.conflict is None))

    def get(self, triplet_id: str) -> Triplet:
        """One triplet. Raises DataError if there is none, or no vote speaks for it any more."""
        self.refresh()
        return self._get(triplet_id).triplet

    def last_known(self, triplet_id: str) -> Triplet | None:
        """One triplet as it was derived last, for whoever cannot wait for new facts to be looked at."""
        return next((each.triplet for each in self._found([triplet_id])), None)

    def beside(self, triplet_id: str) -> tuple[Triplet, ...]:
        """All triplets of the question that this one is about, itself too; none if it is gone."""
        self.refresh()
        known = self.last_known(triplet_id)
        return () if known is None else tuple(each.triplet for each in self._of({known.question_key}))

    def waiting(self, most_plain: int = -1) -> tuple[Triplet, ...]:
        """Those that are pending, as `list` has them, and what is approved of the questions in conflict.

        Of what is in no conflict no more than `most_plain`, the first by id; -1: all.
        """
        self.refresh()
        conflicting = self._pending(f"{_CONFLICT} IS NOT NULL", -1)
        plain = self._pending(f"{_CONFLICT} IS NULL", most_plain)
        beside = (each.triplet for each in self._of({triplet.question_key for triplet in conflicting}))
        return (*conflicting, *plain, *(triplet for triplet in beside if triplet.status == "approved"))

    def counts(self) -> dict[str, int]:
        """How many there are of each status that occurs."""
        self.refresh()
        rows = self._store.rows("SELECT status, count(*) AS n FROM triplets GROUP BY status")
        return {row["status"]: row["n"] for row in rows}

    def n_short_of_people(self) -> int:
        """How many claims wait until as many people make them as the rules want: no list has them yet."""
        self.refresh()
        [row] = self._store.rows("SELECT coalesce(sum(n), 0) AS n FROM short_of_people")
        return int(row["n"])

    def decide(
        self, triplet_id: str, status: Literal["approved", "rejected"], edit: Edit | None = None
    ) -> Triplet:
        """Store an admin's decision; returns the triplet as it is then.

        Its id is another one if an edit moved it to another passage. Raises DataError if there is none.
        """
        with self._of_now() as db:
            decided = self._get(triplet_id)
            save_decision(db, decided, status, edit)
        keys = set(decided.decision_keys)
        self.refresh()
        now = self._of({decided.triplet.question_key})
        found = next((each for each in now if keys & set(each.decision_keys)), None)
        if found is None:
            raise DataError(f"Triplet {triplet_id} is gone meanwhile: nobody speaks for it any more")
        return found.triplet

    def decide_together(
        self,
        triplet_ids: Iterable[str],
        judge: Callable[[Mapping[str, Triplet]], Mapping[str, Decision]],
    ) -> None:
        """Store what `judge` says, by id, of those of these triplets that there still are: all of it at once.

        Nobody else decides between what `judge` is shown and what is stored.
        """
        ids = tuple(triplet_ids)
        with self._of_now() as db:
            found = {each.triplet.id: each for each in self._found(ids)}
            verdicts = judge({triplet_id: each.triplet for triplet_id, each in found.items()})
            for triplet_id, verdict in verdicts.items():
                save_decision(db, found[triplet_id], verdict.status, verdict.edit)

    def add_imported(self, triplets: Iterable[Triplet]) -> int:
        """Store imported triplets, all or none; returns how many of them are new or changed.

        Those that this store's own votes made, or that were forgotten here, are neither.
        """
        with self._store.transaction():  # nobody is forgotten meanwhile
            forget_what_is_gone(self._store)
            return save_imported(self._store, facts_of_their_own(triplets, read_facts(self._store)))

    def refresh(self) -> None:
        """Derive the triplets again if a fact, a rule or the manuals have changed.

        Where there are new facts and no more than that, only those of the questions that they bear on.
        Deriving holds no lock: votes come in meanwhile, and the next call sees them.
        """
        forget_what_is_gone(self._store)
        was, now = self._basis(), Basis(self._manuals_and_rules, fingerprint(self._store))
        if was == now:
            return
        with _no_collection():
            questions = self._questions_since(was)
            if questions is None or not self._derive(now, questions, was):
                self._derive(now)

    @contextmanager
    def _of_now(self) -> Iterator[Database]:
        """A transaction on triplets that follow from all that was said and decided before it."""
        for _ in range(_MOST_TRIES):
            self.refresh()
            with self._store.transaction() as db:
                if self._basis() == Basis(self._manuals_and_rules, fingerprint(self._store)):
                    yield db
                    return
        raise DataError("Others decide or vote all the time. Try again in a moment")

    def _basis(self) -> Basis | None:
        """What the triplets in the store were derived from; None where all are to be derived."""
        for row in self._store.rows("SELECT manuals_and_rules, facts FROM triplet_state"):
            return Basis(row["manuals_and_rules"], tuple(map(tuple, orjson.loads(row["facts"]))))
        return None

    def _questions_since(self, was: Basis | None) -> frozenset[str] | None:
        """The questions whose triplets may be others than they were; None: all."""
        if was is None or was.manuals_and_rules != self._manuals_and_rules:
            return None
        keep_shown(self._store)
        return questions_since(self._store, was.facts)

    def _derive(self, now: Basis, questions: frozenset[str] | None = None, was: Basis | None = None) -> bool:
        """Derive all triplets, or those of some questions, the others being derived from `was`.

        False, and nothing is changed, if others have derived them meanwhile.
        """
        derivation = derive(read_facts(self._store, questions), self.rules, self._anchors)
        with self._store.transaction() as db:
            if questions is not None and self._basis() != was:
                return False
            _replace(db, derivation, questions)
            state = [now.manuals_and_rules, orjson.dumps(now.facts).decode()]
            db.execute("INSERT OR REPLACE INTO triplet_state VALUES (1, ?, ?)", state)
            if is_only_added_to(self._store, now.facts):  # else somebody may have been forgotten meanwhile
                asked = (each.triplet.question for each in derivation.derived)
                ForgottenQuestions(self._store).remove(asked)
        log.info("Derived %d triplets", len(derivation.derived))
        return True

    def _pending(self, where: str, most: int) -> tuple[Triplet, ...]:
        sql = f"SELECT content FROM triplets WHERE status = 'pending' AND {where} ORDER BY id LIMIT ?"  # noqa: S608
        with _no_collection():
            return tuple(_read(row["content"]).triplet for row in self._store.rows(sql, [most]))

    def _found(self, triplet_ids: Iterable[str]) -> tuple[Derived, ...]:
        wanted = orjson.dumps(list(triplet_ids)).decode()
        sql = "SELECT content FROM triplets WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
        return tuple(_read(row["content"]) for row in self._store.rows(sql, [wanted]))

    def _of(self, questions: Collection[str]) -> tuple[Derived, ...]:
        """All of the questions with these keys."""
        of, keys = among(_QUESTION_KEY, questions)
        rows = self._store.rows(f"SELECT content FROM triplets WHERE {of} ORDER BY id", keys)  # noqa: S608
        return tuple(_read(row["content"]) for row in rows)

    def _get(self, triplet_id: str) -> Derived:
        found = self._found([triplet_id])
        if not found:
            raise DataError(
                f"There is no triplet {triplet_id}; its votes may have been taken back. "
                "See which there are: manualbot triplets list"
            )
        return found[0]

    @cached_property
    def _manuals_and_rules(self) -> str:
        rules = (self.rules.min_voters, self.rules.cap_per_person, self.rules.approve_all)
        return short_hash(DERIVATION, rules, *sorted(passage.id for passage in self.passages))


def _replace(db: Database, derivation: Derivation, questions: frozenset[str] | None) -> None:
    """Put what was derived in the place of what there was, of these questions or of all."""
    of, keys = among(_QUESTION_KEY, questions)
    rows = {
        each.triplet.id: (each.triplet.status, orjson.dumps(each).decode()) for each in derivation.derived
    }
    known = dict(db.execute(f"SELECT id, content FROM triplets WHERE {of}", keys).fetchall())  # noqa: S608
    gone = [(id_,) for id_ in known if id_ not in rows]
    db.conn.executemany("DELETE FROM triplets WHERE id = ?", gone)
    changed = [(id_, *row) for id_, row in rows.items() if known.get(id_) != row[1]]
    db.conn.executemany("INSERT OR REPLACE INTO triplets VALUES (?, ?, ?)", changed)
    of, keys = among("question_key", questions)
    db.execute(f"DELETE FROM short_of_people WHERE {of}", keys)  # noqa: S608
    db.conn.executemany("INSERT INTO short_of_people VALUES (?, ?)", derivation.n_short.items())


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without a search for garbage in cycles: tens of thousands of triplets are in none, and to look through
    them again and again while they are made takes nearly as long as making them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(content: str) -> Derived:
    derived = orjson.loads(content)
    return Derived(triplet_of(derived["triplet"]), tuple(derived["decision_keys"]))
