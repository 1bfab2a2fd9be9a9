"""`manualbot doctor`: is everything there that the bot needs?"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.doctor import Check


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Check tokens, scopes, release, disk, database and schedule; say what to do about what fails."""
    from bot.doctor import examine
    from bot.opening import open_settings
    from bot.settings import SlackSettings
    from bot.terminal.console import print_json
    from bot.terminal.progress import show_waiting
    from qa_core.installation import open_installation

    base = open_settings()
    with show_waiting("Checking"):  # a database of gigabytes takes half a minute
        checks = examine(SlackSettings.load(), open_installation(base))
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        _print(checks)
    if any(check.state == "failed" for check in checks):
        raise typer.Exit(1)


def _print(checks: tuple[Check, ...]) -> None:
    from bot.terminal.console import open_console, print_table

    marks = {"ok": "ok", "failed": "FAILED", "skipped": "-"}
    print_table(open_console(), ("check", "", "found"), [(c.name, marks[c.state], c.found) for c in checks])
