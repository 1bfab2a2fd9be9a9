"""Refit a release's calibration for a candidate's models.

A retraining has few questions whose answers are known and that were not trained on. So the current
release's confidence is carried over: a logistic model on the candidate's features learns to say what the
current one says on average (distillation, Hinton et al. 2015), and the questions with known answers
correct it. People vote on what was answered, so their questions alone would teach a candidate to be sure of
everything (seen: it answered 14 of 39 questions off the topic): more than half of what is carried over are
questions that nothing answers, off the topic or with the section that answers left out. The threshold
keeps its value, and its meaning: a probability.

Ranking's weights are fitted again on the questions with known answers, drawn towards the present ones. Of all
that a retraining does this brings most to questions that nobody has voted on: see
training/recipes/feedback_transfer.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from qa_core.confidence import Calibrator
from qa_core.engine import Engine, Found
from qa_core.ranking import RankWeights
from training.calibrate import FitSettings, Judged, Sample, fit_confidence, section_hit
from training.evaluate import is_right
from training.questions import Question
from training.ranking_fit import fit_ranking
from training.rehearsal import LoggedQuestion, Rehearsed, without

MIN_QUESTIONS = 30  # with fewer the calibration stays what it is
MIN_TO_RANK = 20  # with fewer the passages are ranked as before
_N_VOTES = 10  # a confidence of 0.7 stands as 7 right answers and 3 wrong ones
_MIN_OF_EACH = 6  # questions that are answered right, and wrong: folds hold some of either


def recalibrate(
    engine: Engine,
    believed: Sequence[Rehearsed],
    known: Sequence[Question],
    on_asked: Callable[[int, int], None] = lambda _done, _of: None,
) -> Calibrator:
    """The calibration of the candidate in `engine`, whose own one is the current release's.

    `known` are questions with gold answers (none: no manual answers) that were not trained on.
    """
    calibrator = engine.models.calibrator
    n_all = len(believed) + len(known)
    if n_all < MIN_QUESTIONS:
        return calibrator
    asked: list[Found] = []
    for each in (*(b.question for b in believed), *(LoggedQuestion(q.text, q.product) for q in known)):
        asked.append(engine.find(each.text, each.within(engine.products)))
        on_asked(len(asked), n_all)
    samples = [Sample(question, found) for question, found in zip(known, asked[len(believed) :], strict=True)]
    weighted = replace(calibrator, ranking=ranking(samples, calibrator))
    candidate = Engine(replace(engine.models, calibrator=weighted, threshold=None))
    judged = [
        *_carried_over(candidate, believed, asked),
        *(each for sample in samples for each in _judged(candidate, sample)),
    ]
    if min(len({j.group for j in judged if j.helps is helps}) for helps in (True, False)) < _MIN_OF_EACH:
        return weighted
    fitted = fit_confidence(judged, weighted, (), FitSettings(group_exponent=0.0))
    return replace(fitted, threshold=calibrator.threshold)


def ranking(samples: Sequence[Sample], calibrator: Calibrator) -> RankWeights:
    """The weights fitted on these questions, drawn towards the present ones; few questions change nothing."""
    with_section = [sample for sample in samples if sample.question.section]
    if len(with_section) < MIN_TO_RANK:
        return calibrator.ranking
    return fit_ranking(with_section, calibrator.ranking)


def _carried_over(candidate: Engine, believed: Sequence[Rehearsed], found: Sequence[Found]) -> list[Judged]:
    """What the current release believes of each question, with and without the section that it took."""
    judged = []
    for number, (each, own) in enumerate(zip(believed, found, strict=False)):
        beliefs = [(own, each.confidence)]
        if each.best is not None:
            beliefs.append((without(own, each.best), each.confidence_without))
        for asked, confidence in beliefs:
            features = candidate.features(asked)
            n_right = round(_N_VOTES * confidence)
            votes = range(_N_VOTES if features is not None else 0)
            judged += [Judged(features or (), vote < n_right, True, f"believed-{number}") for vote in votes]
    return judged


def _judged(candidate: Engine, sample: Sample) -> Iterator[Judged]:
    """A known answer, of the weight of a belief; answerable ones without a section only if they are right."""
    features = candidate.features(sample.found)
    if features is None:
        return
    answer = candidate.decide(sample.found, decline=False)
    helps = is_right(answer, sample.question.answers) or section_hit(sample, candidate.models.calibrator)
    for _ in range(_N_VOTES):
        yield Judged(features, helps, True, f"known-{sample.question.text}")
