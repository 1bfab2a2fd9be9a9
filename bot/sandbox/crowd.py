"""People of the workspace who all ask at once, each one question after the other, and what they get.

Times are those of the workspace's messages: how soon a person notices an answer changes no figure.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from bot.sandbox.protocol import BOT_NAME, BOT_USER, Json
from bot.sandbox.witness import Witness
from bot.sandbox.workspace import SUPPORT, Person
from bot.slack.pacing import INTERVAL_S

PATIENCE_S = 180.0  # for so long a person waits for an answer
READ_S = (
    INTERVAL_S  # then reads it; who asked again at once would wait for the bot's next turn in the channel
)
POST_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A message of the bot in the thread of a question."""

    at: float  # seconds since 1970
    answer_id: str | None  # None where it says that something went wrong


class Watch:
    """What the bot has said in each thread, and how long it took to acknowledge. Safe from any thread."""

    def __init__(self) -> None:
        self._replies: dict[str, tuple[Reply, ...]] = {}  # by the time of the thread's first message
        self._acks_s: list[float] = []
        self._is_over = False
        self._changed = threading.Condition()

    @property
    def witness(self) -> Witness:
        """What shows it the workspace."""
        return Witness(self._saw_event, self._saw_ack)

    @property
    def is_over(self) -> bool:
        """Whether nobody is to ask or wait any more."""
        return self._is_over

    def end(self) -> None:
        """Let nobody ask or wait any more."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def wait_for_reply(self, thread_ts: str, timeout_s: float) -> None:
        """Return when something was said in a thread, after so long, or at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or thread_ts in self._replies, timeout_s)

    def rest(self, seconds: float) -> None:
        """Return after so long, or at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_over, seconds)

    def replies(self, thread_ts: str) -> tuple[Reply, ...]:
        """What was said in a thread, oldest first."""
        return self._replies.get(thread_ts, ())

    def take_acks(self) -> tuple[float, ...]:
        """How many seconds each acknowledgement took since they were taken before."""
        with self._changed:
            taken, self._acks_s = self._acks_s, []
        return tuple(taken)

    def _saw_event(self, event: Json) -> None:
        thread_ts = event.get("thread_ts")
        if event["type"] != "message" or event.get("user") != BOT_USER or thread_ts is None:
            return
        payload = (event.get("metadata") or {}).get("event_payload") or {}
        reply = Reply(float(event["ts"]), payload.get("answer_id"))
        with self._changed:
            self._replies[thread_ts] = (*self.replies(thread_ts), reply)
            self._changed.notify_all()

    def _saw_ack(self, seconds: float) -> None:
        with self._changed:
            self._acks_s.append(seconds)


@dataclass(frozen=True)
class Crowd:
    """The people of the workspace at `url`, whom `watch` shows what the bot says."""

    url: str
    people: tuple[Person, ...]
    watch: Watch
    direct: bool = False  # in their direct messages, not in #support
    patience_s: float = PATIENCE_S
    read_s: float = READ_S

    def ask(self, questions: Sequence[str], is_late: Callable[[], bool] = lambda: False) -> tuple[str, ...]:
        """Share questions out and ask them, as long as it is not late; returns when each was posted.

        Raises OSError where the workspace is gone. Whatever is raised, nobody goes on asking.
        """
        n_people = len(self.people)
        with ThreadPoolExecutor(n_people, "person") as pool:
            turns = [
                pool.submit(self._ask_each, person, questions[number::n_people], is_late)
                for number, person in enumerate(self.people)
            ]
            try:
                return tuple(ts for turn in turns for ts in turn.result())
            except BaseException:  # Ctrl-C, too: the pool waits for its threads
                self.watch.end()
                raise

    def _ask_each(self, person: Person, questions: Sequence[str], is_late: Callable[[], bool]) -> list[str]:
        posted = []
        for question in questions:
            if self.watch.is_over or is_late():
                break
            ts = self._say(person, question)
            posted.append(ts)
            self.watch.wait_for_reply(ts, self.patience_s)
            self.watch.rest(self.read_s)
        return posted

    def _say(self, person: Person, question: str) -> str:
        """Post a question as the workspace's page does; returns the time of the message."""
        channel, text = (person.dm, question) if self.direct else (SUPPORT, f"@{BOT_NAME} {question}")
        body = json.dumps({"as": person.id, "act": "say", "channel": channel, "text": text})
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=POST_TIMEOUT_S)
        try:
            connection.request("POST", "/page/act", body, {"Content-Type": "application/json"})
            return str(json.load(connection.getresponse())["ts"])
        finally:
            connection.close()


def crowd_of(n: int) -> tuple[Person, ...]:
    """So many people, for a workspace of their own."""
    return tuple(Person(f"U0P{i}", f"p{i}", f"Person {i}", f"D0P{i}") for i in range(1, n + 1))
