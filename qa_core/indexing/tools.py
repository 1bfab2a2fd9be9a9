"""What the library works with: how files are found, read, split and indexed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qa_core.clock import utc_now
from qa_core.documents import PARSER_VERSION
from qa_core.indexing.builder import Indexing
from qa_core.indexing.discovery import discover
from qa_core.indexing.intake import Parser, Parsing
from qa_core.indexing.survey import Discover
from qa_core.inference.text_encoder import Vectors
from qa_core.passages import SPLITTER_VERSION, split_passages
from qa_core.settings import Settings
from qa_core.types import Passage

if TYPE_CHECKING:
    from qa_core.index import Index

_MEGABYTE = 1024 * 1024
_INDEX_VERSION = (
    "2"  # changes when index_files.py would embed other texts, count other words, write other files
)


@dataclass(frozen=True, slots=True)
class Tools:
    """The steps of indexing that tests replace."""

    discover: Discover
    parsing: Parsing
    indexing: Indexing
    max_file_bytes: int
    lock_timeout_s: float = 600.0
    now: Callable[[], datetime] = utc_now


def standard_tools(settings: Settings) -> Tools:
    """What the project itself brings, under the limits of the settings."""
    limits = f"{settings.max_file_mb} MB, {settings.parse_timeout_s} s, {settings.parse_memory_mb} MB"
    version = f"{SPLITTER_VERSION}.{_INDEX_VERSION}"
    return Tools(
        discover=discover,
        parsing=Parsing(PARSER_VERSION, f"{PARSER_VERSION}; {limits}", lambda: _open_parser(settings)),
        indexing=Indexing(version, split_passages, _embedding_text, _write_index, _open_index),
        max_file_bytes=settings.max_file_mb * _MEGABYTE,
    )


# An indexing that finds nothing new needs none of the modules below.


def _open_parser(settings: Settings) -> AbstractContextManager[Parser]:
    from qa_core.indexing.parsing import Limits, ParserProcess  # noqa: PLC0415

    return ParserProcess(
        Limits(settings.parse_timeout_s, settings.parse_memory_mb, settings.max_file_mb * _MEGABYTE)
    )


def _embedding_text(passage: Passage) -> str:
    from qa_core.index_files import embedding_text  # noqa: PLC0415

    return embedding_text(passage)


def _write_index(passages: Sequence[Passage], vectors: Vectors, folder: Path) -> None:
    from qa_core.index_files import write_index  # noqa: PLC0415

    write_index(passages, vectors, folder)


def _open_index(folder: Path) -> Index:
    from qa_core.index import Index  # noqa: PLC0415

    return Index.open(folder)
