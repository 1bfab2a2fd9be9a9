"""What Slack delivers: a frozen value for each event, command, button, modal and shortcut. Pure.

Slack delivers a thing again when it doubts that it arrived; `key` is the same each time. A question
comes in several forms (a mention is a `message` and an `app_mention`); `subject` is the same in each.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from qa_core.errors import ManualbotError

Body = Mapping[str, Any]
T = TypeVar("T")


class ForeignButtonError(ManualbotError):
    """A button carries what this version does not understand."""


class Lane(StrEnum):
    """Which workers take a delivery, so that slow work delays nothing quick."""

    ANSWER = "answer"  # questions
    QUICK = "quick"  # buttons, modals, votes: whoever clicked is looking
    HOME = "home"  # the App Home: it is made for whoever opens it, and nothing waits for that
    CHORE = "chore"  # indexing and the like, one at a time
    JOB = "job"  # messages about retrainings, which are edited for as long as these take


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that Slack sent, as it is recorded in the inbox."""

    key: str
    route: str  # a key of the table of listeners in bot/app.py
    lane: Lane
    body: Body  # Slack's payload
    subject: str | None = None  # of a question
    thread: str | None = None  # the thread of a question: what is asked there first is answered first
    person: str | None = None  # who did it
    received_at: float = field(default_factory=time.time)  # seconds since 1970


@dataclass(frozen=True, slots=True)
class Task:
    """A delivery that a worker has claimed."""

    id: int
    delivery: Delivery
    n_attempts: int  # this one included
    answer_id: str | None  # what an earlier attempt has answered
    doubtful: bool  # whether an earlier attempt may have posted a message
    settled_at: float = 0.0  # until then what it may have sent can still appear, seconds since 1970

    @property
    def body(self) -> Body:
        """Slack's payload."""
        return self.delivery.body


def delivery_key(route: str, body: Body) -> str:
    """The same for each delivery of one thing, and for nothing else.

    Events have an id. What has none (buttons, commands, modals) is told by all of its payload.
    """
    event_id = body.get("event_id")
    if event_id:
        return f"{route}#{event_id}"
    text = json.dumps(body.get("event") or body, sort_keys=True)
    return f"{route}#{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def question_subject(channel: str, ts: str) -> str:
    """The same for every form in which Slack sends one message."""
    return f"{channel}/{ts}"


def message_of(subject: str) -> tuple[str, str]:
    """The channel and the `ts` that `question_subject` was made of."""
    channel, _, ts = subject.partition("/")
    return channel, ts


def thread_key(channel: str, thread_ts: str) -> str:
    """Names a thread."""
    return f"{channel}/{thread_ts}"


def person_of(body: Body) -> str | None:
    """The id of whoever caused a delivery, where it says so."""
    event = body.get("event") or {}
    user = event.get("user") or body.get("user") or body.get("user_id")
    if isinstance(user, Mapping):
        user = user.get("id")
    return user if isinstance(user, str) else None


def moment_of(ts: object) -> float | None:
    """One of Slack's times, in seconds since 1970; None for what is none."""
    try:
        at = float(str(ts))
    except ValueError:
        return None
    return at if math.isfinite(at) and at > 0 else None


def channel_of(body: Body) -> str | None:
    """The id of the channel in which it happened, where it says so."""
    event = body.get("event") or {}
    item = event.get("item") or {}
    container = body.get("container") or {}
    for found in (
        event.get("channel"),
        item.get("channel"),
        body.get("channel"),
        body.get("channel_id"),
        container.get("channel_id"),
    ):
        channel = found.get("id") if isinstance(found, Mapping) else found
        if isinstance(channel, str) and channel:
            return channel
    return None


def first_action(body: Body) -> Mapping[str, Any]:
    """The button that was pressed."""
    actions = body.get("actions") or [{}]
    return dict(actions[0])


def value_of(body: Body, read: Callable[[str], T]) -> T:
    """What the button that was pressed carries. Raises ForeignButtonError where `read` cannot read it."""
    value = str(first_action(body).get("value") or "")
    try:
        return read(value)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ForeignButtonError(
            "I cannot read this button: another version of me made it. Ask me again for one that works, or "
            "open my Home tab again."
        ) from error


def team_of(body: Body) -> str | None:
    """The id of the workspace, where it says so."""
    team = body.get("team_id") or body.get("team") or (body.get("event") or {}).get("team")
    if isinstance(team, Mapping):
        team = team.get("id")
    return team if isinstance(team, str) else None
