"""The library: sources in, a searchable index of their manuals out, switched in one step."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qa_core.errors import IndexingError
from qa_core.indexing.builder import IndexBuilder, IndexSize
from qa_core.indexing.file_names import printable
from qa_core.indexing.intake import Intake, Progress, read_files
from qa_core.indexing.readings import left_out, reading_key
from qa_core.indexing.sources import Catalog, File, Source, known_source, load_catalog, named_sources
from qa_core.indexing.survey import Failure, survey
from qa_core.indexing.tools import Tools
from qa_core.inference.text_encoder import TextEncoder
from qa_core.locks import one_at_a_time
from qa_core.store import Store

if TYPE_CHECKING:
    from qa_core.index import Index


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file that is not indexed because another one has the same bytes."""

    path: str
    of: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A manual of which something was left out as data: pictures or keys as text, which nobody asks for."""

    path: str
    n_characters: int


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an indexing did, and what is in the index after it."""

    n_manuals: int
    n_sections: int
    n_passages: int
    n_new: int  # manuals that are new or have changed
    n_unchanged: int
    n_removed: int
    seconds: float
    failures: tuple[Failure, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """A source with what is indexed of it."""

    path: str
    kind: str
    n_manuals: int
    n_passages: int
    indexed_at: str
    left_out: tuple[LeftOut, ...] = ()


def quiet(_stage: str, _done: int, _total: int) -> None:
    """A progress callback that shows nothing."""


class Library:
    """The sources of one installation and their index for one encoder."""

    def __init__(self, home: Path, store: Store, encoder: TextEncoder, tools: Tools) -> None:
        """`encoder` may be one that opens on first use: nothing is embedded without need."""
        self._home = home
        self._store = store
        self._tools = tools
        self._builder = IndexBuilder(home / "indexes", store, encoder, tools.indexing)

    def add(self, paths: Sequence[Path], progress: Progress = quiet) -> IndexReport:
        """Index these sources: new ones, known ones again, and the sources that hold a path.

        Raises SourceError for a path that does not exist, before anything is done, and
        IndexingError if nothing at all could be indexed; then all stays as it was.
        """
        named_sources(paths, load_catalog(self._store))
        with self._alone(progress):
            catalog = load_catalog(self._store)
            return self._index(catalog, named_sources(paths, catalog), progress)

    def refresh(self, progress: Progress = quiet) -> IndexReport:
        """Index all sources again. One that is gone is reported as a failure and keeps its manuals."""
        with self._alone(progress):
            catalog = load_catalog(self._store)
            if not catalog.sources:
                raise IndexingError("There are no sources yet. Add one: manualbot index PATH")
            return self._index(catalog, catalog.sources, progress)

    def remove(self, path: Path, progress: Progress = quiet) -> IndexReport:
        """Take a source and its manuals out; the files themselves stay. Raises SourceError if unknown."""
        started = time.monotonic()
        with self._alone(progress):
            before = load_catalog(self._store)
            source = known_source(path, before)
            intake = read_files(before.without(source.path), (), self._store, self._tools.parsing, progress)
            size = self._builder.switch(intake.catalog, progress, self._now())
        return _report(before, intake, size, left_out(self._store), started)

    def ensure_index(self, progress: Progress = quiet) -> IndexReport:
        """Bring this encoder's index up to today's manuals; does nothing if it is."""
        started = time.monotonic()
        with self._alone(progress):
            catalog = load_catalog(self._store)
            size = self._builder.switch(catalog, progress, self._now())
        return _report(catalog, Intake(catalog, 0), size, left_out(self._store), started)

    def sources(self) -> tuple[SourceSummary, ...]:
        """All sources, in the order of their paths."""
        catalog = load_catalog(self._store)
        n_passages, n_left_out = self._builder.passage_counts(), left_out(self._store)
        return tuple(_summary(source, catalog, n_passages, n_left_out) for source in catalog.sources)

    def file_at(self, path: Path) -> File | None:
        """What the last indexing saw of the file at `path`; None where it looked at none there."""
        return load_catalog(self._store).file_at(path)

    def open_index(self) -> Index:
        """The current index of this encoder. Raises IndexingError if there is none."""
        return self._builder.open_current()

    def is_current(self) -> bool:
        """Whether the index is one of today's manuals, read and split as this version does."""
        version = self._tools.parsing.version
        return self._builder.is_current() and all(
            file.reading == reading_key(file, version)
            for file in load_catalog(self._store).files
            if file.reading and file.reading_digest == file.digest and not file.reason
        )

    def forget_encoders(self, keep: Sequence[str]) -> None:
        """Drop the indexes and vectors of encoders that no release needs any more."""
        with self._alone(quiet):
            self._builder.forget_encoders(keep)

    def _index(self, before: Catalog, wanted: Sequence[Source], progress: Progress) -> IndexReport:
        started = time.monotonic()
        found, failures = self._survey(before, wanted)
        gone = {failure.path for failure in failures}
        within_reach = {source.path for source in wanted if source.path not in gone}
        intake = read_files(found, within_reach, self._store, self._tools.parsing, progress)
        failures += _file_failures(intake.catalog, wanted)
        _refuse_empty(intake.catalog, failures)
        size = self._builder.switch(intake.catalog, progress, self._now())
        report = _report(before, intake, size, left_out(self._store), started)
        return replace(report, failures=failures)

    def _survey(self, before: Catalog, wanted: Sequence[Source]) -> tuple[Catalog, tuple[Failure, ...]]:
        sources: list[Source] = []
        files: list[File] = []
        failures: tuple[Failure, ...] = ()
        for source in wanted:
            known = before.files_of(source)
            found = survey(
                source, known, self._tools.discover, self._tools.max_file_bytes, self._home.resolve()
            )
            failures += found.failures
            reached = source.path not in {failure.path for failure in found.failures}
            indexed_at = self._now() if reached else source.indexed_at
            sources.append(replace(source, indexed_at=indexed_at))
            files += found.files
        return before.with_sources(sources, files), failures

    def _alone(self, progress: Progress) -> AbstractContextManager[None]:
        return one_at_a_time(
            self._home / "index.lock",
            "Indexing",
            self._tools.lock_timeout_s,
            lambda holder: progress(f"waiting for {holder}", 0, 0),
        )

    def _now(self) -> str:
        return self._tools.now().isoformat(timespec="seconds")


def _summary(
    source: Source, catalog: Catalog, n_passages: dict[str, int], n_left_out: dict[str, int]
) -> SourceSummary:
    files = catalog.files_of(source)
    readings = [file.reading for file in files if file.reading]
    total = sum(n_passages.get(reading, 0) for reading in readings)
    gaps = _left_out(catalog, files, n_left_out)
    return SourceSummary(source.path, source.kind, len(readings), total, source.indexed_at, gaps)


def _left_out(catalog: Catalog, files: Sequence[File], n_left_out: dict[str, int]) -> tuple[LeftOut, ...]:
    return tuple(
        LeftOut(str(catalog.base_of(file) / file.path), n_left_out[file.reading])
        for file in files
        if file.reading in n_left_out
    )


def _file_failures(catalog: Catalog, sources: Sequence[Source]) -> tuple[Failure, ...]:
    return tuple(
        Failure(str(source.base / file.path), file.reason)
        for source in sources
        for file in catalog.files_of(source)
        if file.reason
    )


def _refuse_empty(catalog: Catalog, failures: tuple[Failure, ...]) -> None:
    if catalog.readings:
        return
    reasons = "".join(f"\n  {printable(failure.path)}: {failure.reason}" for failure in failures)
    raise IndexingError(
        "Nothing could be indexed; all stays as it was. "
        f"Manuals are PDF, DOCX, HTML, Markdown or text files.{reasons}"
    )


def _report(
    before: Catalog, intake: Intake, size: IndexSize, n_left_out: dict[str, int], started: float
) -> IndexReport:
    after = intake.catalog
    present = {(file.source, file.path) for file in after.files}
    removed = [file for file in before.files if file.reading and (file.source, file.path) not in present]
    duplicates = tuple(
        Duplicate(str(after.base_of(file) / file.path), file.duplicate_of)
        for file in after.files
        if file.duplicate_of
    )
    return IndexReport(
        size.n_manuals,
        size.n_sections,
        size.n_passages,
        n_new=intake.n_read,
        n_unchanged=size.n_manuals - intake.n_read,
        n_removed=len(removed),
        seconds=time.monotonic() - started,
        duplicates=duplicates,
        left_out=_left_out(after, after.files, n_left_out),
    )
