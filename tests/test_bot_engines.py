"""The engine in use follows the current release and index, and loses no question."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes_slack import FakeAnswerer

from bot.engines import LOADING, Engines, NoManuals
from qa_core.errors import IndexingError, NothingIndexedError, ReleaseError
from qa_core.forgotten import ForgottenQuestions
from qa_core.installation_state import InstallationState
from qa_core.migrations import QA_CORE
from qa_core.store import Store


@dataclass
class Shelf:
    """What is current, and what was loaded of it."""

    state: str = "r1"
    loaded: list[str] = field(default_factory=list)
    error: Exception | None = None

    def load(self) -> FakeAnswerer:
        if self.error is not None:
            raise self.error
        self.loaded.append(self.state)
        return FakeAnswerer(release=self.state)

    def engines(self) -> Engines:
        return Engines(self.load, lambda: self.state, lambda: self.state)


def wait_until(condition: Any, timeout_s: float = 20.0) -> None:
    ends = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_it_is_loaded_once_for_all_that_ask_at_the_same_time() -> None:
    shelf = Shelf()
    engines = shelf.engines()

    with ThreadPoolExecutor(10) as threads:
        found = set(map(id, threads.map(lambda _: engines.current(), range(10))))

    assert (len(found), shelf.loaded) == (1, ["r1"])


def test_another_release_takes_over_while_the_old_engine_ends_its_questions() -> None:
    shelf = Shelf()
    engines = shelf.engines()
    in_flight = engines.current()
    engines.follow()

    shelf.state = "r2"

    wait_until(lambda: engines.current().release == "r2")
    engines.stop()
    assert in_flight.ask("q") is in_flight.given  # type: ignore[attr-defined]
    assert shelf.loaded == ["r1", "r2"]


def test_while_the_new_one_is_loaded_the_old_one_answers() -> None:
    begun, go_on = threading.Event(), threading.Event()
    state = {"now": "r1"}

    def load() -> FakeAnswerer:
        if state["now"] == "r2":
            begun.set()
            go_on.wait(20)
        return FakeAnswerer(release=state["now"])

    engines = Engines(load, lambda: state["now"])
    engines.current()
    engines.follow()
    state["now"] = "r2"
    assert begun.wait(20)

    assert engines.current().release == "r1"
    go_on.set()
    wait_until(lambda: engines.current().release == "r2")
    engines.stop()


def test_a_release_that_cannot_be_loaded_leaves_the_old_one(caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf()
    engines = shelf.engines()
    engines.current()
    shelf.error = IndexingError("The index is damaged")
    shelf.state = "r2"
    engines.follow()

    wait_until(lambda: "The index is damaged" in caplog.text)
    engines.stop()
    assert engines.current().release == "r1"


NOTHING = NothingIndexedError("No manuals are indexed yet")


def test_once_the_last_manual_was_taken_out_no_engine_answers_until_there_is_one_again() -> None:
    shelf = Shelf()
    engines = shelf.engines()
    engines.current()
    shelf.error, shelf.state = NOTHING, "none"

    engines.look()

    with pytest.raises(NothingIndexedError):
        engines.current()
    assert (engines.if_any(), engines.is_ready()) == (None, True)
    shelf.error, shelf.state = None, "r1"
    engines.look()
    assert engines.current().release == "r1"


def test_manuals_that_were_added_a_moment_ago_can_be_taken_out_again() -> None:
    shelf = Shelf(error=NOTHING, state="none")
    engines = shelf.engines()
    engines.look()
    shelf.error, shelf.state = None, "r1"
    engines.look()
    shelf.error, shelf.state = NOTHING, "none"

    engines.look()

    assert engines.if_any() is None


def test_what_is_known_without_manuals_is_the_release_alone() -> None:
    shelf = Shelf(error=NOTHING)

    assert shelf.engines().known() == NoManuals("r1", products=(), threshold=None, passages=())


def test_an_engine_that_cannot_be_loaded_is_not_taken_for_no_manuals() -> None:
    engines = Shelf(error=IndexingError("The index is damaged")).engines()

    with pytest.raises(IndexingError, match="damaged"):
        engines.known()
    assert not engines.is_ready()


def test_it_says_that_it_loads_and_when_it_is_ready() -> None:
    shelf, told = Shelf(), list[str]()
    engines = shelf.engines()

    engines.follow(told.append)

    wait_until(lambda: len(told) == 2)
    engines.stop()
    assert told == [LOADING, "Ready to answer from 0 manuals with the release r1."]


def test_where_nothing_can_be_loaded_yet_it_is_ready_once_that_has_changed() -> None:
    shelf, told = Shelf(error=IndexingError("No manuals are indexed yet")), list[str]()
    engines = shelf.engines()
    engines.follow(told.append)
    wait_until(lambda: told == [LOADING])

    shelf.error, shelf.state = None, "r2"

    wait_until(lambda: len(told) == 2)
    engines.stop()
    assert told[1] == "Ready to answer from 0 manuals with the release r2."


def test_files_that_are_another_users_are_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    refused = PermissionError(errno.EACCES, "Permission denied", "/home/ada/var/runtimes/3c1e")

    Shelf(error=refused).engines().look()

    [record] = caplog.records
    assert record.getMessage() == f"The engine cannot be loaded: {refused}"
    assert record.exc_info is None


def test_what_could_not_be_loaded_is_tried_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.engines.LOOK_EVERY_S", 0.01)
    monkeypatch.setattr("bot.engines.RETRY_EVERY_S", 0.1)
    shelf, told = Shelf(error=MemoryError()), list[str]()
    engines = shelf.engines()
    engines.follow(told.append)
    wait_until(lambda: "cannot be loaded" in caplog.text)

    shelf.error = None  # and the state is the same

    wait_until(lambda: len(told) == 2)
    engines.stop()
    assert told[1] == "Ready to answer from 0 manuals with the release r1."


def test_what_could_not_be_loaded_is_not_tried_at_every_look(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.engines.LOOK_EVERY_S", 0.01)
    engines = Shelf(error=IndexingError("The index is damaged")).engines()
    thread = engines.follow()
    time.sleep(0.3)
    engines.stop()
    thread.join()

    assert caplog.text.count("The index is damaged") == 1


def test_a_new_engine_has_answered_a_question_before_the_first_person_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[object, str]] = []

    class FakeEngine:
        def __init__(self, models: object) -> None:
            self.models = models

        def ask(self, question: str) -> None:
            asked.append((self.models, question))

    monkeypatch.setattr("qa_core.engine.Engine", FakeEngine)
    installation: Any = SimpleNamespace(
        models=lambda: "models",
        releases=SimpleNamespace(current_id=lambda: "r1", get=lambda _: "r1"),
        encoder_digest=lambda _: "e",
        store=SimpleNamespace(rows=lambda *_: [{"newest": 1, "forgotten": None}]),
    )

    Engines.of(installation).current()

    assert asked == [("models", "How is it cleaned?")]


def test_without_an_index_each_question_is_told_so_until_there_is_one() -> None:
    shelf = Shelf(error=IndexingError("No manuals are indexed yet"))
    engines = shelf.engines()
    for _ in range(2):
        with pytest.raises(IndexingError, match="No manuals"):
            engines.current()

    shelf.error = None

    assert engines.current().release == "r1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "db", (QA_CORE,))
    yield opened
    opened.close()


@dataclass
class Shelves:
    """An installation whose current release has the encoder of its name."""

    store: Store
    current: str = "r1"
    n_digests: int = 0
    error: Exception | None = None

    @property
    def releases(self) -> Any:
        return SimpleNamespace(current_id=lambda: self.current, get=str)

    def encoder_digest(self, release: str) -> str:
        self.n_digests += 1
        if self.error:
            raise self.error
        return f"encoder of {release}"

    def index(self, number: int, encoder: str) -> None:
        with self.store.transaction() as db:
            db.execute(
                "INSERT INTO indexes VALUES (?, ?, ?, 1, 1, 1, '2026-01-01')", [number, encoder, str(number)]
            )


def test_the_state_changes_with_release_index_of_its_encoder_and_what_is_forgotten(
    store: Store,
) -> None:
    shelves: Any = Shelves(store)
    state = InstallationState(shelves)
    states = [state()]
    shelves.index(7, "encoder of r1")
    states.append(state())
    shelves.current = "r2"
    states.append(state())
    ForgottenQuestions(store).add(["How does Anna descale?"])
    states.append(state())

    assert states == [("r1", None, None), ("r1", 7, None), ("r2", None, None), ("r2", None, 1)]


def test_the_index_of_a_candidate_changes_nothing_for_the_engine_that_answers(store: Store) -> None:
    shelves: Any = Shelves(store)
    shelves.index(7, "encoder of r1")
    state = InstallationState(shelves)
    before = state()

    shelves.index(8, "encoder of the candidate")

    assert (before, state()) == (("r1", 7, None), ("r1", 7, None))
    assert shelves.n_digests == 1, "the digest of an encoder is looked up once for each release"


def test_a_release_that_cannot_be_read_has_a_state_all_the_same(store: Store) -> None:
    shelves: Any = Shelves(store, error=ReleaseError("r1.json is damaged"))

    assert InstallationState(shelves)() == ("r1", None, None)
