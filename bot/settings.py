"""Slack's settings beside those of `qa_core`: the only module of this package that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from qa_core.errors import SettingsError
from qa_core.settings import Settings, at_most, read_environment, read_setting, whole_number
from training.settings import TrainingSettings

SLACK_API_URL = "https://slack.com/api/"
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")  # which no proxy can reach
_MOST_WORKERS = 1_000
_NEAR = 0.85  # of two names that all begin alike
_PREFIX = "MANUALBOT_"
_NAMES = """
    HOME THREADS RUNTIME ENCODER READER THRESHOLD MAX_FILE_MB PARSE_TIMEOUT_S PARSE_MEMORY_MB LOG_LEVEL
    ADMINS HOST PORT WORKERS APPROVAL MIN_VOTERS VOTES_PER_PERSON QUESTIONS RETRAIN_AT RETRAIN_AFTER
"""
NAMES = frozenset(_PREFIX + name for name in _NAMES.split())  # of all settings but Slack's own
_OAUTH = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")
Mode = Literal["socket", "http", "sandbox"]


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How the bot reaches Slack, and the settings of what answers and learns. Tokens stay out of its repr."""

    base: Settings = field(default_factory=Settings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    bot_token: str | None = field(default=None, repr=False)  # SLACK_BOT_TOKEN: xoxb-…
    app_token: str | None = field(default=None, repr=False)  # SLACK_APP_TOKEN: xapp-…, for Socket Mode
    signing_secret: str | None = field(default=None, repr=False)  # SLACK_SIGNING_SECRET, for HTTP
    api_url: str = SLACK_API_URL  # SLACK_API_URL, ends with a slash
    admins: tuple[str, ...] = ()  # MANUALBOT_ADMINS: ids of people who may administer
    host: str = "0.0.0.0"  # noqa: S104 - MANUALBOT_HOST: where HTTP listens; requests are signed
    port: int = 3000  # MANUALBOT_PORT
    n_workers: int = 4  # MANUALBOT_WORKERS: questions that are answered at the same time
    unknown: tuple[str, ...] = ()  # what is named as settings are, and is none: perhaps misspelt

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> SlackSettings:
        """The settings from `env` (the process's by default), filled up from the file `dotenv`.

        Raises SettingsError for a value that cannot be used.
        """
        values = read_environment(env, dotenv)
        default = cls()
        return cls(
            base=Settings.load(env, dotenv),
            training=TrainingSettings.load(env, dotenv),
            bot_token=_token(values, "SLACK_BOT_TOKEN"),
            app_token=_token(values, "SLACK_APP_TOKEN"),
            signing_secret=_token(values, "SLACK_SIGNING_SECRET"),
            api_url=read_setting(values, "SLACK_API_URL", _url, default.api_url),
            admins=read_setting(values, "MANUALBOT_ADMINS", _names, default.admins),
            host=read_setting(values, "MANUALBOT_HOST", str, default.host),
            port=read_setting(values, "MANUALBOT_PORT", _port, default.port),
            n_workers=read_setting(values, "MANUALBOT_WORKERS", at_most(_MOST_WORKERS), default.n_workers),
            unknown=_unknown(values),
        )

    @property
    def mode(self) -> Mode:
        """How the bot is started. Raises SettingsError where only a part of the tokens is there."""
        if not (self.bot_token or self.app_token or self.signing_secret):
            return "sandbox"
        if not self.bot_token:
            raise SettingsError(
                "SLACK_BOT_TOKEN is not set. Copy it from OAuth & Permissions of your app (xoxb-…)"
            )
        if not (self.app_token or self.signing_secret):
            raise SettingsError(
                "Neither SLACK_APP_TOKEN (for Socket Mode: an app-level token with connections:write, from "
                "Basic Information) nor SLACK_SIGNING_SECRET (for HTTP) is set. Set one of the two"
            )
        return "socket" if self.app_token else "http"

    @property
    def misspelt(self) -> str | None:
        """What to say of unknown settings whose names are nearly those of known ones, if there are any."""
        return _no_settings([name for name in self.unknown if _nearest(name)])

    def in_sandbox(self, api_url: str, bot_token: str, app_token: str) -> SlackSettings:
        """The same settings, for a workspace at `api_url`."""
        return replace(self, api_url=_url(api_url), bot_token=bot_token, app_token=app_token)


def warning_of_unknown() -> str | None:
    """What to say of names in the environment and `.env` like settings' that are none; None without.

    Raises SettingsError where `.env` cannot be read.
    """
    return _no_settings(_unknown(read_environment(None, Path(".env"))))


def _unknown(values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(n for n in values if n.upper().startswith(_PREFIX) and n not in NAMES))


def _no_settings(names: Sequence[str]) -> str | None:
    near = {name: _nearest(name) for name in names}
    said = [f"{name} is no setting" + (f" (is it {known}?)" if known else "") for name, known in near.items()]
    return f"{', '.join(said)}. Correct the name, or take it out" if said else None


def _nearest(name: str) -> str | None:
    return next(iter(get_close_matches(name.upper(), NAMES, n=1, cutoff=_NEAR)), None)


@contextmanager
def without_oauth() -> Iterator[None]:
    """Inside, the environment holds nothing that turns a Bolt app into one that many workspaces install.

    Such an app looks for its tokens elsewhere and would drop whatever comes.
    """
    hidden = {name: os.environ.pop(name) for name in _OAUTH if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


def reach_this_machine_directly() -> None:
    """From now on no proxy that the environment names stands between this process and the sandbox.

    urllib, through which slack_sdk calls as well, can be told so for each host in this way alone.
    """
    exempt = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if exempt != "*":
        names = [name.strip() for name in exempt.split(",") if name.strip()]
        os.environ["no_proxy"] = ",".join(dict.fromkeys([*names, *THIS_MACHINE]))


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("a URL that begins with https://")
    return text.rstrip("/") + "/"


def _token(values: Mapping[str, str], name: str) -> str | None:
    """A token; a mistake in it is told without it."""
    token = read_setting(values, name, str, None)
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise SettingsError(
            f"{name} has a character that is in no token, such as … or a space. Copy it again"
        )
    return token


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.replace(",", " ").split() if name)


def _port(text: str) -> int:
    port = whole_number(text)
    if port > 65_535:
        raise ValueError("a port from 1 to 65535")
    return port
