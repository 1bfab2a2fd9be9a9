"""`manualbot releases`: the models that can answer, which of them does, and the end of old ones."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="List the releases, or switch to one.")


@app.callback(invoke_without_command=True)
def list_releases(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List the releases, or switch to one."""
    if context.invoked_subcommand is not None:
        return
    from bot.opening import open_releases
    from bot.render.library import release_json, release_row
    from bot.render.terminal import open_console, print_json, print_table

    releases = open_releases()
    current = releases.current_id() or ""
    if as_json:
        print_json([release_json(release, current) for release in releases.list()])
    else:
        columns = ("", "release", "made", "runtime", "figures", "note")
        print_table(open_console(), columns, [release_row(each, current) for each in releases.list()])
    releases.current()  # raises where it is none of them


@app.command()
def use(
    release: Annotated[str, typer.Argument(metavar="ID", help="A release, as the list names it.")],
) -> None:
    """Answer with this release from now on."""
    from bot.opening import use_release
    from bot.terminal.progress import show_stages

    with show_stages() as progress:
        chosen = use_release(release, progress)
    print(f"The current release is {chosen.id}")


@app.command()
def prune(
    keep: Annotated[int, typer.Option(min=1, help="How many releases to keep, the youngest.")] = 5,
) -> None:
    """Remove old releases, and the indexes and models that only they needed."""
    from bot.opening import prune_releases

    removed = prune_releases(keep)
    print(f"Removed {', '.join(release.id for release in removed)}" if removed else "Nothing to remove")
