"""`manualbot sources`: the files and folders that manuals come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="List the files and folders that manuals come from, or take one out.")


@app.callback(invoke_without_command=True)
def list_sources(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List the files and folders that manuals come from, or take one out."""
    if context.invoked_subcommand is not None:
        return
    from bot.opening import open_library
    from bot.render.library import left_out_lines, source_json, source_row
    from bot.terminal.console import open_console, print_json, print_table

    sources = open_library().sources()
    if as_json:
        print_json([source_json(source) for source in sources])
    elif sources:
        columns = ("source", "manuals", "passages", "indexed")
        print_table(open_console(), columns, map(source_row, sources))
        for line in (line for source in sources for line in left_out_lines(source.left_out)):
            print(line)
    else:
        print("There are no sources yet. Add one: manualbot index PATH")


@app.command()
def remove(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A source, as the list names it.")],
) -> None:
    """Take a source and its manuals out of the index. The files themselves stay."""
    from bot.opening import open_library
    from bot.render.library import index_report_lines
    from bot.terminal.progress import show_stages

    with show_stages() as progress:
        report = open_library().remove(path, progress)
    print("\n".join(index_report_lines(report)))
