"""The comparing stages of a retraining: index, calibrate and question the candidate.

The candidate remembers every question that it was trained on. While it is calibrated it remembers none of
those that it is calibrated with: it is to learn how sure it may be of questions that are new to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa_core.confidence import Calibrator
from qa_core.engine import Engine
from qa_core.installation import Installation, remembering
from qa_core.known import KnownQuestion, read_known, write_known
from qa_core.release_manifests import Release
from training.retraining.frozen import Result, ask_frozen, results_of
from training.retraining.job_context import JobContext
from training.retraining.learning import Lessons, learns_now
from training.retraining.lessons import questions_to_remember
from training.retraining.material import Frozen, exam_figures, manuals_digest
from training.retraining.recalibrate import VotedOn, recalibrate

if TYPE_CHECKING:
    from qa_core.reader import Reader


@dataclass(frozen=True, slots=True)
class Examined:
    """What the candidate makes of the exam."""

    results: tuple[Result, ...]
    figures: Mapping[str, float | None]
    before: tuple[Result, ...]  # what the current release makes of it, on the manuals of then
    figures_before: Mapping[str, float | None]

    @classmethod
    def of(cls, record: dict[str, Any]) -> Examined:
        """What `asdict` made an object of."""
        results = {name: tuple(map(Result.of, record[name])) for name in ("results", "before")}
        return cls(**{**record, **results})


def examine(context: JobContext, frozen: Frozen) -> Examined:
    """Index today's manuals for the candidate, fit its calibration, and ask it what the other was asked.

    The release that it comes from is asked again where the manuals are others than when it was asked first,
    or where a version that told less asked it.
    """
    if context.folder.has("candidate"):
        return Examined.of(context.folder.read("candidate"))
    base = context.installation.releases.get(frozen.base)
    installation = candidate_installation(context, base)
    context.progress.begin("Indexing")
    installation.open_library().ensure_index(lambda _stage, done, total: context.progress.steps(done, total))
    engine = Engine(replace(installation.models(_reader(context, frozen)), release="candidate"))
    engine = _remembering(context, engine, _known(context, frozen))
    engine = _calibrated(context, frozen, base, engine)
    context.progress.begin("Asking the candidate")
    after = _asked(context, frozen, engine)
    before = frozen.current, frozen.figures
    complete = all(result.agreement is not None for result in frozen.current)
    if manuals_digest(engine.passages) != frozen.manuals or not complete:
        before = _asked(context, frozen, _base_now(context, base))
    examined = Examined(*after, *before)
    context.folder.write("candidate", asdict(examined))
    return examined


def _reader(context: JobContext, frozen: Frozen) -> Reader | None:
    """The current release's reader where nothing was learned: much of what is asked now it has read before.

    None where the candidate has its own, or another release has become current since the job began.
    """
    learned = context.folder.read("reader")["share"] > 0
    return None if learned or context.current.release != frozen.base else context.current.models.reader


def _base_now(context: JobContext, base: Release) -> Engine:
    """The release that the candidate comes from on today's manuals, whichever is current now."""
    releases = context.installation.releases
    installation = _with_models(context, base, releases.path(base, "encoder"), releases.path(base, "reader"))
    installation.open_library().ensure_index()
    calibrator = Calibrator.open(releases.path(base, "calibration"))
    engine = Engine(replace(installation.models(), calibrator=calibrator, release=base.id))
    return _remembering(context, engine, context.installation.known_questions(base))


def candidate_installation(context: JobContext, base: Release) -> Installation:
    """The installation as it would be with the candidate's models, on the runtime of its base."""
    encoder, reader = (Path(context.folder.read(model)["folder"]) for model in ("encoder", "reader"))
    return _with_models(context, base, encoder, reader)


def _with_models(context: JobContext, base: Release, encoder: Path, reader: Path) -> Installation:
    settings = context.settings
    runtime = base.runtime if settings.runtime == "auto" else settings.runtime
    return Installation(replace(settings, encoder=encoder, reader=reader, runtime=runtime))


def _known(context: JobContext, frozen: Frozen) -> tuple[KnownQuestion, ...]:
    """What the candidate remembers, written as its part."""
    if not context.how.remember:
        return ()
    write_known(context.folder.known, questions_to_remember(frozen.training))
    return read_known(context.folder.known)


def _remembering(context: JobContext, engine: Engine, known: Sequence[KnownQuestion]) -> Engine:
    """The engine with these known questions in place of its own. Raises Cancelled when the job must stop."""
    models, check = engine.models, context.progress.check
    index = remembering(models.index, models.encoder, known, lambda *_: check())
    return Engine(replace(models, index=index))


def _calibrated(context: JobContext, frozen: Frozen, base: Release, engine: Engine) -> Engine:
    context.progress.begin("Calibrating")
    current = Calibrator.open(context.installation.releases.path(base, "calibration"))
    candidate = Engine(replace(engine.models, calibrator=current))
    if not context.folder.calibration.is_file():
        voted_on = _voted_on(context, frozen)
        known = questions_to_remember(voted_on.seen) if context.how.remember else ()
        fitted = recalibrate(
            _remembering(context, candidate, known), frozen.rehearsed, voted_on, context.progress.steps
        )
        partial = context.folder.path / "calibration.partial"
        fitted.save(partial)
        partial.replace(context.folder.calibration)
    return Engine(replace(candidate.models, calibrator=Calibrator.open(context.folder.calibration)))


def _voted_on(context: JobContext, frozen: Frozen) -> VotedOn:
    """Models that votes never trained have seen no triplet: then all tell how to rank and how sure to be."""
    parts = Lessons.of(context, frozen).parts
    if has_learned(context, frozen.base):
        return VotedOn(parts.choosing, parts.train, frozen.groups)
    return VotedOn((*parts.choosing, *parts.train), (), frozen.groups)


def has_learned(context: JobContext, base: str) -> bool:
    """Whether the candidate's reader or encoder was ever trained on votes, in this job or one before."""
    earlier = bool(context.installation.releases.get(base).figures.get("learned from votes"))
    return earlier or learns_now(context)


def _asked(
    context: JobContext, frozen: Frozen, engine: Engine
) -> tuple[tuple[Result, ...], dict[str, float | None]]:
    """What an engine makes of the exam, and its figures."""
    questions = frozen.exam.questions
    outcomes = ask_frozen(engine, questions, lambda n: context.progress.steps(n, len(questions)))
    return results_of(questions, outcomes, engine.ranking), exam_figures(frozen.exam, outcomes)
