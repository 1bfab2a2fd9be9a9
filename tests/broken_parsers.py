"""Parsers that misbehave, for the worker process to survive."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

from qa_core.errors import DocumentError
from qa_core.types import Manual, ParsedManual, Section


def read(path: Path, root: Path) -> ParsedManual:
    """Do what the file's name says."""
    deeds = {
        "exit": _exit,
        "segfault": _segfault,
        "hang": _hang,
        "print": _print,
        "eat": _eat,
        "raise": _raise,
        "import": _import,
    }
    deed = deeds.get(path.stem)
    if deed:
        deed()
    if path.stem == "refuse":
        raise DocumentError("no text layer; run OCR first")
    manual = Manual("0" * 16, str(root), path.name, path.stem, "Product", None, None, "0" * 64)
    return ParsedManual(manual, (Section((path.stem,), str(os.getpid())),))


def _exit() -> None:
    os._exit(3)


def _segfault() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)
    ctypes.string_at(0)


def _hang() -> None:
    while True:
        time.sleep(1)


def _print() -> None:
    os.write(1, b"a library prints to stdout\n")


def _eat() -> None:
    hoard = []
    while True:
        hoard.append(bytes(16 * 1024 * 1024))


def _raise() -> None:
    raise ValueError("odd object stream")


def _import() -> None:
    raise ImportError("regex.so: failed to map segment from shared object")
