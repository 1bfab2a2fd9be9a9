"""The bot in the workspace, over Socket Mode: what people see, on good days and on bad ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from bot_in_sandbox import FakeSlackEngine, bot_in
from sandbox_person import ADA, BEN, CLEO, PRINTERS, SUPPORT, Json, SandboxPerson, eventually

from bot.actions import (
    ACTION_FEEDBACK,
    ACTION_MORE,
    ACTION_PERSON,
    ACTION_SHARE,
    VIEW_ANSWER,
    VIEW_CORRECTION,
    VIEW_MORE,
)
from bot.sandbox.starting import SandboxAddress, start_sandbox
from bot.sandbox.workspace import Person
from bot.services import Services

QUESTION = "@manualbot How often must it be descaled?"
ANSWER = "Descale the machine every 200 cups."


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxAddress]:
    address = start_sandbox(port=0)
    yield address
    address.stop()


@pytest.fixture(scope="module")
def engine() -> FakeSlackEngine:
    return FakeSlackEngine()


@pytest.fixture(scope="module")
def services(
    sandbox: SandboxAddress, tmp_path_factory: pytest.TempPathFactory, engine: FakeSlackEngine
) -> Iterator[Services]:
    """One bot for all tests that neither stop it nor need it to be new."""
    with bot_in(sandbox, tmp_path_factory.mktemp("bot"), engine) as services:
        yield services


@pytest.fixture
def ada(sandbox: SandboxAddress) -> SandboxPerson:
    return SandboxPerson(sandbox.url, ADA)


@pytest.fixture
def ben(sandbox: SandboxAddress) -> SandboxPerson:
    return SandboxPerson(sandbox.url, BEN)


@pytest.fixture
def another_sandbox() -> Iterator[SandboxAddress]:
    """A workspace in which no bot is at work."""
    address = start_sandbox(port=0)
    yield address
    address.stop()


def answers(person: SandboxPerson, thread_ts: str, channel: str = SUPPORT) -> list[Json]:
    return [m for m in person.replies(thread_ts, channel) if m["text"].startswith(ANSWER)]


def settle(seconds: float = 1.0) -> None:
    """Time in which a second answer would have come."""
    time.sleep(seconds)


def element_of(message: Json, action_id: str) -> Json:
    """What a press on an element of a message names."""
    for block in message["blocks"]:
        for element in [*block.get("elements", ()), block.get("accessory")]:
            if element and element.get("action_id") == action_id:
                return {"block_id": block["block_id"], "action_id": action_id, "value": element.get("value")}
    raise AssertionError(f"{action_id} is not in {message['blocks']}")


def press(
    person: SandboxPerson, message: Json, action_id: str, channel: str = SUPPORT, **more: object
) -> Json:
    body = {**element_of(message, action_id), "channel": channel, "ts": message["ts"], **more}
    return person.act("press", **body)


def opened(person: SandboxPerson, callback_id: str, act: Callable[[], Json]) -> Json:
    """The modal that an act opens, whichever are open before.

    A trigger lives three seconds: where the machine was too busy for it the act is done again, as people do.
    """
    for _ in range(3):
        assert act() == {"ok": True}
        with suppress(AssertionError):
            return eventually(lambda: modal_of(person, callback_id), timeout_s=6.0)
    raise AssertionError(f"No modal {callback_id} was opened")


def modal_of(person: SandboxPerson, callback_id: str) -> Json | None:
    """The modal in front, if it is this one."""
    modal = person.modal()
    return modal if modal and modal["callback_id"] == callback_id else None


# Good days


@pytest.mark.usefixtures("services")
def test_a_mention_is_answered_in_its_thread_with_span_place_and_buttons(ada: SandboxPerson) -> None:
    asked = ada.say(QUESTION)

    (message,) = eventually(lambda: answers(ada, asked))
    sections = [block["text"]["text"] for block in message["blocks"] if block["type"] == "section"]
    assert sections == ["Descale the machine *every 200 cups*."]
    place = message["blocks"][1]["elements"][0]["text"]
    assert place == "meridio/manual.html › Care › Descaling › page 12"
    for action in (ACTION_MORE, ACTION_PERSON, ACTION_FEEDBACK):
        assert element_of(message, action)


@pytest.mark.usefixtures("services")
def test_the_eyes_are_taken_away_again_once_it_has_answered(ada: SandboxPerson) -> None:
    asked = ada.say(QUESTION)
    eventually(lambda: answers(ada, asked))

    def reactions() -> list[Json]:
        return next(m for m in ada.messages() if m["ts"] == asked).get("reactions", [])

    eventually(lambda: reactions() == [])


@pytest.mark.usefixtures("services")
def test_what_the_manuals_do_not_say_is_declined_with_the_nearest_passages(ada: SandboxPerson) -> None:
    asked = ada.say("@manualbot Can it make tea?")

    (message,) = eventually(lambda: ada.replies(asked))
    assert message["text"].startswith("Not in the manuals")
    said = [block["text"]["text"] for block in message["blocks"] if block["type"] == "section"]
    assert said[1:] == ["Passage 1.", "Passage 2.", "Passage 3."]


@pytest.mark.usefixtures("services")
def test_a_direct_message_needs_no_mention(ada: SandboxPerson) -> None:
    asked = ada.say("How often must it be descaled?", ada.dm)

    assert eventually(lambda: answers(ada, asked, ada.dm))


@pytest.mark.usefixtures("services")
def test_a_follow_up_in_the_thread_needs_no_mention_either(ada: SandboxPerson) -> None:
    asked = ada.say(QUESTION)
    eventually(lambda: answers(ada, asked))

    ada.say("How many tablets does it take?", thread_ts=asked)

    assert eventually(lambda: len(answers(ada, asked)) == 2)


def test_talk_between_people_is_left_alone(
    services: Services, engine: FakeSlackEngine, ada: SandboxPerson
) -> None:
    del services
    before = list(engine.asked)
    first = ada.say("How often must it be descaled?")
    ada.act("edit", channel=SUPPORT, ts=first, text="How often should it be descaled?")
    ada.act("delete", channel=SUPPORT, ts=first)

    settle()
    assert engine.asked == before


@pytest.mark.usefixtures("services")
def test_manual_ask_answers_the_asker_alone_until_it_is_shared(
    ada: SandboxPerson, ben: SandboxPerson
) -> None:
    ada.act("command", channel=SUPPORT, text="ask How often must it be descaled?")

    def private() -> list[Json]:
        return [m for m in ada.messages() if m.get("ephemeral") and ANSWER in m["text"]]

    def public() -> list[Json]:
        return [m for m in ben.messages() if ANSWER in m["text"] and "thread_ts" not in m]

    (message,) = eventually(private)
    assert public() == []

    press(ada, message, ACTION_SHARE)

    shared = eventually(public)
    assert "asked: How often must it be descaled?" in shared[0]["blocks"][0]["elements"][0]["text"]


@pytest.mark.usefixtures("services")
def test_the_shortcut_answers_where_the_bot_is_no_member_in_a_modal(ada: SandboxPerson) -> None:
    asked = ada.say("How often must it be descaled?", PRINTERS)

    opened(ada, VIEW_ANSWER, lambda: ada.act("shortcut", channel=PRINTERS, ts=asked))

    eventually(lambda: "every 200 cups" in str(modal_of(ada, VIEW_ANSWER)))


@pytest.mark.usefixtures("services")
def test_more_passages_opens_a_modal_in_time(ada: SandboxPerson) -> None:
    asked = ada.say(QUESTION)
    (message,) = eventually(lambda: answers(ada, asked))

    modal = opened(ada, VIEW_MORE, lambda: press(ada, message, ACTION_MORE))

    assert "Clean the tray." in str(modal["blocks"])


# Voting


def answer_id_of(message: Json) -> str:
    return str(message["metadata"]["event_payload"]["answer_id"])


def test_reactions_are_votes_and_taking_one_back_brings_the_one_before_back(
    services: Services, ada: SandboxPerson
) -> None:
    asked = ada.say(QUESTION)
    (message,) = eventually(lambda: answers(ada, asked))
    answer_id = answer_id_of(message)

    def react(name: str) -> None:
        ada.act("react", channel=SUPPORT, ts=message["ts"], name=name)

    def vote() -> int | None:
        found = services.votes.vote_of(answer_id, ADA)
        return None if found is None else found.value

    react("thumbsup::skin-tone-3")
    eventually(lambda: vote() == 1)
    receipts = eventually(
        lambda: [m for m in ada.messages(thread_ts=asked) if "Saved as example" in m["text"]]
    )
    assert len(receipts) == 1
    react("-1")
    eventually(lambda: vote() == -1)
    react("-1")
    eventually(lambda: vote() == 1)
    react("thumbsup::skin-tone-3")
    eventually(lambda: vote() is None)


def test_a_thumbs_down_leads_to_a_correction_that_is_saved_once(
    services: Services, ada: SandboxPerson
) -> None:
    asked = ada.say(QUESTION)
    (message,) = eventually(lambda: answers(ada, asked))
    button = element_of(message, ACTION_FEEDBACK)
    element = next(
        e for b in message["blocks"] for e in b.get("elements", ()) if e.get("action_id") == ACTION_FEEDBACK
    )
    down = element["negative_button"]["value"]

    pressed = {**button, "channel": SUPPORT, "ts": message["ts"], "value": down}
    modal = opened(ada, VIEW_CORRECTION, lambda: ada.act("press", **pressed))
    values = {"pasted": {"pasted": "Use the descaling tablets only."}}
    ada.act("submit", view_id=modal["id"], values=values)

    (correction,) = eventually(lambda: services.votes.corrections(answer_id_of(message)))
    assert (correction.kind, correction.person) == ("pasted", ADA)
    words = correction.passage_text[correction.start : correction.end]
    assert words == "Use the descaling tablets only."
    vote = services.votes.vote_of(answer_id_of(message), ADA)
    assert vote is not None
    assert vote.value == -1


@pytest.mark.usefixtures("services")
def test_a_mention_that_is_added_by_editing_is_answered_once(ada: SandboxPerson) -> None:
    asked = ada.say("How often do I descale it?")
    ada.act("edit", channel=SUPPORT, ts=asked, text=QUESTION)
    eventually(lambda: answers(ada, asked))

    ada.act("edit", channel=SUPPORT, ts=asked, text=f"{QUESTION} Please!")
    settle()

    assert len(answers(ada, asked)) == 1


# Bad days


def test_an_event_delivered_three_times_is_answered_once_also_after_a_restart(
    another_sandbox: SandboxAddress, tmp_path: Path
) -> None:
    engine, ada = FakeSlackEngine(), SandboxPerson(another_sandbox.url)
    ada.act("misbehave", faults={"redeliver": 2})
    with bot_in(another_sandbox, tmp_path, engine):
        asked = ada.say(QUESTION)
        eventually(lambda: answers(ada, asked))
        settle()
        assert len(answers(ada, asked)) == 1

    with bot_in(another_sandbox, tmp_path, engine):
        ada.act("redeliver", n=2)
        settle()

    assert len(answers(ada, asked)) == 1
    assert len(engine.asked) == 1


@pytest.mark.parametrize("warned", [True, False], ids=["asked to reconnect", "cut off"])
@pytest.mark.usefixtures("services")
def test_no_question_is_lost_when_the_socket_goes(warned: bool, ada: SandboxPerson) -> None:
    before = ada.say(QUESTION)
    ada.act("drop", warned=warned)
    after = ada.say("@manualbot How many tablets does it take?")

    eventually(lambda: answers(ada, before) and answers(ada, after), timeout_s=30)
    settle()
    assert [len(answers(ada, ts)) for ts in (before, after)] == [1, 1]


def test_a_question_asked_while_the_bot_was_away_is_answered_when_it_is_back(
    another_sandbox: SandboxAddress, tmp_path: Path
) -> None:
    ada = SandboxPerson(another_sandbox.url)
    asked = ada.say(QUESTION)

    with bot_in(another_sandbox, tmp_path, FakeSlackEngine()):
        assert len(eventually(lambda: answers(ada, asked))) == 1


@pytest.mark.usefixtures("services")
def test_429_is_obeyed_and_nothing_is_lost(ada: SandboxPerson) -> None:
    ada.act("misbehave", faults={"rate_limit": 3, "retry_after_s": 1})

    begun = time.monotonic()
    asked = ada.say(QUESTION)

    assert len(eventually(lambda: answers(ada, asked), timeout_s=30)) == 1
    assert time.monotonic() - begun >= 1.0
    assert ada.state()["misbehaviour"]["rate_limit"] == 0


@pytest.mark.usefixtures("services")
def test_an_answer_that_slack_is_slow_to_take_is_posted_once(ada: SandboxPerson) -> None:
    ada.act("misbehave", faults={"slow_s": 2.0})

    asked = ada.say(QUESTION)

    eventually(lambda: answers(ada, asked), timeout_s=30)
    ada.act("misbehave", faults={"slow_s": 0})
    settle(2.5)
    assert len(answers(ada, asked)) == 1


def test_fifty_questions_at_once_are_all_answered_while_buttons_stay_quick(
    tmp_path: Path,
) -> None:
    crowd = tuple(Person(f"U0P{n}", f"p{n}", f"Person {n}", f"D0P{n}") for n in range(20))
    address = start_sandbox(port=0, people=crowd)
    people = [SandboxPerson(address.url, each.id) for each in crowd]
    engine = FakeSlackEngine(seconds=0.2)
    try:
        with bot_in(address, tmp_path, engine, pace_s=1.0):
            first = people[0].say("How often must it be descaled?", people[0].dm)
            (message,) = eventually(lambda: answers(people[0], first, people[0].dm))
            with ThreadPoolExecutor(20) as pool:
                asked = list(pool.map(_ask, [(n, people[n % 20]) for n in range(50)]))
                took = _press_for(people[0], message, seconds=2.0)
            for person, ts in asked:
                eventually(lambda p=person, t=ts: answers(p, t, p.dm), timeout_s=60)
            counts = [len(answers(person, ts, person.dm)) for person, ts in asked]
    finally:
        address.stop()

    assert counts == [1] * 50
    assert max(took) < 1.0


def _ask(turn: tuple[int, SandboxPerson]) -> tuple[SandboxPerson, str]:
    n, person = turn
    return person, person.say(f"How often must it be descaled, number {n}?", person.dm)


def _press_for(person: SandboxPerson, message: Json, seconds: float) -> list[float]:
    """How long each press took until it was acknowledged."""
    took = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        begun = time.monotonic()
        answer = press(person, message, ACTION_FEEDBACK, channel=person.dm, value=_up(message))
        assert answer == {"ok": True}
        took.append(time.monotonic() - begun)
        time.sleep(0.2)
    return took


def _up(message: Json) -> str:
    for block in message["blocks"]:
        for element in block.get("elements", ()):
            if element.get("action_id") == ACTION_FEEDBACK:
                return str(element["positive_button"]["value"])
    raise AssertionError("There are no feedback buttons")


# Administering


@pytest.mark.usefixtures("services")
def test_someone_who_is_no_admin_is_told_so(ben: SandboxPerson) -> None:
    ben.act("command", channel=SUPPORT, text="config")

    def told() -> list[str]:
        return [m["text"] for m in ben.messages() if m.get("ephemeral") and "admin" in m["text"].lower()]

    assert len(eventually(told)) == 1
    assert ben.modal() is None


@pytest.mark.usefixtures("services")
def test_an_admin_s_app_home_has_more_to_show(sandbox: SandboxAddress, ada: SandboxPerson) -> None:
    cleo = SandboxPerson(sandbox.url, CLEO)

    for person in (ada, cleo):
        person.act("open_app", tab="home")
    homes = [eventually(lambda p=person: p.state()["home"]) for person in (ada, cleo)]

    assert len(homes[0]["blocks"]) < len(homes[1]["blocks"])
