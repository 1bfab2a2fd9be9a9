"""Who is told that a release has learned from what they said: once for each vote, in one message a person.

The plan of a job is stored before anybody is told, so that a bot that is killed in between tells nobody
twice and nobody elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.posts import Posts
from bot.receipts import Receipts
from qa_core.answers import Answers
from training.votes import Votes, count_votes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.deliveries import Task
    from qa_core.store import Store
    from training.jobs import Job


@dataclass(frozen=True, slots=True)
class Thanked:
    """A person, and where they are told."""

    job: int
    person: str
    answer_id: str  # the latest of those that they spoke about
    n_answers: int
    channel: str | None  # None: direct messages
    thread_ts: str | None


class Thanks:
    """The plans in the store."""

    def __init__(self, store: Store) -> None:
        """`store` was opened with the tables of all three packages."""
        self._store = store
        self._votes, self._posts = Votes(store), Posts(store)

    def plan(self, job: Job, answer_ids: Sequence[str], task: Task) -> None:
        """Store who is told of a job, where: those who have not been told of these votes before.

        A job is planned once.
        """
        if self._store.rows("SELECT 1 FROM thanks WHERE job = ? LIMIT 1", [job.id]):
            return
        until = datetime.fromisoformat(job.created_at).timestamp()
        receipts, latest = Receipts(self._store), dict[str, tuple[float, str]]()
        n_answers: dict[str, int] = {}
        with self._store.transaction() as db:
            for answer_id in answer_ids:
                for person, at in supporters(self._votes, answer_id, until):
                    if receipts.claim(answer_id, person, "learned", task):
                        latest[person] = max(latest.get(person, (0.0, "")), (at, answer_id))
                        n_answers[person] = n_answers.get(person, 0) + 1
            for person, (_, answer_id) in sorted(latest.items()):
                place = self._place(answer_id, person)
                db.execute(
                    "INSERT INTO thanks VALUES (?, ?, ?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING",
                    [job.id, person, answer_id, n_answers[person], *place],
                )

    def next(self, job_id: int) -> tuple[Thanked, ...]:
        """People who are told in the same message, and were not told yet; empty when all were."""
        rows = self._store.rows(
            "SELECT job, person, answer_id, n_answers, channel, thread_ts FROM thanks"
            " WHERE job = ? AND told_at IS NULL ORDER BY channel, thread_ts, person",
            [job_id],
        )
        people = [Thanked(**row) for row in rows]
        if not people or people[0].channel is None:
            return tuple(people[:1])
        first = (people[0].channel, people[0].thread_ts)
        return tuple(each for each in people if (each.channel, each.thread_ts) == first)

    def still_hold(self, people: Sequence[Thanked]) -> tuple[Thanked, ...]:
        """Those of them who have not taken back what they said."""
        return tuple(each for each in people if self._speaks(each))

    def set_told(self, people: Sequence[Thanked]) -> None:
        """They were told, or there is no more to tell them."""
        with self._store.transaction() as db:
            for each in people:
                db.execute(
                    "UPDATE thanks SET told_at = ? WHERE job = ? AND person = ?",
                    [time.time(), each.job, each.person],
                )

    def move_to_direct(self, people: Sequence[Thanked]) -> None:
        """Their thread cannot be written in: they are told in direct messages."""
        with self._store.transaction() as db:
            for each in people:
                db.execute(
                    "UPDATE thanks SET channel = NULL, thread_ts = NULL WHERE job = ? AND person = ?",
                    [each.job, each.person],
                )

    def forget(self, person: str) -> None:
        """Tell this person nothing, and that they were told forget as well."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM thanks WHERE person = ?", [person])

    def _speaks(self, thanked: Thanked) -> bool:
        if self._votes.vote_of(thanked.answer_id, thanked.person) is not None:
            return True
        return any(c.person == thanked.person for c in self._votes.corrections(thanked.answer_id))

    def _place(self, answer_id: str, person: str) -> tuple[str | None, str | None]:
        """The thread of the answer; none where it was shown to one person alone, or in another's messages."""
        given = Answers(self._store).get(answer_id)
        for post in self._posts.of_answer(answer_id):
            if not post.channel.startswith("D") or (given is not None and given.asked_by == person):
                return post.channel, post.thread_ts or post.ts
        return None, None


def supporters(votes: Votes, answer_id: str, until: float) -> Iterator[tuple[str, float]]:
    """Who spoke for what was learned from an answer up to a time (seconds since 1970), and when.

    That is whoever corrected it, and of the votes those of the majority.
    """
    corrections = {c.person: c.at for c in votes.corrections(answer_id) if c.at <= until}
    yield from corrections.items()
    cast = tuple(vote for vote in votes.votes_on(answer_id) if vote.at <= until)
    tally = count_votes(cast)
    side = (tally.up > tally.down) - (tally.up < tally.down)
    yield from ((v.person, v.at) for v in cast if v.value == side and v.person not in corrections)
