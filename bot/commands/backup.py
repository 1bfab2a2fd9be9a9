"""`manualbot backup` and `restore`: all state in one file, and a home made of it again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help="A new .zip file, or a folder to write one into.")
    ],
) -> None:
    """Write all state into one file; the bot may go on answering."""
    from bot.backup import back_up
    from bot.opening import open_settings
    from bot.terminal.progress import show_waiting
    from qa_core.indexing.file_names import printable
    from qa_core.installation import open_installation

    with show_waiting("Backing up"):
        path = back_up(open_installation(open_settings()), target)
    size = f"{path.stat().st_size / 1e6:,.1f} MB"
    print(f"Written: {printable(path)} ({size}). It holds what people asked: keep it safe")


def restore(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="What `manualbot backup` wrote.")],
) -> None:
    """Make MANUALBOT_HOME, which must be empty, of a backup; nothing may run on it meanwhile."""
    from bot.backup import restore
    from bot.opening import open_releases, open_settings, use_release
    from bot.terminal.progress import show_stages, show_waiting

    settings = open_settings()
    with show_waiting("Restoring"):
        about = restore(path, settings.home)
    with show_stages() as progress:
        current = use_release(open_releases().current().id, progress)
    print(
        f"Restored the state of {about.made[:16].replace('T', ' ')} UTC into {settings.home}; "
        f"{current.id} answers"
    )
