"""Ctrl-C between two steps, never within one: what is then saved is a whole state."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType


class Interrupted(KeyboardInterrupt):
    """Ctrl-C between two steps; the message says after which, and what there is to go on with.

    `folder` keeps the state; None where nothing is kept.
    """

    def __init__(self, done: str, folder: Path | None) -> None:
        kept = "Nothing is kept: give a folder, work=…, to be able to go on"
        super().__init__(
            f"Stopped after {done}; the checkpoint is in {folder}"
            if folder
            else f"Stopped after {done}. {kept}"
        )
        self.done = done


@contextmanager
def deferred_interrupt() -> Iterator[Callable[[], bool]]:
    """Within, the first Ctrl-C is only noted: what is yielded tells of it. A second one acts at once.

    Outside the main thread signals cannot be handled, and nothing is deferred.
    """
    noted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield noted.is_set
        return

    def note(_signal: int, _frame: FrameType | None) -> None:
        if noted.is_set():
            raise KeyboardInterrupt
        noted.set()

    previous = signal.getsignal(signal.SIGINT)
    if previous is signal.SIG_IGN:  # as for a job in the background: leave it so
        yield noted.is_set
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield noted.is_set
    finally:
        signal.signal(signal.SIGINT, previous)
