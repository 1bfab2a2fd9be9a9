"""slack_sdk's client for Socket Mode, where it does not do what this bot relies on."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin import SocketModeClient

from bot.slack.api import explained, is_passing, retry_after_s

if TYPE_CHECKING:
    from slack_bolt import App

PING_INTERVAL_S = 2  # slack_sdk makes a connection anew after five pings that failed, four without an echo
REFUSED_S = 30.0  # until a connection is asked for again with a token that Slack does not take
WARN_EVERY_S = 60.0

log = logging.getLogger(__name__)


class _NoStackOfTrouble(logging.Filter):
    """Takes the stack from what slack_sdk logs where Slack is out of reach: a line tells as much."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, Exception) and is_passing(error):
            record.exc_info = None
        return True


_connection_log = logging.getLogger(f"{__name__}.connection")
_connection_log.setLevel(logging.ERROR)  # it tells of each connection that is made anew
_connection_log.addFilter(_NoStackOfTrouble())


class SocketClient(SocketModeClient):
    """A client that waits where Slack does not take its token, and says so from time to time.

    slack_sdk's own asks again every two seconds, and fills the log without a word of what to do.
    """

    def __init__(self, app: App, app_token: str | None, now: Callable[[], float] = time.monotonic) -> None:
        self._closing, self._now, self._warned_at = Event(), now, -math.inf
        super().__init__(
            app_token=app_token or "",
            logger=_connection_log,
            web_client=app.client,
            proxy=app.client.proxy,
            ping_interval=PING_INTERVAL_S,
        )

    def issue_new_wss_url(self) -> str:
        """The address of a new connection. Raises what the client raises where Slack is out of reach."""
        while True:
            try:
                return str(self.web_client.apps_connections_open(app_token=self.app_token)["url"])
            except SlackApiError as error:
                wait_s = retry_after_s(error)
                if wait_s is None:
                    self._refused(error)
                self._wait(REFUSED_S if wait_s is None else wait_s)

    def close(self) -> None:
        """End the connection, and the wait for a new one."""
        self._closing.set()
        super().close()

    def _refused(self, error: SlackApiError) -> None:
        if is_passing(error):
            raise error
        if self._now() - self._warned_at >= WARN_EVERY_S:
            self._warned_at = self._now()
            log.error(
                "%s, and start the bot again. Until then nothing of Slack's reaches it",
                explained(error, self.web_client.base_url),
            )

    def _wait(self, seconds: float) -> None:
        if self._closing.wait(seconds):
            raise SystemExit  # of one of slack_sdk's threads, and nothing is said of it
