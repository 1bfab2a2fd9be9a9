"""A bot that retrains, in a Slack that keeps what is posted; jobs stand where the test puts them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fakes_slack import CHANNEL, Bench, open_bench

from bot.app import TABLE
from bot.deliveries import Delivery, Lane, person_of
from bot.workers import Workers
from training.gate import Comparison, Verdict
from training.reading.epochs import Epoch, Figures
from training.reading.fine_tune_report import ReportedEpoch
from training.retraining.frozen import Result
from training.retraining.job_folder import PICTURES, JobFolder
from training.retraining.job_report import ChangedAnswer, JobReport
from training.retraining.jobs import Ending, Job, Progress, Request
from training.retrieval.retriever_epochs import RetrieverEpoch

PROMOTED = Ending("promoted", "It is better.", "d" * 64, "r2")
KEPT = Ending("kept", "r2 is kept and not promoted. It is not better.", "d" * 64, "r2")
HELD_OUT = Comparison(40, 0.625, 0.75, 0.01, 0.2, 0.97)
FIGURES = Figures(0.9, 0.75, 50.0, 60.0, 4, 8)
PNG = b"\x89PNG\r\n\x1a\n"


def changed(question: str = "How often?", better: bool = True) -> ChangedAnswer:
    """A question whose answer got better, or worse."""
    wrong = Result("q", False, 0.6, "Ask <the> shop.", "shop", "a.md › Shop", hit=False, right=False)
    right = Result("q", False, 0.9, "Every 200 cups.", "200", "a.md › Care", hit=True, right=True)
    before, after = (wrong, right) if better else (right, wrong)
    return ChangedAnswer(question, "held-out", ("Every 200 cups.",), before, after)


def report(job: int = 1, passed: bool = True, **more: Any) -> JobReport:
    reasons = ("It is better & cheaper.",) if passed else ("It is not better.",)
    made = JobReport(
        job=job,
        base="r1",
        verdict=Verdict(passed, reasons, HELD_OUT, HELD_OUT, HELD_OUT, HELD_OUT),
        digest="d" * 64,
        seed=7,
        counts={"training triplets": 137},
        regression_origin="the 2 questions of own.jsonl",
        reader_epochs=(
            ReportedEpoch(Epoch(0, None, FIGURES), "before training"),
            ReportedEpoch(Epoch(1, 1.25, FIGURES), "loss still falling"),
        ),
        encoder_epochs=(RetrieverEpoch(0, None, 0.5), RetrieverEpoch(1, 0.7, 0.625)),
        shares={"reader": 0.5},
        notes=("Of the reader's new weights 50% are in the candidate.",),
        before={"held-out: section hit@1": 0.5},
        after={"held-out: section hit@1": 1.0},
        changed=(changed(),),
        seconds={"Training the reader": 4.0},
        made="2026-11-02T10:00:00+00:00",
    )
    return replace(made, **more)


def put_report(home: Path, made: JobReport) -> JobFolder:
    """What a job leaves in its folder, short of what the pictures show."""
    folder = JobFolder.of(home, made.job)
    folder.write("report", made.as_json())
    for name in PICTURES:
        folder.write_picture(name, PNG + name.encode())
    return folder


@dataclass
class Wall:
    """What stands in Slack's channels. `down` makes every call fail, `refused` those of a method."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)  # channels in which the bot is no member
    _counter: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def answers(self) -> dict[str, Any]:
        return {
            "chat_postMessage": self._post,
            "chat_update": self._update,
            "conversations_replies": lambda a: {"messages": self.thread(a["channel"], a["ts"])},
            "conversations_history": lambda a: {"messages": self.top(a["channel"])},
            "conversations_open": lambda a: {"channel": {"id": f"D{a['users']}"}},
            "files_upload_v2": self._upload,
        }

    def thread(self, channel: str, ts: str) -> list[dict[str, Any]]:
        return [m for m in self.messages if m["channel"] == channel and ts in (m["ts"], m.get("thread_ts"))]

    def top(self, channel: str) -> list[dict[str, Any]]:
        return [m for m in self.messages if m["channel"] == channel and not m.get("thread_ts")]

    def _post(self, arguments: dict[str, Any]) -> Any:
        if arguments["channel"] in self.closed:
            return "not_in_channel"
        ts = f"1700000002.{next(self._counter):06}"
        self.messages.append({**arguments, "ts": ts})
        return {"ts": ts}

    def _update(self, arguments: dict[str, Any]) -> Any:
        for message in self.messages:
            if (message["channel"], message["ts"]) == (arguments["channel"], arguments["ts"]):
                message.update(arguments)
                message["n_edits"] = message.get("n_edits", 0) + 1
                return {}
        return "message_not_found"

    def _upload(self, arguments: dict[str, Any]) -> Any:
        files = [{"name": each["filename"]} for each in arguments["file_uploads"]]
        place = {name: arguments[name] for name in ("channel", "thread_ts")}
        self.messages.append({**place, "ts": "0", "text": "", "files": files})
        return {"files": files}


@dataclass
class Retraining:
    """The bot and its Slack; the test is the job's process."""

    bench: Bench
    wall: Wall
    launched: list[int]

    @property
    def slack(self) -> Any:
        return self.bench.slack

    @property
    def jobs(self) -> Any:
        return self.bench.services.launcher.jobs

    @property
    def home(self) -> Path:
        return self.bench.services.settings.base.home

    def send(self, route: str, body: dict[str, Any], key: str) -> None:
        """Slack delivers something; the workers do what they can do now."""
        listener = next(each for each in TABLE.listeners if each.route == route)
        delivery = Delivery(key, route, listener.lane, body, person=person_of(body))
        self.bench.services.inbox.record(delivery)
        self.work()

    def command(self, text: str, person: str = "UADMIN", key: str = "k1", channel: str = CHANNEL) -> None:
        """Somebody types `/manual …`."""
        body = {"command": "/manual", "text": text, "user_id": person, "channel_id": channel}
        self.send("command:/manual", body, key)

    def work(self) -> None:
        """Do all that waits and need not wait longer."""
        inbox = self.bench.services.inbox
        workers = Workers(self.bench.services, TABLE.handlers)
        for _ in range(200):
            tasks = [task for lane in Lane if (task := inbox.claim(lane))]
            if not tasks:
                return
            for task in tasks:
                workers.do(task)
        raise AssertionError("The work never ends")

    def later(self) -> None:
        """The time has come for all that waits."""
        with self.bench.services.store.transaction() as db:
            db.execute("UPDATE inbox SET not_before = 0, settled_at = 0")
        self.work()

    def until_quiet(self) -> None:
        """Everything that was put back is done to its end."""
        for _ in range(50):
            if not self.bench.services.inbox.n_waiting():
                return
            self.later()
        raise AssertionError("The work never ends")

    def run(self, progress: Progress | None = None) -> Job:
        """The job's process takes it, and tells where it stands."""
        job: Job = self.jobs.under_way()
        owner = job.owner or self.jobs.run(job.id)
        self.jobs.tell(job.id, owner, progress or Progress("Training the reader", 0.43, 1.234, 170.0))
        return self.jobs.get(job.id)

    def end(self, ending: Ending = PROMOTED, made: JobReport | None = None) -> Job:
        """The job's process ends it, with a report where there is one."""
        job = self.run()
        if ending.state in ("promoted", "kept"):
            put_report(self.home, made or report(job.id, ending.state == "promoted"))
        if ending.state == "promoted":
            self.chosen(ending.release)
        assert self.jobs.end(job.id, job.owner, ending)
        return self.jobs.get(job.id)

    def chosen(self, release: str | None) -> None:
        """It answers from now on."""
        releases: Any = self.bench.services.installation.releases
        releases.current = release

    def begin(self, request: Request) -> Job:
        """A job that did not come from Slack."""
        return self.bench.services.launcher.start(request).job

    def said(self) -> list[str]:
        """What one person alone was told."""
        return [call["text"] for call in self.slack.of("chat_postEphemeral")]


@contextmanager
def open_retraining(home: Path, **more: Any) -> Iterator[Retraining]:
    wall, launched = Wall(), list[int]()
    with open_bench(home, wall.answers(), launch=launched.append, **more) as bench:
        yield Retraining(bench, wall, launched)
