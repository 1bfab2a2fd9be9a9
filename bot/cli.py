"""The `manualbot` command: the table of commands, and what the shell sees when one fails.

Nothing heavy is imported here: a command imports models and libraries when it runs, so that `--help`
answers at once.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Annotated

import typer

from bot.commands.ask import ask
from bot.commands.backup import backup, restore
from bot.commands.chat import chat
from bot.commands.doctor import doctor
from bot.commands.evaluate import evaluate, evaluate_reader
from bot.commands.fine_tune import fine_tune
from bot.commands.index import index
from bot.commands.manifest import manifest
from bot.commands.releases import app as releases
from bot.commands.retrain import app as jobs
from bot.commands.retrain import report, retrain
from bot.commands.run import run
from bot.commands.sources import app as sources
from bot.commands.triplets import app as triplets
from bot.interrupted import EXIT_CODE, MESSAGE
from bot.settings import reach_this_machine_directly, warning_of_unknown
from qa_core.durable import room_wanted
from qa_core.errors import ManualbotError, SettingsError, is_of_memory
from qa_core.indexing.file_names import printable_lines

_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)  # what the system says of files that are another user's

app = typer.Typer(
    name="manualbot",
    help="Answer questions with the exact words of product manuals.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(index)
app.add_typer(sources, name="sources")
app.command()(ask)
app.command()(chat)
app.command()(evaluate)
app.command()(evaluate_reader)
app.command()(fine_tune)
app.add_typer(triplets, name="triplets")
app.command()(retrain)
app.command()(report)
app.add_typer(jobs, name="jobs")
app.add_typer(releases, name="releases")
app.command()(backup)
app.command()(restore)
app.command()(run)
app.command()(manifest)
app.command()(doctor)


@app.callback(invoke_without_command=True)
def manualbot(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Answer questions with the exact words of product manuals."""
    if version:
        from importlib.metadata import version as installed_version  # noqa: PLC0415 - slow to import

        print(f"manualbot {installed_version('manualbot')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
    else:
        _require_working_folder()
        _warn_of_unknown_settings()


def _require_working_folder() -> None:
    try:
        os.getcwd()
    except OSError as error:
        gone = "The working folder is gone. Change to one that is there, then try again"
        raise SettingsError(gone) from error


def _warn_of_unknown_settings() -> None:
    with suppress(SettingsError):  # a command that needs the settings says it itself
        warning = warning_of_unknown()
        if warning is not None:
            print(f"manualbot: {printable_lines(warning)}", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 1 for an error of ours, 2 for usage, 130 on Ctrl-C."""
    _prepare_process()
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except OSError as error:
        next_step = room_wanted(error)
        if error.errno != errno.EPIPE and next_step is None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter tries once more
        if next_step is not None:  # else the reader of our output has left, as `head` does
            what = error.filename or "what this command prints"
            reason = f"{error.strerror}. {next_step}, then try again"
            print(f"manualbot: {what} cannot be written: {reason}", file=sys.stderr)
        return 1
    return code


def _run(arguments: Sequence[str] | None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return exit_code_of(lambda: app(given, prog_name="manualbot"))
    except SystemExit as exit_:
        if _is_of_interrupt(exit_):
            return _interrupted()
        return exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)


def _is_of_interrupt(exit_: SystemExit) -> bool:
    """Whether Typer made it of a KeyboardInterrupt, of which it says nothing."""
    return exit_.__context__ is not None and isinstance(exit_.__context__.__cause__, KeyboardInterrupt)


def _interrupted() -> int:
    print(MESSAGE, file=sys.stderr)
    return EXIT_CODE


def exit_code_of(command: Callable[[], None]) -> int:
    """0, 130 for Ctrl-C, and 1 for what is printed: an error of ours, a refused file, too little memory."""
    try:
        command()
    except KeyboardInterrupt:
        return _interrupted()
    except Exception as error:
        said = _in_a_line(error)
        if said is None:
            raise
        print(f"manualbot: {said}", file=sys.stderr)
        return 1
    return 0


def _in_a_line(error: Exception) -> str | None:
    """What is wrong and what to do, where that is foreseen."""
    if isinstance(error, ManualbotError):
        return printable_lines(error)
    if isinstance(error, OSError) and error.errno in _REFUSED and error.filename is not None:
        next_step = "Give this user the folder and what is in it, then try again"
        return f"{printable_lines(error.filename)}: {error.strerror}. {next_step}"
    if is_of_memory(error):
        said = f" ({printable_lines(error)})" if str(error) else ""
        return f"There is too little memory{said}. Free some, then try again"
    return None


def _prepare_process() -> None:
    _open_closed_streams()
    logging.basicConfig(level=logging.WARNING, format="manualbot: %(message)s", stream=sys.stderr)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # models come from folders; no hub is ever asked
    reach_this_machine_directly()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a manual's "›" must not end a Latin-1 session


def _open_closed_streams() -> None:
    """Give standard streams that were closed (`2>&-`, as of a daemon) a place where all that is written goes.

    Python has none for them, and the next file to be opened would get the number that libraries write to.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115 - for as long as the process runs
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)


if __name__ == "__main__":
    sys.exit(main())
