"""Many threads that write to one database: each gets its turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.fair_store import FairStore
from bot.services import open_store
from bot.settings import SlackSettings
from qa_core.settings import Settings
from qa_core.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(SlackSettings(base=Settings(home=tmp_path)))
    yield opened
    opened.close()


def test_no_two_threads_of_the_bot_wait_for_sqlite_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_sqlite, most, begin = [0], [0], Store.transaction

    @contextmanager
    def counted(self: Store) -> Iterator[Any]:
        at_sqlite[0] += 1
        most[0] = max(most[0], at_sqlite[0])
        with begin(self) as db:
            yield db
        at_sqlite[0] -= 1

    monkeypatch.setattr(Store, "transaction", counted)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: store.write_nothing(), range(40)))

    assert most == [1]


def test_a_transaction_inside_another_needs_no_turn_of_its_own(store: Store) -> None:
    with store.transaction(), store.transaction() as db:
        assert list(db.query("SELECT 1 AS one")) == [{"one": 1}]


def test_a_turn_that_does_not_come_is_not_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.fair_store.TURN_S", 0.01)
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with FairStore._turn:
            taken.set()
            done.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(20)
    store.write_nothing()
    done.set()
    holder.join(20)
