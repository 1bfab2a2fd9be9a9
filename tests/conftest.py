"""What holds for every test."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest


def pytest_configure() -> None:
    """Let Ctrl-C interrupt, here and in child processes, also where the tests were started in the
    background by a shell without job control: such a shell has SIGINT ignored.

    Torch, not imported yet, gets one thread: a second one makes models of a few thousand weights no faster,
    and many times slower where the machine is busy. The shipped models run on onnxruntime, which has its own:
    one, too, where other tests run beside these.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ.setdefault("MANUALBOT_THREADS", "1")


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock is one or two hours ahead of UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()
