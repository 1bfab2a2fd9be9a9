"""The addresses under which the bot answers a command or a press: five times, within thirty minutes."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from bot.sandbox.block_kit import accept_blocks
from bot.sandbox.protocol import BOT_USER, Json, Refusal, bot_author
from bot.sandbox.workspace import Workspace

MOST_USES = 5
LIFE_S = 1800.0


@dataclass
class _Url:
    person: str
    channel: str
    message_ts: str | None  # the message that was pressed, if one was
    thread_ts: str | None
    n_uses: int
    dies_at: float


class ResponseUrls:
    """The addresses given out, and what is posted to them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._urls: dict[str, _Url] = {}

    def new(
        self, person: str, channel: str, message_ts: str | None = None, thread_ts: str | None = None
    ) -> str:
        """The last part of a new address."""
        key = secrets.token_hex(16)
        self._urls[key] = _Url(person, channel, message_ts, thread_ts, 0, time.monotonic() + LIFE_S)
        return key

    def take(self, key: str, body: Json) -> None:
        """Do what was posted to an address. Raises Refusal."""
        url = self._urls.get(key)
        if url is None or time.monotonic() > url.dies_at:
            raise Refusal("expired_url")
        if url.n_uses >= MOST_USES:
            raise Refusal("used_url")
        url.n_uses += 1
        self.answer(url.person, url.channel, body, url.message_ts, url.thread_ts)

    def answer(
        self,
        person: str,
        channel_id: str,
        body: Json,
        message_ts: str | None = None,
        thread: str | None = None,
    ) -> None:
        """Post, replace or delete what an answer asks for. Raises Refusal."""
        if body.get("delete_original") or body.get("replace_original"):
            self._change(person, channel_id, body, message_ts)
            return
        content = content_of(body)
        channel = self._workspace.channel(channel_id)
        thread_ts = body.get("thread_ts") or thread
        if body.get("response_type") == "in_channel":
            self._workspace.post(channel, bot_author(), content, thread_ts)
        else:
            if thread_ts:
                content["thread_ts"] = thread_ts
            self._workspace.whisper(channel, person, bot_author(), content)

    def _change(self, person: str, channel_id: str, body: Json, message_ts: str | None) -> None:
        if message_ts is None:
            raise Refusal("no_text", "there is no original message here")
        content = None if body.get("delete_original") else content_of(body)
        ephemeral = self._workspace.find_ephemeral(person, message_ts)
        channel = self._workspace.channel(channel_id)
        if ephemeral is None and content is None:
            self._workspace.delete(channel, message_ts)
        elif ephemeral is None:
            self._workspace.edit(channel, message_ts, BOT_USER, content or {})
        elif content is None:
            self._workspace.ephemerals.remove(ephemeral)
        else:
            ephemeral.message |= content


def content_of(body: Json) -> Json:
    """Text, blocks and metadata of a message that is posted. Raises Refusal."""
    text = body.get("text") or ""
    blocks = body.get("blocks")
    if not text and not blocks:
        raise Refusal("no_text")
    if len(text) > 40_000:
        raise Refusal("msg_too_long")
    content: Json = {"text": text}
    if blocks is not None:
        content["blocks"] = accept_blocks(blocks, "message")
    if body.get("metadata") is not None:
        content["metadata"] = _metadata(body["metadata"])
    return content


def _metadata(metadata: object) -> Json:
    if isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str):
        payload = metadata.get("event_payload")
        if isinstance(payload, dict):
            return {"event_type": metadata["event_type"], "event_payload": payload}
    raise Refusal("invalid_metadata_format", "metadata needs event_type and event_payload")
