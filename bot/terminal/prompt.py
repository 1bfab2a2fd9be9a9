"""Lines typed at a prompt, with a history that outlives the session."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

N_REMEMBERED = 1000


def typed_lines(prompt: str, history: Path) -> Iterator[str]:
    """What a person types, line by line, until Ctrl-D or Ctrl-C."""
    with _remembering(history):
        while True:
            try:
                line = input(prompt)
            except (EOFError, KeyboardInterrupt):
                print()
                return
            yield line


@contextlib.contextmanager
def _remembering(history: Path) -> Iterator[None]:
    readline = _readline()
    if readline is None:
        yield
        return
    with contextlib.suppress(OSError):
        readline.read_history_file(history)
    readline.set_history_length(N_REMEMBERED)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # a history that cannot be kept stops nobody
            history.parent.mkdir(parents=True, exist_ok=True)
            history.touch(mode=0o600)  # questions can be about customers
            readline.write_history_file(history)


def _readline() -> ModuleType | None:
    try:
        import readline  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    return readline
