"""Ask questions with known answers and measure: where the bot looked, what it showed, when it declined.

Every question is asked once, with declining switched off; whether the bot would have declined follows
from the confidence and the threshold of its answer. So one run gives quality with and without declining,
and precision at every coverage.
"""

from __future__ import annotations

import logging
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from qa_core.errors import IndexingError
from qa_core.types import Answer, Passage
from training.measuring import metrics
from training.measuring.questions import Question, is_in_gold_section, is_in_manual
from training.measuring.reliability import (
    N_BINS,
    TARGET_PRECISION,
    Judgements,
    calibration_error,
    coverage_at,
)

logger = logging.getLogger(__name__)

HIT_DEPTHS = (1, 3, 5, 10)
COVERAGES = (0.2, 0.5, 0.8, 1.0)


class Answerer(Protocol):
    """What answers questions: `qa_core.engine.Engine`, or a fake."""

    def ask(self, question: str, product: str | None = None, decline: bool = True) -> Answer:
        """The answer from the manuals of `product`, or of all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question and the answer it got with declining switched off."""

    question: Question
    answer: Answer

    @property
    def declined(self) -> bool:
        """Whether the bot keeps this answer back: no span, or confidence below the threshold."""
        return not self.answer.answered or self.answer.confidence < self.answer.threshold

    @property
    def right(self) -> bool:
        """Whether a person who is shown the answer has been helped; see `is_right`."""
        return is_right(self.answer, self.question.answers)

    @property
    def helps(self) -> bool:
        """Whether it is right or cites the gold section: what confidence is the probability of."""
        return self.right or (self.answer.answered and self.section_rank == 1)

    @property
    def section_rank(self) -> int | None:
        """Where the first passage of the gold section stands among the hits, from 1."""
        return self._rank_of(lambda passage: is_in_gold_section(passage, self.question))

    @property
    def manual_rank(self) -> int | None:
        """Where the first passage of the gold manual stands among the hits, from 1."""
        gold = self.question.manual
        return None if gold is None else self._rank_of(lambda passage: is_in_manual(passage.manual, gold))

    def _rank_of(self, wanted: Callable[[Passage], bool]) -> int | None:
        passages = {hit.passage.id: hit.passage for hit in self.answer.hits}
        return next((rank for rank, p in enumerate(passages.values(), start=1) if wanted(p)), None)


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure over `n` questions; None if it cannot be computed from them."""

    name: str
    value: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one run, in the order in which they are printed."""

    metrics: tuple[Metric, ...]

    def value(self, name: str) -> float | None:
        """The figure of that name; raises KeyError if there is none."""
        return {metric.name: metric.value for metric in self.metrics}[name]

    def as_json(self) -> dict[str, float | dict[str, int] | None]:
        """`name: value` of every figure, and under `n` the number of questions behind each."""
        values = {metric.name: metric.value for metric in self.metrics}
        return {**values, "n": {metric.name: metric.n for metric in self.metrics}}


def is_right(answer: Answer, golds: Sequence[str]) -> bool:
    """Whether the answer, if it is shown, helps: the definition behind precision and calibration.

    Right is an answer that says, for any of the golds, one of these:
    - its span is gold or near it: token F1 of at least 0.5 (short answers: `3 seconds`);
    - what is shown holds most of gold: ROUGE-L recall of at least 0.6;
    - what is shown is mostly gold, and a good part of it: precision 0.6, recall 0.25 (a gold answer
      of many sentences of which the passage has some).
    In a real manual, passages of other sections pass this by chance for fewer than 2 in 100 questions.
    The section does not count: manuals say the same thing in several places. Without golds (a question
    that the manuals do not answer) nothing is right, nor is an answer without a span.
    """
    span, shown = answer.span_text, answer.shown_text
    if span is None or shown is None:
        return False
    return any(metrics.token_f1(span, gold) >= 0.5 or _says(shown, gold) for gold in golds)


def _says(shown: str, gold: str) -> bool:
    precision, recall = metrics.rouge_l_shares(shown, gold)
    return recall >= 0.6 or (precision >= 0.6 and recall >= 0.25)


def ask_all(
    engine: Answerer, questions: Sequence[Question], on_asked: Callable[[int], None] | None = None
) -> tuple[Outcome, ...]:
    """The outcome of every question, each asked once within its product, nothing declined.

    A product that no manual has is logged, and its questions are asked of all manuals: a set of
    questions stays usable where products are called otherwise. `on_asked` is told how many are done.
    """
    outcomes = []
    unknown: set[str] = set()
    for n_asked, question in enumerate(questions, start=1):
        outcomes.append(Outcome(question, _ask(engine, question, unknown)))
        if on_asked:
            on_asked(n_asked)
    return tuple(outcomes)


def _ask(engine: Answerer, question: Question, unknown: set[str]) -> Answer:
    """The answer within the question's product, or from all manuals if that is unknown."""
    product = question.product
    if product is not None and product not in unknown:
        try:
            return engine.ask(question.text, product=product, decline=False)
        except IndexingError as error:
            logger.warning("Questions on product %r are asked of all manuals: %s", product, error)
            unknown.add(product)
    return engine.ask(question.text, decline=False)


def evaluate(
    engine: Answerer,
    questions: Sequence[Question],
    decline: bool = True,
    on_asked: Callable[[int], None] | None = None,
) -> Report:
    """Ask all questions and measure. With `decline`, what the bot keeps back scores 0 in quality."""
    return measure(ask_all(engine, questions, on_asked), decline)


def measure(outcomes: Sequence[Outcome], decline: bool = True) -> Report:
    """The figures of these outcomes.

    Hits are counted over the questions with a gold section or manual, and an engine that returns fewer
    than k hits has them all counted; quality over the answerable questions; confidence over all, against
    whether the answer helps. Calibration error is that of equal-mass bins, N_BINS or one for each question.
    """
    parts = (_retrieval, _quality, _declining, _confidence, _latency)
    return Report(tuple(metric for part in parts for metric in part(outcomes, decline)))


def _retrieval(outcomes: Sequence[Outcome], _decline: bool) -> Iterator[Metric]:
    by_gold = {
        "section": [o.section_rank for o in outcomes if o.question.section is not None],
        "manual": [o.manual_rank for o in outcomes if o.question.manual is not None],
    }
    for name, ranks in by_gold.items():
        for k in HIT_DEPTHS:
            yield Metric(f"{name}_hit_at_{k}", metrics.hit_at_k(ranks, k), len(ranks))
        yield Metric(f"{name}_mrr", metrics.mean_reciprocal_rank(ranks), len(ranks))


def _quality(outcomes: Sequence[Outcome], decline: bool) -> Iterator[Metric]:
    answerable = [o for o in outcomes if o.question.answerable]
    given = [o for o in answerable if not _kept_back(o, decline)]
    by_shown = {"shown_rouge_l": metrics.rouge_l, "shown_f1": metrics.token_f1}
    by_span = {"answer_exact_match": metrics.exact_match, "answer_f1": metrics.token_f1}
    for name, score in by_shown.items():
        scores = [_best(score, o.answer.shown_text, o) for o in given]
        yield Metric(name, _share_of(scores, len(answerable)), len(answerable))
    yield Metric("shown_length_ratio", _length_ratio(given), len(given))
    for name, score in by_span.items():
        scores = [_best(score, o.answer.span_text, o) for o in given]
        yield Metric(name, _share_of(scores, len(answerable)), len(answerable))
    yield Metric("answer_right", _share_of([float(o.right) for o in given], len(answerable)), len(answerable))
    yield Metric("answer_helps", _share_of([float(o.helps) for o in given], len(answerable)), len(answerable))


def _declining(outcomes: Sequence[Outcome], decline: bool) -> Iterator[Metric]:
    groups = {
        "declined": outcomes,
        "declined_answerable": [o for o in outcomes if o.question.answerable],
        "declined_unanswerable": [o for o in outcomes if not o.question.answerable],
    }
    for name, group in groups.items():
        yield Metric(name, metrics.mean([float(_kept_back(o, decline)) for o in group]), len(group))


def _confidence(outcomes: Sequence[Outcome], decline: bool) -> Iterator[Metric]:
    confidences, helps = [o.answer.confidence for o in outcomes], [o.helps for o in outcomes]
    answerable, n = [o.question.answerable for o in outcomes], len(outcomes)
    given = [float(o.helps) for o in outcomes if not _kept_back(o, decline)]
    yield Metric("abstention_auroc", metrics.auroc(confidences, helps), n)
    yield Metric("answerable_auroc", metrics.auroc(confidences, answerable), n)
    yield Metric("precision", metrics.mean(given), len(given))
    for coverage in COVERAGES:
        value = metrics.precision_at_coverage(confidences, helps, coverage)
        yield Metric(f"precision_at_coverage_{round(100 * coverage)}", value, n)
    judged = Judgements.of(confidences, helps)
    n_bins = min(N_BINS, n)
    reached = coverage_at(judged) if n else None
    yield Metric(f"coverage_at_precision_{round(100 * TARGET_PRECISION)}", reached, n)
    yield Metric("calibration_error", calibration_error(judged, n_bins) if n else None, n)
    yield Metric("calibration_bins", float(n_bins) if n else None, n)


def _latency(outcomes: Sequence[Outcome], _decline: bool) -> Iterator[Metric]:
    latencies = [o.answer.latency_ms for o in outcomes]
    for percent in (50, 95):
        yield Metric(f"latency_p{percent}_ms", metrics.percentile(latencies, percent), len(latencies))


def _kept_back(outcome: Outcome, decline: bool) -> bool:
    return outcome.declined if decline else not outcome.answer.answered


def _best(score: Callable[[str, str], float], text: str | None, outcome: Outcome) -> float:
    return metrics.best_over_golds(score, text or "", outcome.question.answers)


def _share_of(scores: Sequence[float], n: int) -> float | None:
    return sum(scores) / n if n else None


def _length_ratio(outcomes: Sequence[Outcome]) -> float | None:
    """Median words shown over median words of gold (of several golds, their median)."""
    if not outcomes:
        return None
    shown = [len((o.answer.shown_text or "").split()) for o in outcomes]
    gold = [statistics.median(len(a.split()) for a in o.question.answers) for o in outcomes]
    return statistics.median(shown) / statistics.median(gold)
