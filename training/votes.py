"""Votes and corrections: the facts that people leave about answers. Nothing is derived from them here.

A vote is not stored but follows from signals: reactions that come and go, and buttons that are pressed.
Each is kept with the time at which it happened, so deliveries may come twice and in any order.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Literal

from qa_core.errors import DataError
from qa_core.store import Parameters, Store, among

_BATCH = 500  # answers whose votes are read at once

CorrectionKind = Literal["span", "pasted", "not_in_manuals"]


@dataclass(frozen=True, slots=True)
class Signal:
    """A person said that an answer is right (`value` 1) or wrong (-1)."""

    event_id: str
    answer_id: str
    person: str
    key: str  # what was touched: a later signal of the same key takes the earlier one's place
    value: int
    at: float  # when it happened, in seconds since 1970


@dataclass(frozen=True, slots=True)
class Vote:
    """What a person thinks of an answer now."""

    answer_id: str
    person: str
    value: int  # 1 or -1
    at: float  # seconds since 1970


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people hold an answer for right, and how many for wrong."""

    up: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said would have been right: `passage_text[start:end]`, or that no manual says it.

    `passage_text` is the passage's text, and where a pasted text reaches beyond the passage, the text of
    the section up to its end. Raises DataError for a span that is not in the text.
    """

    event_id: str
    answer_id: str
    person: str
    kind: CorrectionKind
    release: str  # that gave the answer
    at: float  # seconds since 1970
    passage_id: str | None = None
    passage_text: str | None = None
    start: int | None = None
    end: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no reader of the store could use."""
        given = (self.passage_id, self.passage_text, self.start, self.end)
        if self.kind == "not_in_manuals":
            if given != (None,) * 4:
                raise DataError(f"Correction {self.event_id} says both a span and that there is none")
        elif not self.span_text or not self.passage_id:
            raise DataError(
                f"Correction {self.event_id}: [{self.start}, {self.end}) is no span of its passage "
                f"of {len(self.passage_text or '')} characters"
            )

    @property
    def span_text(self) -> str | None:
        """The right words; None where the manuals do not say, or for offsets outside the text."""
        if self.passage_text is None or self.start is None or self.end is None:
            return None
        if not 0 <= self.start < self.end <= len(self.passage_text):
            return None
        return self.passage_text[self.start : self.end]


class Votes:
    """The votes and corrections in the store; safe to use from any thread and process."""

    def __init__(self, store: Store) -> None:
        """`store` was opened with `training.migrations.TRAINING`."""
        self._store = store

    def add_signal(self, signal: Signal) -> bool:
        """Store a signal; False if it is known already. Raises DataError for a value but 1 and -1."""
        if signal.value not in (-1, 1):
            raise DataError(f"A signal's value is {signal.value!r}; it must be 1 or -1")
        return self._insert(signal.event_id, signal, signal.value)

    def remove_signal(self, event_id: str, signal: Signal) -> bool:
        """Store that the signal of this person and key was taken back at `signal.at`; False if known."""
        return self._insert(event_id, signal, 0)

    def knows(self, person: str) -> bool:
        """Whether this person has said anything of any answer."""
        return bool(self._store.rows("SELECT 1 FROM signals WHERE person = ? LIMIT 1", [person]))

    def vote_of(self, answer_id: str, person: str) -> Vote | None:
        """The person's latest signal that is still present."""
        votes = self._votes("answer_id = ? AND person = ?", answer_id, person)
        return votes[0] if votes else None

    def votes_on(self, answer_id: str) -> tuple[Vote, ...]:
        """The votes on an answer, one a person, oldest first."""
        return self._votes("answer_id = ?", answer_id)

    def since(self, at: float) -> tuple[Vote, ...]:
        """All votes that were given at `at` (seconds since 1970) or later, oldest first."""
        spoken_of = self._store.rows("SELECT DISTINCT answer_id FROM signals WHERE at >= ?", [at])
        found = self.on_answers([row["answer_id"] for row in spoken_of])  # those of years are not looked at
        return tuple(sorted((vote for vote in found if vote.at >= at), key=_by_time))

    def on_answers(self, answer_ids: Collection[str]) -> tuple[Vote, ...]:
        """The votes on these answers, those on one answer together."""
        wanted = sorted(answer_ids)
        found: list[Vote] = []
        for at in range(0, len(wanted), _BATCH):
            ids = wanted[at : at + _BATCH]  # as a list: else all votes there are would be looked at
            found += self._votes(f"answer_id IN ({', '.join('?' * len(ids))})", *ids)
        return tuple(found)

    def tally(self, answer_id: str) -> Tally:
        """The votes on an answer, counted."""
        return count_votes(self.votes_on(answer_id))

    def example_number(self, answer_id: str) -> int:
        """The number under which people know this answer as an example; it never changes."""
        with self._store.transaction() as db:
            db.execute("INSERT INTO examples (answer_id) VALUES (?) ON CONFLICT DO NOTHING", [answer_id])
            row = db.execute("SELECT number FROM examples WHERE answer_id = ?", [answer_id]).fetchone()
        return int(row[0])

    def correct(self, correction: Correction) -> bool:
        """Store a correction; False if that event is known already."""
        with self._store.transaction() as db:
            cursor = db.execute(
                "INSERT INTO corrections (event_id, answer_id, person, kind, release_id, at,"
                " passage_id, passage_text, span_start, span_end)"
                " VALUES (:event_id, :answer_id, :person, :kind, :release, :at,"
                " :passage_id, :passage_text, :start, :end) ON CONFLICT DO NOTHING",
                asdict(correction),
            )
            return cursor.rowcount == 1

    def corrections(self, answer_id: str) -> tuple[Correction, ...]:
        """The latest correction of each person, oldest first."""
        return self._corrections("WHERE answer_id = ?", [answer_id])

    def all_corrections(self) -> tuple[Correction, ...]:
        """The latest correction of each person to each answer, oldest first."""
        return self._corrections("")

    def corrections_of(self, answer_ids: Collection[str]) -> tuple[Correction, ...]:
        """The latest correction of each person to each of these answers, oldest first."""
        of, parameters = among("answer_id", answer_ids)
        return self._corrections(f"WHERE {of}", parameters)

    def n_corrections(self, since: float) -> int:
        """How many corrections were made at `since` (seconds since 1970) or later."""
        [row] = self._store.rows("SELECT count(*) AS n FROM corrections WHERE at >= ?", [since])
        return int(row["n"])

    def forget(self, person: str) -> int:
        """Delete all that this person said; returns how many votes and corrections that were."""
        with self._store.transaction() as db:
            [n_votes] = db.execute("SELECT count(*) FROM votes WHERE person = ?", [person]).fetchone()
            db.execute("DELETE FROM signals WHERE person = ?", [person])
            corrections = db.execute("DELETE FROM corrections WHERE person = ?", [person])
            return int(n_votes) + corrections.rowcount

    def _insert(self, event_id: str, signal: Signal, value: int) -> bool:
        values = [event_id, signal.answer_id, signal.person, signal.key, value, signal.at]
        with self._store.transaction() as db:
            cursor = db.execute(
                "INSERT INTO signals (event_id, answer_id, person, key, value, at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                values,
            )
            return cursor.rowcount == 1

    def _corrections(self, where: str, parameters: Parameters = ()) -> tuple[Correction, ...]:
        sql = f"SELECT * FROM corrections {where} ORDER BY at, arrival"  # noqa: S608 - our own conditions
        rows = self._store.rows(sql, parameters)
        latest = {(row["answer_id"], row["person"]): row for row in rows}
        return tuple(_correction(row) for row in rows if latest[row["answer_id"], row["person"]] is row)

    def _votes(self, where: str, *parameters: Any) -> tuple[Vote, ...]:
        sql = f"SELECT * FROM votes WHERE {where} ORDER BY at, person"  # noqa: S608 - our own conditions
        rows = self._store.rows(sql, parameters)
        return tuple(Vote(row["answer_id"], row["person"], row["value"], row["at"]) for row in rows)


def count_votes(votes: tuple[Vote, ...]) -> Tally:
    """How many of the votes are up, and how many down."""
    up = sum(vote.value > 0 for vote in votes)
    return Tally(up, len(votes) - up)


def _by_time(vote: Vote) -> tuple[float, str]:
    return vote.at, vote.person


def _correction(row: dict[str, Any]) -> Correction:
    return Correction(
        event_id=row["event_id"],
        answer_id=row["answer_id"],
        person=row["person"],
        kind=row["kind"],
        release=row["release_id"],
        at=row["at"],
        passage_id=row["passage_id"],
        passage_text=row["passage_text"],
        start=row["span_start"],
        end=row["span_end"],
    )
