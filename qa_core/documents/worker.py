"""The process that reads files: one request a line on stdin, one answer a line on stdout, as JSON.

It limits its own memory and processor time, and never raises: what goes wrong with a file is an
answer. Run by `qa_core.indexing.parsing`.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, cast

from qa_core.errors import DocumentError, is_of_memory
from qa_core.types import ParsedManual

Read = Callable[[Path, Path], ParsedManual]
_SPARE_S = 10  # the parent's clock strikes first


def main() -> None:
    """Answer requests until stdin ends. Arguments: reader (`module:function`), MB, seconds."""
    reader, memory_mb, timeout_s = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    answers = _private_stdout()
    _limit_memory(memory_mb)
    module, _, function = reader.partition(":")
    read = cast(Read, getattr(importlib.import_module(module), function))
    _answer(answers, {"ready": True})
    for line in sys.stdin:
        _limit_processor_time(timeout_s)
        path, root = json.loads(line)
        _answer(answers, _read(read, Path(path), Path(root), memory_mb))


def _read(read: Read, path: Path, root: Path, memory_mb: int) -> dict[str, object]:
    try:
        return asdict(read(path, root))
    except DocumentError as error:
        return {"error": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever a parser raises, the next file goes on
        if is_of_memory(error):
            return {"error": f"needs more than {memory_mb} MB of memory; split it, or raise the limit"}
        return {"error": f"the parser failed: {type(error).__name__}: {error}"}


def _answer(answers: IO[str], content: dict[str, object]) -> None:
    answers.write(json.dumps(content) + "\n")
    answers.flush()


def _private_stdout() -> IO[str]:
    """Stdout for the answers alone: what a library prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    return answers


def _limit_memory(memory_mb: int) -> None:
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - there is none on Windows

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard < 0 else min(limit, hard), hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_processor_time(timeout_s: float) -> None:
    """End this process by itself should the parent have been killed while it waits."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - there is none on Windows

        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime + timeout_s) + _SPARE_S
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (limit if hard < 0 else min(limit, hard), hard))


if __name__ == "__main__":
    main()
