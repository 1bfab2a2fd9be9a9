"""The database: connections, transactions and migrations. Tables belong to the packages that use them."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import sqlite3
import threading
import time
import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlite_utils import Database, Migrations

from qa_core.durable import make_folder
from qa_core.errors import StoreError
from qa_core.migrations import QA_CORE

log = logging.getLogger(__name__)

_NOT_WRITTEN = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_TRUNCATE")
_LONGEST_PATH = 500  # bytes; SQLite's limit is 512 with what the names of the files beside it add
_LEAST_FREE_BYTES = 1_000_000  # the file beside the database grows by 32 KB, its log by more

AT_ONCE = 250  # rows, with what hangs on them, that long work changes in one transaction
_PAUSE_S = 0.1  # SQLite looks as often whether it may write

Parameters = Sequence[Any] | dict[str, Any]


class Store:
    """One SQLite file in WAL mode, usable from any number of threads and processes.

    Each thread has its own connection. `migrations` are the sets of the packages in use; sets of
    other packages that the file holds are left alone. A file that was removed, or replaced by another one,
    while it was open is used no more: what is written to it would be lost without a sign. (Bytes copied over
    it in place are not noticed; never do that while a manualbot runs.)
    """

    def __init__(
        self, path: Path, migrations: Sequence[Migrations] = (QA_CORE,), busy_timeout_s: float = 30.0
    ) -> None:
        """Open the file, or create it, and bring its tables up to date.

        Raises StoreError if it is damaged, of a newer version than this code, or cannot be opened.
        """
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._local = threading.local()
        self._open: weakref.WeakSet[_Connection] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._file: tuple[int, int] | None = None  # which one was opened
        try:
            make_folder(path.parent)
            with _explained(path), FileLock(f"{path}.lock", timeout=120):
                _make_private(path)
                self._migrate(migrations)
                self._file = _file_id(path)
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror or error}. {_next_step(error, path)}") from error
        except BaseException:
            self.close()
            raise

    @property
    def db(self) -> Database:
        """The calling thread's connection. Write through `transaction()`.

        Raises StoreError where another file has taken the place of the one that was opened, or none.
        """
        return self._connection().db

    def _connection(self) -> _Connection:
        if self._file is not None and _file_id(self.path) != self._file:
            raise StoreError(
                f"{self.path} was removed or replaced while it was open: nothing more is written to it. "
                "Start manualbot again"
            )
        connection: _Connection | None = getattr(self._local, "connection", None)
        if connection is None or connection.closed:
            connection = _Connection(self.path, self._busy_timeout_s)
            self._local.connection = connection
            with self._lock:
                self._open.add(connection)
        return connection

    @contextmanager
    def _in_use(self) -> Iterator[Database]:
        """The calling thread's connection, which nobody closes meanwhile; errors are explained."""
        with _explained(self.path):
            while not (connection := self._connection()).begin_use():
                pass  # it was closed just now: the next one is new
            try:
                yield connection.db
            finally:
                connection.end_use()

    def copy_to(self, path: Path) -> None:
        """Copy the database as it is at one moment into a new file, while others write on.

        Raises OSError where the new file cannot be written.
        """
        with self._in_use() as db, closing(sqlite3.connect(path)) as copy:
            try:
                db.conn.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, whoever opens it
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname not in _NOT_WRITTEN:
                    raise
                full = error.sqlite_errorname == "SQLITE_FULL"
                raise OSError(errno.ENOSPC if full else errno.EIO, str(error), str(path)) from error

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """Everything inside happens, or nothing; no other writer comes between a read and a write.

        Inside another transaction of this thread it becomes a part of that one.
        """
        with self._in_use() as db:
            if db.conn.in_transaction:
                with db.atomic():
                    yield db
                return
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                db.rollback()
                raise

    def give_way(self) -> None:
        """Let others write, between two transactions of long work."""
        if not self.db.conn.in_transaction:
            time.sleep(_PAUSE_S)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[dict[str, Any]]:
        """What a SELECT finds, each row by its columns' names."""
        with self._in_use() as db:
            cursor = db.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def write_nothing(self) -> None:
        """Write a page as it is. Raises StoreError where nothing can be written."""
        with self.transaction() as db:
            [version] = db.execute("PRAGMA user_version").fetchone()
            db.execute(f"PRAGMA user_version = {version}")  # what changes nothing would write nothing

    def damage(self) -> str | None:
        """What SQLite finds wrong with the file, see `damage_of`."""
        with self._in_use() as db:
            return damage_of(db.conn)

    def close(self) -> None:
        """Close the connections of all threads; a thread that comes again gets a new one.

        One that a thread is using is closed when that is done: SQLite would crash if it were taken away.
        """
        with self._lock:
            for connection in list(self._open):
                connection.close()
            self._open.clear()

    def _migrate(self, migrations: Sequence[Migrations]) -> None:
        for migration_set in migrations:
            self._refuse_newer(migration_set)
        for migration_set in migrations:
            names = [migration.name for migration in migration_set.pending(self.db)]
            if names:
                with self.transaction() as db:
                    migration_set.apply(db)
                log.info("Migrated %s: %s", migration_set.name, ", ".join(names))

    def _refuse_newer(self, migration_set: Migrations) -> None:
        with Database(memory=True) as empty:
            known = {migration.name for migration in migration_set.pending(empty)}
        applied = {migration.name for migration in migration_set.applied(self.db)}
        if applied - known:
            raise StoreError(
                f"{self.path} was written by a newer manualbot ({max(applied - known)} of "
                f"{migration_set.name} is unknown here). Install that version again, or set "
                "MANUALBOT_HOME to another folder"
            )


class _Connection:
    """A thread's connection, closed at the latest when the thread is gone."""

    def __init__(self, path: Path, busy_timeout_s: float) -> None:
        connection = sqlite3.connect(
            path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        self.closed = False
        self._is_unwanted = False
        self._n_uses = 0  # by its thread, one in another
        self._using = threading.RLock()
        self._finalizer = weakref.finalize(self, connection.close)
        connection.execute("PRAGMA journal_mode = WAL")
        # What Slack was told to have arrived outlasts a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        self.db = Database(connection, execute_plugins=False)

    def begin_use(self) -> bool:
        """Keep it open until `end_use`; false where it is closed."""
        self._using.acquire()
        if self.closed:
            self._using.release()
            return False
        self._n_uses += 1
        return True

    def end_use(self) -> None:
        """It may be closed; it is, where somebody wanted that meanwhile."""
        self._n_uses -= 1
        if self._is_unwanted and not self._n_uses:
            self._close()
        self._using.release()

    def close(self) -> None:
        """Close it: now, or when the thread that is using it is done."""
        self._is_unwanted = True
        if self._using.acquire(blocking=False):
            try:
                if not self._n_uses:
                    self._close()
            finally:
                self._using.release()

    def _close(self) -> None:
        self.closed = True
        self._finalizer()


def among(column: str, values: Collection[str] | None) -> tuple[str, dict[str, str]]:
    """The condition that a column has one of the values, with its parameters; None: whatever it has."""
    if values is None:
        return "TRUE", {}
    return f"{column} IN (SELECT value FROM json_each(:among))", {"among": json.dumps(list(values))}  # noqa: S608


def damage_of(connection: sqlite3.Connection) -> str | None:
    """What SQLite finds wrong with a database, in one line; None where it is sound. Every page is read."""
    [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
    return None if found == "ok" else str(found).splitlines()[-1]  # the lines before say where it looked


def _make_private(path: Path) -> None:
    """Make the file, where there is none, for its owner alone: it holds what people ask.

    One that is there is not opened: to close it would take away the locks that SQLite holds on it in this
    process, and the next process that ends would delete the log that this one goes on writing to.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def _file_id(path: Path) -> tuple[int, int] | None:
    """What tells a file from another one of the same name; None where none can be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """SQLite's errors as StoreError, with the next step; broken constraints stay what they are."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: {error}. {_next_step(error, path)}") from error
    except Timeout as error:
        raise StoreError(f"{path} is being migrated by another process. Wait, then try again") from error


def _next_step(error: Exception, path: Path) -> str:
    text = str(error)
    if "not a database" in text or "malformed" in text:
        return "It is damaged: restore it from a backup, or move it away and index again"
    if "locked" in text:
        return "Another process is writing: wait for it, then try again"
    if "full" in text or "No space left" in text or ("disk I/O" in text and _is_full(path.parent)):
        return "Free some disk space, then try again"
    if "disk I/O" in text:
        return "Check the disk, and how much of it this user may fill, then try again"
    return _next_step_to_open(text, path)


def _next_step_to_open(text: str, path: Path) -> str:
    if path.is_dir():
        return "It is a folder: move it away, then try again"
    if "unable to open" in text and len(os.fsencode(os.path.abspath(path))) > _LONGEST_PATH:
        return "SQLite takes no path that long: set MANUALBOT_HOME to a folder with a shorter one"
    return "Check that MANUALBOT_HOME is a folder that this user may write to"


def _is_full(folder: Path) -> bool:
    """Whether the disk is: SQLite says "disk I/O error" where the file beside the database cannot grow."""
    try:
        return shutil.disk_usage(folder).free < _LEAST_FREE_BYTES
    except OSError:
        return False
