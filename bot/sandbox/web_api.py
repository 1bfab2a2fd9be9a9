"""The Web API: one call in, one JSON answer out. Tokens, scopes and arguments are checked as Slack does."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.manifest import SCOPES
from bot.sandbox.files import Files
from bot.sandbox.protocol import Json, Refusal
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.views import Views
from bot.sandbox.workspace import Workspace

JSON_ARGUMENTS = ("blocks", "view", "metadata", "attachments", "files", "loading_messages", "prompts")


@dataclass(frozen=True)
class Tokens:
    """The two tokens that this workspace takes."""

    bot: str = field(default_factory=lambda: f"xoxb-sandbox-{secrets.token_hex(12)}")
    app: str = field(default_factory=lambda: f"xapp-1-sandbox-{secrets.token_hex(12)}")


@dataclass(frozen=True)
class Backend:
    """What the methods work on. `url` is the workspace's own address."""

    workspace: Workspace
    views: Views
    socket_mode: SocketMode
    files: Files
    url: str


class Arguments:
    """A call's arguments, whether they came as a form or as JSON."""

    def __init__(self, values: Json) -> None:
        self._values = {key: _decoded(key, value) for key, value in values.items()}

    def text(self, name: str) -> str:
        """An argument as text; empty where it was left out."""
        value = self._values.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        """An argument that is on or off."""
        return self.text(name).lower() in ("1", "true")

    def value(self, name: str) -> Any:
        """An argument that is an object or an array; None where it was left out."""
        return self._values.get(name)

    def given(self, *names: str) -> Json:
        """Those of the named arguments that were given."""
        return {name: self._values[name] for name in names if self._values.get(name) is not None}

    def require(self, names: tuple[str, ...]) -> None:
        """Raises Refusal where one of them is missing."""
        missing = [name for name in names if self._values.get(name) in (None, "")]
        if missing:
            raise Refusal("invalid_arguments", *(f"missing required field: {name}" for name in missing))


@dataclass(frozen=True)
class Method:
    """A method: what it does and what it asks for; one of `scopes` is enough."""

    run: Callable[[Backend, Arguments], Json]
    required: tuple[str, ...]
    scopes: tuple[str, ...]
    token: str = "bot"  # noqa: S105 - which of the two


METHODS: dict[str, Method] = {}


def method(
    name: str,
    *required: str,
    scopes: tuple[str, ...] = (),
    token: str = "bot",  # noqa: S107 - which
) -> Callable[[Callable[[Backend, Arguments], Json]], Callable[[Backend, Arguments], Json]]:
    """Enter a function into the table of methods."""

    def enter(run: Callable[[Backend, Arguments], Json]) -> Callable[[Backend, Arguments], Json]:
        METHODS[name] = Method(run, required, scopes, token)
        return run

    return enter


def call(backend: Backend, tokens: Tokens, name: str, token: str, arguments: Json) -> Json:
    """The answer to one call."""
    try:
        found = METHODS.get(name)
        if found is None:
            raise Refusal("unknown_method", req_method=name)
        _check_token(found, tokens, token)
        parsed = Arguments(arguments)
        parsed.require(found.required)
        return {"ok": True, **found.run(backend, parsed)}
    except Refusal as refusal:
        return refusal.as_json()


def _check_token(found: Method, tokens: Tokens, token: str) -> None:
    if not token:
        raise Refusal("not_authed")
    if token not in (tokens.bot, tokens.app):
        raise Refusal("invalid_auth")
    if token != getattr(tokens, found.token):
        raise Refusal("not_allowed_token_type")
    if found.scopes and not set(found.scopes) & set(SCOPES):
        raise Refusal("missing_scope", needed=found.scopes[0], provided=",".join(SCOPES))


def _decoded(name: str, value: object) -> object:
    if name in JSON_ARGUMENTS and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            raise Refusal("invalid_arguments", f"must be valid json: {name}") from None
    return value
