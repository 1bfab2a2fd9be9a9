"""Carry a release's confidence over to a candidate, and fit how it ranks and how much it shows.

A retraining has few questions whose answers are known and that were not trained on: too few for a new model
of confidence. So it begins at the last calibration that was fitted to such questions; that one's weights
stay, and its logit is scaled and shifted (Platt 1999) until it says of the candidate's answers what the
current release says of its own on average (distillation, Hinton et al. 2015); the questions with known
answers count as well. People vote on what was answered, so their questions alone would teach a candidate to
be sure of everything: more than half of what is carried over are questions that nothing answers, off the
topic or with the section that answers left out. The threshold keeps its value, and its meaning: a
probability. Where scale and shift say what is believed no better than without them, but for chance, there are
none: a shift that a few votes suggest answers one question more that has no answer for each one more that
has. And a shift ends where it answers MORE_SILENT more of what nothing answers than the calibration at the
beginning: who votes hardly ever asks what no manual says, so that votes alone speak for answering more.

Every retraining begins at the same calibration, with all votes that there are by then. Where each began at
the last one's, five rounds on TV-Remote took the cosine's weight in ranking from 1.12 to 0.60, and the sample
manuals' unanswerable questions were declined 50 times in 100 in place of 68, 2 % more at a time. Other scores
of a reader or an encoder that has learned are not counted in.

What was tried on TV-Remote: all weights fitted again on votes and on what is rehearsed, without questions
that nothing answers: the candidate answered 14 of 39 questions off the topic that were declined before. The
same with them: in one of three seeds it declined 30 % of the held-out questions, where the current release
declined 9 %. Where no more of the carried-over ones may be answered at all, nothing rises, and thumbs-ups
alone are kept, as is TV-Remote's first split (P(better) 0.77 in place of 1.00).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logit

from qa_core.confidence import Calibrator
from qa_core.engine import Engine, Found
from qa_core.ranking import RankWeights
from training.calibrate import Sample, section_hit
from training.evaluate import is_right
from training.feedback.triplet import Triplet
from training.retraining.excerpt_fit import ExcerptCase, fit_excerpt
from training.retraining.frozen import question_of
from training.retraining.rehearsal import LoggedQuestion, Rehearsed, without
from training.retraining.steps import OnStep, part_of, untold
from training.retrieval.interpolation import N_ERRORS
from training.retrieval.ranking_fit import fit_ranking

MIN_QUESTIONS = 30  # with fewer the calibration stays what it is
MIN_TO_RANK = 20  # with fewer the passages are ranked as before
MORE_SILENT = 0.02  # of what nothing answers may be answered more than before
PRIOR = 5.0  # so many beliefs speak for a logit that is neither scaled nor shifted


@dataclass(frozen=True, slots=True)
class Belief:
    """What is to be said of an answer of the candidate."""

    logit: float  # of the confidence in it, by the weights at the beginning
    chance: float  # that it helps: the current release's confidence in its own answer, or 0 or 1 if known
    at_beginning: float | None = None  # where nothing answers: the logit by the calibration at the beginning


@dataclass(frozen=True, slots=True)
class VotedOn:
    """Triplets that a candidate is calibrated by, but those that are held out.

    How to rank and how sure to be is learned from what is `new`. How much people want to see is learned from
    all: whether an answer's reading was learned as well changes little in it. On the held-out manuals, with
    a reader that had learned from 175 of 240 triplets, the same settings won on all readings of it as on
    those of one that had learned nothing, by 2.1 and 1.9 points of ROUGE-L; with the 65 new ones alone, of
    which people had marked 16, nothing was learned in any later round.
    """

    new: tuple[Triplet, ...]  # no model of the candidate was trained on them, see `lessons.split_triplets`
    seen: tuple[Triplet, ...]
    groups: Mapping[str, str]  # of each triplet, by its id: questions on one topic


def recalibrate(
    engine: Engine, believed: Sequence[Rehearsed], voted_on: VotedOn, on_step: OnStep = untold
) -> Calibrator:
    """The calibration of the candidate in `engine`, whose own one is the current release's.

    Excerpts are drawn towards the current release's, all else towards the calibration at the beginning.
    """
    calibrator = engine.models.calibrator
    new, seen = ([t for t in part if t.kind != "negative"] for part in (voted_on.new, voted_on.seen))
    if len(believed) + len(new) < MIN_QUESTIONS:
        return calibrator
    logged = [*(each.question for each in believed), *map(_logged, (*new, *seen))]
    asked: list[Found] = []
    on_asked = part_of(on_step, 0.0, 0.7)
    for each in logged:
        asked.append(engine.find(each.text, each.within(engine.products)))
        on_asked(len(asked), len(logged))
    of_votes = asked[len(believed) :]
    samples = [Sample(question_of(triplet), found) for triplet, found in zip(new, of_votes, strict=False)]
    cases = excerpt_cases((*new, *seen), of_votes, voted_on.groups)
    beginning = calibrator.beginning
    weighted = replace(
        beginning,
        fitted=beginning,
        ranking=ranking(samples, beginning),
        excerpt=fit_excerpt(cases, engine.models.encoder, calibrator.excerpt, part_of(on_step, 0.7, 1.0)),
    )
    beliefs = _Beliefs(engine, weighted)
    fitted = carried_over(weighted, [*beliefs.carried_over(believed, asked), *beliefs.known(samples)])
    return beginning if replace(fitted, fitted=None) == beginning else fitted


def _logged(triplet: Triplet) -> LoggedQuestion:
    return LoggedQuestion(triplet.question, triplet.product)


def carried_over(calibrator: Calibrator, beliefs: Sequence[Belief]) -> Calibrator:
    """The calibrator whose logit is scaled and shifted to what is believed; few beliefs change little.

    It stays as it is unless that gains more than N_ERRORS standard errors of the mean cross-entropy. Of what
    nothing answers at most MORE_SILENT are answered that were not at the beginning.
    """
    if not beliefs:
        return calibrator
    logits = np.array([belief.logit for belief in beliefs])
    chances = np.array([belief.chance for belief in beliefs])

    def losses(scale: float, shift: float) -> NDArray[np.float64]:
        scaled = scale * logits + shift
        cross_entropy: NDArray[np.float64] = np.logaddexp(0.0, scaled) - chances * scaled
        return cross_entropy

    def penalized(parameters: NDArray[np.float64]) -> float:
        scale, shift = parameters
        return float(losses(scale, shift).sum() + PRIOR * ((scale - 1) ** 2 + shift**2))

    found: Any = minimize(penalized, [1.0, 0.0], method="L-BFGS-B", bounds=[(0.1, 10.0), (-5.0, 5.0)])
    scale, shift = (float(each) for each in found.x)
    shift = min(shift, _highest_shift(beliefs, scale, calibrator.threshold))
    gains = losses(1.0, 0.0) - losses(scale, shift)
    if not gains.sum() > N_ERRORS * gains.std() * np.sqrt(len(gains)):
        scale, shift = 1.0, min(0.0, _highest_shift(beliefs, 1.0, calibrator.threshold))
    weights = tuple(scale * weight for weight in calibrator.weights)
    return replace(calibrator, weights=weights, bias=scale * calibrator.bias + shift)


def _highest_shift(beliefs: Sequence[Belief], scale: float, threshold: float) -> float:
    """The shift with which MORE_SILENT more of what nothing answers are answered than at the beginning.

    No end where all of it may be answered.
    """
    silent = [(each.logit, each.at_beginning) for each in beliefs if each.at_beginning is not None]
    asked_of = float(logit(threshold))
    n_allowed = sum(before >= asked_of for _, before in silent) + int(MORE_SILENT * len(silent))
    if n_allowed >= len(silent):
        return np.inf
    first_declined = sorted((now for now, _ in silent), reverse=True)[n_allowed]
    return float(np.nextafter(asked_of - scale * first_declined, -np.inf))


def ranking(samples: Sequence[Sample], calibrator: Calibrator) -> RankWeights:
    """The weights fitted on these questions, drawn towards the present ones; few questions change nothing."""
    with_section = [sample for sample in samples if sample.question.section]
    if len(with_section) < MIN_TO_RANK:
        return calibrator.ranking
    return fit_ranking(with_section, calibrator.ranking)


def excerpt_cases(
    triplets: Sequence[Triplet], found: Sequence[Found], groups: Mapping[str, str]
) -> list[ExcerptCase]:
    """What people said of each answer's extent, where the passage that answers was read.

    Imported spans are left out: a bare answer does not tell how much of its passage people want to see. So is
    what an administrator put in the place of something that was voted for: nobody has seen it.
    """
    cases = []
    for triplet, own in zip(triplets, found, strict=True):
        reading = next((r for r in own.readings if r.hit.passage.id == triplet.passage_id), None)
        is_marked = triplet.provenance == "correction"
        said = triplet.answer if is_marked else triplet.shown
        if triplet.kind == "answer" and triplet.provenance != "import" and said and reading and reading.spans:
            cases.append(ExcerptCase(own, reading, said, is_marked, groups[triplet.id]))
    return cases


class _Beliefs:
    """What is to be said of a candidate's answers."""

    def __init__(self, engine: Engine, weighted: Calibrator) -> None:
        """`engine` has the candidate's models, `weighted` its ranking and the weights at the beginning."""
        self._candidate, self._at_beginning = (
            Engine(replace(engine.models, calibrator=each, threshold=None))
            for each in (weighted, weighted.beginning)
        )

    def carried_over(self, believed: Sequence[Rehearsed], found: Sequence[Found]) -> Iterator[Belief]:
        """What the current release believes of each question, with and without the section that it took."""
        for each, own in zip(believed, found, strict=False):
            yield from self._belief(own, each.confidence)
            if each.best is not None:
                yield from self._belief(without(own, each.best), each.confidence_without, is_silent=True)

    def known(self, samples: Sequence[Sample]) -> Iterator[Belief]:
        """Whether each known answer helps."""
        for sample in samples:
            answer = self._candidate.decide(sample.found, decline=False)
            right = is_right(answer, sample.question.answers)
            helps = right or section_hit(sample, self._candidate.models.calibrator)
            is_silent = not sample.question.answerable
            yield from self._belief(sample.found, float(helps), is_silent=is_silent)

    def _belief(self, found: Found, chance: float, *, is_silent: bool = False) -> Iterator[Belief]:
        """None where nothing was read: there the confidence is 0 whatever the weights."""
        now = _logit(self._candidate, found)
        if now > -np.inf:
            yield Belief(now, chance, _logit(self._at_beginning, found) if is_silent else None)


def _logit(engine: Engine, found: Found) -> float:
    """Of the confidence in what ranks first; minus infinity where nothing was read in it."""
    features = engine.features(found)
    return -np.inf if features is None else engine.models.calibrator.logit(features)
