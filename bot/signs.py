"""Signs of life while an answer is made: assistant status in direct messages, else 👀 on the question.

They are nice to have: shown by a thread of their own, and given up where Slack refuses them.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.slack import tried

if TYPE_CHECKING:
    from slack_sdk import WebClient

STATUS = "is looking in the manuals…"
EYES = "eyes"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question stands."""

    channel: str
    ts: str  # of the question
    thread_ts: str  # in which it is answered
    is_direct: bool  # in the direct messages with the bot


class Signs:
    """Shows that questions are being worked on, and takes that away again."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._executor = ThreadPoolExecutor(1, "signs")
        self._shown: dict[Place, Future[str | None]] = {}
        self._lock = threading.Lock()

    def begin(self, place: Place) -> None:
        """Show that the question is being worked on; once is enough."""
        with self._lock:
            if place not in self._shown:
                self._shown[place] = self._executor.submit(self._show, place)

    def end(self, place: Place) -> None:
        """The question is done with."""
        with self._lock:
            shown = self._shown.pop(place, None)
            if shown is not None and not shown.cancel():
                self._executor.submit(self._hide, place, shown)

    def end_at(self, channel: str, ts: str) -> None:
        """The question in this message is given up."""
        with self._lock:
            places = [place for place in self._shown if (place.channel, place.ts) == (channel, ts)]
        for place in places:
            self.end(place)

    def stop(self) -> None:
        """Finish what is under way."""
        self._executor.shutdown(wait=True)

    def _show(self, place: Place) -> str | None:
        """What was shown: "status", "eyes", or None."""
        if place.is_direct and self._set_status(place, STATUS):
            return "status"
        shown = tried(
            "reactions.add",
            lambda: self._client.reactions_add(channel=place.channel, timestamp=place.ts, name=EYES),
            but="already_reacted",
        )
        return "eyes" if shown else None

    def _hide(self, place: Place, shown: Future[str | None]) -> None:
        match shown.result():
            case "status":
                self._set_status(place, "")
            case "eyes":
                tried(
                    "reactions.remove",
                    lambda: self._client.reactions_remove(
                        channel=place.channel, timestamp=place.ts, name=EYES
                    ),
                )

    def _set_status(self, place: Place, status: str) -> bool:
        return tried(
            "assistant.threads.setStatus",
            lambda: self._client.assistant_threads_setStatus(
                channel_id=place.channel, thread_ts=place.thread_ts, status=status
            ),
        )
