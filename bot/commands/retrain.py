"""`manualbot retrain`, `report` and `jobs`: learn from votes, and say what came of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.fine_tune import MAX_SEED

if TYPE_CHECKING:
    from qa_core.settings import Settings
    from training.retraining.jobs import Job
    from training.retraining.launching import Launcher, Started


def retrain(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Train and judge a candidate, but make no release of it.")
    ] = False,
    questions: Annotated[
        Path | None,
        typer.Option("--questions", metavar="FILE", help="Regression set; default: MANUALBOT_QUESTIONS."),
    ] = None,
    seed: Annotated[
        int,
        typer.Option("--seed", min=0, max=MAX_SEED, help="Of what is held out, the order and the lot."),
    ] = 0,
) -> None:
    """Make a better release from the approved triplets; it answers if it passes the gate."""
    from bot.learning.retraining import open_jobs, open_launcher
    from bot.opening import open_settings
    from training.measuring.questions import read_questions
    from training.retraining.jobs import Request
    from training.settings import TrainingSettings

    settings, training = open_settings(), TrainingSettings.load()
    own = questions or training.questions
    if own is not None:
        read_questions(own)  # a line that cannot be used is told now, not in an hour
        own = own.absolute()
    launcher = open_launcher(settings, open_jobs(settings), training.rules)
    started = launcher.start(Request(dry_run=dry_run, questions=own, seed=seed))
    if not started.is_new:
        print(f"Job {started.job.id} is under way already; this is how it goes", file=sys.stderr)
    _end(settings, _follow(launcher, started))


def report(
    job: Annotated[
        int | None, typer.Argument(metavar="[JOB]", help="As `jobs` lists it; default: the latest.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write one HTML file instead.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what a retraining brought: figures, verdict, and the answers that changed."""
    from bot.commands.fine_tune import writable
    from bot.learning.retraining import latest_report, open_jobs, open_report
    from bot.opening import open_settings
    from bot.render.terminal import clean, print_json
    from qa_core.indexing.file_names import printable
    from training.report import report_html, report_text

    settings = open_settings()
    jobs = open_jobs(settings)
    found = latest_report(settings, jobs) if job is None else open_report(settings, jobs.get(job))
    if out is not None:
        _write(out, report_html(found))
        print(f"Wrote {printable(out)}")
    if as_json:
        print_json(found.as_json())
    elif out is None:
        print(writable(clean(report_text(found))))


app = typer.Typer(help="List the retrainings, or cancel the one that is under way.")


@app.callback(invoke_without_command=True)
def list_jobs(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List the retrainings, or cancel the one that is under way."""
    if context.invoked_subcommand is not None:
        return
    from bot.learning.retraining import current_id, open_jobs
    from bot.opening import open_releases, open_settings
    from bot.render.jobs import job_json, job_row
    from bot.render.terminal import open_console, print_json, print_table

    jobs, current = open_jobs(open_settings()), current_id(open_releases())
    listed = jobs.list()
    if as_json:
        print_json([job_json(job, jobs.is_dead(job), current) for job in listed])
    else:
        columns = ("job", "state", "begun", "by", "release", "what became of it")
        print_table(open_console(), columns, [job_row(job, jobs.is_dead(job), current) for job in listed])


@app.command()
def cancel(
    job: Annotated[
        int | None, typer.Argument(metavar="[JOB]", help="Default: the one that is under way.")
    ] = None,
) -> None:
    """End a retraining; the current release goes on answering."""
    from bot.learning.retraining import open_jobs
    from bot.opening import open_settings
    from qa_core.errors import DataError

    jobs = open_jobs(open_settings())
    found = jobs.under_way() if job is None else jobs.get(job)
    if found is None:
        raise DataError("No retraining is under way. See the earlier ones: manualbot jobs")
    if not jobs.cancel(found.id):
        raise DataError(f"Job {found.id} has ended already. See how: manualbot jobs")
    release = jobs.get(found.id).release
    if release is None:
        print(f"Job {found.id} ends within seconds")
    else:
        print(f"Job {found.id} is done: its release {release} takes over. Go back: manualbot releases use ID")


def _write(page: Path, text: str) -> None:
    from qa_core.durable import write_file
    from qa_core.errors import DataError

    try:
        write_file(page, text, shared=True)
    except OSError as error:
        raise DataError(f"{page} cannot be written ({error.strerror or error}). Name another file") from error


def _follow(launcher: Launcher, started: Started) -> Job:
    """Show how it goes; Ctrl-C cancels a job that was begun here, and waits for its end."""
    from bot.learning.retraining import follow
    from bot.render.jobs import N_PARTS
    from bot.terminal.progress import show_stages

    job_id = started.job.id
    with show_stages() as show:

        def on_look(seen: Job) -> None:
            show(seen.progress.stage or "Starting", round(N_PARTS * seen.progress.share), N_PARTS)

        try:
            return follow(launcher, job_id, on_look)
        except KeyboardInterrupt:
            if started.is_new:
                launcher.jobs.cancel(job_id)
                return follow(launcher, job_id, on_look)
    how = f"To cancel it: manualbot jobs cancel {job_id}"
    print(f"manualbot: Job {job_id} goes on: it was not begun here. {how}", file=sys.stderr)
    raise typer.Exit(130)


def _end(settings: Settings, job: Job) -> None:
    from bot.commands.fine_tune import writable
    from bot.learning.retraining import current_id, open_report
    from bot.opening import open_releases
    from bot.render.jobs import how_it_ended
    from bot.render.terminal import clean
    from qa_core.errors import ManualbotError
    from training.report import report_text

    if job.state == "cancelled":
        print(f"manualbot: {job.message} The current release goes on answering", file=sys.stderr)
        raise typer.Exit(130)
    if job.state == "failed":
        raise ManualbotError(f"Job {job.id} failed, and the current release goes on answering: {job.message}")
    print(writable(clean(report_text(open_report(settings, job)))))
    print(writable(clean(f"\n{how_it_ended(job, current_id(open_releases()))}")))
