"""The reader alone, on contexts that are given: exact match and F1 as SQuAD's scripts compute them.

No retrieval, no calibration, no growing of spans. A file without unanswerable questions is scored as
v1.1, where every question gets the best span; one with them as v2.0, where the reader says "no answer"
if its null score exceeds the best span's by more than a threshold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from qa_core.errors import DataError
from qa_core.types import Hit, Manual, Passage, Reading, Section
from training.evaluate import Metric, Report
from training.measuring import metrics
from training.reading.examples import given_answers
from training.reading.loading import Checked, LeftOut, check_records, nothing_in

_MANUAL = Manual("0" * 16, "", "", "", "", None, None, "0" * 64)


class HitReader(Protocol):
    """What reads passages: `qa_core.reader.Reader`, or a fake."""

    def read(self, question: str, hits: Sequence[Hit]) -> tuple[Reading, ...]:
        """What is found in each hit, in their order."""


@dataclass(frozen=True, slots=True)
class GoldContext:
    """A question on one context; no golds if the context does not answer it."""

    id: str
    question: str
    context: str
    golds: tuple[str, ...]
    title: str = ""  # of the article: read as the heading above the context, as in training

    @property
    def hit(self) -> Hit:
        """The context as the passage that the reader is given."""
        headings = (self.title.replace("_", " "),) if self.title else ()
        return Hit(Passage(self.id, _MANUAL, Section(headings, self.context), 0, len(self.context)), 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Prediction:
    """The best span's text, and by how much the null score exceeds its score; both nothing without one."""

    text: str
    null_margin: float


def read_squad(path: Path) -> tuple[GoldContext, ...]:
    """The questions of a file, each with all its answers as golds.

    Reads what fine-tuning reads: SQuAD's format, v1.1 or v2.0, and triplets as JSON or JSON lines; exported
    ones that are not to be learned from are left out. Raises DataError that names the record that is wrong.
    """
    questions, left_out = [], []
    for checked in check_records(path):
        if checked.example is None and not checked.is_mistake:
            left_out.append(LeftOut(checked.name, checked.reason))
        else:
            questions.append(_gold_context(checked))
    if not questions:
        raise DataError(nothing_in(path, left_out))
    return tuple(questions)


def _gold_context(checked: Checked) -> GoldContext:
    """The answers as they are written: an example's are trimmed, each counted once."""
    example, fields = checked.example, checked.record.fields
    if example is None or fields is None:
        raise DataError(f"{checked.complaint}. Mend it, or take it out of the file")
    golds = tuple(answer.text for answer in given_answers(fields))
    return GoldContext(example.id, example.question, example.context, golds, fields.get("title") or "")


def evaluate_reader(
    reader: HitReader,
    questions: Sequence[GoldContext],
    null_threshold: float = 0.0,
    on_read: Callable[[int], None] | None = None,
) -> Report:
    """Read every context and score what is found; `on_read` is told how many have been read."""
    return score(questions, predict_all(reader, questions, on_read), null_threshold)


def predict_all(
    reader: HitReader, questions: Sequence[GoldContext], on_read: Callable[[int], None] | None = None
) -> tuple[Prediction, ...]:
    """What the reader finds in each question's context, in order."""
    predictions: list[Prediction] = []
    for question in questions:
        [reading] = reader.read(question.question, [question.hit])
        predictions.append(_prediction(question, reading))
        if on_read:
            on_read(len(predictions))
    return tuple(predictions)


def _prediction(question: GoldContext, reading: Reading) -> Prediction:
    if not reading.spans:
        return Prediction("", 0.0)
    best = reading.spans[0]
    return Prediction(question.context[best.start : best.end], reading.null_score - best.score)


def score(
    questions: Sequence[GoldContext], predictions: Sequence[Prediction], null_threshold: float = 0.0
) -> Report:
    """`exact_match` and `f1`, 0 to 100; with unanswerable questions also the official parts.

    Those are `HasAns_…` and `NoAns_…`, and the best F1 that any threshold gives, with that threshold.
    """
    has_unanswerable = any(not question.golds for question in questions)
    if not has_unanswerable:
        scored = [_score(q.golds, p.text) for q, p in zip(questions, predictions, strict=True)]
        return Report(tuple(_means("exact_match", "f1", scored)))
    said = [p.text if p.null_margin <= null_threshold else "" for p in predictions]
    scored = [_score(_v2_golds(q), text) for q, text in zip(questions, said, strict=True)]
    by_kind = {
        kind: [s for q, s in zip(questions, scored, strict=True) if bool(q.golds) is answerable]
        for kind, answerable in (("HasAns", True), ("NoAns", False))
    }
    parts = [metric for kind, own in by_kind.items() for metric in _means(f"{kind}_exact", f"{kind}_f1", own)]
    best_f1, threshold = best_threshold(questions, predictions)
    best = (
        Metric("best_f1", best_f1, len(questions)),
        Metric("best_f1_threshold", threshold, len(questions)),
    )
    return Report((*_means("exact_match", "f1", scored), *parts, *best))


def _v2_golds(question: GoldContext) -> tuple[str, ...]:
    """The golds that are something once normalised, or the empty one, as the v2.0 script has it."""
    return tuple(gold for gold in question.golds if metrics.normalize_squad(gold)) or ("",)


def _score(golds: Sequence[str], text: str) -> tuple[float, float]:
    return (
        metrics.best_over_golds(metrics.exact_match, text, golds),
        metrics.best_over_golds(metrics.token_f1, text, golds),
    )


def _means(exact_name: str, f1_name: str, scored: Sequence[tuple[float, float]]) -> Iterator[Metric]:
    for name, column in ((exact_name, 0), (f1_name, 1)):
        value = metrics.mean([pair[column] for pair in scored])
        yield Metric(name, None if value is None else 100 * value, len(scored))


def best_threshold(
    questions: Sequence[GoldContext], predictions: Sequence[Prediction]
) -> tuple[float, float]:
    """The best F1 over all thresholds, 0 to 100, and the smallest threshold that gives it.

    Starts with "no answer" to all and lets answers through by growing null margin, as the script does.
    """
    total = float(sum(not question.golds for question in questions))
    best, best_threshold = total, min(p.null_margin for p in predictions) - 1.0
    by_margin = sorted(zip(questions, predictions, strict=True), key=lambda pair: pair[1].null_margin)
    for i, (question, prediction) in enumerate(by_margin):
        if question.golds:
            total += _score(_v2_golds(question), prediction.text)[1]
        else:
            total -= float(bool(prediction.text))
        is_last_of_tie = i + 1 == len(by_margin) or by_margin[i + 1][1].null_margin > prediction.null_margin
        if is_last_of_tie and total > best:
            best, best_threshold = total, prediction.null_margin
    return 100 * best / len(questions), best_threshold
