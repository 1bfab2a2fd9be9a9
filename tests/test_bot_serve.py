"""Slack's requests over HTTP, as they come in through the ASGI application."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlencode

import anyio
import pytest
from fakes_slack import BOT, CHANNEL, ERIC, TS, Bench, open_bench
from full_disk import full_disk
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientNotConnectedError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import SlackResponse
from starlette.applications import Starlette

from bot.actions import VIEW_CONFIG
from bot.app import build_app
from bot.listeners.questions import sort_message
from bot.serve import MAX_BODY_BYTES, EnvelopeHandler, at_work, connected, http_app, listening
from qa_core.errors import SettingsError, StoreError
from qa_core.store import Store

Headers = Sequence[tuple[bytes, bytes]]

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


class FakeSlack(WebClient):
    """Is out of reach: what comes is taken without a word with it."""

    def api_call(self, api_method: str, **_: Any) -> SlackResponse:  # type: ignore[override]
        raise AssertionError(f"{api_method} is asked of Slack")


@dataclass(frozen=True)
class Reply:
    status: int
    body: str
    may_be_sent_again: bool = True


def _encoded(headers: dict[str, str]) -> Headers:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


@dataclass
class Server:
    app: Starlette
    bench: Bench
    bolt: App

    def post(
        self,
        body: str,
        path: str = "/slack/events",
        pieces: Sequence[bytes] | None = None,
        raw: Headers = (),
        **headers: str,
    ) -> Reply:
        """`pieces`: the body as it arrives, with no length told; the sender hangs up after them if empty."""
        whole = [body.encode()] if pieces is None else pieces
        length = {} if pieces is not None else {"content-length": str(len(whole[0]))}
        return self._request("POST", path, whole, (*_encoded(length | headers), *raw))

    def get(self, path: str) -> Reply:
        return self._request("GET", path, [b""], ())

    def signed(
        self,
        body: str,
        age_s: float = 0.0,
        secret: str = SECRET,
        kind: str = "application/json",
        pieces: Sequence[bytes] | None = None,
    ) -> Reply:
        timestamp = str(int(time.time() - age_s))
        signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
        headers = {"x-slack-request-timestamp": timestamp, "x-slack-signature": str(signature)}
        return self.post(body, pieces=pieces, **headers, **{"content-type": kind})

    def recorded(self) -> list[str]:
        return [row["route"] for row in self.bench.services.store.rows("SELECT route FROM inbox ORDER BY id")]

    def _request(self, method: str, path: str, body: Sequence[bytes], headers: Headers) -> Reply:
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": list(headers),
        }
        pieces = [{"type": "http.request", "body": piece, "more_body": True} for piece in body]
        if pieces:
            pieces[-1]["more_body"] = False
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return pieces.pop(0) if pieces else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        anyio.run(self.app, scope, receive, send)
        no_retry = (b"x-slack-no-retry", b"1") in sent[0]["headers"]
        return Reply(sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:]).decode(), not no_retry)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with open_bench(tmp_path) as bench:
        settings = replace(bench.services.settings, signing_secret=SECRET)
        services = replace(bench.services, settings=settings, client=FakeSlack("xoxb-1"))
        bolt = build_app(services)
        yield Server(http_app(bolt, services), bench, bolt)


def event(**more: Any) -> str:
    asked = {
        "type": "app_mention",
        "user": ERIC,
        "channel": CHANNEL,
        "ts": TS,
        "text": f"<@{BOT}> why?",
    } | more
    return json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": asked})


def test_a_question_is_in_the_inbox_when_slack_is_told_that_it_arrived(server: Server) -> None:
    assert server.signed(event()).status == 200
    assert server.recorded() == ["own:question"]


@pytest.mark.parametrize(
    "wrong",
    [{"secret": "another"}, {"age_s": 301.0}, {"age_s": -301.0}],
    ids=["wrong signature", "stale", "from the future"],
)
def test_what_is_not_slacks_is_refused(server: Server, wrong: dict[str, Any]) -> None:
    assert server.signed(event(), **wrong).status == 401
    assert server.recorded() == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"secret": "another"}, "its signature is wrong. If it was Slack's, compare SLACK_SIGNING_SECRET"),
        (
            {"age_s": 400.0},
            "its time is 7 minutes off this machine's clock. If it was Slack's, set the clock",
        ),
    ],
    ids=["secret", "clock"],
)
def test_the_log_says_once_a_minute_why_requests_are_refused(
    server: Server, wrong: dict[str, Any], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        server.signed(event(), **wrong)
    [warned] = caplog.records
    assert warned.getMessage().startswith(f"A request was refused because {why}")


def test_the_check_of_a_certificate_is_answered_without_a_signature(server: Server) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert server.post("ssl_check=1&token=t", **form).status == 200
    assert server.post("token=t&ssl_check=0&command=%2Fmanual", **form).status == 401
    assert server.recorded() == []


def test_without_a_signature_it_is_refused(server: Server) -> None:
    assert server.post(event()).status == 401


@pytest.mark.parametrize(
    "headers",
    [("soon", "v0=1"), ("9" * 400, "v0=1"), (str(int(time.time())), "v0=\xfc")],
    ids=["timestamp", "a time beyond all times", "signature"],
)
def test_headers_that_make_no_sense_are_refused(server: Server, headers: tuple[str, str]) -> None:
    timestamp, signature = headers

    reply = server.post(event(), **{"x-slack-request-timestamp": timestamp, "x-slack-signature": signature})

    assert reply.status == 401


def test_a_header_that_is_no_text_is_refused(server: Server) -> None:
    assert server.post(event(), raw=((b"x-slack-signature", b"v0=\xe9"),)).status == 401


def test_a_body_that_a_proxy_sends_in_pieces_is_taken(server: Server) -> None:
    body = event()

    reply = server.signed(body, pieces=[body[:20].encode(), body[20:].encode()])

    assert reply.status == 200
    assert server.recorded() == ["own:question"]


def test_a_sender_who_hangs_up_is_refused(server: Server) -> None:
    assert server.signed(event(), pieces=[]).status == 401


def test_a_client_id_in_the_environment_makes_it_no_app_for_many_workspaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "111.222")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "secret")
    with open_bench(tmp_path) as bench:
        settings = replace(bench.services.settings, signing_secret=SECRET)
        services = replace(bench.services, settings=settings, client=FakeSlack("xoxb-1"))
        bolt = build_app(services)
        server = Server(http_app(bolt, services), bench, bolt)

        assert server.signed(event()).status == 200
        assert server.recorded() == ["own:question"]
        assert server.get("/slack/install").status == 404
    assert os.environ["SLACK_CLIENT_ID"] == "111.222"


def test_a_replay_within_the_window_is_taken_and_does_nothing(server: Server) -> None:
    assert [server.signed(event()).status for _ in range(3)] == [200, 200, 200]
    assert server.recorded() == ["own:question"]


def test_a_command_and_a_button_that_are_replayed_are_recorded_once(server: Server) -> None:
    typed = urlencode({"command": "/manual", "text": "ask why?", "user_id": ERIC, "trigger_id": "t.1"})
    pressed = {"type": "block_actions", "user": {"id": ERIC}, "team": {"id": "T1"}, "trigger_id": "t.2"}
    pressed["actions"] = [{"action_id": "answer_more", "block_id": "b", "value": "a1", "action_ts": "1.0"}]  # type: ignore[assignment]
    kind = "application/x-www-form-urlencoded"

    for body in (typed, urlencode({"payload": json.dumps(pressed)})) * 2:
        assert server.signed(body, kind=kind) == Reply(200, "")

    assert server.recorded() == ["command:/manual", "action:answer_more"]


@pytest.mark.parametrize(
    "body",
    [
        {"type": "event_callback", "event_id": "Ev9", "event": {"type": "team_rename", "name": "x"}},
        {
            "type": "event_callback",
            "event_id": "Ev9",
            "event": {"type": "message", "subtype": "channel_join"},
        },
        {"type": "block_actions", "user": {"id": ERIC}, "actions": [{"action_id": "other", "block_id": "b"}]},
        {"type": "shortcut", "callback_id": "unknown", "user": {"id": ERIC}},
        {
            "type": "view_submission",
            "user": {"id": ERIC},
            "view": {"type": "modal", "callback_id": "unknown"},
        },
        {"type": "view_closed", "user": {"id": ERIC}, "view": {"type": "modal", "callback_id": "unknown"}},
    ],
    ids=lambda body: str(body["type"]),
)
def test_what_the_bot_has_no_use_for_is_acknowledged(server: Server, body: dict[str, Any]) -> None:
    assert server.signed(json.dumps(body)).status == 200
    assert server.recorded() == []


def test_slacks_challenge_is_answered(server: Server) -> None:
    reply = server.signed(json.dumps({"type": "url_verification", "challenge": "c7"}))

    assert (reply.status, json.loads(reply.body)) == (200, {"challenge": "c7"})


def test_what_could_not_be_recorded_is_sent_again_by_slack(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.bench.services.store.db.execute("DROP TABLE posts")
    server.bench.services.store.db.execute("ALTER TABLE inbox RENAME TO gone")

    assert server.signed(event()).status == 500
    assert "A delivery was not recorded" in caplog.text


def test_what_comes_while_the_disk_is_full_is_recorded_once_when_there_is_room(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with full_disk():
        assert server.signed(event()).status == 500
        assert server.get("/healthz").status == 503
    assert "A delivery was not recorded" in caplog.text
    assert server.recorded() == []
    assert [server.signed(event()).status for _ in range(2)] == [200, 200]
    assert server.recorded() == ["own:question"]


@pytest.mark.parametrize("body", ["{no json", "", "ü" * 10, "[]", "null"])
def test_garbage_is_refused(server: Server, body: str) -> None:
    assert server.post(body, **{"content-type": "application/json"}).status == 401


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "7"])
def test_signed_json_that_is_no_object_is_refused(server: Server, body: str) -> None:
    assert server.signed(body).status == 400
    form = urlencode({"payload": body})
    assert server.signed(form, kind="application/x-www-form-urlencoded").status == 400


def called_back(event: object) -> dict[str, Any]:
    return {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event}


def reacted(item: object) -> object:
    return called_back({"type": "reaction_added", "user": ERIC, "reaction": "+1", "item": item})


def filled_in(view: object) -> dict[str, Any]:
    return {"type": "view_submission", "user": {"id": ERIC}, "view": view}


def pressed(actions: object) -> dict[str, Any]:
    return {"type": "block_actions", "user": {"id": ERIC}, "team": {"id": "T1"}, "actions": actions}


ASKED = {"type": "message", "user": ERIC, "channel": "D1", "ts": TS, "text": "why?"}
FORM = {"type": "modal", "callback_id": VIEW_CONFIG}
OF_ANOTHER_SHAPE = {
    "an event that is a number": called_back(5),
    "an event that is a text": called_back("message"),
    "an event that is a list": called_back([]),
    "a type that is a number": called_back({"type": 5}),
    "a person who is a number": called_back({"type": "app_home_opened", "user": 5}),
    "an item that is a number": reacted(5),
    "an item that is a list": reacted([]),
    "a time that is an object": reacted({"channel": CHANNEL, "ts": {}}),
    "a channel that is a list": reacted({"channel": [CHANNEL], "ts": TS}),
    "a reaction that is a number": called_back({"type": "reaction_added", "user": ERIC, "reaction": 5}),
    "files that are a number": called_back({**ASKED, "files": 5}),
    "a file that is a number": called_back({**ASKED, "files": [5]}),
    "actions that are a text": pressed("x"),
    "no action": pressed([]),
    "actions that are an object": pressed({"action_id": "answer_more"}),
    "a view that is a number": filled_in(5),
    "values that are a list": filled_in({**FORM, "private_metadata": "{}", "state": {"values": [5]}}),
}


@pytest.mark.parametrize("body", OF_ANOTHER_SHAPE.values(), ids=OF_ANOTHER_SHAPE)
def test_what_has_another_shape_than_slacks_is_not_sent_again(
    server: Server, body: object, caplog: pytest.LogCaptureFixture
) -> None:
    reply = server.signed(json.dumps(body))

    assert reply.status == 200 or (reply.status, reply.may_be_sent_again) == (400, False)
    assert server.recorded() == []
    assert "Traceback" not in caplog.text
    assert ("What Slack sent cannot be read" in caplog.text) == (reply.status == 400)


class FakeConnection:
    """The client of Socket Mode, as far as an envelope is answered through it."""

    logger = logging.getLogger("socket")

    def __init__(self) -> None:
        self.answered: list[str] = []

    def send_socket_mode_response(self, response: SocketModeResponse) -> None:
        self.answered.append(response.envelope_id)


@pytest.mark.parametrize("body", OF_ANOTHER_SHAPE.values(), ids=OF_ANOTHER_SHAPE)
def test_over_socket_mode_an_event_of_another_shape_is_taken(server: Server, body: dict[str, Any]) -> None:
    kind = "events_api" if "event" in body else "interactive"
    connection: Any = FakeConnection()
    handler = EnvelopeHandler(server.bolt, "xapp-1")

    handler.handle(connection, SocketModeRequest(kind, "envelope 1", body))

    handler.close()
    assert server.recorded() == []
    assert connection.answered == (["envelope 1"] if kind == "events_api" else [])


def test_an_event_whose_connection_ends_is_recorded_and_no_error_of_the_bot(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    connection: Any = Mock(logger=logging.getLogger("socket"))
    connection.send_socket_mode_response.side_effect = SlackClientNotConnectedError("no longer active")
    handler = EnvelopeHandler(server.bolt, "xapp-1")

    handler.handle(connection, SocketModeRequest("events_api", "envelope 1", json.loads(event())))

    handler.close()
    assert server.recorded() == ["own:question"]
    assert caplog.records == []


def test_a_body_that_is_too_long_is_not_read(server: Server) -> None:
    assert server.post("", pieces=[b"x" * MAX_BODY_BYTES, b"x", b"x" * MAX_BODY_BYTES]).status == 413


def test_healthz_says_that_it_is_well(server: Server) -> None:
    server.signed(event())

    reply = server.get("/healthz")

    assert (reply.status, json.loads(reply.body)) == (200, {"status": "ok", "waiting": 1})


def test_healthz_says_that_nothing_can_be_recorded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "transaction", Mock(side_effect=StoreError("The database is locked")))
    reply = server.get("/healthz")
    assert (reply.status, json.loads(reply.body)) == (503, {"status": "The database is locked"})


def test_there_is_nothing_else(server: Server) -> None:
    assert server.get("/").status == 404
    assert server.get("/slack/events").status == 404
    assert server.post("{}", path="/elsewhere").status == 404


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"127.0.0.1:{port} cannot be used"):
            listening("127.0.0.1", port)


def test_ending_takes_less_than_a_container_has_where_all_of_slack_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung, goes_on = threading.Semaphore(0), threading.Event()

    def hang(_: object = None) -> dict[str, Any]:
        hung.release()
        goes_on.wait(60)
        return {}

    handler = SimpleNamespace(client=SimpleNamespace(wss_uri=None, connect=lambda: None, close=hang))
    monkeypatch.setattr("bot.serve.EnvelopeHandler", lambda *_, **__: handler)
    methods = ("chat_postMessage", "reactions_add")
    answers = {"apps_connections_open": {"url": "wss://x"}} | dict.fromkeys(methods, hang)
    with open_bench(tmp_path, answers) as bench:
        services, slack = bench.services, SimpleNamespace(client=bench.slack)
        monkeypatch.setattr("bot.serve.build_app", lambda _: slack)
        with at_work(services) as app, connected(app, services.settings):
            services.inbox.record(*sort_message(services, json.loads(event())))
            assert hung.acquire(timeout=20)
            assert hung.acquire(timeout=20)
            began = time.monotonic()
        took_s = time.monotonic() - began
        goes_on.set()
    assert took_s < 9.0


def test_the_first_connection_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Any] = ["service_unavailable", {"url": "wss://x"}]
    waited: list[float] = []
    client = SimpleNamespace(connect=lambda: None, close=lambda: None)
    monkeypatch.setattr("bot.serve.EnvelopeHandler", lambda *_, **__: SimpleNamespace(client=client))

    def pause(seconds: float) -> None:
        waited.append(seconds)
        bench.slack.answers["apps_connections_open"] = said.pop(0)

    with open_bench(tmp_path, {"apps_connections_open": "internal_error"}) as bench:
        app: Any = SimpleNamespace(client=bench.slack)
        with connected(app, bench.services.settings, pause) as handler:
            assert handler.client.wss_uri == "wss://x"
    assert waited == [1.0, 2.0]


def test_a_bot_that_waits_for_its_first_connection_can_be_ended(tmp_path: Path) -> None:
    with open_bench(tmp_path, {"apps_connections_open": "internal_error"}) as bench:
        app: Any = SimpleNamespace(client=bench.slack)
        with pytest.raises(KeyboardInterrupt), connected(app, bench.services.settings, lambda _: True):
            pass


def test_who_asks_twice_that_it_ends_does_not_wait() -> None:
    program = (
        "import time; from bot.serve import until_stopped\n"
        "with until_stopped() as wait:\n"
        "    print('up', flush=True); wait(60); print('ending', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as bot:
        assert bot.stdout is not None
        assert bot.stdout.readline() == "up\n"
        bot.send_signal(signal.SIGTERM)
        assert bot.stdout.readline() == "ending\n"
        bot.send_signal(signal.SIGINT)
        _, said = bot.communicate(timeout=20)
    assert (bot.returncode, said) == (
        130,
        "manualbot: Ended at once. What was under way goes on with the next start\n",
    )
