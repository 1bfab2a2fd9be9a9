"""Where the `manualbot` command begins: Ctrl-C ends it quietly from here on, while it is still loaded."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType

from bot.interrupted import AT_WORK, EXIT_CODE, MESSAGE
from qa_core.errors import is_of_memory


def main() -> int:
    """Load the commands and run one; returns the exit code."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:  # a shell may have had it ignored
        signal.signal(signal.SIGINT, _leave)
    try:
        from bot.cli import main as run_command  # noqa: PLC0415 - takes a tenth of a second
    except Exception as error:
        if not is_of_memory(error):
            raise
        print(f"manualbot: There is too little memory ({error}). Free some, then try again", file=sys.stderr)
        return 1
    signal.signal(signal.SIGINT, handler)
    try:
        code = run_command()
    except KeyboardInterrupt:
        print(MESSAGE, file=sys.stderr)
        code = EXIT_CODE
    if any(thread.name.startswith(AT_WORK) for thread in threading.enumerate()):
        _end_at_once(code)
    return code


def _end_at_once(code: int) -> None:
    """Python's own end aborts where a thread is in the midst of a model; what it does is begun anew."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            if stream is not None:  # as where it was closed
                stream.flush()
    os._exit(code)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """At once: raised in the midst of an import, KeyboardInterrupt may end up as something else."""
    os.write(2, f"{MESSAGE}\n".encode())
    os._exit(EXIT_CODE)
