"""One retraining: freeze, learn, index, calibrate, compare, judge, release.

Each stage ends with a file in the job's folder that appears whole or not at all; a job that was killed goes
on after the last one. Nothing that answers is touched before the last stage, and there the switch is atomic.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from qa_core.clock import utc_now
from qa_core.confidence import Calibrator
from qa_core.errors import DataError, ManualbotError
from qa_core.installation import without_forgotten
from qa_core.known import read_known, write_known
from qa_core.release_manifests import Release
from qa_core.releases import Candidate
from training.feedback.anchoring import Anchors
from training.feedback.forgetting import redact_report
from training.feedback.triplet_facts import read_facts
from training.gate import Verdict, judge
from training.retraining.comparing import Examined, examine, has_learned
from training.retraining.dataset import Nearness, frozen_dataset
from training.retraining.frozen import FrozenQuestion, evidence_of
from training.retraining.job_context import JobContext
from training.retraining.job_folder import REPORT
from training.retraining.job_progress import Cancelled
from training.retraining.job_report import JobReport, changed_answers, learned_from, read_epochs
from training.retraining.jobs import Ending, Jobs
from training.retraining.learning import learn
from training.retraining.material import Frozen, Source, freeze
from training.retraining.pictures import draw_pictures
from training.retraining.regression import own_questions
from training.retraining.steps import part_of
from training.retraining.tidying import prune

log = logging.getLogger(__name__)

_SPACE = 4.0  # times the size of both models: what a retraining needs of the disk
_OPENED = 0.1  # of freezing the data: the models are open
_REPORT_STAGE = REPORT.removesuffix(".json")


def retrain(context: JobContext) -> Ending:
    """Do what is not done yet. Raises ManualbotError with the reason; the current release stays then."""
    made = _made_before(context)
    if made is not None and _has_answered(context, made):
        report = JobReport.of(context.folder.read(_REPORT_STAGE))
        if report.verdict.passed:  # else somebody chose it by hand
            return _promoted(context, made, report)
    check_space(context)
    frozen = freeze_material(context)
    learn(context, frozen)
    examined = examine(context, frozen)
    verdict = judge(evidence_of(frozen.exam, examined.before, examined.results), context.how.gate)
    context.progress.begin("Making the release")
    report = make_report(context, frozen, examined, verdict)
    context.folder.write(_REPORT_STAGE, report.as_json())
    redact_report(context.folder, context.store)
    draw_pictures(report, context.folder)
    ending = _checked(frozen, verdict) if context.request.dry_run else _release(context, frozen, report)
    context.progress.end()
    return ending


def check_space(context: JobContext) -> None:
    """Raises ManualbotError where the disk would be full before the end."""
    releases = context.installation.releases
    base = releases.current()
    folders = [releases.path(base, kind) for kind in ("encoder", "reader")]
    size = sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
    free, needed = shutil.disk_usage(context.settings.home).free, round(_SPACE * size)
    if free < needed:
        raise ManualbotError(
            f"{free >> 20} MB are free in {context.settings.home}; a retraining needs about "
            f"{needed >> 20} MB. Free some disk space, then start it again"
        )


def freeze_material(context: JobContext) -> Frozen:
    """What the job works on: made once, read again by a job that goes on."""
    if context.folder.has("frozen"):
        return Frozen.of(context.folder.read("frozen"))
    context.progress.begin("Freezing the data")
    engine, how = context.current, context.how
    context.progress.at(_OPENED)
    own, on_step = own_questions(context.request.questions), part_of(context.progress.steps, _OPENED, 1.0)
    nearness = Nearness(context.question_vectors, own, on_step)
    dataset = frozen_dataset(context.store, engine, context.request.seed, how.rules, nearness)
    context.progress.at(1.0)
    Jobs(context.store).count_triplets(context.job_id)
    if len(dataset.training) < how.min_triplets:
        raise DataError(
            f"There are {len(dataset.training)} approved triplets to train on; at least {how.min_triplets} "
            "are needed. Approve more, or wait for votes: manualbot triplets list. Others are held out to "
            f"measure on ({len(dataset.held_out)}), or too near to those or to your own questions "
            f"({dataset.n_left_out})"
        )
    context.progress.begin("Asking the current release")
    source = Source(context.store, context.request.questions, how.n_rehearsed)
    frozen = freeze(source, dataset, engine, context.question_vectors, context.progress.steps)
    context.folder.write("frozen", frozen.as_json())
    return frozen


def make_report(context: JobContext, frozen: Frozen, examined: Examined, verdict: Verdict) -> JobReport:
    """Everything that can be said of the candidate."""
    reader, encoder = context.folder.read("reader"), context.folder.read("encoder")
    reader_epochs, encoder_epochs = read_epochs(reader["epochs"], encoder["epochs"])
    return JobReport(
        job=context.job_id,
        base=frozen.base,
        verdict=verdict,
        digest=frozen.digest,
        seed=context.request.seed,
        counts=_counts(frozen, reader["n_examples"], encoder["n_examples"]),
        regression_origin=frozen.exam.regression_origin,
        reader_epochs=reader_epochs,
        encoder_epochs=encoder_epochs,
        shares={"reader": reader["share"], "encoder": encoder["share"]},
        notes=(
            _mix_note("reader", "what it loses in passage and span", reader["share"], reader["tried"]),
            _mix_note("encoder", "mean reciprocal rank", encoder["share"], encoder["tried"]),
            *_excerpt_note(context, frozen),
            *_voted_note(frozen.exam.voted_on, examined),
        ),
        before=dict(examined.figures_before),
        after=dict(examined.figures),
        changed=changed_answers(frozen.exam, examined.before, examined.results),
        seconds={name: round(seconds, 1) for name, seconds in context.progress.seconds.items()},
        made=utc_now().isoformat(timespec="seconds"),
        dry_run=context.request.dry_run,
        learned_from=learned_from(
            frozen.training,
            read_facts(context.store),
            context.how.rules,
            Anchors(context.current.passages),
        ),
        votes_read_at=frozen.votes_read_at,
    )


def _counts(frozen: Frozen, n_reader_examples: int, n_encoder_pairs: int) -> dict[str, int]:
    return {
        "training triplets": len(frozen.training),
        "held-out questions": len(frozen.exam.held_out),
        "regression questions": len(frozen.exam.regression),
        "rehearsed questions": len(frozen.rehearsed),
        "reader examples": n_reader_examples,
        "encoder pairs": n_encoder_pairs,
        "left out (too near to both parts or to your own questions)": frozen.n_left_out,
    }


def _mix_note(model: str, figure: str, share: float, tried: list[list[float]]) -> str:
    if not tried:
        why = "too few questions are set aside to choose by, or it was not trained"
    else:
        why = f"{figure} on what was set aside: " + ", ".join(f"{s:.0%} {value:.3f}" for s, value in tried)
    return f"Of the {model}'s new weights {share:.0%} are in the candidate ({why})."


def _excerpt_note(context: JobContext, frozen: Frozen) -> tuple[str, ...]:
    """What was learned of how much people want to see."""
    base = context.installation.releases.get(frozen.base)
    before = Calibrator.open(context.installation.releases.path(base, "calibration")).excerpt
    after = Calibrator.open(context.folder.calibration).excerpt
    if before == after:
        return ()
    return (
        f"How much is shown was learned from what people marked as the answer: up to {after.max_words} words "
        f"(before: {before.max_words}), of sentences with {after.floor:.0%} of the best one's evidence "
        f"(before: {before.floor:.0%}), the reader's spans counting {after.span_weight:g} times "
        f"(before: {before.span_weight:g}).",
    )


def _voted_note(questions: Sequence[FrozenQuestion], examined: Examined) -> tuple[str, ...]:
    """How many of what was voted on is answered as people said: no proof that a release is better."""
    told = {q.id for q in questions if q.question.answerable}
    if not told:
        return ()
    before, after = (sum(r.helps for r in rs if r.id in told) for rs in (examined.before, examined.results))
    return (
        f"Of {len(told)} questions that were voted on {after} get what people found right; from the current "
        f"release {before} do. The gate does not look at them: they are what was learned.",
    )


def _checked(frozen: Frozen, verdict: Verdict) -> Ending:
    would = "would be" if verdict.passed else "would not be"
    return Ending("checked", f"A dry run: the candidate {would} promoted. {_why(verdict)}", frozen.digest)


def _release(context: JobContext, frozen: Frozen, report: JobReport) -> Ending:
    """Keep the candidate as a release; it answers if it passed and nobody chose another one meanwhile."""
    release = _made_before(context) or _add(context, frozen, report)
    chosen, why = _chosen_meanwhile(context, frozen), _why(report.verdict)
    if report.verdict.passed and chosen is None:
        if not Jobs(context.store).begin_to_promote(context.job_id, release.id):
            raise Cancelled
        return _promoted(context, release, report)
    reason = f". {why}"
    if report.verdict.passed:
        reason = (
            f": it was compared with {frozen.base}, and {chosen} has become current meanwhile. "
            f"To use it: manualbot releases use {release.id}"
        )
    prune(context.settings)
    return Ending("kept", f"{release.id} is kept and not promoted{reason}", frozen.digest, release.id)


def _promoted(context: JobContext, release: Release, report: JobReport) -> Ending:
    """Let the release answer; where it has done so already, whoever chose another one since is right."""
    why = _why(report.verdict)
    _take_over(context, release, f"promoted; from {report.base}. {why}")
    prune(context.settings)
    return Ending("promoted", why, report.digest, release.id)


def _has_answered(context: JobContext, release: Release) -> bool:
    """Whether the release answers, or did so before somebody chose another one."""
    releases = context.installation.releases
    return releases.current_id() == release.id or not releases.get(release.id).refused


def _take_over(context: JobContext, release: Release, note: str) -> None:
    """Let a release answer. What goes wrong once it does is logged, and changes nothing about the ending."""
    installation = context.installation
    try:
        if not _has_answered(context, release):
            installation.use(release.id, lambda _stage, done, total: context.progress.steps(done, total))
        elif installation.releases.current_id() == release.id:  # what follows a switch may not have been done
            installation.use(release.id)
        installation.releases.amend(release.id, {}, note)
    except Exception as error:  # what answers says how the job ended, whatever was raised
        if not _has_answered(context, release):
            raise
        expected = isinstance(error, ManualbotError)
        log.warning("%s answers; what was to follow went wrong: %s", release.id, error, exc_info=not expected)


def _chosen_meanwhile(context: JobContext, frozen: Frozen) -> str | None:
    """The release that somebody made current since the candidate's base was, if there is one.

    Where it was lost which one is current, nobody chose one.
    """
    current = context.installation.releases.current_id()
    return None if not current or current == frozen.base else current


def _made_before(context: JobContext) -> Release | None:
    """The release of this job, if it was killed after it was made."""
    releases, begun = context.installation.releases.list(), _begun(context)
    return next((each for each in releases if each.figures.get("begun") == begun), None)


def _begun(context: JobContext) -> str:
    """When the job was asked for: tells it from one of the same number in another database."""
    return Jobs(context.store).get(context.job_id).created_at


def _add(context: JobContext, frozen: Frozen, report: JobReport) -> Release:
    releases, verdict = context.installation.releases, report.verdict
    decided = "not promoted"
    if verdict.passed:
        chosen = _chosen_meanwhile(context, frozen)
        decided += f": {chosen} had become current" if chosen else ": its retraining ended before that"
    return releases.add(
        Candidate(
            encoder=Path(context.folder.read("encoder")["folder"]),
            reader=Path(context.folder.read("reader")["folder"]),
            calibration=context.folder.calibration,
            known=_known(context) if context.how.remember else None,
            runtime=releases.get(frozen.base).runtime,
            figures={
                "job": context.job_id,
                "begun": _begun(context),
                "promoted": False,  # until it answers
                "learned from votes": has_learned(context, frozen.base),
                "held-out": verdict.held_out.candidate,
                "held-out before": verdict.held_out.current,
                "P(better)": verdict.held_out.probability,
                "data": frozen.digest[:16],
                "seed": report.seed,
            },
            note=f"{decided}; from {frozen.base}. {_why(verdict)}",
        )
    )


def _known(context: JobContext) -> Path:
    """What the candidate remembers, but for what was forgotten since it was trained."""
    path = context.folder.known
    write_known(path, without_forgotten(read_known(path), context.store))
    return path


def _why(verdict: Verdict) -> str:
    return " ".join(verdict.reasons)
