"""What people do to buttons, modals, commands and shortcuts, as the payloads that the bot is sent.

https://docs.slack.dev/reference/interaction-payloads
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from bot.actions import COMMAND, SHORTCUT_ANSWER
from bot.sandbox.block_kit import accept_view
from bot.sandbox.inputs import Values, action_of, missing_of, state_of
from bot.sandbox.protocol import APP_ID, TEAM_DOMAIN, TEAM_ID, VERIFICATION_TOKEN, Json, Refusal, team
from bot.sandbox.response_urls import ResponseUrls
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.views import Views
from bot.sandbox.workspace import Channel, Person, Workspace

NOT_FOR_THE_BOT = ("metadata",)  # parts of a message that interaction payloads leave out


@dataclass(frozen=True)
class Press:
    """A press of a button, or a choice from a menu."""

    block_id: str
    action_id: str
    raw: str | list[str] | None
    values: Values


class Interactions:
    """Sends payloads over Socket Mode and does what the acknowledgements ask for."""

    def __init__(
        self, workspace: Workspace, views: Views, socket_mode: SocketMode, urls: ResponseUrls, url: str
    ) -> None:
        self._workspace = workspace
        self._views = views
        self._socket_mode = socket_mode
        self._urls = urls
        self._url = url

    async def command(self, person: Person, channel: Channel, text: str) -> None:
        """`/manual text`; what the acknowledgement carries is shown to the person."""
        payload = {
            "token": VERIFICATION_TOKEN,
            "team_id": TEAM_ID,
            "team_domain": TEAM_DOMAIN,
            "channel_id": channel.id,
            "channel_name": channel.name,
            "user_id": person.id,
            "user_name": person.name,
            "command": COMMAND,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": self._response_url("commands", self._urls.new(person.id, channel.id)),
            "trigger_id": self._views.new_trigger(person.id),
        }
        answer = await self._socket_mode.request("slash_commands", payload, accepts_response=True)
        if answer:
            self._urls.answer(person.id, channel.id, answer)

    async def shortcut(self, person: Person, channel: Channel, ts: str) -> None:
        """Choose "Answer from the manuals" on a message."""
        message = channel.find(ts)
        key = self._urls.new(person.id, channel.id, None, message.get("thread_ts"))
        payload = self._payload(person, "message_action") | {
            "action_ts": self._workspace.clock.next(),
            "callback_id": SHORTCUT_ANSWER,
            "channel": {"id": channel.id, "name": channel.name},
            "message_ts": ts,
            "message": _shown(message),
            "response_url": self._response_url("app", key),
        }
        await self._send(payload)

    async def press_in_message(self, person: Person, channel: Channel, ts: str, press: Press) -> None:
        """A press in a message that everybody sees, or only this person."""
        ephemeral = self._workspace.find_ephemeral(person.id, ts)
        message = channel.find(ts) if ephemeral is None else ephemeral.message
        container: Json = {
            "type": "message",
            "message_ts": ts,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral is not None,
        }
        if "thread_ts" in message:
            container["thread_ts"] = message["thread_ts"]
        key = self._urls.new(person.id, channel.id, ts, message.get("thread_ts"))
        payload = self._pressed(person, message.get("blocks", []), press) | {
            "container": container,
            "channel": {"id": channel.id, "name": channel.name},
            "response_url": self._response_url("actions", key),
        }
        if ephemeral is None:
            payload["message"] = _shown(message)
        await self._send(payload)

    async def press_in_view(self, person: Person, view_id: str, press: Press) -> None:
        """A press in a modal or in the App Home."""
        view = self._views.find(view_id)
        payload = self._pressed(person, view["blocks"], press)
        view["state"] = payload["state"]
        more = {"container": {"type": "view", "view_id": view_id}, "view": _public(view)}
        await self._send(payload | more)

    async def submit(self, person: Person, view_id: str, values: Values) -> None:
        """Submit a modal; what the acknowledgement asks for is done to it."""
        view = self._views.find(view_id)
        view["state"] = {"values": state_of(view["blocks"], values)}
        view["errors"] = missing_of(view["blocks"], view["state"]["values"])
        if view["errors"]:
            return
        payload = self._payload(person, "view_submission")
        payload |= {"view": _public(view), "response_urls": []}
        answer = await self._socket_mode.request("interactive", payload, accepts_response=True)
        self._respond(person, view, answer)

    async def close(self, person: Person, view_id: str, *, all_of_them: bool = False) -> None:
        """Close a modal without submitting; the bot is told where the view asks for it."""
        for view in self._views.close(person.id, view_id, all_of_them=all_of_them):
            if view["notify_on_close"]:
                payload = self._payload(person, "view_closed", trigger=False)
                await self._send(payload | {"view": _public(view), "is_cleared": all_of_them})

    def _respond(self, person: Person, view: Json, answer: Json) -> None:
        action = answer.get("response_action")
        if action is None:
            self._views.close(person.id, view["id"])
        elif action == "clear":
            self._views.close(person.id, view["id"], all_of_them=True)
        elif action == "errors":
            unknown = set(answer["errors"]) - {b["block_id"] for b in view["blocks"] if b["type"] == "input"}
            if unknown or not answer["errors"]:
                raise Refusal("invalid_response", f"errors name no input block: {sorted(unknown)}")
            view["errors"] = answer["errors"]
        elif action == "update":
            self._views.update(answer["view"], view_id=view["id"], external_id="", view_hash="")
        elif action == "push":
            self._views.put_on_top(person.id, accept_view(answer["view"], ("modal",)))
        else:
            raise Refusal("invalid_response", f"unknown response_action {action}")

    def _pressed(self, person: Person, blocks: list[Json], press: Press) -> Json:
        ts = self._workspace.clock.next()
        action = action_of(blocks, press.block_id, press.action_id, press.raw, ts)
        return self._payload(person, "block_actions") | {
            "state": {"values": state_of(blocks, press.values)},
            "actions": [action],
        }

    def _payload(self, person: Person, kind: str, *, trigger: bool = True) -> Json:
        user = {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM_ID}
        payload: dict[str, Any] = {
            "type": kind,
            "team": team(),
            "user": user,
            "api_app_id": APP_ID,
            "token": VERIFICATION_TOKEN,
            "enterprise": None,
            "is_enterprise_install": False,
        }
        return payload | ({"trigger_id": self._views.new_trigger(person.id)} if trigger else {})

    async def _send(self, payload: Json) -> None:
        await self._socket_mode.request("interactive", payload, accepts_response=False)

    def _response_url(self, kind: str, key: str) -> str:
        return f"{self._url}/{kind}/{TEAM_ID}/{int(time.time())}/{key}"


def _shown(message: Json) -> Json:
    return {key: value for key, value in message.items() if key not in NOT_FOR_THE_BOT}


def _public(view: Json) -> Json:
    """The view as payloads carry it."""
    copy: Json = json.loads(json.dumps(view))
    del copy["errors"]
    return copy
