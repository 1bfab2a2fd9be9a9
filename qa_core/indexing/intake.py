"""Reading what a survey found: every file at most once, duplicates not at all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from qa_core.errors import DocumentError, ParserStartError, TransientDocumentError
from qa_core.indexing.readings import has_reading, reading_key, save_reading
from qa_core.indexing.sources import Catalog, File
from qa_core.store import Store
from qa_core.types import ParsedManual

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]  # (stage, done, of how many)


class Parser(Protocol):
    """Reads files; `qa_core.indexing.parsing.ParserProcess`, or a test's fake."""

    def read(self, path: Path, root: Path) -> ParsedManual:
        """The manual in a file of the source `root`. Raises DocumentError with the reason."""


@dataclass(frozen=True, slots=True)
class Parsing:
    """How files are read. `attempt` names version and limits: what failed under it will fail again; with a
    TransientDocumentError, what did so twice."""

    version: str
    attempt: str
    open_parser: Callable[[], AbstractContextManager[Parser]]


@dataclass(frozen=True, slots=True)
class Intake:
    """The catalog once every file is read, a duplicate, or failed."""

    catalog: Catalog
    n_read: int  # files whose content is new


def read_files(
    catalog: Catalog, within_reach: Collection[str], store: Store, parsing: Parsing, progress: Progress
) -> Intake:
    """Read what has changed in the sources `within_reach`, and duplicates whose original has gone."""
    with ExitStack() as stack:
        reader = _Reader(store, parsing, stack)
        files: list[File] = []
        originals: dict[str, str] = {}  # digest → absolute path of the file that is indexed
        waiting = list(_incumbents_first(catalog, parsing.version))
        for i, file in enumerate(waiting):
            progress("reading", i, len(waiting))
            path = str(catalog.base_of(file) / file.path)
            done = _settle(file, originals, parsing)
            if done is None and (file.source in within_reach or file.duplicate_of):
                done = reader.read(file, Path(path), Path(file.source))
            done = done or file
            if done.reading and done.reading_digest == done.digest:
                originals.setdefault(done.digest, path)
            files.append(done)
        progress("reading", len(waiting), len(waiting))
    return Intake(catalog.with_files(_once(files, originals)), reader.n_read)


def _incumbents_first(catalog: Catalog, version: str) -> Iterator[File]:
    """Files that are indexed keep their place; among the others the first in order is the original."""
    yield from sorted(catalog.files, key=lambda file: file.reading != reading_key(file, version))


def _settle(file: File, originals: dict[str, str], parsing: Parsing) -> File | None:
    """The file if nothing has to be read for it, else None."""
    if not file.digest:
        return _kept(file)
    if file.digest in originals:
        return replace(
            file,
            reading=None,
            reading_digest=None,
            reason=None,
            attempt="",
            duplicate_of=originals[file.digest],
        )
    if file.reading == reading_key(file, parsing.version):
        return replace(file, reason=None, duplicate_of=None)
    if file.reason and file.attempt == parsing.attempt:
        return file
    return None


class _Reader:
    """Starts the parser with the first file that needs it."""

    def __init__(self, store: Store, parsing: Parsing, stack: ExitStack) -> None:
        self._store, self._parsing, self._stack = store, parsing, stack
        self._parser: Parser | None = None
        self.n_read = 0

    def read(self, file: File, path: Path, root: Path) -> File:
        version = self._parsing.version
        tried = replace(file, attempt=self._parsing.attempt, reason=None, duplicate_of=None)
        try:
            if not has_reading(self._store, reading_key(file, version)):
                parsed = self._parse(path, root)
                tried = replace(tried, digest=parsed.manual.digest)  # it may have changed meanwhile
                save_reading(self._store, reading_key(tried, version), parsed)
        except DocumentError as error:
            log.info("Not indexed: %s: %s", path, error)
            return _kept(_failed(file, error, self._parsing.attempt))
        self.n_read += 1
        return replace(tried, reading=reading_key(tried, version), reading_digest=tried.digest)

    def _parse(self, path: Path, root: Path) -> ParsedManual:
        if self._parser is None:
            self._parser = self._stack.enter_context(self._parsing.open_parser())
        parsed = self._parser.read(path, root)
        if not any(section.text.strip() for section in parsed.sections):
            raise DocumentError("no text in it")
        return parsed


KEPT = "; its earlier version stays in the index"
GIVEN_UP = "; tried twice, it is not tried again before it, a limit or manualbot's version changes"
_ONCE = "; once"  # behind the attempt that may go better the next time


def _failed(file: File, error: DocumentError, attempt: str) -> File:
    """The file with the reason, and whether it is tried again; `file` is as it was before."""
    reason = str(error)
    if isinstance(error, ParserStartError):
        attempt = file.attempt
    elif isinstance(error, TransientDocumentError):
        if file.attempt == attempt + _ONCE:
            reason += GIVEN_UP
        else:
            attempt += _ONCE
    return replace(file, reason=reason, attempt=attempt, duplicate_of=None)


def _kept(file: File) -> File:
    """A file that failed, its reason saying whether an earlier version is served."""
    reason = (file.reason or "").removesuffix(KEPT)
    return replace(file, reason=reason + KEPT if file.reading else reason)


def _once(files: list[File], originals: dict[str, str]) -> Iterator[File]:
    """Drop the earlier version of a file that failed where another file now holds the same bytes."""
    for file in files:
        outdated = file.reading is not None and file.reading_digest != file.digest
        if outdated and file.reading_digest in originals:
            reason = (file.reason or "").removesuffix(KEPT)
            yield replace(file, reading=None, reading_digest=None, reason=reason or None)
        else:
            yield file
