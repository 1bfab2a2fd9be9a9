"""The database of a process in which many threads write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlite_utils import Database

from qa_core.store import Store

TURN_S = 1.0  # that a thread waits for its turn; then it takes its chance with SQLite


class FairStore(Store):
    """A store whose threads write one after the other.

    Of threads that wait for the same file, SQLite lets those that have waited longest sleep longest between
    two looks: where many questions come at once, the button among them would wait for seconds.
    """

    _turn = threading.RLock()  # of all stores of the process: they have one file

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """Everything inside happens, or nothing, as in `Store`; who waits for it is up at once."""
        has_turn = self._turn.acquire(timeout=TURN_S)
        try:
            with super().transaction() as db:
                yield db
        finally:
            if has_turn:
                self._turn.release()
