"""A retraining in the workspace: what administrators, and who voted, see of it, on good days and bad ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from bot_in_sandbox import FakeSlackEngine, bot_in
from fakes_retraining import PROMOTED, put_report, report
from sandbox_person import ADA, BEN, CLEO, PRINTERS, SUPPORT, Json, SandboxPerson, eventually

from bot.actions import ACTION_FEEDBACK, ACTION_RETRAIN, ACTION_RETRAIN_CANCEL
from bot.listeners import endings, following
from bot.sandbox.starting import SandboxAddress, start_sandbox
from bot.services import Services
from training.feedback.opinions import opinions_of
from training.feedback.triplet import Rules
from training.feedback.triplet_facts import read_facts
from training.retraining.job_report import Learned
from training.retraining.jobs import CANCELLED, Ending, Job, Progress, Request

REPORTED_S = 20.0  # until all of a report is there on a machine that has much else to do


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxAddress]:
    monkeypatch.setattr(following, "EDIT_EVERY_S", 0.2)
    monkeypatch.setattr(endings, "THANK_EVERY_S", 0.05)
    address = start_sandbox(port=0)
    yield address
    address.stop()


@pytest.fixture
def services(sandbox: SandboxAddress, tmp_path: Path) -> Iterator[Services]:
    with bot_in(sandbox, tmp_path, FakeSlackEngine()) as services:
        yield services


@pytest.fixture
def cleo(sandbox: SandboxAddress) -> SandboxPerson:
    return SandboxPerson(sandbox.url, CLEO)


@pytest.fixture
def ada(sandbox: SandboxAddress) -> SandboxPerson:
    return SandboxPerson(sandbox.url, ADA)


def run(services: Services, progress: Progress) -> Job:
    jobs = services.launcher.jobs
    job = jobs.latest()
    assert job is not None
    owner = job.owner or jobs.run(job.id)
    jobs.tell(job.id, owner, progress)
    return jobs.get(job.id)


def end(services: Services, ending: Ending, **made: Any) -> None:
    job = run(services, Progress("Making the release", 0.99))
    put_report(services.settings.base.home, report(job.id, **made))
    assert services.launcher.jobs.end(job.id, job.owner, ending)


def about_job(person: SandboxPerson, channel: str = SUPPORT) -> list[Json]:
    return [m for m in person.messages(channel) if "Job 1" in m["text"] and not m.get("ephemeral")]


def shows(person: SandboxPerson, text: str, channel: str = SUPPORT) -> Json:
    def look() -> Json | None:
        return next((m for m in about_job(person, channel) if text in m["text"]), None)

    found: Json = eventually(look)
    return found


def pressed(person: SandboxPerson, message: Json, action_id: str, channel: str = SUPPORT) -> Json:
    block, element = next(
        (block, element)
        for block in message["blocks"]
        for element in block.get("elements", ())
        if element.get("action_id") == action_id
    )
    return person.act(
        "press",
        channel=channel,
        ts=message["ts"],
        block_id=block["block_id"],
        action_id=action_id,
        value=element.get("value") or element["positive_button"]["value"],
    )


def told_alone(person: SandboxPerson) -> list[str]:
    return [m["text"] for m in person.messages() if m.get("ephemeral")]


def test_one_message_tells_how_it_goes_and_its_thread_has_the_report_with_pictures(
    services: Services, sandbox: SandboxAddress, cleo: SandboxPerson
) -> None:
    cleo.act("command", channel=SUPPORT, text="retrain")
    begun = shows(cleo, "0%, starting")
    run(services, Progress("Training the reader", 0.43, 1.234, 170.0))
    edited = shows(cleo, "43%, Training the reader, loss 1.234, 3 min left")
    end(services, PROMOTED)
    verdict = shows(cleo, "has made a better release")
    answers = eventually(lambda: about_job(cleo, cleo.dm), REPORTED_S)

    assert begun["ts"] == edited["ts"] == verdict["ts"]
    _, figures, pictures = cleo.replies(verdict["ts"])
    assert figures["text"] == "Job 1: the candidate passed the gate against r1"
    assert [answer["text"] for answer in answers] == ["Job 1: 1 answer changed"]
    assert [(file["title"], file["alt_txt"]) for file in pictures["files"]] == [
        ("Learning curve", "Loss of the reader and of the encoder, epoch by epoch"),
        ("Before and after", "Every figure of r1 and of the candidate, side by side"),
    ]
    for file in pictures["files"]:
        with urlopen(f"{sandbox.url}/page/picture/{file['id']}") as response:
            assert response.headers["content-type"] == "image/png"
            assert response.read(8) == b"\x89PNG\r\n\x1a\n"


def test_a_file_that_is_no_picture_is_not_shown_to_the_page(
    sandbox: SandboxAddress, services: Services, ada: SandboxPerson
) -> None:
    del services
    ada.send_file("evil.html", b"<script>alert(1)</script>")
    [message] = ada.messages(ada.dm)
    number = message["files"][0]["id"]
    for name in (number, "F0NOTHING"):
        with pytest.raises(HTTPError, match="404") as refused:
            urlopen(f"{sandbox.url}/page/picture/{name}")
        refused.value.close()


def test_cancel_is_for_administrators_and_ends_the_job(
    services: Services, ada: SandboxPerson, cleo: SandboxPerson
) -> None:
    cleo.act("command", channel=SUPPORT, text="retrain")
    message = shows(cleo, "0%, starting")
    job = run(services, Progress("Indexing", 0.7))
    pressed(ada, message, ACTION_RETRAIN_CANCEL)
    [refused] = eventually(lambda: told_alone(ada))
    assert refused.startswith("Sorry, only administrators")
    assert not services.launcher.jobs.get(1).cancelled

    pressed(cleo, message, ACTION_RETRAIN_CANCEL)
    shows(cleo, "it is being cancelled")
    assert services.launcher.jobs.end(1, job.owner, CANCELLED)

    assert shows(cleo, "was cancelled")["ts"] == message["ts"]


def test_where_the_bot_is_no_member_it_tells_in_direct_messages_and_says_so(
    services: Services, cleo: SandboxPerson
) -> None:
    del services
    cleo.act("command", channel=PRINTERS, text="retrain")

    shows(cleo, "0%, starting", cleo.dm)
    [said] = eventually(lambda: [m["text"] for m in cleo.messages(PRINTERS) if m.get("ephemeral")])
    assert said == "I cannot post in this channel: I tell you how it goes in our direct messages."


def test_a_bot_that_is_started_anew_goes_on_with_the_message(
    sandbox: SandboxAddress, tmp_path: Path, cleo: SandboxPerson
) -> None:
    with bot_in(sandbox, tmp_path, FakeSlackEngine()):
        cleo.act("command", channel=SUPPORT, text="retrain")
        begun = shows(cleo, "0%, starting")
    with bot_in(sandbox, tmp_path, FakeSlackEngine()) as services:
        run(services, Progress("Indexing", 0.7, None, 30.0))
        edited = shows(cleo, "70%, Indexing, 30 s left")
        end(services, PROMOTED)
        shows(cleo, "has made a better release")

    assert edited["ts"] == begun["ts"]
    assert len([m for m in about_job(cleo) if not m.get("thread_ts") or m["thread_ts"] == m["ts"]]) == 1


def test_on_a_bad_day_each_message_of_the_report_is_there_once(
    services: Services, cleo: SandboxPerson
) -> None:
    cleo.act("command", channel=SUPPORT, text="retrain")
    message = shows(cleo, "0%, starting")
    cleo.act("misbehave", faults={"rate_limit": 4, "retry_after_s": 0, "redeliver": 2})
    cleo.act("command", channel=SUPPORT, text="retrain")
    eventually(lambda: told_alone(cleo))
    end(services, PROMOTED)
    eventually(lambda: about_job(cleo, cleo.dm), REPORTED_S)
    time.sleep(1.0)

    replies = [m["text"] for m in cleo.replies(message["ts"]) + about_job(cleo, cleo.dm)]
    assert (len(replies), len(set(replies))) == (4, 4)


def test_who_voted_is_thanked_in_the_thread_and_once(
    services: Services, ada: SandboxPerson, cleo: SandboxPerson
) -> None:
    asked = ada.say("@manualbot How often must it be descaled?")
    [answer] = eventually(lambda: ada.replies(asked))
    pressed(ada, answer, ACTION_FEEDBACK)
    pressed(SandboxPerson(cleo.url, BEN), answer, ACTION_FEEDBACK)
    answer_id = answer["metadata"]["event_payload"]["answer_id"]
    eventually(lambda: services.votes.tally(answer_id).up == 2)
    time.sleep(0.01)
    services.launcher.start(Request("command"))
    said = {Learned.of(each) for each in opinions_of(read_facts(services.store), Rules())}
    end(services, PROMOTED, learned_from=tuple(said))

    def thanks() -> list[str]:
        return [m["text"] for m in ada.replies(asked) if "I have learned" in m["text"]]

    eventually(thanks, timeout_s=20)
    time.sleep(1.0)

    [told] = thanks()
    assert told.startswith(f"Thank you, <@{ADA}> and <@{BEN}>: I have learned from what you said about this")


def test_the_report_of_a_scheduled_retraining_goes_to_the_administrators(
    services: Services, cleo: SandboxPerson
) -> None:
    services.launcher.start(Request("schedule"))
    end(services, PROMOTED)

    verdict = eventually(lambda: about_job(cleo, cleo.dm), timeout_s=20)[0]
    eventually(lambda: len(cleo.replies(verdict["ts"], cleo.dm)) == 4, REPORTED_S)
    assert verdict["text"].startswith("✅ *Job 1 has made a better release.*")


def test_the_button_of_the_app_home_starts_one(services: Services, cleo: SandboxPerson) -> None:
    cleo.act("open_app", tab="home")
    home = eventually(lambda: cleo.state()["home"])
    block = next(
        block
        for block in home["blocks"]
        if any(each.get("action_id") == ACTION_RETRAIN for each in block.get("elements", ()))
    )
    cleo.act("press", view_id=home["id"], block_id=block["block_id"], action_id=ACTION_RETRAIN, value=None)

    shows(cleo, "0%, starting", cleo.dm)
    latest = services.launcher.jobs.latest()
    assert latest is not None
    assert latest.request.asked_by == CLEO
    eventually(lambda: "Job 1 is under way" in str(cleo.state()["home"]))
