"""Start a workspace beside the bot, in a thread of the same process."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import uvicorn

from bot.sandbox.server import Sandbox
from bot.sandbox.web_api import Tokens
from bot.sandbox.witness import Witness
from bot.sandbox.workspace import PEOPLE, Person
from qa_core.errors import SettingsError

DEFAULT_PORT = 8080
START_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class SandboxAddress:
    """Where a workspace is and what opens it; `stop` ends it."""

    api_url: str
    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    url: str
    stop: Callable[[], None] = field(repr=False, compare=False)


def start_sandbox(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    people: Sequence[Person] = PEOPLE,
    witness: Witness = Witness(),  # noqa: B008 - frozen
) -> SandboxAddress:
    """Serve a new workspace on a loopback address; port 0 takes any free one.

    Raises SettingsError where the port is taken or the address is not this machine's own.
    """
    listener = _listen(host, port)
    url = f"http://{host}:{listener.getsockname()[1]}"
    tokens = Tokens()
    config = uvicorn.Config(
        Sandbox(url, tokens, people, witness).app(),
        log_level="warning",
        timeout_graceful_shutdown=1,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
    thread.start()
    _wait_until_started(server, thread)

    def stop() -> None:
        server.should_exit = True
        thread.join(START_TIMEOUT_S)

    return SandboxAddress(f"{url}/api/", tokens.bot, tokens.app, url, stop)


def _listen(host: str, port: int) -> socket.socket:
    if host != "localhost" and not _is_loopback(host):
        raise SettingsError(f"The workspace has no passwords, so it is not served on {host}. Use 127.0.0.1")
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"The workspace cannot use {host}:{port}: {error.strerror}. Stop what uses it, or take "
            "another port: manualbot run --port N"
        ) from error
    return listener


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise SettingsError("The workspace's server did not start. Its log above says why")
        time.sleep(0.01)
