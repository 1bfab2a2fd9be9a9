"""Writing so that a crash leaves either the old state or the new one, never a half."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)  # what a disk says that is full, or what one may have of it


def room_wanted(error: OSError) -> str | None:
    """What to do where a disk takes no more, or no file of that size; None where something else is wrong."""
    if error.errno == errno.EFBIG:
        return "Let files be larger (ulimit -f), or use a disk that takes larger ones"
    if error.errno == errno.EIO:
        return "Check the disk, and how much of it this user may fill"
    return "Free some disk space" if error.errno in FULL else None


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, where they are missing, for their owner alone."""
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        if path.parent == path:
            raise
        make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)


def write_file(path: Path, text: str, *, shared: bool = False) -> None:
    """Replace `path` by a file with `text` in one step; the folder is made if it is missing.

    Where it is a link, what that leads to is replaced, and the link stays; a device or FIFO is written into.
    A file that is there keeps its mode; a new one is its owner's alone, or `shared` as other programs' are.
    """
    if path.exists() and not path.is_file():  # before the link is followed: /dev/stdout leads to no file
        path.write_text(text, encoding="utf-8")
        return
    path = Path(os.path.realpath(path))
    if shared:
        path.parent.mkdir(parents=True, exist_ok=True)
    else:
        make_folder(path.parent)
    name = path.parent / f".{path.name}.{secrets.token_hex(4)}"
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if shared else 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            os.chmod(name, stat.S_IMODE(path.stat().st_mode))
        os.replace(name, path)
    except BaseException:
        name.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def move_folder(made: Path, place: Path) -> None:
    """Give the finished folder `made` its name `place` in one step, its contents on disk first."""
    sync_tree(made)
    os.replace(made, place)
    sync_folder(place.parent)


def sync_tree(top: Path) -> None:
    """Bring a folder with all that is in it to the disk."""
    for folder, _, names in os.walk(top):
        for name in names:
            _sync(Path(folder, name))
        sync_folder(Path(folder))


def move_file(made: Path, place: Path) -> None:
    """Give the finished file `made` its name `place` in one step, its contents on disk first."""
    _sync(made)
    os.replace(made, place)
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, where the system can do that."""
    if os.name == "posix":
        _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
