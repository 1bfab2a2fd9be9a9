"""What a retraining brought: figures before and after, the verdict, and the answers that changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from training.feedback.claims import Claim, Facts, decision_key
from training.feedback.opinions import Opinion, opinions_of
from training.feedback.support import Supports, claim_of, gather
from training.feedback.triplet import Kind, Rules, Triplet
from training.gate import Comparison, Verdict
from training.reading.epochs import Epoch, Figures
from training.reading.fine_tune_report import ReportedEpoch
from training.retraining.frozen import Exam, Result
from training.retrieval.retriever_epochs import RetrieverEpoch

if TYPE_CHECKING:
    from training.feedback.anchoring import Anchors


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """A frozen question whose answer is another one now."""

    question: str
    part: str  # of the exam: "held-out", "regression" or "voted on"
    golds: tuple[str, ...]
    before: Result
    after: Result

    @property
    def change(self) -> float:
        """Above 0: better than before."""
        return _worth(self.after, self.golds) - _worth(self.before, self.golds)


@dataclass(frozen=True, slots=True)
class Learned:
    """What people said about an answer and a candidate was trained on, as they said it; nobody's id is in it.

    All but `answer_id` is None in the reports of earlier versions.
    """

    answer_id: str
    kind: Kind | None = None  # "negative": that the span is wrong
    passage_id: str | None = None  # None for "unanswerable", whatever passage came nearest
    start: int | None = None
    end: int | None = None

    @classmethod
    def of(cls, opinion: Opinion) -> Learned:
        """What this opinion says, if it was learned from."""
        claim, kind = opinion.claim, opinion.claim.kind if opinion.value > 0 else "negative"
        passage_id = None if claim.start is None else claim.place.passage_id
        return cls(opinion.shown.answer_id, kind, passage_id, claim.start, claim.end)


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
    learned_from: tuple[Learned, ...] = ()  # what people said that was in the training part
    votes_read_at: float | None = None  # seconds since 1970; None in the reports of earlier versions

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
                "learned_from": tuple(map(_learned, record["learned_from"])),
                "changed": tuple(map(_changed, record["changed"])),
            }
        )


def changed_answers(
    exam: Exam, before: Sequence[Result], after: Sequence[Result]
) -> tuple[ChangedAnswer, ...]:
    """The questions to which a person would be shown something else now, better ones first."""
    old = {result.id: result for result in before}
    new = {result.id: result for result in after}
    changed = [
        ChangedAnswer(frozen.question.text, part, frozen.question.answers, old[frozen.id], new[frozen.id])
        for part, questions in exam.parts.items()
        for frozen in questions
        if _seen(old[frozen.id]) != _seen(new[frozen.id])
    ]
    return tuple(sorted(changed, key=lambda each: -each.change))


def learned_from(
    training: Iterable[Triplet], facts: Facts, rules: Rules, anchors: Anchors | None
) -> tuple[Learned, ...]:
    """What people hold that speaks for the triplets of a training part.

    Where an admin has put something else in a claim's place, that was learned, and not what people said;
    an edit that only trims their words, or adds to them, leaves them right.
    """
    opinions = opinions_of(facts, rules)
    claims = _claims_as_made(training, gather(opinions, facts, anchors))
    found = set()
    for opinion in opinions:
        key = decision_key(opinion.shown.question_key, opinion.claim)
        claim = claims.get((key, opinion.value))
        if claim is not None and opinion.claim.agrees_with(claim):
            found.add(Learned.of(opinion))
    return tuple(sorted(found, key=repr))


def read_epochs(
    reader: Sequence[Mapping[str, Any]], encoder: Sequence[Mapping[str, Any]]
) -> tuple[tuple[ReportedEpoch, ...], tuple[RetrieverEpoch, ...]]:
    """The epochs of both models from JSON."""
    return tuple(map(_reported, reader)), tuple(RetrieverEpoch(**each) for each in encoder)


def _claims_as_made(
    training: Iterable[Triplet], by_question: Mapping[str, Supports]
) -> dict[tuple[str, int], Claim]:
    """What was learned, by the key of the claim that people made of it and their value, 1 or -1."""
    claims: dict[tuple[str, int], Claim] = {}
    for triplet in training:
        learned, value = claim_of(triplet), -1 if triplet.kind == "negative" else 1
        for support in by_question.get(triplet.question_key, {}).values():
            if _is_same(support.claim, learned):
                claims |= {(key, value): learned for key in support.made_as}
    return claims


def _is_same(one: Claim, other: Claim) -> bool:
    if one.start is None or other.start is None:
        return one.start == other.start
    places = one.place.passage_id == other.place.passage_id
    return places and (one.start, one.end) == (other.start, other.end)


def _learned(record: str | Mapping[str, Any]) -> Learned:
    """From JSON; earlier versions wrote the answer's id alone."""
    return Learned(record) if isinstance(record, str) else Learned(**record)


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
        Result.of(record["before"]),
        Result.of(record["after"]),
    )
