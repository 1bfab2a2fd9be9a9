"""What the library works with: how files are found, read, split and indexed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from qa_core.index_builder import Indexing
from qa_core.intake import Parsing
from qa_core.survey import Discover


def utc_now() -> datetime:
    """The time that goes into the database."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Tools:
    """The steps of indexing that tests replace."""

    discover: Discover
    parsing: Parsing
    indexing: Indexing
    max_file_bytes: int
    lock_timeout_s: float = 600.0
    now: Callable[[], datetime] = utc_now
