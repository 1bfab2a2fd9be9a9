"""`manualbot retrain`, `report` and `jobs`, as the shell sees them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import bot.learning.retraining
from bot.cli import main
from bot.learning.retraining import open_jobs
from bot.render.jobs import job_json, job_row, progress_text, time_left
from qa_core.settings import Settings
from training.gate import Evidence, judge
from training.retraining.job_folder import JobFolder
from training.retraining.job_report import JobReport
from training.retraining.jobs import Ending, Jobs, Progress, Request
from training.retraining.launching import Launcher

Process = Callable[[Jobs, int], None]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MANUALBOT_HOME", str(tmp_path / "var"))
    return Settings(home=tmp_path / "var")


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """What a job's process does, the first one for the first job."""
    todo: list[Process] = []

    def open_launcher(_settings: Settings, jobs: Jobs, _rules: object) -> Launcher:
        return Launcher(jobs, lambda job_id: todo.pop(0)(jobs, job_id))

    monkeypatch.setattr(bot.learning.retraining, "open_launcher", open_launcher)
    return todo


def ends(settings: Settings, ending: Ending, *, with_report: bool = True) -> Process:
    def run(jobs: Jobs, job_id: int) -> None:
        owner = jobs.run(job_id)
        if with_report:
            write_report(settings, job_id)
        assert jobs.end(job_id, owner, ending)

    return run


def write_report(settings: Settings, job_id: int) -> None:
    folder = JobFolder.of(settings.home, job_id)
    made = JobReport(
        job=job_id,
        base="shipped-1",
        verdict=judge(Evidence((), (), (), ())),
        digest="d" * 64,
        seed=0,
        counts={"training triplets": 40},
        regression_origin="the 2 questions of own.jsonl",
        reader_epochs=(),
        encoder_epochs=(),
        shares={},
        notes=(),
        before={},
        after={},
        changed=(),
        seconds={},
        made="2026-01-02T03:04:05+00:00",
    )
    folder.write("report", made.as_json())


def test_retrain_prints_the_report_and_how_it_ended(
    settings: Settings, processes: list[Process], capsys: pytest.CaptureFixture[str]
) -> None:
    processes.append(ends(settings, Ending("kept", "r2 is kept and not promoted.", "d", "r2")))
    assert main(["retrain", "--seed", "3"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Job 1: the candidate did not pass the gate against shipped-1")
    assert printed.endswith("\nr2 is kept and not promoted.\n")
    assert bot.learning.retraining.open_jobs(settings).get(1).request == Request(seed=3)


def test_a_retraining_that_failed_is_an_error_with_its_reason(
    settings: Settings, processes: list[Process], capsys: pytest.CaptureFixture[str]
) -> None:
    processes.append(ends(settings, Ending("failed", "The loss is nan."), with_report=False))
    assert main(["retrain"]) == 1
    assert capsys.readouterr().err == (
        "manualbot: Job 1 failed, and the current release goes on answering: The loss is nan.\n"
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who presses Ctrl-C while the command waits."""
    follow = bot.learning.retraining.follow

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    def interrupted(launcher: Launcher, job_id: int, on_look: Callable[[object], None]) -> object:
        return follow(launcher, job_id, on_look, interrupt)

    monkeypatch.setattr(bot.learning.retraining, "follow", interrupted)


@pytest.mark.usefixtures("impatient")
def test_ctrl_c_cancels_the_job_and_waits_for_its_end(settings: Settings, processes: list[Process]) -> None:
    processes.append(lambda _jobs, _job_id: None)
    assert main(["retrain"]) == 130
    assert bot.learning.retraining.open_jobs(settings).get(1).state == "cancelled"


@pytest.mark.usefixtures("impatient")
def test_ctrl_c_leaves_a_job_alone_that_somebody_else_has_begun(
    settings: Settings, processes: list[Process], capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = bot.learning.retraining.open_jobs(settings)
    assert jobs.claim(Request("slack", "U1")) is not None
    assert jobs.run(1) is not None
    assert main(["retrain"]) == 130
    assert capsys.readouterr().err == (
        "Job 1 is under way already; this is how it goes\n"
        "manualbot: Job 1 goes on: it was not begun here. To cancel it: manualbot jobs cancel 1\n"
    )
    assert (jobs.get(1).state, jobs.get(1).cancelled) == ("running", False)
    assert processes == []


def test_a_regression_set_that_cannot_be_read_is_told_before_anything_starts(
    settings: Settings, processes: list[Process], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = tmp_path / "own.jsonl"
    own.write_text("{}")
    assert main(["retrain", "--questions", str(own)]) == 1
    assert "own.jsonl, line 1: `question` must be a text" in capsys.readouterr().err
    assert bot.learning.retraining.open_jobs(settings).list() == ()
    assert processes == []


def test_releases_prune_takes_nothing_away_from_a_job_that_is_under_way(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = open_jobs(settings)
    job = jobs.claim(Request())
    assert job is not None

    assert main(["releases", "prune"]) == 1
    assert capsys.readouterr().err == (
        "manualbot: Job 1 is under way, and what it has made so far would be removed. Wait for its end, "
        "or cancel it: manualbot jobs cancel 1\n"
    )
    assert jobs.cancel(job.id)
    assert main(["releases", "prune"]) == 0


def test_jobs_lists_what_became_of_each(
    settings: Settings, processes: list[Process], capsys: pytest.CaptureFixture[str]
) -> None:
    processes.append(ends(settings, Ending("promoted", "It is better.", "d", "r2")))
    main(["retrain", "--dry-run"])
    capsys.readouterr()
    assert main(["jobs"]) == 0
    line = " ".join(capsys.readouterr().out.split())
    ended = r"r2 was promoted; shipped-\S+ has become current since\. It is better\."
    assert re.search(rf" 1 promoted \S+ \S+ command r2 {ended}", line)
    assert main(["jobs", "--json"]) == 0
    [job] = json.loads(capsys.readouterr().out)
    assert (job["state"], job["release"], job["dry_run"]) == ("promoted", "r2", True)
    assert re.fullmatch(ended, job["message"])


def test_a_job_whose_process_was_killed_is_said_to_go_on_and_when(settings: Settings) -> None:
    jobs = bot.learning.retraining.open_jobs(settings)
    job = jobs.claim(Request())
    assert job is not None
    alive, dead = (job_row(job, is_dead, current=None) for is_dead in (False, True))
    assert (alive[1], alive[-1]) == ("waiting", "0%")
    assert (dead[1], dead[-1]) == (
        "killed",
        "0%; goes on within a minute where a bot runs, else with the next manualbot retrain",
    )
    states = [job_json(job, is_dead, current=None)["state"] for is_dead in (False, True)]
    assert states == ["waiting", "killed"]


def test_cancel_ends_the_job_that_is_under_way(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = bot.learning.retraining.open_jobs(settings)
    assert main(["jobs", "cancel"]) == 1
    assert capsys.readouterr().err.startswith("manualbot: No retraining is under way.")
    assert jobs.claim(Request()) is not None
    assert main(["jobs", "cancel"]) == 0
    assert jobs.get(1).state == "cancelled"
    assert main(["jobs", "cancel", "1"]) == 1
    assert capsys.readouterr().err.startswith("manualbot: Job 1 has ended already.")


def test_whoever_cancels_too_late_is_told_of_the_release(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = bot.learning.retraining.open_jobs(settings)
    assert jobs.claim(Request()) is not None
    assert jobs.begin_to_promote(1, "r2")
    assert main(["jobs", "cancel"]) == 0
    assert capsys.readouterr().out == (
        "Job 1 is done: its release r2 takes over. Go back: manualbot releases use ID\n"
    )


def test_report_writes_one_page(
    settings: Settings, processes: list[Process], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    processes.append(ends(settings, Ending("kept", "Kept.", "d", "r2")))
    main(["retrain"])
    capsys.readouterr()
    page = tmp_path / "report.html"
    assert main(["report", "--out", str(page)]) == 0
    assert capsys.readouterr().out == f"Wrote {page}\n"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert main(["report", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == {"training triplets": 40}


def test_a_page_that_cannot_be_written_is_an_error_with_the_next_step(
    settings: Settings, processes: list[Process], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    processes.append(ends(settings, Ending("kept", "Kept.", "d", "r2")))
    main(["retrain"])
    capsys.readouterr()
    page = tmp_path / "no folder" / "report.html"
    page.parent.write_text("a file")
    assert main(["report", "--out", str(page)]) == 1
    assert (
        capsys.readouterr().err == f"manualbot: {page} cannot be written (File exists). Name another file\n"
    )


def test_without_a_report_the_next_step_is_said(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report"]) == 1
    assert capsys.readouterr().err.endswith("Start one: manualbot retrain\n")
    assert bot.learning.retraining.open_jobs(settings).claim(Request()) is not None
    assert main(["report", "1"]) == 1
    assert capsys.readouterr().err == (
        "manualbot: Job 1 has no report; it is waiting. List them: manualbot jobs\n"
    )


@pytest.mark.parametrize(
    ("seconds", "text"), [(40.4, "40 s left"), (61.0, "2 min left"), (3_900.0, "1 h 5 min left")]
)
def test_time_left_is_rounded_as_people_say_it(seconds: float, text: str) -> None:
    assert time_left(seconds) == text


def test_progress_says_stage_loss_and_time() -> None:
    assert progress_text(Progress("Training the reader", 0.3, 1.2345, 130.0)) == (
        "Training the reader, loss 1.234, 3 min left"
    )
    assert progress_text(Progress("Indexing", 0.7, gives_way=True)) == (
        "Indexing, slowly, as questions come first"
    )
    assert progress_text(Progress()) == ""
