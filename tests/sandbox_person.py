"""A person at the workspace's page, for tests: acts as the page does, over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

SUPPORT, PRINTERS = "C0SUPPORT", "C0PRINTERS"
ADA, BEN, CLEO = "U0ADA", "U0BEN", "U0CLEO"
BOT = "U0MANUALBT"

Json = dict[str, Any]


@dataclass(frozen=True)
class SandboxPerson:
    """One person of the workspace at `url`."""

    url: str
    id: str = ADA

    @property
    def dm(self) -> str:
        return self.id.replace("U0", "D0")

    def act(self, act: str, **body: object) -> Json:
        """Do something; the answer says `ok`, or why it was refused."""
        request = Request(
            f"{self.url}/page/act",
            json.dumps({"as": self.id, "act": act, **body}).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urlopen(request, timeout=30) as response:
                return json.load(response)
        except HTTPError as error:
            with error:
                return json.load(error)

    def say(self, text: str, channel: str = SUPPORT, thread_ts: str | None = None) -> str:
        """Post a message; returns its time."""
        return self.act("say", channel=channel, text=text, thread_ts=thread_ts)["ts"]

    def send_file(self, name: str, content: bytes) -> None:
        query = urlencode({"as": self.id, "channel": self.dm, "name": name})
        with urlopen(Request(f"{self.url}/page/upload?{query}", content, method="POST"), timeout=30):
            pass

    def state(self) -> Json:
        """All that the page shows."""
        with urlopen(f"{self.url}/page/state?as={self.id}", timeout=30) as response:
            return json.load(response)

    def messages(self, channel: str = SUPPORT, thread_ts: str | None = None) -> list[Json]:
        """What stands in a channel, or in one thread of it, oldest first."""
        found = next(each for each in self.state()["channels"] if each["id"] == channel)["messages"]
        return [m for m in found if thread_ts is None or m.get("thread_ts") == thread_ts]

    def replies(self, thread_ts: str, channel: str = SUPPORT) -> list[Json]:
        """What the bot has said in a thread."""
        return [m for m in self.messages(channel, thread_ts) if m["user"] == BOT]

    def modal(self) -> Json | None:
        """The modal in front."""
        return (self.state()["modals"] or [None])[-1]


def eventually(look: Callable[[], Any], timeout_s: float = 15.0) -> Any:
    """What `look` gives as soon as it is something; fails where it never is."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"Nothing came within {timeout_s} s: {found!r}")
        time.sleep(0.03)
