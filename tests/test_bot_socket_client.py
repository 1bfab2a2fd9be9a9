"""The connection of Socket Mode, made anew: what happens where Slack does not take the token any more."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from sandbox_person import eventually
from slack_sdk.errors import SlackApiError

from bot.slack.socket_client import SocketClient

REVOKED = {"ok": False, "error": "token_revoked"}


class Slack:
    """Gives these answers one after the other, the last one for ever."""

    base_url, proxy = "https://slack.example/api/", None

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers, self.asked = list(answers), threading.Event()

    def apps_connections_open(self, app_token: str) -> dict[str, Any]:
        assert app_token == "xapp-1"
        self.asked.set()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not answer["ok"]:
            raise SlackApiError("refused", answer)
        return answer


@contextmanager
def opened(slack: Slack) -> Iterator[SocketClient]:
    """A client for which 25 seconds go by between two refusals."""
    moments = itertools.count(0.0, 25.0)
    app: Any = SimpleNamespace(client=slack, logger=logging.getLogger("slack_sdk"))
    client = SocketClient(app, "xapp-1", lambda: next(moments))
    try:
        yield client
    finally:
        client.close()


def test_a_token_that_slack_takes_no_more_is_told_with_the_fix_and_tried_until_it_does(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.slack.socket_client.REFUSED_S", 0.0)
    connected_to: list[str | None] = []
    with opened(Slack(*[REVOKED] * 6, {"ok": True, "url": "wss://again"})) as client:
        monkeypatch.setattr(client, "connect", lambda: connected_to.append(client.wss_uri))
        client.connect_to_new_endpoint(force=True)

    assert connected_to == ["wss://again"]
    assert [record.name for record in caplog.records] == ["bot.slack.socket_client"] * 2  # in two minutes
    assert caplog.messages[0] == (
        "Slack says token_revoked. Install the app again under OAuth & Permissions and copy the new token, "
        "or generate another SLACK_APP_TOKEN under Basic Information, and start the bot again. Until then "
        "nothing of Slack's reaches it"
    )


def test_a_connection_waits_as_long_as_slack_asks_for(caplog: pytest.LogCaptureFixture) -> None:
    limited = {"ok": False, "error": "ratelimited"}
    with opened(Slack(limited, {"ok": True, "url": "wss://later"})) as client:
        assert client.issue_new_wss_url() == "wss://later"
    assert caplog.records == []


def test_a_slack_in_trouble_is_asked_again_by_the_next_look_at_the_connection() -> None:
    trouble = Slack({"ok": False, "error": "internal_error"})
    with opened(trouble) as client, pytest.raises(SlackApiError, match="internal_error"):
        client.issue_new_wss_url()


def test_a_connection_that_cannot_be_made_anew_is_told_without_a_stack(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with opened(Slack({"ok": False, "error": "internal_error"})) as client:
        client.enqueue_message('{"type": "disconnect", "reason": "refresh_requested"}')
        eventually(lambda: caplog.records)

    assert "Failed to process a message" in caplog.messages[0]
    assert all(record.exc_info is None for record in caplog.records)


def test_whoever_ends_the_bot_waits_for_no_token() -> None:
    slack = Slack(REVOKED)

    def wait(client: SocketClient) -> None:
        with pytest.raises(SystemExit):
            client.issue_new_wss_url()

    with opened(slack) as client:
        waiting = threading.Thread(target=wait, args=(client,), daemon=True)
        waiting.start()
        assert slack.asked.wait(20)
    waiting.join(20)
    assert not waiting.is_alive()
