"""How fast the bot may post: about one message a second and channel, and not before Slack says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

INTERVAL_S = 1.0  # between two messages in one channel


class Pacer:
    """Gives each task that has a message for a channel its turn, first come, first served."""

    def __init__(self, interval_s: float = INTERVAL_S, now: Callable[[], float] = time.monotonic) -> None:
        self._interval_s, self._now = interval_s, now
        self._turns: dict[tuple[str, str], float] = {}  # of those that wait
        self._last: dict[str, float] = {}  # turn that was given in each channel
        self._lock = threading.Lock()

    def wait_s(self, channel: str, key: str) -> float:
        """How long the task `key` has to wait for its turn; 0 means post its message now.

        Asking again keeps the turn. After 0 the turn is used.
        """
        with self._lock:
            now = self._now()
            turn = self._turns.get((channel, key))
            if turn is None:
                turn = max(now, self._last.get(channel, -self._interval_s) + self._interval_s)
                self._last[channel] = turn
            if turn > now:
                self._turns[channel, key] = turn
                return turn - now
            self._turns.pop((channel, key), None)
            self._forget_idle(now)
            return 0.0

    def drop(self, key: str) -> None:
        """The task has nothing to post any more: nobody waits for its turns."""
        with self._lock:
            for turn in [each for each in self._turns if each[1] == key]:
                del self._turns[turn]

    def hold(self, channel: str, seconds: float) -> None:
        """Nothing goes to this channel for so long: whoever waits gets a new turn, in the same order."""
        with self._lock:
            first = self._now() + seconds
            waiting = sorted((turn, key) for (of, key), turn in self._turns.items() if of == channel)
            for number, (_, key) in enumerate(waiting, start=1):
                self._turns[channel, key] = first + number * self._interval_s
            self._last[channel] = first + (len(waiting)) * self._interval_s

    def keep_turn(self, channel: str, key: str, seconds: float) -> None:
        """The message was refused and comes again, ahead of the others, in `seconds`."""
        self.hold(channel, seconds)
        with self._lock:
            self._turns[channel, key] = self._now() + seconds

    def _forget_idle(self, now: float) -> None:
        for channel in [c for c, last in self._last.items() if last < now - 60]:
            del self._last[channel]
