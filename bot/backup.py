"""A copy of all state in one file, and a home made of it again.

What can be made again from the rest is left out: indexes and exported models. So is what a retraining that
is under way has done so far: restored, it begins anew. The manuals' files stay where they are, but for
uploaded ones, which lie in the home; what was read of them is in the database.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePath

from bot.migrations import BOT
from qa_core.clock import utc_now
from qa_core.durable import make_folder, move_file, room_wanted, sync_folder, sync_tree
from qa_core.errors import BackupError
from qa_core.indexing.relocation import move_sources
from qa_core.installation import Installation
from qa_core.locks import held, is_held
from qa_core.migrations import QA_CORE
from qa_core.store import Store, damage_of
from training.migrations import TRAINING
from training.retraining.job_folder import JobFolder
from training.retraining.jobs import Ending, Jobs

FORMAT = 1
_ABOUT = "manualbot-backup.json"
_DATABASE = "manualbot.db"
_MADE_AGAIN = {"indexes", "runtimes"}
_PACKED_ALREADY = {".safetensors", ".png", ".pdf", ".docx"}  # compressing them takes time and saves little
_CHUNK = 1 << 20
_OF_DATA = (None, errno.EINVAL)  # what bz2 says, and what a place before a file's beginning leads to
_LENGTH_OF_END = 22  # bytes behind the list of a zip file's entries: they tell how many these are
_MANY = 0xFFFF  # entries or more, where these bytes have no room for the number
_WORK = ".manualbot-"  # how the folders begin that are filled beside the place of what is made
_LOCK = "held.lock"  # in such a folder, for as long as it is filled
_INTERRUPTED = Ending("cancelled", "It was under way when the backup was made. Start it again.")
_NOT_READABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,  # encrypted, or packed in a way that Python does not know
)


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself."""

    format: int
    version: str  # of manualbot
    made: str  # ISO 8601, UTC
    home: str  # absolute
    real_home: str  # the same without symbolic links
    release: str  # the current one


def back_up(installation: Installation, target: Path) -> Path:
    """Write all state into a new zip file, or into a folder under a name with the time; returns its path.

    The bot may go on answering meanwhile. The file appears whole or not at all, readable by its owner alone:
    it holds people's questions. Raises BackupError for a file that is there already or would lie in the home,
    a full disk, a damaged database, and where there is nothing to back up.
    """
    made = utc_now()
    if not installation.settings.database.is_file():
        raise BackupError(f"There is nothing in {installation.settings.home}. Check MANUALBOT_HOME")
    target = _free_place(target, installation.settings.home, made)
    with _explained(target), _temporary(target.absolute().parent) as work:
        partial = work / "backup.zip"
        with (
            zipfile.ZipFile(partial, "w", strict_timestamps=False) as archive,
            installation.releases.unchanging(),
        ):
            current = installation.releases.current().id
            home = installation.settings.home
            installation.store.copy_to(work / _DATABASE)
            _check_database(work / _DATABASE)
            archive.write(work / _DATABASE, _DATABASE, zipfile.ZIP_DEFLATED)
            about = About(
                FORMAT, version("manualbot"), made.isoformat(), str(home), str(home.resolve()), current
            )
            archive.writestr(_ABOUT, json.dumps(asdict(about), indent=1))
            for path in _files_of(home):
                _pack(archive, path, path.relative_to(home).as_posix())
        os.chmod(partial, 0o600)
        move_file(partial, target.absolute())
    return target


def _pack(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    packed = path.suffix.lower() in _PACKED_ALREADY
    try:
        archive.write(path, name, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)
    except UnicodeEncodeError as error:
        raise BackupError(f"The name of {path} is not valid UTF-8. Rename it, then try again") from error


def _free_place(target: Path, home: Path, made: datetime) -> Path:
    """The file that is to be written. Raises BackupError where it cannot be, or must not."""
    if target.is_symlink() and not target.exists():
        raise BackupError(f"{target} is a link to {os.readlink(target)}, which is not there. Name the file")
    if target.resolve().is_relative_to(home.resolve()):
        raise BackupError(f"{target} lies in {home}: it would be lost with it. Choose another place")
    if target.is_dir():
        target /= f"manualbot-{made:%Y%m%d-%H%M%S}.zip"
    if target.exists():
        raise BackupError(f"{target} exists already. Choose another name, or a folder")
    return target


def restore(path: Path, home: Path) -> About:
    """Make a home of a backup, where there is none; returns what the backup says of itself.

    Raises BackupError, and leaves the home as it was, for a home that is not empty, a file that is no
    backup, a damaged one, and one that a newer manualbot made.
    """
    with _explained(home):
        _sweep(home)
        _require_empty(home)
    with _explained(path), _readable(path), zipfile.ZipFile(_file(path)) as archive:
        _require_all_entries(path, archive)
        about = _about(path, archive)
        with _explained(home):
            _make_home(home, archive, about)
    return about


def _file(path: Path) -> Path:
    if path.exists() and not path.is_file():
        raise BackupError(f"{path} is no file. Give one that `manualbot backup` wrote")
    return path


def _make_home(home: Path, archive: zipfile.ZipFile, about: About) -> None:
    make_folder(home)
    with _temporary(home) as work:
        for member in archive.infolist():
            _extract(archive, member, work)
        _check_database(work / _DATABASE)
        _settle(work / _DATABASE, (Path(about.home), Path(about.real_home)), home.absolute())
        _put_in_place(work, home)


def _require_empty(home: Path, but: Path | None = None) -> None:
    found = sorted(each.name for each in home.glob("*") if each != but and each.name != "lost+found")
    if found:
        raise BackupError(
            f"{home} is not empty: {', '.join(found)}. Move it away, or set MANUALBOT_HOME to another folder"
        )


def _files_of(home: Path) -> Iterator[Path]:
    """All of the home's files that are kept, but for the database."""
    for top in sorted(home.iterdir()):
        if top.name in _MADE_AGAIN or not top.is_dir() or top.name.startswith("."):
            continue
        for path in sorted(top.rglob("*")):
            if path.is_file() and _is_kept(path.relative_to(home)):
                yield path


def _is_kept(path: Path) -> bool:
    if any(part.startswith(".") for part in path.parts) or path.suffix in (".lock", ".pid"):
        return False  # half written, or of a process
    if path.parts[0] == "jobs":
        return JobFolder.keeps(Path(*path.parts[2:]))
    return path != Path("parts", "seen.json")  # the times of files, which are others after a restore


def _require_all_entries(path: Path, archive: zipfile.ZipFile) -> None:
    """The list of the entries has no checksum: where a length in it is wrong, some are read as a comment."""
    with path.open("rb") as file:
        file.seek(-_LENGTH_OF_END - len(archive.comment), os.SEEK_END)
        n_entries = int.from_bytes(file.read(_LENGTH_OF_END)[10:12], "little")
    if n_entries != min(len(archive.infolist()), _MANY):
        raise zipfile.BadZipFile(f"{n_entries} entries were written, and {len(archive.infolist())} are found")


def _about(path: Path, archive: zipfile.ZipFile) -> About:
    names = set(archive.namelist())
    if not {_ABOUT, _DATABASE} <= names:
        raise BackupError(f"{path} is no backup of manualbot: {_ABOUT} or {_DATABASE} is not in it")
    record = json.loads(archive.read(_ABOUT))
    if _is_newer(record):
        raise BackupError(
            f"{path} was made by a newer manualbot ({record['version']}). Install that version to restore it"
        )
    types = {each.name: int if each.name == "format" else str for each in fields(About)}
    if not isinstance(record, dict) or {name: type(value) for name, value in record.items()} != types:
        raise BackupError(
            f"{path} is no backup of manualbot: {_ABOUT} in it is another file. Use another one"
        )
    return About(**record)


def _is_newer(record: object) -> bool:
    return (
        isinstance(record, dict)
        and isinstance(record.get("format"), int)
        and record["format"] > FORMAT
        and "version" in record
    )


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, work: Path) -> None:
    """One file; its checksum is checked on reading."""
    name = PurePath(member.filename)  # as this system reads it: on Windows `:` and `\` may lead elsewhere
    if member.is_dir() or member.filename == _ABOUT:
        return
    if name.anchor or ".." in name.parts:
        raise BackupError(f"{archive.filename} holds {member.filename!r}, which is no file of a home")
    place = work / name
    make_folder(place.parent)
    with archive.open(member) as source, place.open("wb") as file:
        shutil.copyfileobj(source, file, _CHUNK)


def _check_database(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = damage_of(connection)
    except sqlite3.DatabaseError as error:
        found = str(error)
        if "unable to open" in found:  # it was written a moment ago: SQLite takes no path of 500 characters
            raise BackupError(f"{path}: {found}. Use a folder with a shorter path") from error
    if found is None and path.stat().st_size == 0:
        found = "it is empty"
    if found is not None:
        raise BackupError(f"The database is damaged ({found}). Use an older backup")


def _settle(database: Path, old: Sequence[Path], new: Path) -> None:
    """Make a database that of its new home.

    Sources move with it, no retraining is under way, and what was being answered may have been posted since.
    """
    store = Store(database, (QA_CORE, TRAINING, BOT))
    try:
        move_sources(store, old, new)  # uploaded manuals lie in the home
        with store.transaction() as db:
            db.execute("UPDATE inbox SET doubtful = max(doubtful, 1) WHERE state = 'new'")
        jobs = Jobs(store)
        if (job := jobs.under_way()) is not None:
            jobs.end(job.id, job.owner, _INTERRUPTED)
    finally:
        store.close()
    Path(f"{database}.lock").unlink(missing_ok=True)


def _put_in_place(work: Path, home: Path) -> None:
    """Everything, the database last: where there is one, all the rest is there. Undone where that fails."""
    sync_tree(work)  # takes seconds, and what is killed meanwhile is in nobody's way
    _require_empty(home, but=work.parent)
    moved = []
    try:
        for each in sorted(work.iterdir(), key=lambda path: path.name == _DATABASE):
            if each.name == _DATABASE:
                sync_folder(home)
            moved.append(home / each.name)
            os.replace(each, home / each.name)
        sync_folder(home)
    except BaseException:
        for each in moved:
            shutil.rmtree(each) if each.is_dir() else each.unlink(missing_ok=True)
        raise


@contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    """An empty folder in `folder`, gone at the end. What killed processes have left there goes before."""
    _sweep(folder)
    with (
        tempfile.TemporaryDirectory(prefix=_WORK, dir=folder, ignore_cleanup_errors=True) as made,
        held(Path(made, _LOCK)),
    ):
        work = Path(made, "content")
        work.mkdir()
        yield work


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{_WORK}*"):
        if (left / _LOCK).is_file() and not is_held(left / _LOCK):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What zip files and their JSON say, as BackupError."""
    try:
        yield
    except (*_NOT_READABLE, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _OF_DATA:
            raise
        raise BackupError(
            f"{path} is no backup of manualbot, or damaged: {error}. Use another one"
        ) from error


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What disks say, as BackupError."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        next_step = room_wanted(error) or "Check the path"
        raise BackupError(f"{path}: {error.strerror or error}. {next_step}, then try again") from error
