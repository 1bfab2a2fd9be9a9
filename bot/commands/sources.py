"""`manualbot sources`: the files and folders that manuals come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="List the files and folders that manuals come from.")


@app.callback(invoke_without_command=True)
def list_sources(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List the files and folders that manuals come from."""
    if context.invoked_subcommand is not None:
        return
    from bot.opening import open_library
    from bot.terminal import open_console, print_json, print_table

    sources = open_library().sources()
    if as_json:
        print_json([{"path": str(source)} for source in sources])
    else:
        print_table(open_console(), ("source",), [(source,) for source in sources])


@app.command()
def remove(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="As `manualbot sources` lists it.")],
) -> None:
    """Take a source out, and its manuals out of the index. The files themselves stay."""
