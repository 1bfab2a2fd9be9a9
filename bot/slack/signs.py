"""Signs of life while an answer is made: assistant status in direct messages, else 👀 on the question.

They are nice to have: shown by a thread of their own, and given up where Slack refuses them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.slack.api import UNREACHED, is_passing, retry_after_s, says, tried

if TYPE_CHECKING:
    from slack_sdk import WebClient

log = logging.getLogger(__name__)

STATUS = "is looking in the manuals…"
EYES = "eyes"
REMOVE_AGAIN_S = 1.0  # after a failure; others wait for their signs meanwhile
STOP_S = 1.0  # that ending waits for what is under way


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
        self._queue = SimpleQueue[Callable[[], None] | None]()
        self._thread: threading.Thread | None = None
        self._shown: dict[Place, Future[str | None]] = {}
        self._lock = threading.Lock()

    def begin(self, place: Place) -> None:
        """Show that the question is being worked on; once is enough."""
        with self._lock:
            if place not in self._shown:
                self._shown[place] = shown = Future[str | None]()
                self._do(lambda: self._show_unless_done(place, shown))

    def end(self, place: Place) -> None:
        """The question is done with."""
        with self._lock:
            shown = self._shown.pop(place, None)
            if shown is not None and not shown.cancel():
                self._do(lambda: self._hide(place, shown))

    def end_at(self, channel: str, ts: str) -> None:
        """The question in this message is given up."""
        with self._lock:
            places = [place for place in self._shown if (place.channel, place.ts) == (channel, ts)]
        for place in places:
            self.end(place)

    def stop(self, timeout_s: float = STOP_S) -> None:
        """Show no more, and take away what is to go; no longer than that, also where Slack is slow."""
        with self._lock:
            for shown in self._shown.values():
                shown.cancel()
            thread = self._thread
        self._queue.put(None)
        if thread is not None:
            thread.join(timeout_s)

    def _do(self, call: Callable[[], None]) -> None:
        """Later, one after the other, in a thread that keeps no process from ending; with the lock held."""
        self._queue.put(call)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="signs", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (call := self._queue.get()) is not None:
            try:
                call()
            except Exception:  # nobody looks at a sign's fate, and the next ones are to be shown all the same
                log.exception("A sign could not be shown or taken away")

    def _show_unless_done(self, place: Place, shown: Future[str | None]) -> None:
        if not shown.set_running_or_notify_cancel():
            return
        try:
            shown.set_result(self._show(place))
        finally:
            if not shown.done():
                shown.set_result(None)

    def _show(self, place: Place) -> str | None:
        """What was shown: "status", "eyes", or None."""
        if place.is_direct and self._set_status(place, STATUS):
            return "status"
        return "eyes" if self._add_eyes(place) else None

    def _hide(self, place: Place, shown: Future[str | None]) -> None:
        match shown.result():
            case "status":
                self._set_status(place, "")
            case "eyes":
                if self._may_stay(place):
                    time.sleep(REMOVE_AGAIN_S)
                    self._may_stay(place)

    def _add_eyes(self, place: Place) -> bool:
        """Whether they may be there: Slack may have added them and not been able to say so."""
        try:
            self._client.reactions_add(channel=place.channel, timestamp=place.ts, name=EYES)
        except UNREACHED as error:
            log.info("reactions.add: %s", error)
            return says(error, ("already_reacted",)) or _is_unknown(error)
        return True

    def _may_stay(self, place: Place) -> bool:
        """Take the eyes away; whether they may be there still."""
        try:
            self._client.reactions_remove(channel=place.channel, timestamp=place.ts, name=EYES)
        except UNREACHED as error:
            log.info("reactions.remove: %s", error)
            return is_passing(error)
        return False

    def _set_status(self, place: Place, status: str) -> bool:
        return tried(
            "assistant.threads.setStatus",
            lambda: self._client.assistant_threads_setStatus(
                channel_id=place.channel, thread_ts=place.thread_ts, status=status
            ),
        )


def _is_unknown(error: Exception) -> bool:
    """Whether what was asked for may have happened all the same."""
    is_limited = isinstance(error, SlackApiError) and retry_after_s(error) is not None
    return is_passing(error) and not is_limited
