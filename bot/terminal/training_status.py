"""How a training goes, on standard error: a line rewritten on a terminal, one a minute elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.reading.span_training import TrainingProgress

EVERY_S = 60.0  # between two lines where nothing can be rewritten


def status_text(progress: TrainingProgress) -> str:
    """`step 37 of 150, loss 1.234, 2,950 tokens/s, 1:23 left`."""
    minutes, seconds = divmod(round(progress.left_s), 60)
    hours, minutes = divmod(minutes, 60)
    left = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return (
        f"step {progress.step} of {progress.n_steps}, loss {progress.loss:.3f}, "
        f"{progress.tokens_per_s:,.0f} tokens/s, {left} left"
    )


class TrainingStatus:
    """Told of each step; `clear` makes room for other output."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._is_terminal = sys.stderr.isatty()
        self._next_s = clock() + EVERY_S

    def __call__(self, progress: TrainingProgress) -> None:
        """Show where the training stands."""
        if self._is_terminal:
            print(f"\r{status_text(progress)}\x1b[K", end="", file=sys.stderr, flush=True)
        elif self._clock() >= self._next_s:
            self._next_s = self._clock() + EVERY_S
            print(status_text(progress), file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._is_terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
