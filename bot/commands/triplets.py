"""`manualbot triplets`: what people's votes taught, out, in, and decided about."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from training.feedback.triplet import Triplet

app = typer.Typer(help="List, export and import triplets, or decide about them.", no_args_is_help=True)

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Triplets, as the list names them.")]


class StatusChoice(StrEnum):
    """Of which triplets a command is."""

    pending = "pending"
    approved = "approved"
    rejected = "rejected"
    stale = "stale"


class Format(StrEnum):
    """How a file of triplets is written."""

    squad = "squad"
    jsonl = "jsonl"


OfStatus = Annotated[StatusChoice | None, typer.Option("--status", help="Only those with this status.")]


@app.command("list")
def list_triplets(
    status: OfStatus = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List the triplets that follow from today's votes; those in conflict come first."""
    from dataclasses import asdict

    from bot.opening import open_triplets
    from bot.render.terminal import open_console, print_json, print_table
    from bot.render.triplets import short_in_words, summary_line, triplet_row

    triplets = open_triplets()
    found = triplets.list(status.value if status else None)
    if as_json:
        print_json([asdict(triplet) | {"answer": triplet.answer} for triplet in found])
        return
    print(summary_line(found))
    if found:
        columns = ("triplet", "status", "kind", "from", "votes", "question", "answer", "to decide")
        print_table(open_console(), columns, map(triplet_row, found))
    n_short = 0 if status else triplets.n_short_of_people()
    if n_short:
        print(f"{short_in_words(n_short, triplets.rules.min_voters)} (MANUALBOT_MIN_VOTERS)")


@app.command("export")
def export(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="`.jsonl` for JSON lines, else SQuAD JSON.")],
    status: OfStatus = None,
    as_format: Annotated[Format | None, typer.Option("--format", help="Whatever the name says.")] = None,
) -> None:
    """Write the triplets into a file, in SQuAD's format or as JSON lines."""
    from bot.opening import open_triplets
    from bot.render.terminal import count
    from qa_core.indexing.file_names import printable
    from training.feedback.triplet_files import to_jsonl, to_squad, write_triplets

    found = open_triplets().list(status.value if status else None)
    lines = as_format is Format.jsonl or (as_format is None and path.suffix.lower() in (".jsonl", ".ndjson"))
    write_triplets(path, to_jsonl(found) if lines else to_squad(found))
    print(f"{count(len(found), 'triplet')} in {printable(path)}")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="SQuAD JSON, a JSON list, or JSON lines.")],
) -> None:
    """Add the triplets of a file; all of them, or none if one is wrong."""
    from bot.opening import open_triplets
    from bot.render.terminal import count
    from training.feedback.triplet_files import read_triplets

    read = read_triplets(path)
    triplets = open_triplets()
    n_new = triplets.add_imported(read)
    print(f"{count(n_new, 'new triplet')}, {len(read) - n_new:,} known already")
    n_stale = sum(each.status == "stale" and each.provenance == "import" for each in triplets.list())
    if n_stale:
        print(f"{count(n_stale, 'imported triplet')} wait: no manual of today has their text")


@app.command()
def approve(ids: Ids) -> None:
    """Let releases learn from these triplets."""
    from bot.opening import open_triage

    _decide(ids, open_triage().approve)


@app.command()
def reject(ids: Ids) -> None:
    """Never learn from these triplets, whoever votes for them later."""
    from bot.opening import open_triage

    _decide(ids, open_triage().reject)


@app.command()
def edit(
    triplet_id: Annotated[str, typer.Argument(metavar="ID", help="A triplet, as the list names it.")],
    question: Annotated[str | None, typer.Option(help="In place of the question.")] = None,
    answer: Annotated[str | None, typer.Option(help="The right words, as a manual has them.")] = None,
    unanswerable: Annotated[bool, typer.Option("--unanswerable", help="No manual says it.")] = False,
) -> None:
    """Change a triplet's question or answer, and approve it so."""
    from bot.opening import open_triage
    from training.feedback.triage import Amendment

    amendment = Amendment(question, answer, unanswerable)
    _decide([triplet_id], lambda each: open_triage().edit(each, amendment))


def _decide(ids: list[str], decide: Callable[[str], Triplet]) -> None:
    from bot.render.terminal import clean
    from bot.render.triplets import triplet_row

    for triplet_id in ids:
        triplet = decide(triplet_id)
        row = triplet_row(triplet)
        print(clean(f"{triplet.id} is {triplet.status}: {row[-3]} → {row[-2]}"))
