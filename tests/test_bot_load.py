"""The measurement of many people who ask at once: what it counts, what it asks, and what it prints."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from bot_in_sandbox import FakeSlackEngine, bot_in
from fakes_retraining import PROMOTED, put_report, report
from sandbox_person import BOT, SUPPORT

from bot.deliveries import Delivery, Lane
from bot.inbox import Inbox
from bot.owners import Owner
from bot.sandbox import rounds
from bot.sandbox.crowd import Crowd, Reply, Watch, crowd_of
from bot.sandbox.load import Options, main, measure
from bot.sandbox.load_figures import (
    COLUMNS,
    Asked,
    Choice,
    Figures,
    choose,
    figures_of,
    row,
    times_as_slow,
)
from bot.sandbox.rounds import Load, ask_while, count_approved, start_retraining
from bot.sandbox.socket_mode import ACK_TIMEOUT_S
from bot.sandbox.starting import start_sandbox
from bot.services import open_store
from bot.settings import SlackSettings
from qa_core.errors import DataError, ManualbotError
from qa_core.settings import Settings
from qa_core.types import Answer, Manual, Passage, Section
from training.feedback.triplet import Triplet
from training.feedback.triplet_store import Triplets
from training.retraining.launching import Launcher

OPTIONS = Options(
    people=3, questions=6, seed=0, retrain=False, home=None, timeout_s=60, direct=False, read_s=1.0
)


@pytest.fixture(autouse=True)
def short_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "SETTLE_S", 0.3)


# What is counted


def test_a_question_is_answered_once_twice_or_not_at_all() -> None:
    asked = [Asked(10.0, (10.5,)), Asked(11.0, (12.0, 15.0)), Asked(12.0, ()), Asked(13.0, (16.0,))]

    figures = figures_of(asked, [0.25, 0.125])

    assert (figures.n_asked, figures.n_once, figures.n_twice, figures.n_lost) == (4, 2, 1, 1)
    assert figures.slowest_s == 3.0
    assert figures.slowest_ack_s == 0.25


def test_percentiles_are_of_the_first_answers_and_interpolated() -> None:
    asked = [Asked(0.0, (float(n), 1000.0)) for n in range(21)]

    figures = figures_of(asked, ())

    assert (figures.p50_s, figures.p95_s, figures.slowest_s) == (10.0, 19.0, 20.0)
    assert figures_of([Asked(0.0, (1.0,)), Asked(0.0, (2.0,))], ()).p95_s == pytest.approx(1.95)


def test_of_nothing_there_are_no_times() -> None:
    assert figures_of([], ()) == Figures(0, 0, 0, 0, None, None, None, None)
    assert figures_of([Asked(1.0, ())], ()) == Figures(1, 0, 0, 1, None, None, None, None)


def test_the_table_has_a_column_for_each_figure() -> None:
    figures = Figures(60, 58, 1, 1, 0.5, 1.25, 2.0, 0.0625)

    assert dict(zip(COLUMNS, row("alone", figures), strict=True)) == {
        "": "alone",
        "asked": 60,
        "answered once": 58,
        "answered twice": 1,
        "lost": 1,
        "p50 (s)": 0.5,
        "p95 (s)": 1.25,
        "slowest (s)": 2.0,
        "slowest ack (s)": 0.0625,
    }


def test_how_many_times_as_slow_it_is_follows_from_the_95th_percentiles() -> None:
    before, after = Figures(1, 1, 0, 0, 1.0, 2.0, 2.0, 0.1), Figures(1, 1, 0, 0, 1.0, 3.0, 9.0, 0.1)

    assert times_as_slow(before, after) == 1.5
    assert times_as_slow(before, replace(after, p95_s=None)) is None


# What is asked


def passage(heading: str, path: str = "printer/guide.md") -> Passage:
    manual = Manual("m" * 16, "/manuals", path, "Guide", "Printer", None, None, "d" * 64)
    return Passage(heading[:16], manual, Section(("Guide", heading), "Text."), 0, 5)


def questions_file(folder: Path, *lines: dict[str, object]) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(json.dumps({"answers": []} | line) for line in lines), encoding="utf-8")
    return path


def test_of_a_file_the_questions_on_indexed_manuals_are_asked(tmp_path: Path) -> None:
    file = questions_file(
        tmp_path,
        {"question": "Why E-5?", "manual": "printer/guide.md"},
        {"question": "Why F1?", "manual": "washer/guide.md"},
        {"question": "Can it make tea?"},
    )

    assert choose(file, [passage("Clearing a jam")]) == Choice(("Why E-5?", "Can it make tea?"), str(file))


def test_headings_are_asked_where_the_file_is_on_other_manuals_or_there_is_none(tmp_path: Path) -> None:
    file = questions_file(tmp_path, {"question": "Why F1?", "manual": "washer/guide.md"})
    passages = [passage("Clearing a jam"), passage("Loading envelopes")]

    headings = Choice(("Clearing a jam", "Loading envelopes"), "headings of the manuals")
    assert choose(file, passages) == headings
    assert choose(None, passages) == headings


def test_where_there_is_nothing_to_ask_the_next_step_is_named() -> None:
    with pytest.raises(DataError, match=r"MANUALBOT_QUESTIONS=questions\.jsonl"):
        choose(None, [passage("Care")])


def test_the_seed_decides_what_is_asked_and_few_questions_are_asked_again() -> None:
    choice = Choice(tuple("abcdefgh"), "a list")

    assert choice.draw(3, seed=7) == choice.draw(3, seed=7)
    assert choice.draw(8, seed=7) != choice.draw(8, seed=8)
    assert sorted(choice.draw(8, seed=7)) == list("abcdefgh")
    assert choice.draw(16, seed=7) == choice.draw(8, seed=7) * 2


# People in the workspace


@contextmanager
def load_on(home: Path, engine: FakeSlackEngine, questions: tuple[str, ...], n_people: int) -> Iterator[Load]:
    """A bot that people are about to ask, without reading what it says."""
    watch, people = Watch(), crowd_of(n_people)
    address = start_sandbox(port=0, people=people, witness=watch.witness)
    try:
        with bot_in(address, home, engine) as services:
            crowd = Crowd(address.url, people, watch, read_s=0.0)
            yield Load(services, crowd, questions, time.monotonic() + 60)
    finally:
        address.stop()


def numbered(n: int) -> tuple[str, ...]:
    return tuple(f"How often must it be descaled, number {i}?" for i in range(n))


def test_what_20_people_ask_at_once_is_answered_once_each(tmp_path: Path) -> None:
    engine = FakeSlackEngine(seconds=0.1)
    with load_on(tmp_path, engine, numbered(60), n_people=20) as load:
        measured = load.one_round()

    figures = measured.figures
    assert (figures.n_asked, figures.n_once, figures.n_twice, figures.n_lost) == (60, 60, 0, 0)
    assert sorted(question for question, _ in engine.asked) == sorted(numbered(60))
    assert measured.releases == {"r1": 60}
    assert figures.p50_s is not None
    assert figures.p95_s is not None
    assert figures.slowest_s is not None
    assert 0.1 <= figures.p50_s <= figures.p95_s <= figures.slowest_s
    assert figures.slowest_ack_s is not None
    assert 0.0 < figures.slowest_ack_s < ACK_TIMEOUT_S


def test_in_direct_messages_each_person_is_answered_in_their_own(tmp_path: Path) -> None:
    with load_on(tmp_path, FakeSlackEngine(), numbered(4), n_people=2) as load:
        direct = replace(load, crowd=replace(load.crowd, direct=True))
        measured = direct.one_round()
        places = [load.services.posts.latest_in(channel) for channel in ("D0P1", "D0P2", SUPPORT)]

    assert (measured.figures.n_once, measured.figures.n_lost) == (4, 0)
    assert [place is not None for place in places] == [True, True, False]


def test_who_gets_an_apology_has_got_no_answer_and_asks_on(tmp_path: Path) -> None:
    first, second = numbered(2)
    engine = FakeSlackEngine(answers={first: ManualbotError("The index is damaged")})
    with load_on(tmp_path, engine, (first, second), n_people=1) as load:
        measured = load.one_round()

    figures = measured.figures
    assert (figures.n_asked, figures.n_once, figures.n_twice, figures.n_lost) == (2, 1, 0, 1)
    assert measured.releases == {"r1": 1}


def test_a_question_that_nobody_answers_is_lost_when_the_person_s_patience_ends(tmp_path: Path) -> None:
    engine = FakeSlackEngine(seconds=2.0)
    with load_on(tmp_path, engine, numbered(1), n_people=1) as load:
        measured = replace(load, crowd=replace(load.crowd, patience_s=0.2)).one_round()

    figures = measured.figures
    assert (figures.n_asked, figures.n_once, figures.n_lost, figures.slowest_s) == (1, 0, 1, None)


def test_a_second_answer_in_a_thread_is_seen() -> None:
    watch = Watch()
    said = {"type": "message", "user": BOT, "thread_ts": "1.000001", "text": "Every 200 cups."}
    named = {"metadata": {"event_payload": {"answer_id": "a1"}}}
    saw = watch.witness.saw_event

    saw({**said, **named, "ts": "2.000000"})
    saw({**said, **named, "ts": "3.500000"})
    saw({**said, "ts": "4.000000"})
    saw({**said, "ts": "5.000000", "user": "U0P1"})

    assert watch.replies("1.000001") == (Reply(2.0, "a1"), Reply(3.5, "a1"), Reply(4.0, None))
    assert watch.replies("1.000002") == ()


def test_nobody_asks_when_it_is_late(tmp_path: Path) -> None:
    with load_on(tmp_path, FakeSlackEngine(), numbered(4), n_people=2) as load:
        measured = replace(load, ends_at=time.monotonic() - 1.0).one_round()

    assert measured.figures.n_asked == 0


# While it retrains


@dataclass
class Learning(FakeSlackEngine):
    """An engine whose answers name the release that is set."""

    def ask(self, question: str, product: str | None = None, decline: bool = True) -> Answer:
        return replace(super().ask(question, product, decline), release=self.release)


def retraining(load: Load, launch: Callable[[int], object]) -> Load:
    """The same, with `launch` in place of a job's process."""
    launcher = Launcher(load.services.launcher.jobs, launch)
    return replace(load, services=replace(load.services, launcher=launcher), after_s=2.0)


def approve(load: Load, n: int) -> None:
    """So many approved triplets, those that are there included."""
    [passage] = load.services.engines.current().passages
    triplets = [
        Triplet(
            id=f"{i:016x}",
            question=f"How often is part {i} descaled?",
            context=passage.text,
            start=0,
            end=8,
            kind="answer",
            status="approved",
            provenance="import",
            question_key=f"{i:016x}",
            passage_id=passage.id,
            heading_path=passage.section.heading_path,
            manual=passage.manual.path,
        )
        for i in range(n)
    ]
    Triplets(load.services.store, [passage]).add_imported(triplets)


def promotes(load: Load, engine: Learning) -> Callable[[int], None]:
    """A job that makes "r2", which answers a moment after the job has ended."""
    jobs, home = load.services.launcher.jobs, load.services.settings.base.home

    def work(job_id: int) -> None:
        owner = jobs.run(job_id)
        time.sleep(0.5)
        put_report(home, report(job_id))
        assert jobs.end(job_id, owner, PROMOTED)
        time.sleep(0.3)
        engine.release = "r2"

    return lambda job_id: threading.Thread(target=work, args=(job_id,)).start()


def test_people_ask_on_until_the_promoted_release_has_answered_them(tmp_path: Path) -> None:
    engine = Learning(seconds=0.02)
    with load_on(tmp_path, engine, numbered(6), n_people=3) as load:
        beside = retraining(load, promotes(load, engine))
        measured, job = ask_while(beside, start_retraining(beside.services, seed=3))

    assert (job.state, job.release, job.request.cause, job.request.seed) == ("promoted", "r2", "command", 3)
    assert set(measured.releases) == {"r1", "r2"}
    assert sum(measured.releases.values()) == measured.figures.n_once == measured.figures.n_asked
    assert (measured.figures.n_twice, measured.figures.n_lost) == (0, 0)


def test_it_prints_both_tables_the_ratio_the_job_s_end_and_the_releases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = Learning(seconds=0.02)
    with load_on(tmp_path, engine, numbered(6), n_people=3) as load:
        approve(load, 12)
        measure(retraining(load, promotes(load, engine)), replace(OPTIONS, retrain=True))

    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    heads = [re.split(r"\s{2,}", line.strip()) for line in lines if "asked" in line]
    assert heads == [list(COLUMNS[1:])] * 2
    assert lines[1].split()[:5] == ["alone", "6", "6", "0", "0"]
    assert lines[2] == "Job 1 retrains from 12 approved triplets"
    assert re.fullmatch(r"while retraining +(\d+) +\1 +0 +0( +\d+\.\d{3}){4}", lines[4])
    assert re.fullmatch(r"p95 while retraining: \d+\.\d\d times that alone", lines[5])
    assert re.fullmatch(r"Job 1: promoted after \d s\. r2 was promoted\. It is better\.", lines[6])
    assert re.fullmatch(r"Answers by release: r1 \d+, r2 \d+", lines[7])


def test_a_job_that_outlives_the_time_is_cancelled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with load_on(tmp_path, FakeSlackEngine(), numbered(2), n_people=2) as load:
        approve(load, 10)
        jobs = load.services.launcher.jobs
        beside = replace(retraining(load, jobs.run), ends_at=time.monotonic() + 5.0)
        measure(beside, replace(OPTIONS, retrain=True))
        job = jobs.get(1)

    assert (job.state, job.cancelled) == ("running", True)
    assert "Job 1 had not ended in time, and is being cancelled\n" in capsys.readouterr().out


@dataclass
class Interrupting(FakeSlackEngine):
    """An engine that has answered five questions when somebody presses Ctrl-C."""

    pressed: bool = False

    def ask(self, question: str, product: str | None = None, decline: bool = True) -> Answer:
        if len(self.asked) >= 5 and not self.pressed:
            self.pressed = True
            os.kill(os.getpid(), signal.SIGINT)
        return super().ask(question, product, decline)


def test_ctrl_c_ends_the_asking_and_the_retraining(tmp_path: Path) -> None:
    engine = Interrupting(seconds=0.1)
    with load_on(tmp_path, engine, numbered(1000), n_people=3) as load:
        beside = retraining(load, lambda _: None)
        job = start_retraining(beside.services, seed=0)
        with pytest.raises(KeyboardInterrupt):
            ask_while(beside, job)
        ended = load.services.launcher.jobs.get(job.id)

    assert ended.state == "cancelled"
    assert 5 <= len(engine.asked) < 50


def test_too_few_triplets_are_counted_and_the_next_step_is_named(tmp_path: Path) -> None:
    with load_on(tmp_path, FakeSlackEngine(), numbered(1), n_people=1) as load:
        approve(load, 9)
        with pytest.raises(
            DataError, match=r"There are 9 approved triplets in .* at least 10.*triplets import"
        ):
            measure(load, replace(OPTIONS, retrain=True))
        approve(load, 10)

        assert count_approved(load.services) == 10


def test_beside_another_job_nothing_is_measured(tmp_path: Path) -> None:
    with load_on(tmp_path, FakeSlackEngine(), numbered(1), n_people=1) as load:
        start_retraining(load.services, seed=0)
        with pytest.raises(DataError, match=r"Job 1 is under way already.*manualbot jobs cancel"):
            start_retraining(load.services, seed=0)


# The command


def test_without_an_index_the_usual_error_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(tmp_path)]) == 1

    assert "manualbot index" in capsys.readouterr().err


def test_where_people_wait_for_answers_nobody_is_let_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(open_store(SlackSettings(base=Settings(home=tmp_path)))) as store:
        Inbox(store, Owner()).record(Delivery("k", "own:question", Lane.ANSWER, {}))

    assert main(["--home", str(tmp_path)]) == 1
    assert f"Questions of people wait in {tmp_path}" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--people", "0"], ["--questions", "many"]])
def test_a_number_that_is_none_is_a_wrong_call(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong)

    assert ended.value.code == 2


@pytest.mark.slow
def test_the_real_bot_is_measured_on_a_home_with_an_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tiny_installation import make_installation

    tiny = make_installation(tmp_path)
    tiny.store.close()
    rested: list[float] = []
    monkeypatch.setattr(Watch, "rest", lambda _watch, seconds: rested.append(seconds))

    home = tiny.settings.home
    assert main(["--home", str(home), "--people", "1", "--questions", "4", "--direct", "--reading", "2"]) == 0

    heading, _, _, table = capsys.readouterr().out.splitlines()
    file = tmp_path / "manuals" / "questions.jsonl"
    assert heading.startswith(
        f"1 person asks in direct messages, reading for 2 s: 4 questions ({file}, seed 0); 4 workers, "
    )
    assert heading.endswith(f", {tiny.base}")
    assert table.split()[:5] == ["alone", "4", "4", "0", "0"]
    assert rested == [2] * 4
