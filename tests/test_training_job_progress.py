"""What a job tells of itself while it goes on."""

from __future__ import annotations

from training.retraining.job_progress import JobProgress
from training.retraining.jobs import Progress


class Clocks:
    """A second a step, of which the process gets a share."""

    def __init__(self) -> None:
        self.now, self.used = 0.0, 0.0

    def pass_seconds(self, n: int, of_processor: float) -> None:
        self.now += n
        self.used += n * of_processor


def test_a_job_that_gets_little_of_the_processor_says_so_and_no_longer_when_it_gets_more() -> None:
    clocks, told = Clocks(), list[Progress]()
    progress = JobProgress(told.append, lambda: True, lambda: clocks.now, lambda: clocks.used)
    progress.begin("Indexing")
    said = []
    for of_processor in (0.1, 1.8, 0.0):
        for _ in range(12):
            clocks.pass_seconds(5, of_processor)
            progress.at(0.5)
        said.append([each.gives_way for each in told[-12:]])
    starved, served, stopped = said
    assert starved == [False] * 5 + [True] * 7, "half a minute is needed to tell"
    assert served == [False] * 12
    assert stopped == [False] * 5 + [True] * 7


def test_a_long_step_without_a_word_is_looked_at_as_a_whole() -> None:
    clocks, told = Clocks(), list[Progress]()
    progress = JobProgress(told.append, lambda: True, lambda: clocks.now, lambda: clocks.used)
    progress.begin("Indexing")
    clocks.pass_seconds(300, 0.9)
    progress.at(0.5)
    clocks.pass_seconds(300, 0.2)
    progress.at(0.6)
    assert [each.gives_way for each in told] == [False, False, True]
