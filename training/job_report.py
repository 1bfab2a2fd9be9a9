"""What a retraining brought: figures before and after, the verdict, and the answers that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from training.epochs import Epoch, Figures
from training.fine_tune_report import ReportedEpoch
from training.frozen import Exam, Result
from training.gate import Comparison, Verdict
from training.retriever_epochs import RetrieverEpoch


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """A frozen question whose answer is another one now."""

    question: str
    part: str  # "held-out" or "regression"
    golds: tuple[str, ...]
    before: Result
    after: Result

    @property
    def change(self) -> float:
        """Above 0: better than before."""
        return _worth(self.after, self.golds) - _worth(self.before, self.golds)


@dataclass(frozen=True, slots=True)
class JobReport:
    """A finished retraining."""

    job: int
    base: str  # the release that it started from
    verdict: Verdict
    digest: str  # of the data set
    seed: int
    counts: Mapping[str, int]  # what it worked on
    regression_origin: str
    reader_epochs: tuple[ReportedEpoch, ...]  # empty where the reader was not trained
    encoder_epochs: tuple[RetrieverEpoch, ...]
    shares: Mapping[str, float]  # of the new weights, in reader and encoder
    notes: tuple[str, ...]  # how settings were chosen, in words
    before: Mapping[str, float | None]
    after: Mapping[str, float | None]
    changed: tuple[ChangedAnswer, ...]  # better ones first
    seconds: Mapping[str, float]  # of each stage
    made: str  # ISO 8601, UTC
    dry_run: bool = False
    learned_from: tuple[str, ...] = ()  # ids of the answers whose votes were in the training part

    def as_json(self) -> dict[str, Any]:
        """One JSON object, `report.json`."""
        return asdict(self)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> JobReport:
        """What `as_json` made an object of."""
        verdict = record["verdict"]
        epochs = read_epochs(record["reader_epochs"], record["encoder_epochs"])
        compared = {
            name: Comparison(**verdict[name]) for name in ("held_out", "answers", "answered", "declined")
        }
        return cls(
            **{
                **record,
                "verdict": Verdict(verdict["passed"], tuple(verdict["reasons"]), **compared),
                "reader_epochs": epochs[0],
                "encoder_epochs": epochs[1],
                "notes": tuple(record["notes"]),
                "learned_from": tuple(record["learned_from"]),
                "changed": tuple(map(_changed, record["changed"])),
            }
        )


def changed_answers(
    exam: Exam, before: Sequence[Result], after: Sequence[Result]
) -> tuple[ChangedAnswer, ...]:
    """The questions to which a person would be shown something else now, better ones first."""
    old = {result.id: result for result in before}
    new = {result.id: result for result in after}
    n_held_out = len(exam.held_out)
    changed = [
        ChangedAnswer(
            frozen.question.text,
            "held-out" if number < n_held_out else "regression",
            frozen.question.answers,
            old[frozen.id],
            new[frozen.id],
        )
        for number, frozen in enumerate(exam.questions)
        if _seen(old[frozen.id]) != _seen(new[frozen.id])
    ]
    return tuple(sorted(changed, key=lambda each: -each.change))


def read_epochs(
    reader: Sequence[Mapping[str, Any]], encoder: Sequence[Mapping[str, Any]]
) -> tuple[tuple[ReportedEpoch, ...], tuple[RetrieverEpoch, ...]]:
    """The epochs of both models from JSON."""
    return tuple(map(_reported, reader)), tuple(RetrieverEpoch(**each) for each in encoder)


def _seen(result: Result) -> tuple[object, ...]:
    """What a person sees of an answer: where it stands does not matter if it was kept back both times."""
    return (True,) if result.declined else (False, result.shown, result.place)


def _worth(result: Result, golds: Sequence[str]) -> float:
    if not golds:
        return float(result.declined)
    return 0.0 if result.declined else result.score


def _reported(record: Mapping[str, Any]) -> ReportedEpoch:
    epoch = record["epoch"]
    figures = epoch["figures"] and Figures(**epoch["figures"])
    return ReportedEpoch(Epoch(epoch["number"], epoch["train_loss"], figures), record["observation"])


def _changed(record: Mapping[str, Any]) -> ChangedAnswer:
    return ChangedAnswer(
        record["question"],
        record["part"],
        tuple(record["golds"]),
        Result(**record["before"]),
        Result(**record["after"]),
    )
