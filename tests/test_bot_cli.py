"""The `manualbot` command as the shell sees it."""

from __future__ import annotations

import errno
import io
import json
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fakes_bot import NO_INDEX, FakeEngine, declined

import bot.opening
from bot.cli import main

COMMANDS = (
    ["index"],
    ["sources"],
    ["sources", "remove"],
    ["ask"],
    ["chat"],
    ["evaluate"],
    ["evaluate-reader"],
    ["triplets"],
    ["triplets", "list"],
    ["triplets", "export"],
    ["triplets", "import"],
    ["triplets", "edit"],
    ["retrain"],
    ["report"],
    ["jobs"],
    ["jobs", "cancel"],
    ["releases"],
    ["releases", "use"],
    ["manifest"],
    ["run"],
    ["doctor"],
)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setenv("MANUALBOT_HOME", str(tmp_path / "var"))
    monkeypatch.setattr(bot.opening, "open_engine", lambda *_: fake)
    return fake


def run(
    *arguments: str, code: str = "from bot.cli import main; sys.exit(main())"
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"import sys; {code}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


# Help and usage


def test_without_a_command_it_prints_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("Usage: manualbot")
    for command in COMMANDS:
        assert f"  {command[0]} " in printed


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_does_and_what_its_options_are(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--help"]) == 0

    usage, summary, *_ = capsys.readouterr().out.split("\n\n")
    assert usage.startswith(f"Usage: manualbot {' '.join(command)}")
    assert summary.endswith(".")


def seconds_of_processor_time(*arguments: str) -> float:
    started = os.times()
    assert run(*arguments).returncode == 0
    ended = os.times()
    return (ended.children_user - started.children_user) + (ended.children_system - started.children_system)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_answers_within_half_a_second(command: list[str]) -> None:
    """What it takes on a machine that does nothing else: in processor time, one of three calls.

    The first call after an installation also compiles what it imports.
    """
    assert any(seconds_of_processor_time(*command, "--help") < 0.5 for _ in range(3))


def test_help_imports_no_model_library() -> None:
    heavy = ("faiss", "numpy", "onnxruntime", "rich", "sqlite_utils", "torch", "transformers")

    done = run(code=f"import bot.cli; print([name for name in {heavy} if name in sys.modules])")

    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["akk", "q"], "Did you mean 'ask'?"),
        (["evalute", "q"], "Did you mean 'evaluate', 'evaluate-reader'?"),
        (["sources", "remvoe"], "Did you mean 'remove'?"),
        (["ask"], "Missing argument 'QUESTION'."),
        (["ask", " "], "Invalid value for QUESTION: is empty"),
        (["ask", "q", "--jsno"], "--json"),
        (["retrain", "--seed", "-1"], "'--seed': Input should be greater than or equal to 0"),
        (["retrain", "--seed", str(2**32)], "'--seed': Input should be less than"),
    ],
)
def test_a_wrong_call_names_the_nearest_right_one(
    arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2

    printed = capsys.readouterr()
    assert (printed.out, hint in printed.err) == ("", True)


# Ends


def test_an_error_of_ours_is_one_line_and_1(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.answers["q"] = NO_INDEX

    assert main(["ask", "q"]) == 1

    assert capsys.readouterr() == ("", "manualbot: No index in var. Build one: manualbot index manuals/\n")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError("Cannot allocate memory"), "Cannot allocate memory"),
        (ImportError("a.so: failed to map segment from shared object"),) * 2,
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "[Errno 12] Cannot allocate memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"),) * 2,
    ],
)
def test_too_little_memory_is_one_line_too(
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    said: object,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(engine, "ask", fail, raising=False)

    assert main(["ask", "q"]) == 1

    expected = f"manualbot: There is too little memory ({said}). Free some, then try again\n"
    assert capsys.readouterr().err == expected


def test_a_wrong_setting_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MANUALBOT_THREADS", "many")

    assert main(["ask", "q"]) == 1

    expected = "manualbot: MANUALBOT_THREADS='many' cannot be used: it must be a whole number of at least 1\n"
    assert capsys.readouterr().err == expected


@pytest.mark.usefixtures("engine")
def test_ctrl_c_ends_with_130_and_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeEngine, "ask", interrupt)

    assert main(["ask", "q"]) == 130
    assert capsys.readouterr().err == "manualbot: Interrupted\n"


LEFT_AT_WORK = """
import atexit, sys, threading, time
import bot.cli, bot.interrupted
from bot.start import main
def run_command():
    name = bot.interrupted.AT_WORK + "engines"
    threading.Thread(target=time.sleep, args=({seconds},), name=name, daemon=True).start()
    time.sleep(0.2)
    print("ended")
    return 3
bot.cli.main = run_command
atexit.register(print, "Python's own end")
sys.exit(main())
"""


@pytest.mark.parametrize(("seconds", "said"), [(60, "ended\n"), (0, "ended\nPython's own end\n")])
def test_a_bot_that_ends_in_the_midst_of_a_model_is_not_aborted_by_python(seconds: int, said: str) -> None:
    done = run(code=LEFT_AT_WORK.format(seconds=seconds))
    assert (done.returncode, done.stdout) == (3, said)


INTERRUPTED_WHILE_LOADING = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
signal.signal(signal.SIGINT, signal.{handler})
from {module} import main
sys.argv = ["manualbot", "--version"]
sys.exit(main())
"""


def test_ctrl_c_while_the_command_is_still_loaded_gives_no_traceback() -> None:
    [entry] = re.findall(r'manualbot = "(.*):main"', Path("pyproject.toml").read_text(encoding="utf-8"))
    done = run(code=INTERRUPTED_WHILE_LOADING.format(handler="default_int_handler", module=entry))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "manualbot: Interrupted\n")
    ignored = run(code=INTERRUPTED_WHILE_LOADING.format(handler="SIG_IGN", module=entry))
    assert (ignored.returncode, ignored.stderr) == (0, "")


def test_too_little_memory_to_load_the_command_is_one_line() -> None:
    done = run(code=SHORT_OF_MEMORY_WHILE_LOADING)
    said = "manualbot: There is too little memory (a.so: failed to map segment). Free some, then try again\n"
    assert (done.returncode, done.stderr) == (1, said)


SHORT_OF_MEMORY_WHILE_LOADING = """
import sys
from importlib.abc import MetaPathFinder

class Refusing(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "bot.cli":
            raise ImportError("a.so: failed to map segment")

sys.meta_path.insert(0, Refusing())
from bot.start import main
sys.exit(main())
"""


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"]])
def test_a_reader_that_leaves_early_gets_no_complaint(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "bot.cli", *arguments]

    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(write)

    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only where there is a device that is always full")
@pytest.mark.parametrize("arguments", [["--version"], ["manifest"]])
def test_output_that_cannot_be_written_is_one_line(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "bot.cli", *arguments]

    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )

    reason = "No space left on device. Free some disk space, then try again"
    assert done.returncode == 1
    assert done.stderr == f"manualbot: what this command prints cannot be written: {reason}\n"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_file_that_is_another_users_is_one_line(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise OSError(number, os.strerror(number), "/home/ada/var/indexes/7f2a")

    monkeypatch.setattr(bot.opening, "open_engine", refuse)

    code = main(["ask", "How?"])

    said = f"manualbot: /home/ada/var/indexes/7f2a: {os.strerror(number)}. "
    next_step = "Give this user the folder and what is in it, then try again\n"
    assert (code, capsys.readouterr().err) == (1, said + next_step)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a folder that somebody works in stays")
def test_a_working_folder_that_is_gone_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    code = main(["sources"])

    monkeypatch.chdir(tmp_path)
    assert code == 1
    gone = "The working folder is gone. Change to one that is there, then try again"
    assert capsys.readouterr().err == f"manualbot: {gone}\n"


ANSWERED_BY_A_FAKE = """
import sys
sys.path.insert(0, {tests!r})
import bot.opening
from bot.cli import main
from fakes_bot import FakeEngine
bot.opening.open_engine = lambda *_: FakeEngine()
sys.exit(main())
"""


@pytest.mark.skipif(os.name != "posix", reason="closes streams as a POSIX shell does")
@pytest.mark.parametrize(
    ("arguments", "closed", "status"),
    [
        (["chat"], "<&-", 0),
        (["ask", "How?"], ">&-", 0),
        (["ask", "How?"], "2>&-", 0),
        (["ask", "How?"], "<&- >&- 2>&-", 0),
        (["index"], "2>&-", 1),  # there are no sources
    ],
)
def test_streams_may_be_closed(tmp_path: Path, arguments: list[str], closed: str, status: int) -> None:
    code = ANSWERED_BY_A_FAKE.format(tests=str(Path(__file__).parent))
    command = [sys.executable, "-c", code, *arguments]

    done = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {closed}', "sh", *command],
        env=os.environ | {"MANUALBOT_HOME": str(tmp_path / "var")},
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (status, "")
    assert ("confidence" in done.stdout) == (arguments[0] == "ask" and ">&-" not in closed.split())


# ask


def test_ask_prints_answer_citation_and_confidence(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", "How often?", "--product", "Meridio 300"]) == 0

    lines = capsys.readouterr().out.rstrip("\n").split("\n")
    assert lines[0] == "Descale the machine **every 200 cups**. Use the descaling tablets only."
    assert lines[-2:] == ["meridio/manual.html › Care › Descaling › page 12", "confidence 87%"]
    assert engine.asked == [("How often?", "Meridio 300")]


@pytest.mark.usefixtures("engine")
def test_ask_json_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "How often?", "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["answer"] == "every 200 cups"


def test_a_question_in_bytes_that_are_no_utf8_is_still_a_text(engine: FakeEngine) -> None:
    assert main(["ask", "caf\udce9?"]) == 0

    assert engine.asked == [("caf??", None)]


# chat


def converse(monkeypatch: pytest.MonkeyPatch, lines: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    return main(["chat"])


def test_chat_answers_the_lines_of_standard_input(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.answers["Who?"] = declined()

    assert converse(monkeypatch, "How often?\n\n  \nWho?\n") == 0

    assert [question for question, _ in engine.asked] == ["How often?", "Who?"]
    printed = capsys.readouterr().out
    assert printed.startswith("> How often?\nDescale the machine **every 200 cups**.")
    assert "\n\n> Who?\nNot in the manuals\n" in printed


def test_chat_keeps_to_a_product_until_told_otherwise(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    converse(monkeypatch, "a\n:product Meridio 300\nb\nc\n:product\nd\n")

    assert engine.asked == [("a", None), ("b", "Meridio 300"), ("c", "Meridio 300"), ("d", None)]


def test_chat_stops_at_quit_and_explains_what_it_does_not_know(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert converse(monkeypatch, ":prodcut\n:help\n:quit\nq\n") == 0

    assert engine.asked == []
    printed = capsys.readouterr().out
    assert ":prodcut is not known here." in printed
    assert printed.count(":product NAME") == 2


def test_chat_goes_on_after_an_error(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.answers["a"] = NO_INDEX

    assert converse(monkeypatch, "a\nb\n") == 0

    printed = capsys.readouterr()
    assert printed.err == "manualbot: No index in var. Build one: manualbot index manuals/\n"
    assert "> b\nDescale" in printed.out


@pytest.mark.timeout(30)
@pytest.mark.parametrize("key", [b"\x03", b"\x04"], ids=["ctrl-c", "ctrl-d"])
def test_chat_on_a_terminal_remembers_what_was_typed_and_leaves_cleanly(key: bytes, tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests'); import bot.opening, fakes_bot, bot.cli;"
        "bot.opening.open_engine = lambda *_: fakes_bot.FakeEngine();"
        "sys.exit(bot.cli.main(['chat']))"
    )
    child, terminal = pty.fork()
    if child == 0:
        os.environ |= {"MANUALBOT_HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "100"}
        os.execv(sys.executable, [sys.executable, "-c", code])
    read_until(terminal, b"> ")
    os.write(terminal, b"How often?\n")
    printed = read_until(terminal, b"confidence 87%", b"> ")
    time.sleep(0.3)  # a Ctrl-C between the prompt and the wait for a key is noticed with the next key only
    os.write(terminal, key)
    rest = read_to_end(terminal)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert b"\x1b[1mevery 200 cups\x1b[0m" in printed
    assert b"Traceback" not in rest
    assert (tmp_path / "chat-history").read_text().split() == ["How", "often?"]


@pytest.mark.timeout(30)
def test_doctor_shows_on_a_terminal_that_it_is_at_work(tmp_path: Path) -> None:
    code = (
        "import sys, time, bot.cli, bot.doctor;"
        "bot.doctor.examine = lambda *_: time.sleep(0.5) or ();"
        "sys.exit(bot.cli.main(['doctor']))"
    )
    child, terminal = pty.fork()
    if child == 0:
        os.environ |= {"MANUALBOT_HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "100"}
        os.execv(sys.executable, [sys.executable, "-c", code])

    assert b"Checking" in read_to_end(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def read_until(terminal: int, *ends: bytes) -> bytes:
    """Read until the texts have come, one after the other."""
    read, found = b"", 0
    for end in ends:
        while (at := read.find(end, found)) < 0:
            read += os.read(terminal, 4096)
        found = at + len(end)
    return read


def read_to_end(terminal: int) -> bytes:
    read = b""
    try:
        while chunk := os.read(terminal, 4096):
            read += chunk
    except OSError:  # how Linux says that the other side is gone
        pass
    os.close(terminal)
    return read


def test_python_m_bot_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "bot", "ask"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Missing argument 'QUESTION'" in done.stderr
