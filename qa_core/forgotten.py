"""Questions that somebody wanted to be forgotten, kept as hashes: no release remembers them any more."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from qa_core.store import Store


class ForgottenQuestions:
    """What was forgotten and is part of releases and reports; safe to use from any thread and process.

    A question is known by its very words, as it was learned: without personal data.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, questions: Iterable[str]) -> None:
        """Forget these questions."""
        with self._store.transaction() as db:
            db.conn.executemany(
                "INSERT OR IGNORE INTO forgotten_questions (hash) VALUES (?)",
                [(_hash(question),) for question in questions],
            )

    def remove(self, questions: Iterable[str]) -> None:
        """Others ask these: they may be remembered."""
        with self._store.transaction() as db:
            hashes = json.dumps([_hash(question) for question in questions])
            db.execute(
                "DELETE FROM forgotten_questions WHERE hash IN (SELECT value FROM json_each(?))", [hashes]
            )

    def among(self, questions: Iterable[str]) -> frozenset[str]:
        """Those of these questions that were forgotten."""
        by_hash = {_hash(question): question for question in questions}
        rows = self._store.rows(
            "SELECT hash FROM forgotten_questions WHERE hash IN (SELECT value FROM json_each(?))",
            [json.dumps(list(by_hash))],
        )
        return frozenset(by_hash[row["hash"]] for row in rows)


def _hash(question: str) -> str:
    return hashlib.sha256(question.encode("utf-8", "surrogatepass")).hexdigest()
