"""How the bot bears many people who ask at once, also while it retrains.

    python -m bot.sandbox.load [--people 20] [--questions 60] [--reading 1] [--retrain] [--home DIR]

Starts the workspace that comes with the bot, and in it the bot as it runs in Slack. Each of the people asks
one question after the other, in a thread of its own, waits for the answer and reads it for a second, or as
long as --reading says: beside people who never pause a retraining, which gives way to them, may not end.
They ask the questions of MANUALBOT_QUESTIONS or of the `questions.jsonl` beside the manuals, else headings of
the manuals. A question's time is that from its post to the post of its answer; it is lost where none came, or
an apology. What was asked, and what a retraining makes, stays in the home: take a copy of one that matters,
and let no other bot run on it.

In #support all wait for their turn, because the bot posts a message a second in a channel, as Slack wants it:
20 people wait about 20 seconds, however fast it is. With --direct they ask in direct messages, each in their
own: that shows how fast it is.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import exit_code_of
from bot.deliveries import Lane
from bot.render.jobs import how_it_ended
from bot.render.terminal import clean, count, open_console, print_table
from bot.sandbox.crowd import READ_S, Crowd, Watch, crowd_of
from bot.sandbox.load_figures import COLUMNS, Choice, choose, row, times_as_slow
from bot.sandbox.rounds import Load, Measured, ask_while, count_approved, start_retraining
from bot.sandbox.starting import start_sandbox
from bot.serve import at_work, connected
from bot.services import Services, open_services
from bot.settings import SlackSettings
from bot.terminal.progress import show_waiting
from qa_core.errors import DataError
from qa_core.indexing.sources import load_catalog
from training.retraining.regression import find_questions_file

if TYPE_CHECKING:
    from training.retraining.jobs import Job

FINISH_S = 30.0  # for what was asked and not answered yet when the measurement ends


@dataclass(frozen=True, slots=True)
class Options:
    """What is measured."""

    people: int
    questions: int  # of one round
    seed: int
    retrain: bool
    home: Path | None  # None: that of the settings
    timeout_s: int
    direct: bool
    read_s: float

    @property
    def setting(self) -> str:
        """Who asks, where, and how long each reads."""
        people = "1 person asks" if self.people == 1 else f"{self.people} people ask"
        where = "direct messages" if self.direct else "#support"
        return f"{people} in {where}, reading for {self.read_s:g} s"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code: 0, 1 for an error of ours, 130 on Ctrl-C."""
    options = _options(arguments)
    logging.basicConfig(level=logging.WARNING, format="manualbot: %(message)s", stream=sys.stderr)
    return exit_code_of(lambda: _measure(options))


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        "python -m bot.sandbox.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--people", type=_at_least_one, default=20, metavar="N", help="default: 20")
    parser.add_argument(
        "--questions", type=_at_least_one, default=60, metavar="N", help="of one round, of all; default: 60"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the lot; default: 0")
    parser.add_argument("--retrain", action="store_true", help="ask on while a retraining runs, and compare")
    parser.add_argument("--home", type=Path, metavar="DIR", help="default: MANUALBOT_HOME")
    parser.add_argument("--direct", action="store_true", help="ask in direct messages, not in #support")
    parser.add_argument(
        "--reading",
        dest="read_s",
        type=_at_least_one,
        default=READ_S,
        metavar="S",
        help=f"seconds that each reads an answer before the next question; default: {READ_S:g}",
    )
    parser.add_argument(
        "--timeout",
        dest="timeout_s",
        type=_at_least_one,
        default=3600,
        metavar="S",
        help="seconds after which nobody asks any more and a retraining is cancelled; default: 3600",
    )
    return Options(**vars(parser.parse_args(arguments)))


def _at_least_one(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return int(text)


def _measure(options: Options) -> None:
    settings, watch, people = _settings(options.home), Watch(), crowd_of(options.people)
    address = start_sandbox(port=0, people=people, witness=watch.witness)
    inside = settings.in_sandbox(address.api_url, address.bot_token, address.app_token)
    try:
        with _bot(inside) as services:
            choice = _choice(services)
            questions = choice.draw(options.questions, options.seed)
            crowd = Crowd(address.url, people, watch, options.direct, read_s=options.read_s)
            print(_heading(options, choice, services), flush=True)
            measure(Load(services, crowd, questions, time.monotonic() + options.timeout_s), options)
    finally:
        address.stop()


def measure(load: Load, options: Options) -> None:
    """Print what one round brings, and what rounds beside a retraining do, where that is asked for.

    Raises DataError where there are too few triplets for one, or one is under way already.
    """
    n_approved = count_approved(load.services) if options.retrain else 0
    alone = load.one_round()
    _print_table("alone", alone)
    if load.is_late():
        print(f"Nobody asked any more after {options.timeout_s} s")
    elif options.retrain:
        job = start_retraining(load.services, options.seed)
        print(f"\nJob {job.id} retrains from {count(n_approved, 'approved triplet')}\n", flush=True)
        meanwhile, job = ask_while(load, job)
        _print_table("while retraining", meanwhile)
        print("\n".join(["", *_comparison(alone, meanwhile, job)]))


def _comparison(alone: Measured, meanwhile: Measured, job: Job) -> Iterator[str]:
    ratio = times_as_slow(alone.figures, meanwhile.figures)
    if ratio is not None:
        yield f"p95 while retraining: {ratio:.2f} times that alone"
    yield clean(_ending(job))
    given = ", ".join(f"{release} {n:,}" for release, n in meanwhile.releases.items())
    yield f"Answers by release: {given or 'none'}"


def _ending(job: Job) -> str:
    if not job.ended or job.ended_at is None:
        return f"Job {job.id} had not ended in time, and is being cancelled"
    took = datetime.fromisoformat(job.ended_at) - datetime.fromisoformat(job.created_at)
    return f"Job {job.id}: {job.state} after {took.total_seconds():.0f} s. {how_it_ended(job, None)}"


def _settings(home: Path | None) -> SlackSettings:
    """Those of the environment, with `home` in place of its own; no retraining starts by itself."""
    settings = SlackSettings.load()
    base = settings.base if home is None else replace(settings.base, home=home.absolute())
    training = replace(settings.training, schedule=None, after_triplets=None)
    return replace(settings, base=base, training=training)


@contextmanager
def _bot(settings: SlackSettings) -> Iterator[Services]:
    """The bot, connected and with its models loaded. What it was asked it answers before it ends."""
    services = open_services(settings)
    try:
        if _has_questions(services):
            raise DataError(
                f"Questions of people wait in {settings.base.home}, and would be answered in this workspace. "
                "Have them answered first: manualbot run"
            )
        with show_waiting("Loading the models"):
            services.engines.current()
        with at_work(services) as app, connected(app, settings):
            try:
                yield services
            finally:
                _finish(services)
    finally:
        services.store.close()


def _has_questions(services: Services) -> bool:
    return services.inbox.seconds_to_next(Lane.ANSWER) is not None


def _finish(services: Services) -> None:
    ends_at = time.monotonic() + FINISH_S
    while _has_questions(services) and time.monotonic() < ends_at:
        time.sleep(0.1)


def _choice(services: Services) -> Choice:
    sources = [Path(source.path) for source in load_catalog(services.store).sources]
    file = find_questions_file(services.settings.training.questions, sources)
    return choose(file, services.engines.current().passages)


def _heading(options: Options, choice: Choice, services: Services) -> str:
    settings, release = services.settings, services.engines.current().release
    bot = f"{count(settings.n_workers, 'worker')}, {count(settings.base.n_threads, 'thread')}, {release}"
    asked = f"{count(options.questions, 'question')} ({clean(choice.origin)}, seed {options.seed})"
    return f"{options.setting}: {asked}; {bot}\n"


def _print_table(name: str, measured: Measured) -> None:
    print_table(open_console(), COLUMNS, [row(name, measured.figures)])
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
