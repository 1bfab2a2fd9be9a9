"""What an index folder holds, so that a missing, cut or altered file is noticed."""

from __future__ import annotations

import json
from pathlib import Path

from qa_core.errors import IndexingError, is_of_memory
from qa_core.inference.checkpoint import file_sha256

INDEX_VERSION = 1  # of the files' layout and meaning
_NAME = "manifest.json"


def write_manifest(folder: Path) -> None:
    """List every file of the folder with its sha256; written last, it says that the index is whole."""
    files = {path.relative_to(folder).as_posix(): file_sha256(path) for path in _files(folder)}
    record = {"version": INDEX_VERSION, "files": files}
    (folder / _NAME).write_text(json.dumps(record, indent=1), encoding="utf-8")


def check_files(folder: Path) -> None:
    """Raises IndexingError if the folder is no index, of another version, damaged, or another user's."""
    try:
        if not folder.is_dir():
            raise IndexingError(f"No index at {folder}. Build one: manualbot index")
        record = json.loads((folder / _NAME).read_text(encoding="utf-8"))
        version, files = record["version"], dict(record["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable(folder, _NAME, error) from error
    if version != INDEX_VERSION:
        raise IndexingError(
            f"The index in {folder} has version {version}, this program reads {INDEX_VERSION}. "
            "Build it again: manualbot index"
        )
    for name, digest in files.items():
        _check_file(folder, name, digest)


def is_whole(folder: Path) -> bool:
    """Whether it holds an index that can be opened; every byte is read, 250 MB in a quarter of a second."""
    try:
        check_files(folder)
    except IndexingError:
        return False
    return True


def _check_file(folder: Path, name: str, digest: str) -> None:
    try:
        is_as_written = file_sha256(folder / name) == digest
    except OSError as error:
        raise _unusable(folder, name, error) from error
    if not is_as_written:
        raise _damaged(folder, f"{name} is altered")


def _unusable(folder: Path, name: str, error: Exception) -> IndexingError:
    if isinstance(error, PermissionError):  # as where another user has indexed
        return IndexingError(
            f"The index in {folder} cannot be read: {error.strerror}. Give this user MANUALBOT_HOME and what "
            "is in it, then try again"
        )
    if is_of_memory(error):
        return too_little_memory(folder, error)
    return _damaged(folder, f"{name} is {_state(error)}")


def too_little_memory(folder: Path, error: Exception) -> IndexingError:
    """For an index that may be sound, and that there is no memory to read."""
    return IndexingError(
        f"The index in {folder} cannot be read for want of memory ({error}). Free some, then try again"
    )


def _damaged(folder: Path, state: str) -> IndexingError:
    return IndexingError(f"The index in {folder} is damaged ({state}). Build it again: manualbot index")


def _state(error: Exception) -> str:
    """What is wrong with a file, without its content."""
    if isinstance(error, FileNotFoundError):
        return "missing"
    return f"unreadable: {error.strerror}" if isinstance(error, OSError) else "altered"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _NAME)
