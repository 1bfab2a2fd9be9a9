"""A trial of feedback transfer: one variant with one seed in a home of its own, and its questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qa_core.durable import write_file
from qa_core.settings import Settings
from training.recipes.halves import split_halves
from training.recipes.tv_remote import TvQuestion


@dataclass(frozen=True, slots=True)
class Trial:
    """One variant with one seed, in a home of its own."""

    data: Path
    work: Path
    variant: str
    seed: int
    n_squad: int  # questions of SQuAD dev that are read; 0: none
    n_votes: int | None = None  # of the questions of half A; None: all
    n_measured: int | None = None  # of half B, of the paraphrases and of the samples each

    @property
    def folder(self) -> Path:
        """Where its state and figures are."""
        return self.work / f"{self.variant}-{self.seed}"

    @property
    def settings(self) -> Settings:
        """Those of the environment, in the trial's own home."""
        return replace(Settings.load(), home=self.folder / "home")

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gave when it was called for the first time."""
        return _once(self.folder / f"{name}.json", make)

    def once_a_seed(self, name: str, make: Callable[[], Any]) -> Any:
        """The same, for what all variants of a seed have alike."""
        return _once(self.work / f"{name}-{self.seed}.json", make)


def _once(path: Path, make: Callable[[], Any]) -> Any:
    if not path.is_file():
        write_file(path, json.dumps(make(), indent=1) + "\n")
    return json.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Parts:
    """The questions of one seed."""

    voted: tuple[TvQuestion, ...]  # half A without paraphrases
    paraphrased: tuple[TvQuestion, ...]  # of half A
    other: tuple[TvQuestion, ...]  # half B

    @classmethod
    def of(cls, questions: Sequence[TvQuestion], trial: Trial) -> Parts:
        """Halves of whole groups; of each part as many as the trial has room for."""
        halves = split_halves([question.group for question in questions], trial.seed)
        half_a = [questions[i] for i in halves.a]
        voted = [q for q in half_a if not q.kind.startswith("Paraphrased")]
        paraphrased = [q for q in half_a if q.kind.startswith("Paraphrased")]
        other = [questions[i] for i in halves.b]
        return cls(
            tuple(voted[: trial.n_votes]),
            tuple(paraphrased[: trial.n_measured]),
            tuple(other[: trial.n_measured]),
        )
