"""Progress in steps, as it is told by what takes long to whoever shows it."""

from __future__ import annotations

from collections.abc import Callable

OnStep = Callable[[int, int], None]  # (steps done, of all); may raise to end what is done

_FINE = 1000  # steps of a whole that has parts


def untold(_done: int, _of: int) -> None:
    """For where nobody looks."""


def part_of(on_step: OnStep, begin: float, end: float) -> OnStep:
    """Progress of a part that takes from `begin` to `end`, 0 to 1, of the whole."""
    return lambda done, of: on_step(round(_FINE * (begin + (end - begin) * done / max(of, 1))), _FINE)
