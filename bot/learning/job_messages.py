"""Which message tells how a retraining goes: kept, so that a bot that was started anew goes on editing it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from qa_core.store import Store


@dataclass(frozen=True, slots=True)
class JobMessage:
    """A message of the bot about a job."""

    task: str  # key of the delivery that it is for
    channel: str
    ts: str
    shown: str  # its text as it was last edited
    n_gone: int = 0  # how often it could not be edited, as somebody had deleted it

    @property
    def is_given_up(self) -> bool:
        """Whether it is gone, and was posted anew before."""
        return self.n_gone > 1


class JobMessages:
    """The messages in the store."""

    def __init__(self, store: Store) -> None:
        """`store` was opened with `bot.migrations.BOT`."""
        self._store = store

    def get(self, task: str) -> JobMessage | None:
        """The message of a delivery; None if it is not posted yet."""
        rows = self._store.rows("SELECT * FROM job_messages WHERE task = ?", [task])
        return JobMessage(**rows[0]) if rows else None

    def save(self, message: JobMessage) -> None:
        """Remember a message, or what it shows now."""
        with self._store.transaction() as db:
            db.execute(
                "INSERT INTO job_messages (task, channel, ts, shown, n_gone)"
                " VALUES (:task, :channel, :ts, :shown, :n_gone) ON CONFLICT (task)"
                " DO UPDATE SET channel = :channel, ts = :ts, shown = :shown, n_gone = :n_gone",
                asdict(message),
            )
