"""The bot at work: its workers, and the connection over which Slack's deliveries come."""

from __future__ import annotations

import logging
import math
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import anyio.to_thread
import uvicorn
from slack_bolt.adapter.asgi import SlackRequestHandler
from slack_bolt.adapter.asgi.http_request import AsgiHttpRequest
from slack_bolt.adapter.socket_mode.base_handler import BaseSocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientNotConnectedError
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from bot.app import REFUSED, TABLE, UNREADABLE, build_app, unreadable
from bot.interrupted import EXIT_CODE
from bot.learning.endings import Endings
from bot.learning.retraining import ApprovedTriplets
from bot.schedule import Schedule
from bot.slack.api import UNREACHED, explained, is_loopback
from bot.slack.first_contact import when_reached
from bot.slack.socket_client import SocketClient
from bot.workers import Workers
from qa_core.errors import SettingsError, StoreError

if TYPE_CHECKING:
    from slack_bolt import App
    from slack_sdk.socket_mode.client import BaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest
    from starlette.types import ASGIApp

    from bot.services import Services
    from bot.settings import SlackSettings

log = logging.getLogger(__name__)

N_DISPATCHERS = 20  # requests that are recorded at the same time
MAX_BODY_BYTES = 1_000_000  # Slack's are far smaller
SHUTDOWN_S = 2  # that requests have to end, which are only recorded
CLOSE_S = 1.5  # the same for the connection: making it anew may hang
OLDEST_S = 5 * 60  # of a request, as slack_sdk takes it
WARN_EVERY_S = 60.0
_SSL_CHECK = "ssl_check=1"  # in a form by which Slack looks at the certificate; it may be unsigned


@contextmanager
def at_work(services: Services, tell: Callable[[str], None] = log.info) -> Iterator[App]:
    """The Bolt app, with workers that do what it records; they finish what they are at when it ends.

    `tell` hears how the loading of the engine goes, which no delivery waits for.
    """
    app, schedule = build_app(services), open_schedule(services)
    workers = Workers(services, TABLE.handlers)
    endings = Endings(services.launcher.jobs, services.inbox)
    workers.start()
    services.engines.follow(tell)
    schedule.begin()
    endings.begin()
    try:
        yield app
    finally:
        schedule.stop()
        endings.stop()
        services.engines.stop()
        workers.stop()
        services.signs.stop()


def open_schedule(services: Services) -> Schedule:
    """What starts retrainings by itself, as the settings want it. Raises SettingsError for a bad time."""
    training = services.settings.training
    approved = ApprovedTriplets(services.store, training.rules, lambda: services.engines.current().passages)
    return Schedule(services.launcher, training, approved.count)


@contextmanager
def connected(
    app: App, settings: SlackSettings, pause: Callable[[float], object] = time.sleep
) -> Iterator[EnvelopeHandler]:
    """A Socket Mode connection, which is made again whenever it breaks.

    Where Slack is out of reach it is waited for, with `pause` as in `when_reached`. Raises SlackError where
    Slack refuses the token at the start.
    """
    opened = when_reached(lambda: _open_connection(app, settings), pause)
    handler = EnvelopeHandler(app, settings.app_token)
    handler.client.wss_uri = opened
    if is_loopback(settings.api_url):
        handler.client.proxy = None
    try:
        handler.client.connect()
        yield handler
    finally:
        _close(handler.client)


def _open_connection(app: App, settings: SlackSettings) -> str:
    """The address of a new connection. Raises SlackError."""
    try:
        return str(app.client.apps_connections_open(app_token=settings.app_token or "")["url"])
    except UNREACHED as error:
        raise explained(error, settings.api_url) from error


def _close(client: BaseSocketModeClient) -> None:
    """End the connection; it waits for one that is being made anew, for which nobody waits here."""
    closing = threading.Thread(target=client.close, name="close", daemon=True)
    closing.start()
    closing.join(CLOSE_S)


class EnvelopeHandler(BaseSocketModeHandler):
    """Like Bolt's handler, which would have events that cannot be read sent again."""

    client: SocketClient

    def __init__(self, app: App, app_token: str | None) -> None:
        self.app, self.client = app, SocketClient(app, app_token)
        self.client.socket_mode_request_listeners.append(self.handle)

    def handle(self, client: BaseSocketModeClient, req: SocketModeRequest) -> None:
        """Record and acknowledge one envelope."""
        started = time.time()
        try:
            response = run_bolt_app(self.app, req)
        except UNREADABLE as error:
            response = unreadable(error)
        if response.status == REFUSED and req.type == "events_api":
            response = BoltResponse(status=200)  # here only what is taken is not sent again
        try:
            send_response(client, req, response, started)
        except SlackClientNotConnectedError as error:
            log.info("What was recorded cannot be acknowledged: %s", error)


def serve_http(app: App, services: Services, listener: socket.socket) -> None:
    """Take requests from Slack until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        http_app(app, services),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    with until_stopped():  # uvicorn raises the signal again when it has ended
        uvicorn.Server(config).run(sockets=[listener])


def http_app(app: App, services: Services) -> Starlette:
    """`POST /slack/events` for Slack, `GET /healthz` for whoever watches over the bot."""

    def healthz(_request: Request) -> JSONResponse:
        try:
            services.store.write_nothing()  # nothing is taken from Slack where nothing can be recorded
            waiting = services.inbox.n_waiting()
        except StoreError as error:
            return JSONResponse({"status": str(error)}, status_code=503)
        return JSONResponse({"status": "ok", "waiting": waiting})

    events = ThreadedHandler(app, "/slack/events", services.settings.signing_secret or "")
    return Starlette(
        routes=[Route("/healthz", healthz, methods=["GET"]), Mount("/", cast("ASGIApp", events))]
    )


class ThreadedHandler(SlackRequestHandler):
    """Bolt's handler, whose `dispatch` would stop the event loop while it records."""

    def __init__(self, app: App, path: str, signing_secret: str) -> None:
        super().__init__(app, path)
        self._verifier = SignatureVerifier(signing_secret)
        self._limiter: anyio.CapacityLimiter | None = None
        self._warned_at = -math.inf

    async def dispatch(self, request: AsgiHttpRequest) -> BoltResponse:
        """Verify, record and acknowledge one request, in a thread; nothing unsigned is recorded."""
        try:
            headers = {name.lower(): str(value) for name, value in request.get_headers().items()}
            body = await _body_of(request)
            if body is None:
                return BoltResponse(status=413, body="This is nothing that Slack sends")
            if _SSL_CHECK in body.split("&"):
                return BoltResponse(status=200, body="")
            if not self._verifier.is_valid_request(body, headers):
                self._warn(headers)
                return BoltResponse(status=401, body="The signature is wrong or too old")
        except (ValueError, TypeError, AttributeError, OverflowError):  # bytes or a time that cannot be read
            return BoltResponse(status=401, body="This is nothing that Slack sends")
        self._limiter = self._limiter or anyio.CapacityLimiter(N_DISPATCHERS)
        return await anyio.to_thread.run_sync(self._take, request, body, limiter=self._limiter)

    def _warn(self, headers: dict[str, str]) -> None:
        """Whoever set up the bot would see nothing at all; whoever sends rubbish does not fill the log."""
        if time.monotonic() - self._warned_at < WARN_EVERY_S:
            return
        self._warned_at = time.monotonic()
        sent_at = headers.get("x-slack-request-timestamp", "")
        off_s = abs(time.time() - int(sent_at)) if re.fullmatch(r"[0-9]{1,12}", sent_at) else 0.0
        if off_s > OLDEST_S:
            why, mend = f"its time is {off_s / 60:.0f} minutes off this machine's clock", "set the clock"
        else:
            why, mend = "its signature is wrong", "compare SLACK_SIGNING_SECRET with Basic Information"
        log.warning("A request was refused because %s. If it was Slack's, %s", why, mend)

    def _take(self, request: AsgiHttpRequest, body: str) -> BoltResponse:
        try:
            return self.app.dispatch(
                BoltRequest(body=body, query=request.query_string, headers=request.get_headers())
            )
        except UNREADABLE as error:
            return unreadable(error)


async def _body_of(request: AsgiHttpRequest) -> str | None:
    """The body; None if it is too large. Raises ValueError where it breaks off or is no text."""
    body = bytearray()
    while True:
        message = await request.receive()
        if message["type"] != "http.request":
            raise ValueError("The sender has left")
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return body.decode()


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises SettingsError if it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen()
    except OSError as error:
        found.close()
        raise SettingsError(
            f"{host}:{port} cannot be used: {error.strerror or error}. Stop what uses it, or set "
            "MANUALBOT_HOST and MANUALBOT_PORT"
        ) from error
    return found


@contextmanager
def until_stopped() -> Iterator[Callable[[float], bool]]:
    """A function that waits for SIGINT or SIGTERM, so many seconds at most, and returns whether one came.

    They end the wait and nothing else.
    """
    stop = threading.Event()

    def on_signal(*_: object) -> None:
        if stop.is_set():  # whoever asks again does not want to wait for what is under way
            os.write(2, b"manualbot: Ended at once. What was under way goes on with the next start\n")
            os._exit(EXIT_CODE)
        stop.set()

    before = {sign: signal.signal(sign, on_signal) for sign in (signal.SIGINT, signal.SIGTERM)}

    try:
        yield stop.wait
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
