"""`manualbot run`: the bot in Slack, or in a workspace of its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.services import Services
    from bot.settings import SlackSettings

Port = Annotated[
    int | None,
    typer.Option("--port", metavar="N", min=0, max=65_535, help="Where HTTP or the local workspace listens."),
]


def run(port: Port = None) -> None:
    """Start the bot: in Slack with the tokens of .env, without any in a workspace in the browser."""
    from dataclasses import replace

    from bot.opening import open_settings
    from bot.schedule import cron_trigger
    from bot.settings import SlackSettings

    open_settings()
    settings = SlackSettings.load()
    mode = settings.mode
    if settings.training.schedule is not None:
        cron_trigger(settings.training.schedule)  # a time that never comes is told before anything starts
    if port is not None:
        settings = replace(settings, port=port)
    if mode == "sandbox":
        _run_in_sandbox(settings, port)
    else:
        _run_in_slack(settings, over_http=mode == "http")


def _run_in_sandbox(settings: SlackSettings, port: int | None) -> None:
    from bot.sandbox.starting import DEFAULT_PORT, start_sandbox

    sandbox = start_sandbox(port=DEFAULT_PORT if port is None else port)
    try:
        inside = settings.in_sandbox(sandbox.api_url, sandbox.bot_token, sandbox.app_token)
        _run_socket_mode(inside, f"Try the bot in the browser: {sandbox.url}\nCtrl-C ends it.")
    finally:
        sandbox.stop()


def _run_in_slack(settings: SlackSettings, over_http: bool) -> None:
    if not over_http:
        _run_socket_mode(settings, None)
        return
    from bot.serve import at_work, listening, serve_http

    services = _open(settings)
    with listening(settings.host, settings.port) as listener, at_work(services, _tell) as app:
        port = listener.getsockname()[1]
        where = f"http://{settings.host}:{port}/slack/events"
        print(f"{_greeting(services)} over HTTP: {where}. Ctrl-C ends it.", flush=True)
        serve_http(app, services, listener)


def _run_socket_mode(settings: SlackSettings, greeting: str | None) -> None:
    from bot.serve import at_work, connected, until_stopped

    services = _open(settings)
    with until_stopped() as wait, at_work(services, _tell) as app, connected(app, settings, wait):
        print(greeting or f"{_greeting(services)} in Socket Mode. Ctrl-C ends it.", flush=True)
        while not wait(1.0):
            pass


def _open(settings: SlackSettings) -> Services:
    from bot.manifest import SCOPES
    from bot.services import open_services
    from bot.terminal.progress import show_waiting

    with show_waiting("Starting"):
        services = open_services(settings)
    scopes = services.identity.scopes
    missing = sorted(set(SCOPES) - scopes) if scopes else []
    if missing:
        print(
            f"manualbot: the bot token has no {', '.join(missing)}. Add this under OAuth & Permissions "
            "(manualbot manifest prints all scopes) and install the app again",
            file=sys.stderr,
        )
    if settings.base.unfitted:
        print(f"manualbot: {settings.base.unfitted}", file=sys.stderr)
    return services


def _tell(line: str) -> None:
    print(line, flush=True)


def _greeting(services: Services) -> str:
    identity = services.identity
    return f"@{identity.name or identity.user_id} answers in {identity.team or 'Slack'}"
