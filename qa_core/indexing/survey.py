"""What has changed in a source since it was last seen, without parsing anything."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from qa_core.indexing.file_names import printable
from qa_core.indexing.sources import File, Source

Discover = Callable[[Path], "Discovery"]


_EMPTY = (
    "is empty; is its drive mounted? Its manuals are kept as they were; to take them out, delete the folder"
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A file or a whole source that could not be indexed."""

    path: str  # absolute
    reason: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """The candidate files under a source, and the folders that could not be looked into."""

    files: tuple[Path, ...]
    unreadable: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """The files of a source as they are now; `failures` are those of the source, not of its files."""

    files: tuple[File, ...]
    failures: tuple[Failure, ...] = ()


def survey(
    source: Source, known: Iterable[File], discover: Discover, max_bytes: int, left_out: Path
) -> Survey:
    """Look at a source; `known` is what was seen of it before, `left_out` a folder of our own
    whose files are no manuals, unless the source itself lies in it.

    A source that is gone or suddenly empty keeps what it had: an unmounted share must not cost
    its manuals. So do folders in it that cannot be looked into, and those that are there and empty now.
    """
    before = {file.path: file for file in known}
    path = Path(source.path)
    if not os.path.exists(path):
        return _kept(source, before, "does not exist; is its drive mounted?")
    if path.is_dir() != (source.kind == "folder"):
        return _kept(source, before, f"is no {source.kind} any more.")
    discovery = discover(path)
    ours = left_out in Path(os.path.realpath(path)).parents  # a source that we keep ourselves
    found = [p for p in discovery.files if ours or not Path(os.path.realpath(p)).is_relative_to(left_out)]
    if not found and not discovery.unreadable:
        return _kept(source, before, "no manuals found in it; is its drive mounted?")
    files = {file.path: file for p in found if (file := _look(source, p, before, max_bytes))}
    for failure in discovery.unreadable:
        folder = Path(failure.path).relative_to(source.base)
        files |= {p: f for p, f in before.items() if Path(p).is_relative_to(folder) and p not in files}
    emptied = _emptied(source, before, files)
    files |= {p: before[p] for paths in emptied.values() for p in paths}
    return Survey(
        tuple(files.values()), (*discovery.unreadable, *(Failure(str(each), _EMPTY) for each in emptied))
    )


def _emptied(
    source: Source, before: Mapping[str, File], files: Mapping[str, File]
) -> dict[Path, tuple[str, ...]]:
    """The folders below a source that are there and empty, with the manuals that lay in them, but for those
    that are elsewhere in it now.
    """
    there = {file.digest for file in files.values()}
    emptied: dict[Path, tuple[str, ...]] = {}
    for path, file in before.items():
        if path in files or file.digest in there or not (file.reading or file.duplicate_of):
            continue
        folder = next(each for each in (source.base / path).parents if each.is_dir())
        if folder != source.base and not os.listdir(folder):
            emptied[folder] = (*emptied.get(folder, ()), path)
    return emptied


def _kept(source: Source, before: Mapping[str, File], reason: str) -> Survey:
    if any(file.reading for file in before.values()):
        name = printable(source.path)
        reason += f" Its manuals are kept as they were; to take them out: manualbot sources remove {name}"
    return Survey(tuple(before.values()), (Failure(source.path, reason),))


def _look(source: Source, path: Path, before: Mapping[str, File], max_bytes: int) -> File | None:
    """The file as it is now, or None if it has just gone."""
    name = Path(os.path.abspath(path)).relative_to(source.base).as_posix()
    old = before.get(_storable(name), File(source.path, _storable(name), -1, -1, ""))
    if name != _storable(name):
        return _failed(old, "its name is not valid UTF-8; rename it")
    try:
        stat = path.stat()
        changed_ns = max(stat.st_mtime_ns, stat.st_ctime_ns)  # a copy may bring an old time with it
        if (stat.st_size, changed_ns) == (old.size, old.mtime_ns) and old.digest:
            return old
        new = replace(old, size=stat.st_size, mtime_ns=changed_ns)
        if stat.st_size > max_bytes:
            return _failed(new, _too_large(stat.st_size, max_bytes))
        digest = _digest(path)
        return replace(new, digest=digest, attempt=old.attempt if digest == old.digest else "")
    except FileNotFoundError:
        return _failed(old, "is a link to nothing") if path.is_symlink() else None
    except OSError as error:
        return _failed(old, f"cannot be read: {error.strerror or error}")


def _failed(file: File, reason: str) -> File:
    return replace(file, digest="", attempt="", reason=reason, duplicate_of=None)


def _too_large(size: int, max_bytes: int) -> str:
    megabyte = 1024 * 1024
    return (
        f"{size / megabyte:.1f} MB large, the limit is {max_bytes / megabyte:.1f} MB; "
        "split it, or raise MANUALBOT_MAX_FILE_MB"
    )


def _storable(name: str) -> str:
    return name.encode("utf-8", "replace").decode("utf-8")


def _digest(path: Path) -> str:
    if not path.is_file():
        raise OSError("is no regular file any more")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
