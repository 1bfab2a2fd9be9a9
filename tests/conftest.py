"""What holds for every test."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Let Ctrl-C interrupt, here and in child processes, also where the tests were started in the
    background by a shell without job control: such a shell has SIGINT ignored.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
