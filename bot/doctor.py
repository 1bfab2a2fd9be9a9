"""What can be wrong with an installation: one check after another, each with what to do about it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bot.manifest import SCOPES
from bot.render.words import count
from bot.schedule import next_ring
from bot.services import open_store
from bot.settings import SlackSettings
from bot.slack.api import PROMPT_TIMEOUT_S, UNREACHED, explained, identify, open_client
from qa_core.clock import utc_now
from qa_core.errors import ManualbotError

if TYPE_CHECKING:
    from slack_sdk import WebClient

    from qa_core.installation import Installation
    from training.settings import TrainingSettings

MIN_FREE_BYTES = 1_000_000_000  # a retraining writes a few hundred MB
State = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `found` says what there is, and what to do where it failed."""

    name: str
    state: State
    found: str


class DoctorError(ManualbotError):
    """A check's failure, in one line with the next step."""


def examine(settings: SlackSettings, installation: Installation) -> tuple[Check, ...]:
    """All checks, in the order in which their failures should be mended. Nothing is changed by them."""
    client = open_client(settings, PROMPT_TIMEOUT_S)  # two checks more wait as long
    in_sandbox = not (settings.bot_token or settings.app_token or settings.signing_secret)
    if in_sandbox:
        none = "no tokens are set: manualbot run starts the local workspace"
        of_slack = tuple(Check(name, "skipped", none) for name in ("tokens", "scopes", "connection"))
    else:
        of_slack = (
            _checked("tokens", lambda: _tokens(settings, client)),
            _checked("scopes", lambda: _scopes(client)),
            _checked("connection", lambda: _connection(settings, client)),
        )
    return (
        _checked("settings", lambda: _settings(settings)),
        *of_slack,
        _checked("disk", lambda: _disk(settings.base.home)),
        _checked("release", lambda: _release(settings, installation)),
        _checked("manuals", lambda: _manuals(installation)),
        _checked("database", lambda: _database(settings)),
        _checked("schedule", lambda: _schedule(settings.training)),
    )


def _checked(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", look())
    except ManualbotError as error:
        return Check(name, "failed", str(error))
    except OSError as error:
        return Check(name, "failed", f"{error}. Check that MANUALBOT_HOME is a folder that this user owns")


def _settings(settings: SlackSettings) -> str:
    if settings.misspelt:
        raise DoctorError(settings.misspelt)
    if settings.unknown:  # which another program may have for itself
        return f"not used: {', '.join(settings.unknown)}"
    return "each MANUALBOT_ name is a setting's"


def _tokens(settings: SlackSettings, client: WebClient) -> str:
    mode = settings.mode  # raises where only a part of the tokens is there
    for name, token, prefix in (
        ("SLACK_BOT_TOKEN", settings.bot_token, "xoxb-"),
        ("SLACK_APP_TOKEN", settings.app_token, "xapp-"),
    ):
        if token and not token.startswith(prefix):
            raise DoctorError(
                f"{name} begins with {token[:5]!r}, not with {prefix!r}. Two tokens may be swapped"
            )
    identity = identify(client)
    over = "Socket Mode" if mode == "socket" else "HTTP"
    return f"{identity.name} in {identity.team or identity.team_id}, over {over}"


def _scopes(client: WebClient) -> str:
    granted = identify(client).scopes
    if granted is None:
        return "Slack did not say which scopes the token has"
    missing = sorted(set(SCOPES) - granted)
    if missing:
        raise DoctorError(
            f"Missing: {', '.join(missing)}. Paste the output of manualbot manifest under App Manifest of "
            "your app, then install the app again"
        )
    return f"all {len(SCOPES)} are granted"


def _connection(settings: SlackSettings, client: WebClient) -> str:
    if settings.app_token is None:
        if not re.fullmatch(r"[0-9a-f]{32}", settings.signing_secret or ""):
            raise DoctorError(
                "SLACK_SIGNING_SECRET is not 32 hexadecimal digits. Copy it from Basic Information"
            )
        return f"HTTP is served on {settings.host}:{settings.port}; Slack must reach it from outside"
    try:
        client.apps_connections_open(app_token=settings.app_token)
    except UNREACHED as error:
        raise explained(error, settings.api_url) from error
    return "Slack offers a websocket for Socket Mode"


def _release(settings: SlackSettings, installation: Installation) -> str:
    releases = installation.releases
    release = releases.current()
    for kind, _ in release.parts:
        releases.path(release, kind)
    unfitted = settings.base.unfitted
    return f"{release.id}, made {release.created_at}; all parts are there" + (
        f". {unfitted}" if unfitted else ""
    )


def _manuals(installation: Installation) -> str:
    library = installation.open_library()
    sources = library.sources()
    missing = [source.path for source in sources if not Path(source.path).exists()]
    if missing:
        raise DoctorError(
            f"{missing[0]} is gone. Put it back, or take it out: manualbot sources remove {missing[0]}"
        )
    library.open_index()  # raises where there is none, none for this encoder and runtime, or a damaged one
    if not library.is_current():
        raise DoctorError("The index is older than the manuals. Bring it up to date: manualbot index")
    n_manuals = sum(source.n_manuals for source in sources)
    return f"{n_manuals} manuals, {sum(source.n_passages for source in sources)} passages"


def _disk(home: Path) -> str:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise DoctorError(
            f"{existing} cannot be written to. Give this user the folder, or set MANUALBOT_HOME"
        )
    free = shutil.disk_usage(existing).free
    if free < MIN_FREE_BYTES:
        raise DoctorError(
            f"{existing} has {free / 1e9:.1f} GB free. Free some until it has {MIN_FREE_BYTES / 1e9:.0f} GB: "
            "a new release needs room"
        )
    return f"{free / 1e9:.0f} GB free in {existing}"


def _database(settings: SlackSettings) -> str:
    store = open_store(settings)
    try:
        damage = store.damage()
    finally:
        store.close()
    if damage is not None:
        next_step = "Restore it from a backup, or move it away and index again"
        raise DoctorError(f"{store.path}: {damage}. {next_step}")
    return f"{store.path} is sound"


def _schedule(training: TrainingSettings) -> str:
    new = training.after_triplets and f"after {count(training.after_triplets, 'new triplet')}"
    if training.schedule is None:
        return f"retrainings start {new or 'when somebody asks for them'}"
    ring = next_ring(training.schedule, utc_now())
    when = f"the next retraining starts on {ring:%Y-%m-%d} at {ring:%H:%M %Z}"
    return f"{when}, or {new}" if new else when
