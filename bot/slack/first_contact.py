"""The first calls of a bot that is started: where Slack is out of reach just then, it is waited for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from bot.slack.api import SlackError
from bot.slack.posting import later_for

T = TypeVar("T")

log = logging.getLogger(__name__)

FIRST_WAIT_S = 1.0  # then twice as long each time
MAX_WAIT_S = 60.0  # unless Slack asks to wait longer


def when_reached(call: Callable[[], T], pause: Callable[[float], object] = time.sleep) -> T:
    """What a call gives that raises SlackError; it is made again until Slack can be reached.

    `pause` waits so many seconds, and returns True if the bot is to end: then this raises KeyboardInterrupt.
    Raises SlackError where Slack refuses the call, as with a wrong token.
    """
    wait_s = FIRST_WAIT_S
    while True:
        try:
            return call()
        except SlackError as error:
            later = later_for(error.__cause__) if isinstance(error.__cause__, Exception) else None
            if later is None:
                raise
            this_s = later.delay_s if later.patient else wait_s
            log.warning("%s. I try again in %.0f s", error, this_s)
        if pause(this_s) is True:
            raise KeyboardInterrupt
        wait_s = min(2 * wait_s, MAX_WAIT_S)
