"""Progress on standard error: a bar with the time left on a terminal, nothing elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from bot.render.terminal import open_console


class Stages:
    """One line of progress for each stage of a longer work, in the order in which they begin."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, n_done: int, n_total: int) -> None:
        """Show that `n_done` of `n_total` are done in this stage."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage)
        self._progress.update(self._tasks[stage], completed=n_done, total=n_total)


@contextmanager
def show_stages() -> Iterator[Stages]:
    """Progress of several stages; the lines go when the work ends."""
    console = open_console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield Stages(progress)


@contextmanager
def show_progress(description: str, n_total: int) -> Iterator[Callable[[int], None]]:
    """Progress of one stage; what it yields is told how many are done."""
    with show_stages() as stages:
        yield lambda n_done: stages(description, n_done, n_total)


@contextmanager
def show_waiting(description: str) -> Iterator[None]:
    """A sign of life while something of unknown length happens."""
    console = open_console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(description):
        yield
