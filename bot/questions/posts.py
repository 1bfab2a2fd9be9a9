"""Which answer stands in which message, and what is talked about in each thread."""

from __future__ import annotations

import time
from dataclasses import dataclass

from qa_core.store import Store


@dataclass(frozen=True, slots=True)
class Post:
    """A message of the bot that shows an answer."""

    channel: str
    ts: str
    answer_id: str
    thread_ts: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread in which the bot has answered."""

    channel: str
    thread_ts: str
    asked_by: str  # who asked the latest question
    question: str  # as the engine was asked
    product: str | None = None  # that is talked about
    handed_to: str | None = None  # the person or user group who was asked
    resolved_by: str | None = None

    @property
    def waits_for_person(self) -> bool:
        """Whether a person was asked and nobody has said that it is resolved."""
        return self.handed_to is not None and self.resolved_by is None


class Posts:
    """The messages in which answers stand. A channel and a `ts` name one message."""

    def __init__(self, store: Store) -> None:
        """`store` was opened with `bot.migrations.BOT`."""
        self._store = store

    def add(self, post: Post) -> None:
        """Remember a message; again is the same."""
        with self._store.transaction() as db:
            db.execute(
                "INSERT INTO posts (channel, ts, team, thread_ts, answer_id, posted_at) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [post.channel, post.ts, post.team, post.thread_ts, post.answer_id, time.time()],
            )

    def get(self, channel: str, ts: str) -> Post | None:
        """The answer that stands in a message; None for a message that is none of ours."""
        rows = self._store.rows(
            "SELECT channel, ts, answer_id, thread_ts, team FROM posts WHERE channel = ? AND ts = ?",
            [channel, ts],
        )
        return Post(**rows[0]) if rows else None

    def of_answer(self, answer_id: str) -> tuple[Post, ...]:
        """The messages in which an answer stands, oldest first."""
        rows = self._store.rows(
            "SELECT channel, ts, answer_id, thread_ts, team FROM posts WHERE answer_id = ? "
            "ORDER BY posted_at, ts",
            [answer_id],
        )
        return tuple(Post(**row) for row in rows)

    def latest_in(self, channel: str) -> Post | None:
        """The last message of a channel in which an answer stands."""
        rows = self._store.rows(
            "SELECT channel, ts, answer_id, thread_ts, team FROM posts WHERE channel = ? "
            "ORDER BY posted_at DESC LIMIT 1",
            [channel],
        )
        return Post(**rows[0]) if rows else None


class Threads:
    """The threads in which the bot has answered."""

    def __init__(self, store: Store) -> None:
        """`store` was opened with `bot.migrations.BOT`."""
        self._store = store

    def get(self, channel: str, thread_ts: str) -> Thread | None:
        """What is known of a thread; None where the bot has not answered."""
        rows = self._store.rows(
            "SELECT channel, thread_ts, asked_by, question, product, handed_to, resolved_by FROM threads "
            "WHERE channel = ? AND thread_ts = ?",
            [channel, thread_ts],
        )
        return Thread(**rows[0]) if rows else None

    def keep(self, thread: Thread) -> None:
        """Remember what the thread is about now, and who asked it; whom it was handed to stays as it is."""
        with self._store.transaction() as db:
            db.execute(
                """INSERT INTO threads (channel, thread_ts, asked_by, question, product)
                VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
                asked_by = excluded.asked_by, question = excluded.question, product = excluded.product""",
                [thread.channel, thread.thread_ts, thread.asked_by, thread.question, thread.product],
            )

    def hand_over(self, channel: str, thread_ts: str, to: str, asked_by: str) -> bool:
        """Mark that a person was asked; False if the thread waits for one already."""
        with self._store.transaction() as db:
            changed = db.execute(
                """INSERT INTO threads (channel, thread_ts, asked_by, question, handed_to, handed_at)
                VALUES (:channel, :thread_ts, :asked_by, '', :to, :now) ON CONFLICT DO UPDATE SET
                handed_to = :to, handed_at = :now, resolved_by = NULL, resolved_at = NULL
                WHERE handed_to IS NULL OR resolved_by IS NOT NULL""",
                {
                    "channel": channel,
                    "thread_ts": thread_ts,
                    "asked_by": asked_by,
                    "to": to,
                    "now": time.time(),
                },
            )
            return changed.rowcount == 1

    def resolve(self, channel: str, thread_ts: str, by: str) -> bool:
        """Close what was handed over; False if it is not open."""
        with self._store.transaction() as db:
            changed = db.execute(
                "UPDATE threads SET resolved_by = ?, resolved_at = ? "
                "WHERE channel = ? AND thread_ts = ? AND handed_to IS NOT NULL AND resolved_by IS NULL",
                [by, time.time(), channel, thread_ts],
            )
            return changed.rowcount == 1

    def forget(self, person: str) -> int:
        """Remove this person's questions; the threads stay known as ours. Returns how many threads."""
        with self._store.transaction() as db:
            changed = db.execute(
                "UPDATE threads SET question = '', asked_by = '' WHERE asked_by = ?", [person]
            )
            return changed.rowcount
