"""slack_sdk's client for the Web API, where it does not do what this bot relies on."""

from __future__ import annotations

from json import JSONDecodeError
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.web import SlackResponse

_WITH_A_TRIGGER = ("views.open", "views.push")


class BrokenAnswerError(SlackClientError):
    """What came as Slack's answer ends in its midst, or is no text, or no object."""


class SlackWebClient(WebClient):
    """A client whose errors are all slack_sdk's, or say that the connection broke.

    `prompt` makes the calls that come too late after three seconds: whoever pressed the next button would
    wait for the worker that waits for them.
    """

    prompt: WebClient | None = None

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
        """Call a method of Slack's.

        A client that retries raises ValueErrors where an answer breaks off, and any an AttributeError where
        it is a list or the like, as some proxy's.
        """
        if self.prompt is not None and api_method in _WITH_A_TRIGGER:
            return self.prompt.api_call(api_method, **arguments)
        try:
            return super().api_call(api_method, **arguments)
        except (JSONDecodeError, UnicodeDecodeError, AttributeError) as error:
            raise BrokenAnswerError(f"the answer to {api_method} cannot be read") from error
