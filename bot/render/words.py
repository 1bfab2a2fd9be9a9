"""Words and figures as they are written in every text, safe wherever they end up. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from qa_core.indexing.file_names import UNPRINTABLE

# Escape sequences whole; then what is left of control characters (but tab and line breaks), and the
# marks that turn the direction of writing, which can make a line read as what it is not.
_CONTROL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    rf"|(?![\t\n\u2028\u2029]){UNPRINTABLE.pattern}"
)


def clean(text: str) -> str:
    """The text without escape sequences and control characters, for a terminal."""
    return _CONTROL.sub("", text)


def count(n: int, noun: str) -> str:
    """`1 manual`, `2 manuals`, `1,200 manuals`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def on_this_clock(at: str) -> str:
    """A time (ISO 8601 with its zone) on this machine's clock: `2026-11-01 11:00`."""
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"
