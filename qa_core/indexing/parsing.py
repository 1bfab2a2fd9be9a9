"""Files are read in a process of their own, with limits: a crash or a hang costs one file."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from qa_core.errors import DocumentError, ParserStartError, TransientDocumentError
from qa_core.records import parsed_manual_from
from qa_core.types import ParsedManual

_READER = "qa_core.documents:read_document"
_START_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take."""

    timeout_s: float = 120.0
    memory_mb: int = 2048
    file_bytes: int = 100 * 1024 * 1024


class ParserProcess:
    """Reads files in a worker process, which is started with the first file and after each crash.

    A context manager: at its end, or when an exception such as Ctrl-C leaves it, the worker is gone.
    """

    def __init__(self, limits: Limits | None = None, reader: str = _READER) -> None:
        """`reader` names the function `(path, root) -> ParsedManual` that the worker calls."""
        self._limits = limits or Limits()
        self._reader = reader
        self._worker: _Worker | None = None

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the worker."""
        self._end_worker()

    def read(self, path: Path, root: Path) -> ParsedManual:
        """The manual in a file. Raises DocumentError with the reason, whatever happens to the worker.

        It is a TransientDocumentError where the worker crashes or takes too long: the file may be to blame,
        or a machine that is busy or short of memory; a ParserStartError where the worker does not start.
        """
        self._check_size(path)
        try:
            answer = self._ask(path, root)
        except BaseException:
            self._end_worker()
            raise
        if "error" in answer:
            raise DocumentError(str(answer["error"]))
        return parsed_manual_from(answer)

    def _check_size(self, path: Path) -> None:
        try:
            n_bytes = path.stat().st_size
        except OSError as error:
            raise DocumentError(
                f"cannot be opened: {error.strerror or error}; check the path and its permissions"
            ) from error
        if n_bytes > self._limits.file_bytes:
            raise DocumentError(
                f"{_megabytes(n_bytes)} large, the limit is {_megabytes(self._limits.file_bytes)}; "
                "split it, or raise MANUALBOT_MAX_FILE_MB"
            )

    def _ask(self, path: Path, root: Path) -> dict[str, Any]:
        if self._worker is None:
            self._worker = _Worker(self._reader, self._limits)
        worker = self._worker
        worker.send([os.path.abspath(path), os.path.abspath(root)])
        try:
            return worker.receive(self._limits.timeout_s)
        except queue.Empty:
            raise TransientDocumentError(
                f"takes longer than {self._limits.timeout_s:g} s to read; "
                "split it, or raise MANUALBOT_PARSE_TIMEOUT_S"
            ) from None

    def _end_worker(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker = None


class _Worker:
    """The running process; a thread takes its answers, so that waiting for them can end."""

    def __init__(self, reader: str, limits: Limits) -> None:
        self._process = _started([reader, str(limits.memory_mb), str(limits.timeout_s)])
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()
        try:
            self.receive(_START_TIMEOUT_S)
        except queue.Empty:
            self.kill()
            raise ParserStartError(
                f"the parser did not start within {_START_TIMEOUT_S:g} s; "
                "index again when the machine is less busy"
            ) from None
        except TransientDocumentError as error:
            self.kill()
            raise ParserStartError(str(error)) from error
        except BaseException:
            self.kill()
            raise

    def send(self, request: list[str]) -> None:
        """Ask for a file; that the process has ended shows when its answer is awaited."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            self._process.stdin.flush()

    def receive(self, timeout_s: float) -> dict[str, Any]:
        """The next answer. Raises queue.Empty after `timeout_s`, and if the process ended
        TransientDocumentError."""
        line = self._lines.get(timeout=timeout_s)
        if not line.endswith(b"\n"):
            raise TransientDocumentError(
                f"the parser crashed ({self._cause()}); if it does so again, open the file and save it anew"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def kill(self) -> None:
        """End the process at once and take back what it held."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()

    def _collect(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def _cause(self) -> str:
        code = self._process.wait()
        if code < 0:
            return signal.Signals(-code).name
        return f"exit status {code}"


def _started(arguments: list[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-P", "-m", "qa_core.documents.worker", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
            start_new_session=True,  # Ctrl-C reaches the parent alone
        )
    except OSError as error:
        raise ParserStartError(
            f"the parser cannot be started ({error.strerror or error}); index again when that is mended"
        ) from error


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1024 / 1024:.1f} MB"
