"""Slack's Web API: who the bot is, and errors in one line with the fix. A server of our own plays Slack."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import RemoteDisconnected
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.settings import THIS_MACHINE, SlackSettings, reach_this_machine_directly
from bot.slack.api import (
    UNREACHED,
    Identity,
    SlackError,
    identify,
    open_client,
    open_posting_client,
    open_webhook,
    proxy_for,
    tried,
)
from bot.slack.first_contact import when_reached
from bot.slack.patience import asked_to_wait_s
from bot.slack.posting import later_for
from bot.uploads import Uploads

HANGS_UP = 0  # in place of a status
Answer = tuple[int, dict[str, str], dict[str, Any] | str]


@contextmanager
def slack(*answers: Answer, delay_s: float = 0.0) -> Iterator[tuple[SlackSettings, list[str]]]:
    """A Slack that gives these answers one after the other, the last one for ever."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, body = answers[min(len(asked), len(answers) - 1)]
            asked.append(self.path)
            time.sleep(delay_s)
            if status == HANGS_UP:
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

        do_GET = do_POST  # noqa: N815 - as http.server has it

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/api/"
        yield SlackSettings(bot_token="xoxb-1", api_url=url), asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_bot_learns_who_it_is() -> None:
    said = {"ok": True, "user_id": "U1", "bot_id": "B1", "team_id": "T1", "team": "Acme", "user": "manualbot"}
    with slack((200, {"X-OAuth-Scopes": "chat:write,commands"}, said)) as (settings, asked):
        identity = identify(open_client(settings))

    assert identity == Identity("U1", "B1", "T1", "Acme", "manualbot", frozenset({"chat:write", "commands"}))
    assert asked == ["/api/auth.test"]


def test_a_slack_that_says_little_will_do() -> None:
    with slack((200, {}, {"ok": True, "user_id": "U1"})) as (settings, _):
        assert identify(open_client(settings)) == Identity("U1")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"error": "invalid_auth"}, "Slack says invalid_auth. Copy the token again"),
        (
            {"error": "missing_scope", "needed": "chat:write"},
            r"missing_scope \(missing: chat:write\). Add the scope",
        ),
        ({"error": "something_new"}, "Slack says something_new. See https://docs.slack.dev"),
    ],
    ids=str,
)
def test_a_refusal_is_one_line_with_the_fix(said: dict[str, Any], message: str) -> None:
    with (
        slack((200, {}, {"ok": False} | said)) as (settings, _),
        pytest.raises(SlackError, match=message) as refused,
    ):
        identify(open_client(settings))

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("status", [200, 503])
def test_a_page_in_place_of_an_answer_is_told_as_one(status: int) -> None:
    page = "<!DOCTYPE html>\n<html>We'll be right back</html>"
    with slack((status, {}, page)) as (settings, _), pytest.raises(SlackError) as refused:
        identify(open_client(settings))

    expected = f"{settings.api_url} answers with HTTP {status} and nothing that is Slack's. Try again later"
    assert str(refused.value) == expected


@pytest.mark.parametrize("body", ['{"ok": true, "user_id": "U', "{not JSON}", '[{"ok": true}]', '"ok"'])
@pytest.mark.parametrize("open_", [open_client, open_posting_client])
def test_an_answer_that_cannot_be_read_is_told_as_one_and_counts_as_none(
    open_: Callable[[SlackSettings], WebClient], body: str
) -> None:
    with slack((200, {}, body)) as (settings, _):
        client = open_(settings)
        with pytest.raises(SlackError, match=r"cannot be reached|nothing that is Slack's"):
            identify(client)
        assert not tried("conversations.open", lambda: client.conversations_open(users="U1"))
        with pytest.raises(UNREACHED) as unread:
            client.users_info(user="U1")
    assert later_for(unread.value) is not None


def test_no_worker_waits_for_a_modal_that_can_no_longer_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.slack.api.PROMPT_TIMEOUT_S", 0.2)
    said = {"ok": True, "user_id": "U1"}
    with slack((200, {}, said), delay_s=1.0) as (settings, _):
        client = open_client(settings)
        with pytest.raises(TimeoutError):
            client.views_open(trigger_id="t", view={})
        with pytest.raises(TimeoutError):
            client.views_push(trigger_id="t", view={})
        assert identify(client) == Identity("U1")


def test_an_answer_without_a_user_is_no_bots() -> None:
    with slack((200, {}, {"ok": True})) as (settings, _), pytest.raises(SlackError, match="SLACK_API_URL"):
        identify(open_client(settings))


def test_a_slack_that_cannot_be_reached_is_named() -> None:
    settings = SlackSettings(bot_token="xoxb-1", api_url="http://127.0.0.1:1/api/")

    with pytest.raises(SlackError, match=r"127\.0\.0\.1:1/api/ cannot be reached"):
        identify(open_client(settings))


def test_a_proxy_that_does_not_answer_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@127.0.0.1:1/")
    settings = SlackSettings(bot_token="xoxb-1", api_url="https://slack.invalid/api/")

    with pytest.raises(SlackError, match=r"through the proxy 127\.0\.0\.1:1 \(.*Check HTTPS_PROXY") as error:
        identify(open_client(settings))
    assert "secret" not in str(error.value)

    monkeypatch.setenv("no_proxy", "slack.invalid")
    assert proxy_for(settings.api_url) is None


@pytest.mark.parametrize(
    "trouble", [(503, {}, "<html>"), (HANGS_UP, {}, {}), (200, {}, '{"ok": tr')], ids=str
)
def test_a_bot_that_is_started_waits_for_slack(trouble: Answer, caplog: pytest.LogCaptureFixture) -> None:
    waited: list[float] = []
    with slack(trouble, trouble, trouble, (200, {}, {"ok": True, "user_id": "U1"})) as (settings, _):
        client = open_client(settings)
        assert when_reached(lambda: identify(client), waited.append) == Identity("U1")
    assert waited == [1.0, 2.0, 4.0]
    assert caplog.messages[-1].startswith(settings.api_url)
    assert caplog.messages[-1].endswith(". I try again in 4 s")


def test_a_bot_that_is_started_waits_as_long_as_slack_asks() -> None:
    waited: list[float] = []
    refusal: Answer = (429, {"Retry-After": "90"}, {"ok": False, "error": "ratelimited"})
    with slack(refusal, (200, {}, {"ok": True, "user_id": "U1"})) as (settings, _):
        client = open_client(settings)
        when_reached(lambda: identify(client), waited.append)
    assert waited == [pytest.approx(90.1)]


def test_a_bot_that_is_started_with_a_wrong_token_ends_at_once() -> None:
    with slack((200, {}, {"ok": False, "error": "invalid_auth"})) as (settings, asked):
        client = open_client(settings)
        with pytest.raises(SlackError, match="Copy the token again"):
            when_reached(lambda: identify(client))
    assert len(asked) == 1


def test_a_bot_that_waits_for_slack_can_be_ended() -> None:
    with slack((503, {}, "<html>")) as (settings, _):
        client = open_client(settings)
        with pytest.raises(KeyboardInterrupt):
            when_reached(lambda: identify(client), lambda _: True)


def test_429_is_waited_out_to_the_fraction_of_a_second() -> None:
    refusal: Answer = (429, {"Retry-After": "0.2"}, {"ok": False, "error": "ratelimited"})
    with slack(refusal, refusal, (200, {}, {"ok": True, "user_id": "U1"})) as (settings, asked):
        started = time.monotonic()
        identify(open_client(settings))

    assert len(asked) == 3
    assert time.monotonic() - started > 0.4


@pytest.mark.parametrize("wait", ["31", "3600", "inf", "1e300"])
def test_nobody_waits_in_place_for_longer_than_is_reasonable(wait: str) -> None:
    refusal: Answer = (429, {"Retry-After": wait}, {"ok": False, "error": "ratelimited"})
    with slack(refusal) as (settings, asked), pytest.raises(SlackError, match="Wait some minutes"):
        identify(open_client(settings))

    assert len(asked) == 1


def test_the_waits_of_one_call_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("bot.slack.patience.time.sleep", waited.append)
    refusal: Answer = (429, {"Retry-After": "2"}, {"ok": False, "error": "ratelimited"})
    with slack(refusal) as (settings, asked), pytest.raises(SlackError, match="ratelimited"):
        identify(open_client(settings))

    assert (len(asked), sum(waited)) == (3, pytest.approx(4.2))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("2", 2.1), ("0.5", 0.6), ("-3", 0.1), ("nan", 1.0), ("soon", 1.0), ("", 1.0), ("inf", 3600.1)],
)
def test_of_a_wait_that_makes_no_sense_something_sensible_is_made(said: str, seconds: float) -> None:
    assert asked_to_wait_s({"Retry-After": said}) == pytest.approx(seconds)


@pytest.mark.parametrize("open_", [open_client, open_posting_client])
def test_a_broken_connection_is_not_tried_again_by_itself(
    open_: Callable[[SlackSettings], WebClient],
) -> None:
    with slack((HANGS_UP, {}, {})) as (settings, asked):
        client = open_(settings)
        with pytest.raises(RemoteDisconnected):
            client.chat_postMessage(channel="C1", text="t")

    assert len(asked) == 1


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY"])
@pytest.mark.parametrize("exempt", [None, "intranet.example"])
def test_behind_a_proxy_the_sandbox_is_called_directly(
    monkeypatch: pytest.MonkeyPatch, variable: str, exempt: str | None, tmp_path: Path
) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "")  # so that whatever is set comes back
        monkeypatch.delenv(name)
    monkeypatch.setattr(urllib.request, "_opener", None)  # it keeps the proxies that it was made with
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    if exempt:
        monkeypatch.setenv("NO_PROXY", exempt)
    reach_this_machine_directly()
    with slack((200, {}, {"ok": True, "user_id": "U1"})) as (settings, asked):
        identify(open_client(settings))
        open_webhook(f"{settings.api_url}response").send(text="t")
        Uploads(tmp_path).fetch({"url_private": f"{settings.api_url}file", "name": "a.md"}, settings)

    assert asked == ["/api/auth.test", "/api/response", "/api/file"]
    assert os.environ["no_proxy"].split(",") == [*([exempt] if exempt else []), *THIS_MACHINE]


def test_an_address_to_respond_to_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with slack((200, {}, "ok")) as (settings, asked), caplog.at_level(logging.DEBUG):
        open_webhook(f"{settings.api_url}commands/T1/secret").send(text="t")

    assert asked == ["/api/commands/T1/secret"]
    assert "secret" not in caplog.text
