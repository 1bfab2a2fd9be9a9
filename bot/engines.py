"""The engine in use: that of the current release and index, swapped while questions go on being answered."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.interrupted import AT_WORK
from bot.render.terminal import count
from qa_core.errors import ManualbotError, NothingIndexedError
from qa_core.installation_state import InstallationState

if TYPE_CHECKING:
    from qa_core.engine import Engine
    from qa_core.installation import Installation
    from qa_core.types import Answer, Passage

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
RETRY_EVERY_S = 300.0  # what could not be loaded: for want of memory, perhaps, that has come back since
LOADING = "Loading the models. Questions that come meanwhile are answered as soon as that is done."
_FIRST_QUESTION = "How is it cleaned?"  # asked of a new engine, so that no person waits for what comes once


class Known(Protocol):
    """What is known without asking anything: an engine, or `NoManuals`."""

    @property
    def products(self) -> tuple[str, ...]:
        """The products whose manuals are indexed, sorted."""

    @property
    def release(self) -> str:
        """The id of the release whose models answer."""

    @property
    def threshold(self) -> float | None:
        """The confidence below which it declines; None where nothing is asked."""

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All passages that are indexed."""


class Asked(Known, Protocol):
    """What answers questions: `qa_core.engine.Engine`, or a test's fake."""

    def ask(
        self, question: str, product: str | tuple[str, ...] | None = None, decline: bool = True
    ) -> Answer:
        """The answer from the manuals of `product` (one, or several), or of all."""


@dataclass(frozen=True, slots=True)
class NoManuals:
    """What is known where no manuals are indexed."""

    release: str  # that will answer once there are some
    products: tuple[str, ...] = ()
    threshold: float | None = None
    passages: tuple[Passage, ...] = ()


class Engines:
    """Gives the engine to ask now. A question that was begun keeps the engine that it was begun with."""

    def __init__(
        self, load: Callable[[], Asked], state: Callable[[], object], release: Callable[[], str] = lambda: ""
    ) -> None:
        """`load` makes the engine of now; `state` is cheap, and changes when `load` would make another.

        `release` names the current release where `load` says that no manuals are indexed.
        """
        self._load, self._state, self._release = load, state, release
        self._engine: Asked | None = None
        self._is_empty = False  # whether it is known that no manuals are indexed
        self._loaded_state: object = None
        self._lock = threading.Lock()  # one loads, the others wait for it or go on with what there is
        self._stopped = threading.Event()
        self._failed_state: object = None  # that `look` could not load
        self._failed_at = -math.inf

    @classmethod
    def of(cls, installation: Installation) -> Engines:
        """The engines of an installation's current release and index."""

        def load() -> Engine:
            from qa_core.engine import Engine  # noqa: PLC0415 - loads the models

            engine = Engine(installation.models())
            engine.ask(_FIRST_QUESTION)
            return engine

        return cls(load, InstallationState(installation), lambda: installation.releases.current().id)

    def is_ready(self) -> bool:
        """Whether there is an engine to ask, or nothing to load one of, so that `known` waits for nothing."""
        return self._engine is not None or self._is_empty

    def current(self) -> Asked:
        """The engine to ask. Loads it if there is none yet; raises ManualbotError if that fails.

        It is a NothingIndexedError where no manuals are indexed.
        """
        return self._engine or self.refresh()

    def if_any(self) -> Asked | None:
        """The engine to ask; None where no manuals are indexed. Raises ManualbotError if loading fails."""
        try:
            return self.current()
        except NothingIndexedError:
            return None

    def known(self) -> Known:
        """What is known now, also where no manuals are indexed. Raises ManualbotError if loading fails."""
        return self.if_any() or NoManuals(self._release())

    def refresh(self) -> Asked:
        """Load the engine of now if it is another one than before; questions go on meanwhile.

        Where the last manual was taken out, the engine that was there answers no more.
        """
        with self._lock:
            state = self._state()
            if self._engine is None or state != self._loaded_state:
                self._is_empty = False  # as far as is known while it loads
                try:
                    self._engine = self._load()
                except NothingIndexedError:
                    self._engine, self._is_empty = None, True
                    raise
                self._loaded_state = state
                self._failed_state = None  # what failed before this one says nothing of later
            return self._engine

    def follow(self, tell: Callable[[str], None] = log.info) -> threading.Thread:
        """Load the engine now, and look every second whether there is another; until `stop`.

        `tell` is told in a sentence that the first one is being loaded, and when it is there.
        """
        thread = threading.Thread(target=self._follow, args=(tell,), name=f"{AT_WORK}engines", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """End what `follow` began."""
        self._stopped.set()

    def _follow(self, tell: Callable[[str], None]) -> None:
        told = self._engine is not None
        if not told:
            tell(LOADING)
        while not self._stopped.is_set():
            self.look()
            engine = self._engine
            if engine is not None and not told:
                told = True
                tell(_ready(engine))
            self._stopped.wait(LOOK_EVERY_S)

    def look(self) -> None:
        """Load what there is now, unless that failed a short time ago: then the log says why."""
        state = self._failed_state
        try:
            state = self._state()
            failed = state == self._failed_state and time.monotonic() - self._failed_at < RETRY_EVERY_S
            if not failed and (self._engine is None or state != self._loaded_state):
                self.refresh()
            return
        except ManualbotError as error:
            log.warning("The engine cannot be loaded: %s", error)
        except Exception:  # whatever a damaged model raises, the engine that is there goes on
            log.exception("The engine cannot be loaded")
        self._failed_state, self._failed_at = state, time.monotonic()


def _ready(engine: Asked) -> str:
    manuals = count(len({passage.manual.id for passage in engine.passages}), "manual")
    return f"Ready to answer from {manuals} with the release {engine.release}."
