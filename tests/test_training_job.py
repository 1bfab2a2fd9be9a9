"""A retraining from the triplets in the store to the release that answers, whatever happens on the way."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from tiny_installation import PARTS, TinyInstallation, make_installation

from qa_core.answers import Answers
from qa_core.confidence import Calibrator
from qa_core.engine import Engine, Found, Models
from qa_core.errors import ManualbotError, StoreError
from qa_core.excerpt import ExcerptSettings
from qa_core.forgotten import ForgottenQuestions
from qa_core.indexing.library import Library
from qa_core.inference.checkpoint import Checkpoint
from qa_core.installation import Installation
from qa_core.known import LEAST_LIKENESS, RIGHT_WEIGHT
from qa_core.migrations import QA_CORE
from qa_core.ranking import RankWeights
from qa_core.reader import Reader
from qa_core.release_manifests import Release
from qa_core.releases import Candidate
from qa_core.settings import Settings
from qa_core.store import Store
from training import job as job_stages
from training.calibrate import Sample
from training.feedback.triplet import Rules, Triplet
from training.feedback.triplet_facts import read_facts
from training.feedback.triplet_store import Triplets
from training.gate import GateSettings
from training.job import freeze_material
from training.migrations import TRAINING
from training.reading import reading_cases
from training.reading.fine_tuning import FineTuneSettings
from training.report import headline
from training.retraining import (
    dataset,
    job_folder,
    job_process,
    learning,
    material,
    pictures,
    recalibrate,
    rehearsal,
)
from training.retraining.comparing import Examined, examine
from training.retraining.excerpt_fit import ExcerptCase
from training.retraining.frozen import Result
from training.retraining.job_context import JobContext
from training.retraining.job_folder import BEFORE_AFTER, LEARNING_CURVE, PICTURES, JobFolder
from training.retraining.job_process import Task, run_job, spawn
from training.retraining.job_progress import WEIGHTS, Cancelled, JobProgress
from training.retraining.job_report import JobReport, Learned
from training.retraining.jobs import Ending, Job, Jobs, Request
from training.retraining.launching import Launcher
from training.retraining.lessons import EncoderPair
from training.retraining.material import Frozen
from training.retraining.pictures import before_after, learning_curve
from training.retraining.rehearsal import is_for_rehearsal
from training.retraining.retrain_settings import RetrainSettings
from training.retraining.unanswerable import FOR_CALIBRATION
from training.retrieval.interpolation import Shares
from training.retrieval.kept_vectors import KeptVectors
from training.retriever import RetrieverSettings
from training.votes import Signal, Votes

LENIENT = GateSettings(0.0, 1.0, 1.0, 1, 0, 0, min_topics=1, min_score=0.0)
APPROVING = Rules(approve_all=True)
STRICT = GateSettings(min_probability=1.1)
HOW = RetrainSettings(
    reader=FineTuneSettings(
        n_epochs=1, batch_size=8, validation_share=0.0, checkpoint_every=2, dtype="float32"
    ),
    retriever=RetrieverSettings(n_epochs=1, batch_size=8),
    gate=LENIENT,
    shares=Shares(untold=0.5),
    rules=APPROVING,
)
UNTRAINED = replace(HOW, train_reader=False, train_encoder=False, n_rehearsed=0)


class Killed(BaseException):
    """Stands for a SIGKILL: nobody catches it, nothing is tidied up."""


class Ended(NamedTuple):
    job: Job
    release: Release | None
    report: JobReport | None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made")
    make_installation(home).store.close()
    return home


@pytest.fixture
def tiny(made: Path, tmp_path: Path) -> Iterator[TinyInstallation]:
    """An installation of the test's own, whose jobs are quick."""
    with quick_jobs():
        yield copy_of(made, tmp_path / "var")


@contextmanager
def quick_jobs() -> Iterator[None]:
    """Few questions that no manual answers, and nothing is drawn. The job of `promoted` does all of it."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (material, rehearsal):
            patch.setattr(module, "FOR_CALIBRATION", FOR_CALIBRATION[:4])
        patch.setattr(recalibrate, "MIN_QUESTIONS", 4)
        for name in ("learning_curve", "before_after"):
            patch.setattr(pictures, name, lambda _: b"a picture")
        yield


def copy_of(made: Path, home: Path) -> TinyInstallation:
    return copy_of_home(made / "var", home)


def copy_of_home(original: Path, home: Path) -> TinyInstallation:
    shutil.copytree(original, home)
    settings = Settings(home=home, n_threads=1)
    return TinyInstallation(settings, Store(settings.database, (QA_CORE, TRAINING)), "r1")


class Undisturbed(NamedTuple):
    """A retraining that nothing happened to. Tests share it, and leave what answers as it is."""

    tiny: TinyInstallation
    job: Job
    release: Release
    report: JobReport


@pytest.fixture(scope="module")
def promoted(made: Path) -> Undisturbed:
    tiny = copy_of(made, made / "promoted")
    job, release, report = retrain(tiny)
    assert job.state == "promoted", job.message
    assert release is not None
    assert report is not None
    return Undisturbed(tiny, job, release, report)


@pytest.fixture(scope="module")
def kept(made: Path) -> Undisturbed:
    tiny = copy_of(made, made / "kept")
    with quick_jobs():
        job, release, report = retrain(tiny, replace(HOW, gate=STRICT))
    assert job.state == "kept", job.message
    assert release is not None
    assert report is not None
    return Undisturbed(tiny, job, release, report)


def retrain(tiny: TinyInstallation, how: RetrainSettings = HOW, request: Request | None = None) -> Ended:
    jobs = Jobs(tiny.store)
    job = jobs.under_way() or jobs.claim(request or Request())
    assert job is not None
    run_job(jobs, tiny.store, Task(tiny.settings, job.id, APPROVING), how)
    return ended(tiny, job.id)


def ended(tiny: TinyInstallation, job_id: int) -> Ended:
    job = Jobs(tiny.store).get(job_id)
    folder = JobFolder.of(tiny.settings.home, job_id)
    release = tiny.installation.releases.get(job.release) if job.release else None
    return Ended(job, release, JobReport.of(folder.read("report")) if folder.has("report") else None)


def current(tiny: TinyInstallation) -> str | None:
    return tiny.installation.releases.current_id()


def test_a_candidate_that_passes_the_gate_answers(promoted: Undisturbed) -> None:
    tiny, job, release, _ = promoted
    assert current(tiny) == release.id == "r2"
    base = tiny.installation.releases.get("r1")
    assert release.encoder != base.encoder
    assert release.reader != base.reader
    assert release.figures["job"] == job.id
    assert release.figures["promoted"] is True
    assert release.note.startswith("promoted; from r1. On ")
    answer = Engine(tiny.installation.models()).ask("menu a filter", decline=False)
    assert answer.release == "r2"
    assert answer.span_text is not None


def test_the_report_says_what_was_done(promoted: Undisturbed) -> None:
    _, job, _, report = promoted
    counts = report.counts
    assert counts["training triplets"] + counts["held-out questions"] == 24
    assert counts["held-out questions"] == report.verdict.held_out.n > 0
    assert counts["regression questions"] == 5
    assert report.regression_origin == "the 5 questions of questions.jsonl"
    assert [epoch.epoch.number for epoch in report.reader_epochs] == [0, 1]
    assert [epoch.number for epoch in report.encoder_epochs] == [0, 1]
    assert report.shares == {"reader": 0.5, "encoder": 0.5}
    assert report.notes[0] == (
        "Of the reader's new weights 50% are in the candidate (too few questions are set aside to choose "
        "by, or it was not trained)."
    )
    n_voted_on = min(counts["training triplets"], material.N_VOTED_ON)
    before, after = (figures["voted on: answers that help"] for figures in (report.before, report.after))
    assert before is not None
    assert after is not None
    assert report.notes[2] == (
        f"Of {n_voted_on} questions that were voted on {round(n_voted_on * after)} get what people found "
        f"right; from the current release {round(n_voted_on * before)} do. The gate does not look at them: "
        "they are what was learned."
    )
    assert report.digest == job.dataset
    assert list(report.seconds) == list(WEIGHTS)[:-1]
    assert set(report.before) == set(report.after)


def test_the_report_says_which_votes_were_in_the_training_part(tiny: TinyInstallation) -> None:
    engine, votes = Engine(tiny.installation.models()), Votes(tiny.store)
    said = {}
    for n, question in enumerate(("menu filter?", "clock water?", "paper jam?", "error code?")):
        answer = engine.ask(question, decline=False)
        answer_id = Answers(tiny.store).add(answer, "UASKED")
        assert votes.add_signal(Signal(f"e{n}", answer_id, "UVOTED", "button", 1, 1000.0 + n))
        assert answer.span is not None
        place = (answer.hits[0].passage.id, answer.span.start, answer.span.end)
        said[answer_id] = Learned(answer_id, "answer", *place)

    _, _, report = retrain(tiny, UNTRAINED)

    parts = tiny.store.rows("SELECT question_key FROM dataset_parts WHERE part = 'training'")
    trained_on = {row["question_key"] for row in parts}
    shown = read_facts(tiny.store).shown
    assert report is not None
    assert report.learned_from == tuple(
        said[answer_id] for answer_id in sorted(said) if shown[answer_id].question_key in trained_on
    )
    assert 0 < len(report.learned_from) < len(said)
    assert "UVOTED" not in str(report.as_json())


def test_the_report_says_until_when_votes_were_read(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_at: list[float] = []

    def read(triplets: Triplets) -> tuple[Triplet, ...]:
        read_at.append(time.time())
        return listed(triplets)

    listed = Triplets.list
    monkeypatch.setattr(Triplets, "list", read)
    begun_at = time.time()
    _, _, report = retrain(tiny, UNTRAINED)

    assert report is not None
    assert report.votes_read_at is not None
    assert begun_at < report.votes_read_at <= read_at[0]


def test_only_report_pictures_and_log_are_left_of_a_job(promoted: Undisturbed) -> None:
    folder = JobFolder.of(promoted.tiny.settings.home, promoted.job.id)
    assert {path.name for path in folder.path.iterdir()} == {"report.json", *PICTURES}
    assert folder.read_picture(LEARNING_CURVE) == learning_curve(promoted.report)
    assert folder.read_picture(BEFORE_AFTER) == before_after(promoted.report)


def test_a_job_whose_pictures_cannot_be_drawn_is_promoted_all_the_same(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: JobReport) -> bytes:
        raise RuntimeError("no fonts")

    monkeypatch.setattr(pictures, "before_after", fail)
    job, _, report = retrain(tiny, UNTRAINED)

    assert (job.state, current(tiny)) == ("promoted", "r2")
    assert report is not None
    [logged] = [record for record in caplog.records if record.name == "training.retraining.pictures"]
    assert logged.getMessage() == "The pictures of job 1 could not be drawn"
    assert str(logged.exc_info and logged.exc_info[1]) == "no fonts"


def test_the_release_remembers_the_questions_that_it_was_trained_on(promoted: Undisturbed) -> None:
    tiny, _, release, report = promoted
    known = tiny.installation.known_questions(release)
    assert len(known) == report.counts["training triplets"]
    asked = known[0]
    first = Engine(tiny.installation.models()).find(asked.question).hits[0]
    assert first.passage.id == asked.passage_id
    lifted = first.score - first.dense - first.lexical
    assert lifted == pytest.approx(RIGHT_WEIGHT * (1 - LEAST_LIKENESS), abs=1e-3)
    assert first.known is not None
    assert (first.known.start, first.known.end) == (asked.start, asked.end)
    assert tiny.installation.known_questions(tiny.installation.releases.get("r1")) == ()


def test_without_questions_to_choose_by_the_models_stay_and_what_was_asked_is_remembered(
    tiny: TinyInstallation,
) -> None:
    job, release, report = retrain(tiny, replace(HOW, shares=Shares()))
    assert job.state == "promoted"
    assert release is not None
    assert report is not None
    base = tiny.installation.releases.get("r1")
    assert (release.encoder, release.reader) == (base.encoder, base.reader)
    assert release.figures["learned from votes"] is False
    assert len(tiny.installation.known_questions(release)) == report.counts["training triplets"]


def test_how_much_is_shown_is_learned_told_and_part_of_the_release(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = ExcerptSettings(20, 0.3, 2.0)
    monkeypatch.setattr(recalibrate, "fit_excerpt", lambda *_: learned)
    _, release, report = retrain(tiny, UNTRAINED)
    assert release is not None
    assert report is not None
    path = tiny.installation.releases.path(release, "calibration")
    assert Calibrator.open(path).excerpt == learned
    [note] = [note for note in report.notes if note.startswith("How much is shown")]
    assert (
        "up to 20 words (before: 70), of sentences with 30% of the best one's evidence (before: 15%)" in note
    )


def test_how_much_is_shown_is_learned_from_what_was_trained_on_too_and_ranking_is_not(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    extents, ranked = set[str](), set[str]()

    def excerpt_cases(
        triplets: Sequence[Triplet], found: Sequence[Found], groups: Mapping[str, str]
    ) -> list[ExcerptCase]:
        assert [each.question for each in found] == [each.question for each in triplets]
        assert groups.keys() >= {each.id for each in triplets}
        extents.update(each.question for each in triplets)
        return []

    def ranking(samples: Sequence[Sample], _: object) -> RankWeights:
        ranked.update(sample.question.text for sample in samples)
        return RankWeights()

    monkeypatch.setattr(recalibrate, "excerpt_cases", excerpt_cases)
    monkeypatch.setattr(recalibrate, "ranking", ranking)
    _, release, report = retrain(tiny, HOW)
    assert release is not None
    assert report is not None
    assert release.figures["learned from votes"] is True
    assert 0 < len(ranked) < len(extents) <= report.counts["training triplets"]
    assert ranked < extents


def test_every_retraining_begins_at_the_calibration_that_was_fitted_to_known_answers(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Calibrator] = []

    def ranking(_samples: object, calibrator: Calibrator) -> RankWeights:
        begun.append(calibrator)
        return RankWeights(reader=1.0 / len(begun))

    monkeypatch.setattr(recalibrate, "ranking", ranking)
    releases = tiny.installation.releases
    first = Calibrator.open(releases.path(releases.get("r1"), "calibration"))
    for n in (1, 2):
        job, release, _ = retrain(tiny, UNTRAINED)
        assert job.state == "promoted"
        assert release is not None
        calibrator = Calibrator.open(releases.path(release, "calibration"))
        assert calibrator.ranking == RankWeights(reader=1.0 / n)
        assert calibrator.fitted == first
    assert begun == [first, first]


def test_a_candidate_that_fails_the_gate_is_kept_and_does_not_answer(kept: Undisturbed) -> None:
    tiny, job, release, _ = kept
    assert job.state == "kept"
    assert current(tiny) == "r1"
    assert release.figures["promoted"] is False
    assert job.message.startswith("r2 is kept and not promoted. There are only")
    assert job.message.removeprefix("r2 is kept and ") in release.note.replace("; from r1", "")


def test_what_a_job_of_the_same_number_left_in_another_database_is_not_taken_for_its_own(
    tiny: TinyInstallation,
) -> None:
    left = JobFolder.of(tiny.settings.home, 1)
    left.begin("2020-01-01T00:00:00+00:00")
    left.write("frozen", {"of": "another time"})
    releases = tiny.installation.releases
    releases.amend("r1", {"job": 1, "begun": "2020-01-01T00:00:00+00:00", "promoted": True}, "an old one")
    job, release, _ = retrain(tiny, UNTRAINED)
    assert (job.state, job.release, current(tiny)) == ("promoted", "r2", "r2")
    assert release is not None
    assert release.figures["begun"] == job.created_at
    assert release.figures["data"] == (job.dataset or "")[:16]


def test_a_candidate_that_could_not_take_over_does_not_say_that_it_was_promoted(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Installation, "use", full)
    job, _, _ = retrain(tiny, UNTRAINED)
    assert (job.state, current(tiny)) == ("failed", "r1")
    release = tiny.installation.releases.get("r2")
    assert release.refused
    assert release.note.startswith("not promoted: its retraining ended before that; from r1. On ")


def test_refused_releases_do_not_push_out_what_one_can_go_back_to(tiny: TinyInstallation) -> None:
    for _ in range(2):
        retrain(tiny, replace(UNTRAINED, gate=STRICT))
    assert [each.id for each in tiny.installation.releases.list()][1:] == ["r1", "r3"]
    installation = tiny.installation
    installation.prune(keep=1)
    assert [each.id for each in installation.releases.list()] == ["shipped-0.1.0", "r1", "r3"]
    assert len(installation.open_library().open_index().passages) == 24


def test_a_dry_run_judges_and_makes_no_release(tiny: TinyInstallation) -> None:
    job, release, report = retrain(tiny, UNTRAINED, Request(dry_run=True))
    assert (job.state, release, current(tiny)) == ("checked", None, "r1")
    assert job.message.startswith("A dry run: the candidate would be promoted. On ")
    assert report is not None
    assert report.dry_run
    assert len(tiny.installation.releases.list()) == 2


def test_the_same_data_and_seed_make_the_same_models_from_the_same_parts(
    kept: Undisturbed, promoted: Undisturbed
) -> None:
    """A second round of the same facts: what was held out stays so."""
    tiny, _, release, report = kept
    assert (release.reader, release.encoder) == (promoted.release.reader, promoted.release.encoder)
    with quick_jobs():
        again = retrain(tiny, replace(UNTRAINED, gate=STRICT)).report
    assert again is not None
    assert again.digest == report.digest == promoted.report.digest
    assert again.counts["held-out questions"] == report.counts["held-out questions"]


@pytest.fixture
def killed_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, float], None]:
    """Kill the job at a share of a stage."""

    def arm(stage: str, share: float) -> None:
        tell = JobProgress.at

        def at(progress: JobProgress, done: float, loss: float | None = None) -> None:
            tell(progress, done, loss)
            if progress._stage == stage and done >= share:
                monkeypatch.undo()
                raise Killed

        monkeypatch.setattr(JobProgress, "at", at)

    return arm


@pytest.mark.parametrize(
    ("stage", "share"),
    [("Asking the current release", 0.4), ("Training the reader", 0.6), ("Training the encoder", 0.5)],
)
def test_a_job_killed_while_it_learns_goes_on_to_the_same_models(
    tiny: TinyInstallation,
    promoted: Undisturbed,
    killed_at: Callable[[str, float], None],
    stage: str,
    share: float,
) -> None:
    killed_at(stage, share)
    with pytest.raises(Killed):
        retrain(tiny)
    assert current(tiny) == "r1"
    forget_owner(tiny)
    job, release, _ = retrain(tiny)
    assert (job.state, job.n_starts, current(tiny)) == ("promoted", 2, "r2")
    assert release is not None
    assert (release.reader, release.encoder) == (promoted.release.reader, promoted.release.encoder)


@pytest.mark.parametrize("stage", ["Indexing", "Calibrating", "Asking the candidate", "Making the release"])
def test_a_job_killed_after_it_has_learned_ends_with_one_release(
    tiny: TinyInstallation, killed_at: Callable[[str, float], None], stage: str
) -> None:
    killed_at(stage, 0.0)
    with pytest.raises(Killed):
        retrain(tiny)
    assert current(tiny) == "r1"
    assert Engine(tiny.installation.models()).ask("menu a", decline=False).release == "r1"
    forget_owner(tiny)
    assert retrain(tiny).job.state == "promoted"
    assert [each.id for each in tiny.installation.releases.list()][-2:] == ["r1", "r2"]


def test_a_job_killed_between_release_and_switch_makes_no_second_release(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as context:
        context.setattr(Installation, "use", die)
        with pytest.raises(Killed):
            retrain(tiny)
    assert current(tiny) == "r1"
    forget_owner(tiny)
    assert retrain(tiny).job.release == "r2"
    assert current(tiny) == "r2"
    assert len(tiny.installation.releases.list()) == 3


def forget_owner(tiny: TinyInstallation) -> None:
    """The process that owned the job is gone, and somebody takes the job up again."""
    with tiny.store.transaction() as db:
        db.execute("UPDATE jobs SET pid = NULL, beat_at = 0 WHERE under_way = 1")
    assert Launcher(Jobs(tiny.store), lambda _: None).recover() is not None


def test_a_loss_that_is_not_finite_ends_the_job_and_promotes_nothing(tiny: TinyInstallation) -> None:
    wild = replace(HOW, reader=replace(HOW.reader, learning_rate=1e30, warmup=0.0))
    job, release, _ = retrain(tiny, wild)
    assert (job.state, release, current(tiny)) == ("failed", None, "r1")
    assert job.message.startswith("Training the reader: The loss is nan at step")


def test_a_disk_without_room_is_noticed_before_anything_is_done(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    job, _, _ = retrain(tiny)
    assert job.state == "failed"
    assert job.message.startswith(f"0 MB are free in {tiny.settings.home}; a retraining needs about")
    assert current(tiny) == "r1"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "frozen.json"), "frozen.json: No space left on"),
        (MemoryError(), "There was not enough memory."),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
            "There was not",
        ),
        (ValueError("unheard-of"), "ValueError: unheard-of. The whole story is in "),
    ],
)
def test_whatever_goes_wrong_is_said_and_the_current_release_stays(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(job_folder, "write_file", fail)
    job, _, _ = retrain(tiny)
    assert job.state == "failed"
    assert job.message.startswith(message)
    assert Jobs(tiny.store).under_way() is None
    assert current(tiny) == "r1"


def test_what_the_admins_own_questions_ask_is_not_trained_on(
    tiny: TinyInstallation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Frozen] = []

    def frozen_now(context: JobContext) -> Frozen:
        seen.append(freeze_material(context))
        return seen[-1]

    monkeypatch.setattr(job_stages, "freeze_material", frozen_now)
    passages = tiny.installation.open_library().open_index().passages
    asked = [triplet.question for triplet in Triplets(tiny.store, passages, APPROVING).list()[:3]]
    headings = (passage.section.heading_path[-1] for passage in passages)
    heading = next(heading for heading in headings if is_for_rehearsal(heading))
    lines = [{"question": text, "answers": ["water"]} for text in (*asked, f"{heading} now?")]
    own = tmp_path / "own.jsonl"
    own.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    job, _, report = retrain(tiny, replace(UNTRAINED, n_rehearsed=100), Request(questions=own))
    assert report is not None, job.message
    assert report.regression_origin == "the 4 questions of own.jsonl"
    [frozen] = seen
    assert not set(asked) & {triplet.question for triplet in frozen.training}
    assert set(asked) & {each.question.text for each in frozen.exam.held_out}
    assert frozen.rehearsed
    assert heading not in {each.question.text for each in frozen.rehearsed}


def n_rehearsed_as_trained(tiny: TinyInstallation) -> int:
    """Questions that can never be held out although nobody has voted on them."""
    rows = tiny.store.rows("SELECT part FROM dataset_parts WHERE question IS NULL")
    assert {row["part"] for row in rows} <= {"training"}
    return len(rows)


def test_what_is_rehearsed_counts_as_trained_on_where_a_release_learns_it(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "CONFIDENT", 0.0)
    how = replace(HOW, train_reader=False)
    assert retrain(tiny, replace(how, train_encoder=False)).job.state == "promoted"
    assert n_rehearsed_as_trained(tiny) == 0
    assert retrain(tiny, how, Request(dry_run=True)).job.state == "checked"
    assert n_rehearsed_as_trained(tiny) == 0
    job, _, report = retrain(tiny, how)
    assert job.state == "promoted"
    assert report is not None
    assert 0 < n_rehearsed_as_trained(tiny) <= report.counts["rehearsed questions"]


def test_an_encoder_is_not_trained_where_no_pair_tells_passages_apart(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a manual of one section: every question has the same passage, and nothing else is found."""
    pairs = [EncoderPair(f"Question {n}?", "The only passage.") for n in range(3)]
    monkeypatch.setattr(learning, "encoder_pairs", lambda *_: pairs)
    job, _, report = retrain(tiny, replace(HOW, train_reader=False, n_rehearsed=0))
    assert job.state == "promoted"
    assert report is not None
    assert (report.encoder_epochs, report.shares["encoder"]) == ((), 0.0)
    json.dumps(report.as_json(), allow_nan=False)


def test_new_triplets_are_counted_from_those_that_a_retraining_began_with(tiny: TinyInstallation) -> None:
    jobs = Jobs(tiny.store)
    with tiny.store.transaction() as db:
        db.execute("DELETE FROM triplets")
        db.execute("DELETE FROM triplet_state")
    assert jobs.claim(Request()) is not None
    assert jobs.baseline() == 0  # nobody has derived them yet
    retrain(tiny, replace(UNTRAINED, min_triplets=100))
    assert jobs.baseline() == 24


def test_too_few_triplets_are_an_error_with_the_next_step(tiny: TinyInstallation) -> None:
    job, _, _ = retrain(tiny, replace(HOW, min_triplets=100))
    assert job.state == "failed"
    assert "approved triplets to train on; at least 100 are needed. Approve more" in job.message
    [(n_trained, n_held_out, n_left_out)] = re.findall(
        r"are (\d+) approved .* measure on \((\d+)\), .* questions \((\d+)\)", job.message
    )
    assert int(n_trained) + int(n_held_out) + int(n_left_out) == 24


def test_a_job_goes_on_where_it_cannot_be_told_how_far_it_is(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise StoreError("Another process is writing: wait for it, then try again")

    monkeypatch.setattr(Jobs, "tell", busy)
    job, _, _ = retrain(tiny, UNTRAINED)
    assert job.state == "promoted", job.message


def test_a_cancelled_job_stops_and_promotes_nothing(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.retraining import job_process

    monkeypatch.setattr(job_process.Heart, "goes_on", property(lambda _: False))
    job, _, _ = retrain(tiny)
    assert (job.state, job.message, current(tiny)) == ("cancelled", "It was cancelled.", "r1")


@pytest.mark.parametrize(
    ("cancelled_in", "never_begun"),
    [
        ((Installation, "models"), (job_stages, "frozen_dataset")),
        ((KeptVectors, "__call__"), (dataset, "near_duplicates")),
        ((dataset, "near_duplicates"), (dataset, "take_sides")),
        ((job_stages, "frozen_dataset"), (Jobs, "count_triplets")),
        ((material, "held_out_questions"), (material, "logged_questions")),
        ((material, "logged_questions"), (material, "heading_questions")),
        ((material, "heading_questions"), (material, "contradicted")),
        ((reading_cases, "reading_cases"), (learning, "_untrained")),
    ],
)
def test_a_job_that_is_cancelled_begins_no_further_part(
    tiny: TinyInstallation,
    monkeypatch: pytest.MonkeyPatch,
    cancelled_in: tuple[object, str],
    never_begun: tuple[object, str],
) -> None:
    from training.retraining import job_process

    wanted = [True]
    monkeypatch.setattr(job_process.Heart, "goes_on", property(lambda _: wanted[0]))

    def fail(*_: object) -> None:
        raise AssertionError("It was cancelled before.")

    def cancel(*given: object) -> object:
        wanted[0] = False
        return part(*given)

    part = getattr(*cancelled_in)
    monkeypatch.setattr(*cancelled_in, cancel)
    monkeypatch.setattr(*never_begun, fail)
    assert retrain(tiny, UNTRAINED).job.message == "It was cancelled."


def test_a_job_whose_folder_was_removed_says_so(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remove_and_examine(context: JobContext, frozen: Frozen) -> Examined:
        shutil.rmtree(context.folder.path)
        return examine(context, frozen)

    monkeypatch.setattr(job_stages, "examine", remove_and_examine)
    folder = JobFolder.of(tiny.settings.home, 1).path
    assert retrain(tiny, UNTRAINED).job.message == (
        f"The job's folder {folder} cannot be read. Start another retraining"
    )


def test_a_candidate_is_promoted_where_it_was_lost_meanwhile_which_release_answers(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = job_stages.judge

    def lose_and_judge(*arguments: object) -> object:
        (tiny.settings.home / "releases" / "current").unlink()
        return judge(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(job_stages, "judge", lose_and_judge)
    finished, release, _ = retrain(tiny, UNTRAINED)
    assert release is not None
    assert (finished.state, current(tiny)) == ("promoted", release.id)


def test_a_release_that_was_switched_meanwhile_is_not_overruled(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training import job

    judge = job.judge

    def switch_and_judge(*arguments: object) -> object:
        shipped = tiny.installation.releases.list()[0].id
        tiny.installation.releases.use(shipped)
        return judge(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "judge", switch_and_judge)
    finished, release, report = retrain(tiny, UNTRAINED)
    assert finished.state == "kept"
    assert "it was compared with r1, and shipped-" in finished.message
    chosen = current(tiny)
    assert chosen is not None
    assert chosen.startswith("shipped-")
    assert release is not None
    assert release.figures["promoted"] is False
    assert release.note.startswith(f"not promoted: {chosen} had become current; from r1. On ")
    assert report is not None
    assert headline(report) == f"Job {finished.id}: the candidate passed the gate against r1"


def test_a_job_whose_manuals_changed_while_it_was_dead_begins_the_reader_s_training_anew(
    tiny: TinyInstallation,
    killed_at: Callable[[str, float], None],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    killed_at("Training the reader", 0.6)
    with pytest.raises(Killed):
        retrain(tiny, replace(HOW, train_encoder=False))
    work = JobFolder.of(tiny.settings.home, 1).work
    assert (work / "checkpoint.pt").is_file()
    late = tmp_path / "late.md"
    late.write_text("# Late\n\n" + "\n\n".join(f"## Rinse {p}\n\nSet the {p} button." for p in PARTS))
    tiny.installation.open_library().add([late])
    forget_owner(tiny)
    job, _, report = retrain(tiny, replace(HOW, train_encoder=False))
    assert job.state == "promoted", job.message
    assert report is not None
    assert [epoch.epoch.number for epoch in report.reader_epochs] == [0, 1]
    assert (
        f"The reader is trained anew: {work} belongs to other data, another model or other settings"
        in caplog.text
    )


def test_a_question_that_is_forgotten_while_a_job_runs_is_not_remembered_by_its_release(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    learn = job_stages.learn

    def learn_while_somebody_is_forgotten(context: JobContext, frozen: Frozen) -> None:
        asked.extend(triplet.question for triplet in frozen.training[:2])
        ForgottenQuestions(tiny.store).add(asked)
        learn(context, frozen)

    monkeypatch.setattr(job_stages, "learn", learn_while_somebody_is_forgotten)
    _, release, report = retrain(tiny, UNTRAINED)

    assert release is not None
    assert report is not None
    file = tiny.installation.releases.path(release, "known").read_text()
    assert not any(json.dumps(question) in file for question in asked)
    known = tiny.installation.known_questions(release)
    assert len(known) == report.counts["training triplets"] - 2
    ForgottenQuestions(tiny.store).add([known[0].question])
    assert tiny.installation.known_questions(release) == known[1:]
    assert not set(asked) & {each.question for each in report.changed}


def test_what_is_frozen_is_of_the_release_whose_engine_was_asked(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one becomes current for a moment, just as the job begins."""
    releases = tiny.installation.releases
    base = releases.get("r1")
    parts = {kind: releases.path(base, kind) for kind in ("encoder", "reader", "calibration")}
    releases.add(Candidate(**parts, runtime=base.runtime))
    models = Installation.models

    def switched_meanwhile(installation: Installation, reader: Reader | None = None) -> Models:
        tiny.installation.use("r2")
        try:
            return models(installation, reader)
        finally:
            tiny.installation.use("r1")

    def only_freeze(context: JobContext, frozen: Frozen) -> None:
        assert (frozen.base, context.current.release) == ("r2", "r2")
        raise Cancelled("It was cancelled.")

    monkeypatch.setattr(Installation, "models", switched_meanwhile)
    monkeypatch.setattr(job_stages, "learn", only_freeze)
    assert retrain(tiny, UNTRAINED).job.message == "It was cancelled."


def test_what_a_job_of_another_database_reported_is_not_the_report_of_one_of_its_number(
    tiny: TinyInstallation,
) -> None:
    left = JobFolder.of(tiny.settings.home, 1)
    left.write("report", {"job": 1})
    for name in PICTURES:
        left.write_picture(name, b"old")
    left.log.write_text("Said before\n")
    assert retrain(tiny, replace(HOW, min_triplets=100)).job.state == "failed"
    assert [path.name for path in left.path.iterdir()] == ["log.txt"]
    assert left.log.read_text() == "Said before\n"


def test_a_job_s_process_imports_nothing_from_where_it_is_started(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "training.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(job_stages.__file__).parents[1]))
    jobs = Jobs(tiny.store)
    job = jobs.claim(Request())
    assert job is not None
    assert jobs.cancel(job.id), "it has ended: its process has nothing to do"
    assert spawn(Task(tiny.settings, job.id, APPROVING)).wait(timeout=120) == 0


# After the switch


def fail_to_index(monkeypatch: pytest.MonkeyPatch, tiny: TinyInstallation, error: BaseException) -> None:
    """Indexing goes wrong as soon as the candidate answers."""
    ensure_index = Library.ensure_index

    def fail(library: Library, *arguments: object) -> object:
        if current(tiny) == "r2":
            raise error
        return ensure_index(library, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Library, "ensure_index", fail)


def test_an_end_that_cannot_be_stored_just_then_is_stored_as_soon_as_it_can(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_full, end = iter(range(2)), Jobs.end

    def end_on_a_full_disk(jobs: Jobs, job_id: int, owner: str | None, ending: Ending) -> bool:
        if next(n_full, None) is not None:
            raise StoreError("manualbot.db: database or disk is full. Free some disk space, then try again")
        return end(jobs, job_id, owner, ending)

    monkeypatch.setattr(Jobs, "end", end_on_a_full_disk)
    monkeypatch.setattr(job_process, "END_EVERY_S", 0.01)

    assert retrain(tiny, UNTRAINED).job.state == "promoted"


@pytest.mark.parametrize(
    "error",
    [ManualbotError("Indexing is already under way"), OSError(errno.ENOSPC, "full"), RuntimeError("onnx")],
)
def test_a_release_that_answers_has_been_promoted_whatever_follows(
    tiny: TinyInstallation,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    fail_to_index(monkeypatch, tiny, error)
    job, _, _ = retrain(tiny, UNTRAINED)
    assert (job.state, current(tiny)) == ("promoted", "r2")
    assert job.message.startswith("On ")
    assert f"r2 answers; manuals that were indexed meanwhile may be missing from it: {error}" in caplog.text


def test_a_job_killed_after_the_switch_has_promoted_even_if_it_is_cancelled_then(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        fail_to_index(patch, tiny, Killed())
        with pytest.raises(Killed):
            retrain(tiny, UNTRAINED)
    assert current(tiny) == "r2"
    forget_owner(tiny)
    fail_to_index(monkeypatch, tiny, Cancelled("It was cancelled."))
    job, _, _ = retrain(tiny, UNTRAINED)
    assert (job.state, job.release, current(tiny)) == ("promoted", "r2", "r2")


def die_while_pruning(tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The candidate answers, and its job's process is killed before it can say so."""

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(job_stages, "prune", die)
        with pytest.raises(Killed):
            retrain(tiny, UNTRAINED)
    assert current(tiny) == "r2"


def test_a_job_killed_after_the_switch_does_not_overrule_who_rolled_back_since(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    die_while_pruning(tiny, monkeypatch)
    tiny.installation.use("r1")
    forget_owner(tiny)
    job, release, _ = retrain(tiny, UNTRAINED)
    assert (job.state, job.release, current(tiny)) == ("promoted", "r2", "r1")
    assert job.message.startswith("On ")
    assert release is not None
    assert release.note.startswith("promoted; from r1. On ")


def test_a_job_killed_after_the_switch_and_cancelled_then_ends_as_it_turned_out(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    die_while_pruning(tiny, monkeypatch)
    with tiny.store.transaction() as db:
        db.execute("UPDATE jobs SET pid = NULL, beat_at = 0")
    assert Jobs(tiny.store).cancel(1)
    assert Launcher(Jobs(tiny.store), lambda _: None).recover() is not None
    job, _, _ = retrain(tiny, UNTRAINED)
    assert (job.state, job.release, current(tiny)) == ("promoted", "r2", "r2")
    assert job.message.startswith("On ")


def test_a_job_killed_before_the_switch_and_cancelled_then_promotes_nothing(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Installation, "use", die)
        with pytest.raises(Killed):
            retrain(tiny, UNTRAINED)
    with tiny.store.transaction() as db:
        db.execute("UPDATE jobs SET pid = NULL, beat_at = 0")
    assert Jobs(tiny.store).cancel(1)
    assert Launcher(Jobs(tiny.store), lambda _: None).recover() is not None
    job, _, _ = retrain(tiny, UNTRAINED)
    assert (job.state, job.release, current(tiny)) == ("cancelled", None, "r1")


def test_a_refused_release_that_was_chosen_by_hand_before_its_job_ended_was_not_promoted(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        tiny.installation.use("r2")
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(job_stages, "prune", die)
        with pytest.raises(Killed):
            retrain(tiny, replace(UNTRAINED, gate=STRICT))
    forget_owner(tiny)
    job, release, _ = retrain(tiny, replace(UNTRAINED, gate=STRICT))
    assert (job.state, job.release, current(tiny)) == ("kept", "r2", "r2")
    assert release is not None
    assert not release.refused


@pytest.mark.parametrize(("gate", "state"), [(LENIENT, "promoted"), (STRICT, "kept")])
def test_what_cannot_be_removed_changes_nothing_about_the_ending(
    tiny: TinyInstallation,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    gate: GateSettings,
    state: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "runtimes")

    monkeypatch.setattr(Installation, "prune", fail)
    assert retrain(tiny, replace(UNTRAINED, gate=gate)).job.state == state
    assert "No release needs some of what is stored, and it could not be removed" in caplog.text


# What is left


def raise_at(monkeypatch: pytest.MonkeyPatch, stage: str, error: Exception) -> None:
    """Something goes wrong at the beginning of a stage."""
    begin = JobProgress.begin

    def begin_or_fail(progress: JobProgress, name: str) -> None:
        if name == stage:
            raise error
        begin(progress, name)

    monkeypatch.setattr(JobProgress, "begin", begin_or_fail)


def encoders(tiny: TinyInstallation) -> set[tuple[str, str]]:
    """Of which encoders there are vectors and indexes."""
    rows = tiny.store.rows("SELECT 'v' AS what, encoder FROM vectors UNION SELECT 'i', encoder FROM indexes")
    return {(row["what"], row["encoder"]) for row in rows}


@pytest.mark.parametrize(
    ("error", "state"),
    [(None, "checked"), (ValueError("unheard-of"), "failed"), (Cancelled("It was cancelled."), "cancelled")],
)
def test_nothing_is_left_of_a_candidate_that_became_no_release(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch, error: Exception | None, state: str
) -> None:
    before = encoders(tiny)
    if error is not None:
        raise_at(monkeypatch, "Making the release", error)
    export = tiny.settings.home / "runtimes" / "0123456789abcdef-encode-onnx-int8-1"
    export.mkdir(parents=True)
    job, _, _ = retrain(tiny, replace(HOW, train_reader=False), Request(dry_run=True))
    assert job.state == state
    assert encoders(tiny) == before
    assert not export.exists()
    assert Engine(tiny.installation.models()).ask("menu a", decline=False).release == "r1"


def test_a_process_whose_job_is_another_one_s_removes_nothing(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_: object) -> None:
        with tiny.store.transaction() as db:
            db.execute("UPDATE jobs SET owner = 'another process'")
        raise Cancelled("It was cancelled.")

    monkeypatch.setattr(JobProgress, "begin", lose)
    export = tiny.settings.home / "runtimes" / "0123456789abcdef-encode-onnx-int8-1"
    export.mkdir(parents=True)
    assert retrain(tiny).job.state == "running"
    assert export.exists()


def test_checkpoints_of_jobs_that_have_ended_are_gone_when_the_next_one_has_begun(
    tiny: TinyInstallation,
) -> None:
    jobs = Jobs(tiny.store)
    dead = jobs.claim(Request())
    assert dead is not None
    folder = JobFolder.of(tiny.settings.home, dead.id)
    folder.work.mkdir(parents=True)
    (folder.work / "checkpoint.pt").write_bytes(b"x")
    folder.write("frozen", {})
    folder.log.write_text("Killed")
    assert jobs.cancel(dead.id), "nobody runs it: it ends at once"
    assert retrain(tiny, replace(HOW, min_triplets=100)).job.state == "failed"
    assert [path.name for path in folder.path.iterdir()] == ["log.txt"]


def test_both_releases_are_held_against_each_other_on_the_manuals_of_the_end(
    tiny: TinyInstallation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from training import job
    from training.retraining import comparing

    learn, ask_frozen = job.learn, comparing.ask_frozen
    asked: list[Engine] = []
    late = tmp_path / "late.md"
    late.write_text("# Late\n\n## Rinse the tank\n\nPress the tank button to set it under water.\n")

    def learn_while_a_manual_comes(*arguments: object) -> None:
        tiny.installation.open_library().add([late])
        learn(*arguments)  # type: ignore[arg-type]

    def ask(engine: Engine, *arguments: object) -> object:
        asked.append(engine)
        return ask_frozen(engine, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "learn", learn_while_a_manual_comes)
    monkeypatch.setattr(comparing, "ask_frozen", ask)
    finished, _, _ = retrain(tiny)
    assert finished.state == "promoted", finished.message
    assert [engine.release for engine in asked] == ["candidate", "r1"]
    assert all("late.md" in {p.manual.path for p in engine.passages} for engine in asked)


def test_a_job_frozen_by_an_older_version_compares_with_its_own_base_whatever_answers_now(
    promoted: Undisturbed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its results lack what the gate looks at, and another release has become current while it was dead."""
    from training import job
    from training.retraining import comparing

    tiny = copy_of_home(promoted.tiny.settings.home, tmp_path / "var")
    learn, ask_frozen = job.learn, comparing.ask_frozen
    asked: list[Engine] = []

    def learn_in_another_process(context: JobContext, frozen: Frozen) -> None:
        tiny.installation.use("r1")
        context.__dict__.pop("current")
        learn(context, frozen)

    def ask(engine: Engine, *arguments: object) -> object:
        asked.append(engine)
        return ask_frozen(engine, *arguments)  # type: ignore[arg-type]

    def told_less(questions: object, *arguments: object) -> tuple[Result, ...]:
        results = frozen_results(questions, *arguments)  # type: ignore[arg-type]
        return tuple(replace(result, agreement=None) for result in results)

    frozen_results = material.results_of
    monkeypatch.setattr(material, "results_of", told_less)
    monkeypatch.setattr(job, "learn", learn_in_another_process)
    monkeypatch.setattr(comparing, "ask_frozen", ask)
    with quick_jobs():
        finished, _, report = retrain(tiny, UNTRAINED)
    assert finished.state == "kept", finished.message
    assert report is not None
    releases = tiny.installation.releases
    reader, calibration = (releases.path(releases.get("r2"), part) for part in ("reader", "calibration"))
    assert [engine.release for engine in asked] == ["candidate", "r2"]
    assert asked[1].models.reader.digest == Checkpoint.open(reader).digest
    assert asked[1].models.calibrator == Calibrator.open(calibration)


def test_kill_9_leaves_the_current_release_and_the_job_goes_on(tiny: TinyInstallation) -> None:
    jobs = Jobs(tiny.store)
    processes = []

    def launch(job_id: int) -> None:
        processes.append(spawn(Task(tiny.settings, job_id, APPROVING)))

    launcher = Launcher(jobs, launch)
    job = launcher.start(Request()).job
    wait_until(lambda: jobs.get(job.id).progress.share > 0.2)
    assert os.getpriority(os.PRIO_PROCESS, processes[0].pid) > os.getpriority(os.PRIO_PROCESS, 0)
    os.kill(processes[0].pid, signal.SIGKILL)
    wait_until(lambda: jobs.is_dead(jobs.get(job.id)))
    assert current(tiny) == "r1"
    assert jobs.under_way() is not None
    resumed = launcher.start(Request())
    assert (resumed.job.id, resumed.is_new) == (job.id, False)
    wait_until(lambda: jobs.get(job.id).ended)
    finished = jobs.get(job.id)
    assert (finished.state, finished.n_starts) == ("kept", 2)
    assert "There are only" in finished.message


def wait_until(happens: Callable[[], bool], timeout_s: float = 240.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)
