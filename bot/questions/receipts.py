"""What happens once for an answer and a person, channel or product.

Thanks, an offer, a call, sharing it, asking it of a product, and telling that a release has learned from it.
"""

from __future__ import annotations

from typing import Literal

from bot.deliveries import Task
from qa_core.store import Store

ReceiptKind = Literal["example", "offer", "call", "share", "product", "learned"]


class Receipts:
    """The receipts in the store."""

    def __init__(self, store: Store) -> None:
        """`store` was opened with `bot.migrations.BOT`."""
        self._store = store

    def claim(self, answer_id: str, person: str, kind: ReceiptKind, task: Task) -> bool:
        """Whether this task is the one for which it happens; still so when the task is done again."""
        key = task.delivery.key
        with self._store.transaction() as db:
            db.execute(
                "INSERT INTO receipts VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [answer_id, person, kind, key],
            )
            row = db.execute(
                "SELECT task FROM receipts WHERE answer_id = ? AND person = ? AND kind = ?",
                [answer_id, person, kind],
            ).fetchone()
        return bool(row[0] == key)

    def release(self, answer_id: str, person: str, kind: ReceiptKind) -> None:
        """Let it happen again."""
        with self._store.transaction() as db:
            db.execute(
                "DELETE FROM receipts WHERE answer_id = ? AND person = ? AND kind = ?",
                [answer_id, person, kind],
            )

    def give_up(self, task: Task) -> None:
        """Let what the task was to do for a thread or a channel happen again: it was given up."""
        with self._store.transaction() as db:
            db.execute(
                "DELETE FROM receipts WHERE task = ? AND kind IN ('call', 'share', 'product')",
                [task.delivery.key],
            )

    def forget(self, person: str) -> None:
        """Delete a person's receipts."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM receipts WHERE person = ?", [person])
