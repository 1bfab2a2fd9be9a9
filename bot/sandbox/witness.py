"""Who looks on while the workspace is at work, such as a measurement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.protocol import Json


def _look_away(_seen: object) -> None:
    pass


@dataclass(frozen=True)
class Witness:
    """What it does with what it sees. Called on the workspace's event loop: it must be quick."""

    saw_event: Callable[[Json], None] = _look_away  # something happened, whether or not the bot is told
    saw_ack: Callable[[float], None] = (
        _look_away  # seconds that the bot took for it, or was waited for in vain
    )
