"""A trial of feedback transfer: one variant with one seed in a home of its own, its manuals and questions."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from qa_core.durable import write_file
from qa_core.errors import DataError
from qa_core.settings import Settings
from training.measuring.questions import read_questions
from training.recipes.halves import Halves, split_halves
from training.recipes.own_manuals import manuals_path
from training.recipes.tv_remote import TvQuestion, manual_path, read_tv_questions

Manuals = Literal["tv", "samples", "held_out"]

SAMPLES = Path("manuals")
_FOLDERS: Mapping[Manuals, Path] = {"samples": SAMPLES, "held_out": manuals_path("held_out")}
_QUESTIONS = "questions.jsonl"  # beside the manuals that they are on
N_ROUNDS = 5
VOTES_A_ROUND: Mapping[Manuals, int] = {"tv": 60, "samples": 17, "held_out": 60}


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
    manuals: Manuals = "tv"  # that people ask and vote on

    @property
    def folder(self) -> Path:
        """Where its state and figures are."""
        return self.work / f"{name_on(self.manuals, self.variant)}-{self.seed}"

    @property
    def settings(self) -> Settings:
        """Those of the environment, in the trial's own home."""
        return replace(Settings.load(), home=self.folder / "home")

    def source(self) -> Path:
        """What is indexed. Manuals without their questions, which a retraining would find there."""
        if self.manuals == "tv":
            return manual_path(self.data)
        copy = self.folder / "manuals"
        folder = folder_of(self.manuals)
        shutil.copytree(folder, copy, ignore=lambda *_: [_QUESTIONS], dirs_exist_ok=True)
        return copy

    def check_options(self) -> None:
        """Raise DataError where what is kept was measured with other options."""
        options = {"squad": self.n_squad, "votes": self.n_votes, "questions": self.n_measured}
        kept = self.once_a_seed("options", lambda: options)
        if kept != options:
            raise DataError(
                f"{self.work} holds what was measured with {kept}, not with {options}. Give another --work"
            )

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gave when it was called for the first time."""
        return _once(self.folder / f"{name}.json", make)

    def once_a_seed(self, name: str, make: Callable[[], Any]) -> Any:
        """The same, for what all variants of a seed have alike."""
        return _once(self.work / f"{name_on(self.manuals, name)}-{self.seed}.json", make)


def folder_of(manuals: Manuals) -> Path:
    """Where the manuals that are no data of others are, with their questions."""
    return _FOLDERS[manuals]


def name_on(manuals: Manuals, name: str) -> str:
    """What a file or folder of that name is called where people vote on these manuals."""
    return name if manuals == "tv" else f"{manuals}-{name}"


def _once(path: Path, make: Callable[[], Any]) -> Any:
    if not path.is_file():
        write_file(path, json.dumps(make(), indent=1) + "\n")
    return json.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Parts:
    """The questions of one seed."""

    voted: tuple[TvQuestion, ...]  # half A without paraphrases
    paraphrased: tuple[TvQuestion, ...]  # of half A
    other: tuple[TvQuestion, ...]  # half B; on held-out manuals what N_ROUNDS of votes leave of it

    @classmethod
    def of(cls, trial: Trial) -> Parts:
        """Halves of whole groups; of each part as many as the trial has room for."""
        with_unanswerable = trial.manuals == "held_out"
        if trial.manuals == "tv":
            questions = read_tv_questions(trial.data)
        else:
            questions = read_questions_of(folder_of(trial.manuals), with_unanswerable=with_unanswerable)
        halves = split_halves([question.group for question in questions], trial.seed)
        if with_unanswerable:
            halves = _with_more_in_a(halves, questions, N_ROUNDS * VOTES_A_ROUND[trial.manuals])
        half_a = [questions[i] for i in halves.a]
        voted = [q for q in half_a if not q.kind.startswith("Paraphrased")]
        paraphrased = [q for q in half_a if q.kind.startswith("Paraphrased")]
        other = [questions[i] for i in halves.b]
        return cls(
            tuple(voted[: trial.n_votes]),
            tuple(paraphrased[: trial.n_measured]),
            tuple(other[: trial.n_measured]),
        )


def _with_more_in_a(halves: Halves, questions: Sequence[TvQuestion], n_wanted: int) -> Halves:
    """Half A with whole groups of half B, the first ones, until it has so many questions."""
    a, b = list(halves.a), list(halves.b)
    while len(a) < n_wanted and b:
        group = questions[b[0]].group
        a += [i for i in b if questions[i].group == group]
        b = [i for i in b if questions[i].group != group]
    return Halves(tuple(sorted(a)), tuple(b))


def read_questions_of(folder: Path, *, with_unanswerable: bool = False) -> tuple[TvQuestion, ...]:
    """A folder's questions that its manuals answer, or all; questions on one section are a group.

    Each that they do not answer is a group of its own.
    """
    questions = [q for q in read_questions(folder / _QUESTIONS) if q.answerable or with_unanswerable]
    groups: dict[tuple[str | None, str], int] = {}
    return tuple(
        TvQuestion(
            id=str(number),
            question=replace(question, product=None),  # people who ask name it, or do not
            annotated_section=question.section,
            kind="Normal Q&A",
            group=groups.setdefault((question.manual, question.section or f"none {number}"), len(groups)),
        )
        for number, question in enumerate(questions)
    )
