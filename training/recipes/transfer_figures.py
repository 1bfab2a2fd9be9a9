"""What is measured of a release in a trial of feedback transfer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qa_core.confidence import Calibrator
from qa_core.engine import Engine
from qa_core.installation import Installation, remembering
from qa_core.release_manifests import Release
from training.evaluate import Outcome, ask_all, measure
from training.measuring import metrics
from training.measuring.questions import read_questions
from training.reading.evaluate_reader import evaluate_reader, read_squad
from training.recipes.protocols import progress
from training.recipes.transfer_trial import SAMPLES, Parts, Trial

QUALITY = ("section_hit_at_1", "section_hit_at_5", "shown_rouge_l", "shown_length_ratio", "answer_right")
Measured = dict[str, float | None]


def figures(trial: Trial, parts: Parts, release: Release) -> dict[str, Any]:
    """Everything that is measured of a release."""
    engine = engine_of(trial, release)
    name = f"{trial.variant} {trial.seed} {release.id}"
    other = ask_all(engine, [q.question for q in parts.other], progress(f"{name}, half B"))
    paraphrased = ask_all(engine, [q.question for q in parts.paraphrased], progress(f"{name}, paraphrases"))
    asked = _samples(trial, release, engine, name) + other * (trial.manuals == "samples")
    squad: Measured = {}
    if trial.n_squad:
        questions = read_squad(trial.data / "qa" / "squad-dev-v1.1.json")
        step = max(1, len(questions) // trial.n_squad)
        report = evaluate_reader(engine.models.reader, questions[::step])
        squad = {"exact_match": report.value("exact_match"), "f1": report.value("f1")}
    return {
        "release": release.id,
        "half B": {**quality(other), **declining(other)},
        "paraphrases": quality(paraphrased),
        "samples": {**quality(asked), **declining(asked)},
        "squad": squad,
        "scores": {
            "half B": scores_of(other, [q.group for q in parts.other]),
            "paraphrases": scores_of(paraphrased, [q.group for q in parts.paraphrased]),
        },
    }


def _samples(trial: Trial, release: Release, engine: Engine, name: str) -> tuple[Outcome, ...]:
    """The sample manuals' own questions; where people vote on them those that they do not answer."""
    own = read_questions(SAMPLES / "questions.jsonl")
    if trial.manuals == "samples":
        own = tuple(replace(question, product=None) for question in own if not question.answerable)
    else:
        engine = engine_of(trial, release, sample_home(trial))
    return ask_all(engine, own[: trial.n_measured], progress(f"{name}, samples"))


def quality(outcomes: Sequence[Outcome]) -> Measured:
    """Answers with declining switched off."""
    report = measure(outcomes, decline=False)
    return {name: report.value(name) for name in QUALITY}


def declining(outcomes: Sequence[Outcome]) -> Measured:
    """What is declined at the threshold."""
    report = measure(outcomes)
    return {name: report.value(name) for name in ("declined_answerable", "declined_unanswerable")}


def scores_of(outcomes: Sequence[Outcome], groups: Sequence[int]) -> list[dict[str, Any]]:
    """Each question's scores, for intervals over paired questions."""
    return [
        {
            "group": group,
            "hit": None if outcome.question.section is None else float(outcome.section_rank == 1),
            "rouge": metrics.best_over_golds(
                metrics.rouge_l, outcome.answer.shown_text or "", outcome.question.answers
            )
            if outcome.question.answerable
            else None,
        }
        for outcome, group in zip(outcomes, groups, strict=True)
    ]


def engine_of(trial: Trial, release: Release, home: Path | None = None) -> Engine:
    """The engine that a release of the trial would be, whichever is current; `home` says on whose manuals."""
    releases = Installation(trial.settings).releases
    installation = Installation(
        replace(
            trial.settings,
            home=home or trial.settings.home,
            encoder=releases.path(release, "encoder"),
            reader=releases.path(release, "reader"),
            runtime=release.runtime,
        )
    )
    installation.open_library().ensure_index()
    calibrator = Calibrator.open(releases.path(release, "calibration"))
    models = replace(installation.models(), calibrator=calibrator, release=release.id)
    known = Installation(trial.settings).known_questions(release)
    return Engine(replace(models, index=remembering(models.index, models.encoder, known)))


def sample_home(trial: Trial) -> Path:
    """The sample manuals, indexed in a home of their own beside the trial's."""
    home = trial.folder / "samples"
    Installation(replace(trial.settings, home=home)).open_library().add([SAMPLES])
    return home
