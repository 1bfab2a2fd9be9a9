"""What the parts of the workspace share of Slack's protocol: names, times, refusals.

Messages, views and events are kept as the JSON objects that Slack documents, because that is what both
the bot and the page read.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

Json = dict[str, Any]

TEAM_ID = "T0WORKSHOP"
TEAM_DOMAIN = "workshop"
APP_ID = "A0MANUALBT"
BOT_ID = "B0MANUALBT"
BOT_USER = "U0MANUALBT"
BOT_NAME = "manualbot"
VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105 - a field of Slack's payloads that opens nothing


class Refusal(Exception):  # noqa: N818 - it is an answer of the API, not a fault of ours
    """A call that is refused: `error` as Slack names it, and what there is to say about it."""

    def __init__(self, error: str, *messages: str, **more: object) -> None:
        super().__init__(f"{error}: {'; '.join(messages)}" if messages else error)
        self.error = error
        self.messages = messages
        self.more = more

    def as_json(self) -> Json:
        """The body of the answer."""
        body: Json = {"ok": False, "error": self.error, **self.more}
        if self.messages:
            body["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return body


class Clock:
    """Message timestamps: seconds and microseconds, each later than all before it."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        """A new timestamp such as `1760000000.000123`."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"


def new_id(prefix: str) -> str:
    """An id as Slack's: the prefix tells what it names."""
    return prefix + secrets.token_hex(5).upper()


def team() -> Json:
    """The workspace as payloads name it."""
    return {"id": TEAM_ID, "domain": TEAM_DOMAIN}


def bot_author() -> Json:
    """What a message of the bot carries about its author."""
    profile = {"id": BOT_ID, "app_id": APP_ID, "name": BOT_NAME, "deleted": False, "team_id": TEAM_ID}
    return {
        "user": BOT_USER,
        "bot_id": BOT_ID,
        "app_id": APP_ID,
        "team": TEAM_ID,
        "bot_profile": profile,
    }
