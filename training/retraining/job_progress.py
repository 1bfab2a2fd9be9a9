"""How far a job is: stages of known weight, the time left, and the moment to stop."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from qa_core.errors import ManualbotError
from training.retraining.jobs import Progress

# Each stage's share of a retraining's time, roughly: for some hundred triplets and some thousand passages.
WEIGHTS = {
    "Freezing the data": 0.03,
    "Asking the current release": 0.2,
    "Training the reader": 0.25,
    "Training the encoder": 0.18,
    "Indexing": 0.15,
    "Calibrating": 0.06,
    "Asking the candidate": 0.1,
    "Making the release": 0.03,
}
_TOLD_EVERY_S = 1.0
_MIN_SHARE = 0.03  # of the job that must be done before the time left means anything
_LOOKED_AT_S = 30.0  # so far back it looks how much of the processor the job got;
_LITTLE = 0.3  # with less than this share of one core it gives way to others


class Cancelled(ManualbotError):  # noqa: N818 - the end that was asked for, no error
    """Somebody wanted the job to end, or it is another process's now."""


class JobProgress:
    """Told by the stages how far they are; tells the store, and stops them when they must."""

    def __init__(
        self,
        tell: Callable[[Progress], None],
        goes_on: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
        cpu_clock: Callable[[], float] = time.process_time,
    ) -> None:
        """`goes_on` is asked often and must be quick."""
        self._processor = _Processor(clock, cpu_clock)
        self._tell, self._goes_on, self._clock = tell, goes_on, clock
        self._started = clock()
        self._first_share: float | None = None  # a resumed job begins in the middle
        self._told_at = float("-inf")
        self._stage = ""
        self.seconds: dict[str, float] = {}  # that each stage took
        self._stage_started = clock()

    def begin(self, stage: str) -> None:
        """A stage of WEIGHTS begins. Raises Cancelled when the job must stop."""
        self._close_stage()
        self._stage = stage
        self._told_at = float("-inf")
        self.at(0.0)

    def at(self, share: float, loss: float | None = None) -> None:
        """`share` (0 to 1) of the stage is done. Raises Cancelled when the job must stop."""
        self.check()
        now = self._clock()
        if now - self._told_at < _TOLD_EVERY_S:
            return
        self._told_at = now
        done = self._before() + WEIGHTS[self._stage] * min(max(share, 0.0), 1.0)
        gives_way = self._processor.is_scarce()
        self._tell(Progress(self._stage, done, loss, self._left(done, now), gives_way=gives_way))

    def check(self) -> None:
        """Raises Cancelled when the job must stop; for where it cannot be told how far it is."""
        if not self._goes_on():
            raise Cancelled

    def steps(self, done: int, total: int) -> None:
        """The same, for what is counted."""
        self.at(done / max(total, 1))

    def end(self) -> None:
        """The last stage is over."""
        self._close_stage()

    def _close_stage(self) -> None:
        now = self._clock()
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._stage_started
        self._stage_started = now
        self._stage = ""

    def _before(self) -> float:
        names = list(WEIGHTS)
        return sum(WEIGHTS[name] for name in names[: names.index(self._stage)])

    def _left(self, done: float, now: float) -> float | None:
        if self._first_share is None:
            self._first_share = done
        here = done - self._first_share
        return (now - self._started) / here * (1 - done) if here >= _MIN_SHARE else None


class _Processor:
    """How much of the processor this process gets."""

    def __init__(self, clock: Callable[[], float], cpu_clock: Callable[[], float]) -> None:
        self._clock, self._cpu_clock = clock, cpu_clock
        self._looks = deque([(clock(), cpu_clock())])  # when it was looked, and what was used until then

    def is_scarce(self) -> bool:
        """Whether the process got little of it lately; not before there is a while to look back on."""
        now, used = self._clock(), self._cpu_clock()
        self._looks.append((now, used))
        while now - self._looks[1][0] >= _LOOKED_AT_S:
            self._looks.popleft()
        since, used_before = self._looks[0]
        return now - since >= _LOOKED_AT_S and used - used_before < _LITTLE * (now - since)
