"""How the shipped calibration was made, and its figures on questions it was not fitted on.

    python -m training.recipes.calibration DATA [--save qa_core/weights/calibration.json]

Answerable: TV-Remote's questions on the TV's manual. Not answerable: the same questions on a phone's
manual, and questions made of phone headings on the TV's manual, both without those that the other
manual answers too. Half A (whole groups) chooses the reader's weight, the logistic model and the
threshold; half B gives the figures. Shipped is the calibration of the seed whose threshold is the median.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from qa_core.confidence import Calibrator
from qa_core.engine import Engine
from training import metrics
from training.calibrate import (
    UNFITTED,
    Judged,
    Sample,
    choose_reader_weight,
    fit_confidence,
    section_hit,
)
from training.evaluate import Outcome, is_right, measure
from training.questions import Question
from training.recipes.corpora import Corpora, temporary_corpora
from training.recipes.halves import SEEDS, Halves, split_halves
from training.recipes.out_of_corpus import (
    PHONES,
    heading_tokens,
    headings_of,
    is_shared,
    phone_headings,
    sample_phone_questions,
)
from training.recipes.protocols import progress
from training.recipes.tv_remote import manual_headings, manual_path, read_tv_questions

FIGURES = (
    "section_hit_at_1", "section_hit_at_5", "shown_rouge_l", "shown_length_ratio", "answer_f1",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Material:
    """Samples of either kind; the group of a phone's question is its own."""

    tv: tuple[Sample, ...]
    tv_groups: tuple[int, ...]
    foreign: tuple[Sample, ...]  # not answerable from the manual that was indexed


def gather(data: Path, corpora: Corpora) -> Material:
    """Ask and read everything once."""
    tv_questions = read_tv_questions(data)
    phones = data / "galaxy-manuals"
    engine = corpora.engine([manual_path(data)])
    tv = read_all(engine, [q.question for q in tv_questions], "TV questions, TV manual")
    tv_topics = heading_tokens(manual_headings(data))
    headings = sample_phone_questions(phone_headings(phones), 400)
    asked = [q for q in headings if not is_shared(q.section or "", tv_topics)]
    foreign = read_all(engine, [replace(q, section=None) for q in asked], "phone questions, TV manual")
    phone = phones / PHONES[0]
    phone_topics = heading_tokens(headings_of(phone))
    asked = [
        Question(q.question.text, ())
        for q in tv_questions
        if not is_shared(q.annotated_section or "", phone_topics)
    ]
    foreign += read_all(corpora.engine([phone]), asked[::2], "TV questions, phone manual")
    return Material(tuple(tv), tuple(q.group for q in tv_questions), tuple(foreign))


def read_all(engine: Engine, questions: Sequence[Question], name: str) -> list[Sample]:
    """Every question with what was found for it."""
    samples, on_asked = [], progress(name)
    for n_asked, question in enumerate(questions, start=1):
        samples.append(Sample(question, engine.find(question.text)))
        on_asked(n_asked)
    return samples


def judge(engine: Engine, samples: Iterable[Sample]) -> list[Judged]:
    """Whether each sample's answer helps: it says the gold answer, or stands in the gold section.

    Answerable questions whose section is not known are left out: what helps there cannot be told.
    """
    judged = []
    for sample in samples:
        features = engine.features(sample.found)
        answerable = sample.question.answerable
        if features is None or (answerable and sample.question.section is None):
            continue
        answer = engine.decide(sample.found, decline=False)
        helps = is_right(answer, sample.question.answers) or section_hit(sample, engine.models.calibrator)
        judged.append(Judged(features, helps, answerable))
    return judged


def fit(engine: Engine, tv: Sequence[Sample], foreign: Sequence[Sample]) -> Calibrator:
    """The calibration from these samples."""
    calibrator = replace(UNFITTED, reader_weight=choose_reader_weight(tv))
    return fit_confidence(judge(with_calibrator(engine, calibrator), [*tv, *foreign]), calibrator)


def with_calibrator(engine: Engine, calibrator: Calibrator) -> Engine:
    """The engine with another calibration."""
    return Engine(replace(engine.models, calibrator=calibrator))


def figures(engine: Engine, tv: Sequence[Sample], foreign: Sequence[Sample]) -> dict[str, float]:
    """What the calibrated engine does on these samples."""
    outcomes = [Outcome(s.question, engine.decide(s.found, decline=False)) for s in tv]
    report = measure(outcomes, decline=False)
    judged = judge(engine, [*tv, *foreign])
    confidences = [engine.models.calibrator.confidence(each.features) for each in judged]
    helps = [each.helps for each in judged]
    given = [confidence >= engine.threshold for confidence in confidences]
    return {
        **{name: report.value(name) or 0.0 for name in FIGURES},
        "declined_own": fmean(outcome.declined for outcome in outcomes),
        "declined_foreign": 1 - fmean(g for g, j in zip(given, judged, strict=True) if not j.answerable),
        "auroc": metrics.auroc(confidences, helps) or 0.0,
        "calibration_error": metrics.expected_calibration_error(confidences, helps) or 0.0,
        "threshold": engine.threshold,
        "reader_weight": engine.models.calibrator.reader_weight,
    }


def cut(samples: Sequence[Sample], halves: Halves) -> tuple[list[Sample], list[Sample]]:
    """The samples of half A and of half B."""
    return [samples[i] for i in halves.a], [samples[i] for i in halves.b]


def main() -> None:
    """Fit for each seed, print the figures of half B, and save the calibration with the median threshold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with tv-remote/ and galaxy-manuals/")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the shipped calibration there")
    arguments = parser.parse_args()
    calibrators, rows = [], []
    with temporary_corpora() as corpora:
        material = gather(arguments.data, corpora)
        engine = corpora.engine([manual_path(arguments.data)])
        for seed in SEEDS:
            tv_a, tv_b = cut(material.tv, split_halves(material.tv_groups, seed))
            foreign_a, foreign_b = cut(material.foreign, split_halves(range(len(material.foreign)), seed))
            calibrators.append(fit(engine, tv_a, foreign_a))
            rows.append(figures(with_calibrator(engine, calibrators[-1]), tv_b, foreign_b))
    if arguments.save:
        sorted(calibrators, key=lambda each: each.threshold)[len(SEEDS) // 2].save(arguments.save)
    for name in rows[0]:
        values = [row[name] for row in rows]
        print(f"{name:<22}{fmean(values):>9.3f}" + "".join(f"{value:>9.3f}" for value in values))


if __name__ == "__main__":
    main()
