"""Sources (the files and folders that hold the manuals) and what was last seen of their files."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Literal

from sqlite_utils import Database

from qa_core.errors import SourceError
from qa_core.store import Store


@dataclass(frozen=True, slots=True)
class Source:
    """A folder or a file that is indexed."""

    path: str  # absolute
    kind: Literal["folder", "file"]
    indexed_at: str = ""  # ISO 8601, UTC; empty before the first time

    @property
    def base(self) -> Path:
        """The folder that the paths of the source's files are relative to."""
        return Path(self.path) if self.kind == "folder" else Path(self.path).parent


@dataclass(frozen=True, slots=True)
class File:
    """What was last seen of one file of a source."""

    source: str
    path: str  # relative to the source's base, POSIX
    size: int
    mtime_ns: int  # when it was written, or else changed or put there, whatever was last
    digest: str  # sha256 of the bytes; empty where they could not be read
    attempt: str = ""  # version and limits of the parser that last tried; empty before the first time
    reason: str | None = None  # why that failed
    reading: str | None = None  # key of the reading that the index serves
    reading_digest: str | None = None  # of the bytes that it was made from
    duplicate_of: str | None = None  # the indexed file with the same bytes, absolute


@dataclass(frozen=True, slots=True)
class Catalog:
    """All sources and their files at one moment; what is indexed follows from it."""

    sources: tuple[Source, ...] = ()  # in the order of their paths
    files: tuple[File, ...] = ()  # in the order of their sources and paths

    def files_of(self, source: Source) -> tuple[File, ...]:
        """The files of one source."""
        by_path = attrgetter("source")
        first = bisect_left(self.files, source.path, key=by_path)
        return self.files[first : bisect_right(self.files, source.path, key=by_path)]

    def base_of(self, file: File) -> Path:
        """The folder that a file's path is relative to."""
        return next(source.base for source in self.sources if source.path == file.source)

    def file_at(self, path: Path) -> File | None:
        """What was last seen of the file at `path`; None where it is none of a source's."""
        place = _real(path)
        return next((file for file in self.files if _real(self.base_of(file) / file.path) == place), None)

    def with_sources(self, sources: Sequence[Source], files: Iterable[File]) -> Catalog:
        """A catalog in which these sources and their files have taken the place of the earlier ones."""
        rest = self.without(*(source.path for source in sources))
        return Catalog(
            tuple(sorted((*rest.sources, *sources), key=lambda source: source.path)),
            tuple(sorted((*rest.files, *files), key=lambda file: (file.source, file.path))),
        )

    def with_files(self, files: Iterable[File]) -> Catalog:
        """A catalog in which these files are described anew."""
        changed = {(file.source, file.path): file for file in files}
        return replace(self, files=tuple(changed.get((f.source, f.path), f) for f in self.files))

    def without(self, *paths: str) -> Catalog:
        """A catalog without these sources."""
        gone = frozenset(paths)
        return Catalog(
            tuple(source for source in self.sources if source.path not in gone),
            tuple(file for file in self.files if file.source not in gone),
        )

    @property
    def readings(self) -> tuple[str, ...]:
        """The keys of everything that is indexed, in order."""
        return tuple(file.reading for file in self.files if file.reading is not None)


def load_catalog(store: Store) -> Catalog:
    """The catalog as it was last saved."""
    return Catalog(
        tuple(
            Source(**row) for row in store.rows("SELECT path, kind, indexed_at FROM sources ORDER BY path")
        ),
        tuple(File(**row) for row in store.rows("SELECT * FROM files ORDER BY source, path")),
    )


def save_catalog(db: Database, catalog: Catalog) -> None:
    """Put `catalog` in the place of the earlier one; inside a transaction."""
    db.execute("DELETE FROM files")
    db.execute("DELETE FROM sources")
    _insert(db, "sources", [asdict(source) for source in catalog.sources])
    _insert(db, "files", [asdict(file) for file in catalog.files])


def named_sources(paths: Sequence[Path], catalog: Catalog) -> tuple[Source, ...]:
    """The sources that a person means by `paths`: known ones, those that hold a path, and new ones.

    Raises SourceError for a path that does not exist, for a folder that holds a known source, and for a new
    source whose path is no text.
    """
    known = {_real(source.path): source for source in reversed(catalog.sources)}
    named: dict[str, Source] = {}
    for path in sorted(Path(os.path.abspath(path)) for path in paths):
        source = _holder(path, known) or _new_source(path, known)
        known.setdefault(_real(source.path), source)
        named[source.path] = source
    return tuple(named.values())


def known_source(path: Path, catalog: Catalog) -> Source:
    """The source with exactly this path. Raises SourceError with those that there are."""
    wanted = os.path.abspath(path)
    for source in catalog.sources:
        if source.path == wanted:
            return source
    known = ", ".join(source.path for source in catalog.sources) or "none yet"
    raise SourceError(f"{wanted} is not a source. The sources: {known}")


def _holder(path: Path, known: Mapping[Path, Source]) -> Source | None:
    """The source that a path lies in; `known` are sources by where they really lie."""
    if not os.path.exists(path):
        raise SourceError(f"{path} does not exist. {_hint(path, known.values())}")
    place = _real(path)
    return next((known[each] for each in (place, *place.parents) if each in known), None)


def _hint(path: Path, known: Iterable[Source]) -> str:
    if str(path) in {source.path for source in known}:
        return f"Its manuals are kept; take them out with: manualbot sources remove {path}"
    return "Check the path; nothing was changed"


def _new_source(path: Path, known: Mapping[Path, Source]) -> Source:
    is_folder = path.is_dir()
    place = _real(path)
    held = next((known[each] for each in known if is_folder and each.is_relative_to(place)), None)
    if held is not None:
        raise SourceError(
            f"{path} holds the source {held.path}. Take that out first: manualbot sources remove {held.path}"
        )
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise SourceError(f"{str(path)!r} is not valid UTF-8. Rename it; nothing was changed") from None
    return Source(str(path), "folder" if is_folder else "file")


def _real(path: str | Path) -> Path:
    """Without links; a loop of links stays as it is."""
    return Path(os.path.realpath(path))


def _insert(db: Database, table: str, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        columns = ", ".join(rows[0])
        values = ", ".join(f":{column}" for column in rows[0])
        db.conn.executemany(f"INSERT INTO {table} ({columns}) VALUES ({values})", rows)  # noqa: S608
