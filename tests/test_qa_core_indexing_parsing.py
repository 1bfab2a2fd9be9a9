from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qa_core.documents import read_document
from qa_core.errors import DocumentError, ParserStartError, TransientDocumentError
from qa_core.indexing.parsing import Limits, ParserProcess

Read = Callable[[str], str]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Read]:
    """Reads a file of this name with the broken parsers; gives the text, which is the worker's id."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    limits = Limits(timeout_s=20, memory_mb=512, file_bytes=1024 * 1024)
    with ParserProcess(limits, reader="broken_parsers:read") as parser:

        def read_named(name: str) -> str:
            path = tmp_path / name
            if not path.exists():
                path.write_text("x")
            return parser.read(path, tmp_path).sections[0].text

        yield read_named


def is_running(worker: str) -> bool:
    try:
        os.kill(int(worker), 0)
    except ProcessLookupError:
        return False
    return True


def test_it_reads_what_the_parser_reads(tmp_path: Path) -> None:
    path = tmp_path / "Größe 📠.md"
    path.write_text("# Fax 📠\n\n## Paper\n\n1. Open the tray.\n", encoding="utf-8")

    with ParserProcess() as parser:
        parsed = parser.read(path, tmp_path)

    assert parsed == read_document(path, tmp_path)
    assert parsed.sections[-1].text == "1. Open the tray."


def test_one_worker_reads_all_files(read: Read) -> None:
    assert read("a") == read("b")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("exit", "the parser crashed (exit status 3)"),
        ("segfault", "the parser crashed (SIGSEGV)"),
    ],
)
def test_a_crash_costs_one_file_and_the_worker(read: Read, name: str, reason: str) -> None:
    first = read("a")

    with pytest.raises(TransientDocumentError, match=r".*") as error:
        read(name)

    assert str(error.value).startswith(reason)
    assert read("b") != first
    assert not is_running(first)


def test_a_hang_ends_at_the_time_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    hang, other = tmp_path / "hang", tmp_path / "other"
    hang.write_text("x")
    other.write_text("x")

    with ParserProcess(Limits(timeout_s=1.5), reader="broken_parsers:read") as parser:
        first = parser.read(other, tmp_path).sections[0].text
        with pytest.raises(
            TransientDocumentError, match=r"^takes longer than 1\.5 s to read; split it, or raise"
        ):
            parser.read(hang, tmp_path)
        assert not is_running(first)
        assert parser.read(other, tmp_path).sections[0].text != first


def test_a_parser_that_does_not_start_in_time_is_a_reason(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa_core.indexing.parsing._START_TIMEOUT_S", 0.0)
    with pytest.raises(ParserStartError, match=r"^the parser did not start within 0 s; index again"):
        read("a")

    monkeypatch.undo()
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    assert read("a")


def test_that_the_parser_cannot_be_started_is_a_reason(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(
        ParserStartError,
        match=r"^the parser cannot be started \(Resource temporarily unavailable\); index",
    ):
        read("a")


def test_a_parser_that_ends_at_its_start_is_no_file_s_fault(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    with (
        ParserProcess(reader="no_such_module:read") as parser,
        pytest.raises(ParserStartError, match=r"^the parser crashed \(exit status 1\)"),
    ):
        parser.read(tmp_path / "a", tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's address space")
def test_a_parser_that_eats_memory_is_stopped(read: Read) -> None:
    with pytest.raises(DocumentError, match="needs more than 512 MB of memory"):
        read("eat")

    assert read("a")


def test_a_library_that_does_not_fit_into_the_memory_is_no_error_of_the_parser(read: Read) -> None:
    with pytest.raises(DocumentError, match="needs more than 512 MB of memory"):
        read("import")


def test_an_error_of_the_parser_is_the_reason(read: Read) -> None:
    worker = read("a")

    with pytest.raises(DocumentError, match=r"^no text layer; run OCR first$") as refused:
        read("refuse")
    assert not isinstance(refused.value, TransientDocumentError)
    with pytest.raises(DocumentError, match=r"^the parser failed: ValueError: odd object stream$"):
        read("raise")

    assert read("b") == worker


def test_what_a_library_prints_does_not_disturb_the_answers(read: Read) -> None:
    assert read("print") == read("a")


def test_a_file_over_the_size_limit_is_not_opened(read: Read, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 3_000_000)

    with pytest.raises(DocumentError, match=r"^2\.9 MB large, the limit is 1\.0 MB; split it, or raise"):
        read("large")


def test_a_path_that_does_not_exist_is_named_so(tmp_path: Path) -> None:
    with (
        ParserProcess() as parser,
        pytest.raises(DocumentError, match="cannot be opened: No such file or directory"),
    ):
        parser.read(tmp_path / "gone.md", tmp_path)


def test_an_interrupt_while_waiting_ends_the_worker(read: Read) -> None:
    worker = read("a")
    timer = threading.Timer(0.3, os.kill, (os.getpid(), 2))
    timer.start()

    with pytest.raises(KeyboardInterrupt):
        read("hang")

    timer.join()
    assert not is_running(worker)
    assert read("b") != worker


def test_leaving_the_context_ends_the_worker(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("Press OK.")
    before = set(threading.enumerate())

    with ParserProcess() as parser:
        parser.read(path, tmp_path)
        assert parser._worker is not None
        worker = str(parser._worker._process.pid)
        assert is_running(worker)

    assert not is_running(worker)
    assert set(threading.enumerate()) == before


def test_a_dead_worker_is_noticed_at_the_next_file(read: Read) -> None:
    worker = read("a")
    os.kill(int(worker), 9)
    time.sleep(0.1)

    with pytest.raises(TransientDocumentError, match=r"the parser crashed \(SIGKILL\)"):
        read("b")

    assert read("b") != worker


def test_the_worker_imports_no_model_library() -> None:
    code = (
        "import sys, qa_core.documents.worker; "
        "import qa_core.documents.html.document, qa_core.documents.markdown.document; "
        "print({'torch', 'transformers', 'numpy'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout == "set()\n"
