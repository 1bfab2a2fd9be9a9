"""A Slack that remembers what it was asked to do, and a bot that talks to it."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fakes_bot import answer
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.deliveries import Delivery, Lane, Task, person_of
from bot.engines import Engines
from bot.inbox import Inbox
from bot.owners import Owner
from bot.questions.channels import Channels
from bot.questions.posts import Post, Posts, Threads
from bot.services import Services, open_store
from bot.settings import SlackSettings
from bot.slack.api import Identity
from bot.slack.pacing import Pacer
from bot.slack.posting import Poster
from bot.slack.signs import Signs
from qa_core.answers import Answers
from qa_core.errors import ReleaseError
from qa_core.release_manifests import Release
from qa_core.settings import Settings
from qa_core.types import Answer, Passage
from training.retraining.jobs import Jobs
from training.retraining.launching import Launcher
from training.votes import Votes

BOT = "UBOT"
ADMIN = "UADMIN"
ERIC = "UERIC"
CHANNEL = "C1"
TS = "1700000000.000100"  # of the message that shows the answer
THREAD_TS = "1700000000.000001"


@dataclass(frozen=True)
class Call:
    method: str
    arguments: dict[str, Any]


class FakeWebClient:
    """Takes the calls that slack_sdk's WebClient has, with its parameters, and answers as Slack does.

    `answers` gives for a method what Slack says, or an error's short name.
    """

    base_url = "https://slack.example/api/"

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.answers = answers or {}
        self.calls: list[Call] = []
        self._counter = itertools.count(1)

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        signature = inspect.signature(getattr(WebClient, method))

        def call(**arguments: Any) -> dict[str, Any]:
            bound = signature.bind(self, **arguments)
            known = set(signature.parameters)
            assert set(bound.arguments.get("kwargs") or {}) <= known, f"{method} has no such parameter"
            self.calls.append(Call(method, arguments))
            return self._say(method, arguments)

        return call

    def of(self, *methods: str) -> list[dict[str, Any]]:
        """The arguments of the calls of these methods."""
        return [call.arguments for call in self.calls if call.method in methods]

    def one(self, method: str) -> dict[str, Any]:
        [arguments] = self.of(method)
        return arguments

    def _say(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = self.answers.get(method, {})
        answer = answer(arguments) if callable(answer) else answer
        if isinstance(answer, str):
            raise SlackApiError(f"Slack says {answer}", {"ok": False, "error": answer})
        number = next(self._counter)
        defaults: dict[str, Any] = {"ok": True, "ts": f"1700000001.{number:06}", "view": {"id": f"V{number}"}}
        return defaults | answer


@dataclass
class FakeAnswerer:
    """Gives one answer, and has passages."""

    given: Answer = field(default_factory=answer)
    passages: tuple[Passage, ...] = ()
    products: tuple[str, ...] = ("Meridio 300",)
    release: str = "r1"
    threshold: float = 0.5
    asked: list[tuple[str, object]] = field(default_factory=list)

    def ask(self, question: str, product: object = None, decline: bool = True) -> Answer:  # noqa: ARG002
        self.asked.append((question, product))
        return self.given


class FakeReleases:
    """Knows one release, "r1"."""

    current: str | None = "r1"

    def current_id(self) -> str | None:
        return self.current

    def get(self, release_id: str) -> Release:
        if release_id != "r1":
            raise ReleaseError(f"No release {release_id!r}")
        return Release("r1", "2026-11-01T10:00:00+00:00", "e" * 64, "r" * 64, "c" * 64, "onnx-int8")


@dataclass
class Bench:
    """A bot on a fake Slack: what Slack sends goes in, what the bot does is looked at."""

    services: Services
    slack: FakeWebClient
    engine: FakeAnswerer
    _counter: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def task(self, body: dict[str, Any], key: str | None = None, lane: Lane = Lane.QUICK) -> Task:
        """A task as a worker gets it, from the inbox."""
        key = key or f"key-{next(self._counter)}"
        self.services.inbox.record(Delivery(key, "test", lane, body, person=person_of(body)))
        task = self.services.inbox.claim(lane)
        assert task is not None
        return task

    def give(self, given: Answer | None = None, asked_by: str = ERIC, channel: str = CHANNEL) -> str:
        """An answer that stands in a message; returns its id."""
        answer_id = self.services.answers.add(given or self.engine.given, asked_by)
        self.services.posts.add(Post(channel, TS, answer_id, THREAD_TS))
        return answer_id


@contextmanager
def open_bench(
    home: Path,
    answers: dict[str, Any] | None = None,
    library: object = None,
    passages: tuple[Passage, ...] = (),
    *,
    installation: object = None,
    launch: Callable[[int], object] = lambda _: None,
) -> Iterator[Bench]:
    """`launch` is what starts the process of a retraining, by its number; none by default."""
    settings = SlackSettings(
        base=Settings(home=home), bot_token="xoxb-1", api_url="http://127.0.0.1:1/api/", admins=(ADMIN,)
    )
    store, slack, engine = open_store(settings), FakeWebClient(answers), FakeAnswerer(passages=passages)
    inbox = Inbox(store, Owner())
    client: Any = slack
    services = Services(
        settings=settings,
        store=store,
        answers=Answers(store),
        votes=Votes(store),
        inbox=inbox,
        posts=Posts(store),
        threads=Threads(store),
        channels=Channels(store),
        engines=Engines(lambda: engine, lambda: 1),
        client=client,
        poster=Poster(client, inbox, Pacer(interval_s=0.0)),
        signs=Signs(client),
        identity=Identity(BOT, "B1", "T1"),
        open_library=lambda: library,  # type: ignore[arg-type, return-value]
        installation=installation or SimpleNamespace(releases=FakeReleases()),  # type: ignore[arg-type]
        launcher=Launcher(Jobs(store), launch),
    )
    yield Bench(services, slack, engine)
    services.signs.stop()
    store.close()


def button_body(
    action_id: str, value: str, person: str = ERIC, at: str = "1700000100.000001", **more: Any
) -> dict[str, Any]:
    """What Slack sends when a button under an answer is pressed."""
    return {
        "type": "block_actions",
        "user": {"id": person},
        "team": {"id": "T1"},
        "channel": {"id": CHANNEL},
        "container": {"type": "message", "channel_id": CHANNEL, "message_ts": TS},
        "message": {"ts": TS, "thread_ts": THREAD_TS, "text": "An answer"},
        "trigger_id": "trigger.1",
        "actions": [{"action_id": action_id, "value": value, "action_ts": at}],
    } | more


def reaction_body(
    reaction: str,
    kind: str = "reaction_added",
    person: str = ERIC,
    at: str = "1700000100.000001",
    **more: Any,
) -> dict[str, Any]:
    """What Slack sends when somebody reacts to an answer."""
    event = {
        "type": kind,
        "user": person,
        "reaction": reaction,
        "item": {"type": "message", "channel": CHANNEL, "ts": TS},
        "item_user": BOT,
        "event_ts": at,
    } | more
    return {"type": "event_callback", "event_id": f"Ev-{kind}-{person}-{reaction}-{at}", "event": event}


def submission_body(
    view: dict[str, Any], values: dict[str, dict[str, Any]], person: str = ERIC
) -> dict[str, Any]:
    """What Slack sends when a modal is submitted; `values` are the elements' states by block id."""
    state = {"values": {block_id: {block_id: value} for block_id, value in values.items()}}
    submitted = {
        "id": "V1",
        "type": "modal",
        "callback_id": view["callback_id"],
        "private_metadata": view.get("private_metadata", ""),
        "state": state,
    }
    return {"type": "view_submission", "user": {"id": person}, "team": {"id": "T1"}, "view": submitted}
