"""`manualbot index`: manuals in, a searchable index out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qa_core.indexing.library import IndexReport


def index(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Files or folders to add; none: all sources again."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Add files and folders of manuals, or read all sources again."""
    from bot.opening import open_library
    from bot.render.library import index_report_json
    from bot.render.terminal import print_json
    from bot.terminal.progress import show_stages

    library = open_library()
    with show_stages() as progress:
        report = library.add(paths, progress) if paths else library.refresh(progress)
    if as_json:
        print_json(index_report_json(report))
    else:
        _print(report)


def _print(report: IndexReport) -> None:
    from bot.render.library import index_report_lines
    from bot.render.terminal import open_console, print_table
    from qa_core.indexing.file_names import printable

    print("\n".join(index_report_lines(report)))
    if report.failures:
        rows = [(printable(failure.path), failure.reason) for failure in report.failures]
        print_table(open_console(), ("not indexed", "reason"), rows)
