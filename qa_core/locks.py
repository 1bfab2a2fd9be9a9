"""One process at a time: file locks that name the process holding them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from qa_core.durable import make_folder, room_wanted
from qa_core.errors import ManualbotError

log = logging.getLogger(__name__)


@contextmanager
def one_at_a_time(
    path: Path, task: str, timeout_s: float, on_wait: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Hold the lock at `path` for `task`; the system frees it when the process dies, however it dies.

    If another process holds it, and is waited for, `on_wait` is told its number once. Raises
    ManualbotError when it is not free after `timeout_s`, or where this process may not write beside it.
    """
    lock = FileLock(path)
    with _explained(task, path):
        make_folder(path.parent)
        _acquire(lock, path, task, timeout_s, on_wait)
    try:
        with _explained(task, _pid_file(path)):
            _write_pid(path)
        yield
    finally:
        with suppress(OSError):  # a number that nobody holds the lock by is no harm
            _pid_file(path).unlink(missing_ok=True)
        lock.release()


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock at `path` for as long as this lasts, for `is_held`; not on a disk that knows no locks."""
    lock = FileLock(path)
    with suppress(OSError, NotImplementedError):
        lock.acquire(timeout=0)
    try:
        yield
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock at `path`; also where that cannot be known."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except (OSError, NotImplementedError):
        return True
    lock.release()
    return False


def _acquire(
    lock: BaseFileLock, path: Path, task: str, timeout_s: float, on_wait: Callable[[str], None]
) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if timeout_s > 0:
            log.warning("%s is already under way (%s): waiting for it", task, _holder(path))
            on_wait(_holder(path))
        try:
            lock.acquire(timeout=timeout_s)
        except Timeout:
            raise ManualbotError(
                f"{task} is already under way ({_holder(path)}). Wait for it to end, then try again"
            ) from None


def _write_pid(path: Path) -> None:
    """Who waits is told this number, no more: a full disk must not stop what makes room."""
    try:
        _pid_file(path).write_text(str(os.getpid()), encoding="ascii")
    except OSError as error:
        if room_wanted(error) is None:
            raise
        log.warning("%s: %s", _pid_file(path), error.strerror or error)


@contextmanager
def _explained(task: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        next_step = room_wanted(error) or "Give this user the folder and what is in it"
        raise ManualbotError(
            f"{task} cannot begin: {path}: {error.strerror or error}. {next_step}, then try again"
        ) from error


def _holder(path: Path) -> str:
    try:
        return f"process {int(_pid_file(path).read_text(encoding='ascii'))}"
    except (OSError, ValueError):
        return "another process"


def _pid_file(path: Path) -> Path:
    return path.with_suffix(".pid")
