"""Web API methods about messages: chat, reactions, conversations, the assistant's status."""

from __future__ import annotations

import re

from bot.sandbox.protocol import BOT_USER, TEAM_ID, Json, Refusal, bot_author
from bot.sandbox.response_urls import content_of
from bot.sandbox.web_api import Arguments, Backend, method
from bot.sandbox.workspace import Channel

READ_MESSAGES = ("channels:history", "im:history")
READ_CHANNELS = ("channels:read", "im:read")
MOST_LISTED = 999


def _channel(backend: Backend, arguments: Arguments, name: str = "channel") -> Channel:
    """A channel that the bot is in."""
    channel = backend.workspace.channel(arguments.text(name))
    if BOT_USER not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def _content(arguments: Arguments) -> Json:
    return content_of(arguments.given("text", "blocks", "metadata"))


@method("chat.postMessage", "channel", scopes=("chat:write",))
def post_message(backend: Backend, arguments: Arguments) -> Json:
    """Post to a channel or a thread."""
    channel = _channel(backend, arguments)
    thread_ts = arguments.text("thread_ts") or None
    message = backend.workspace.post(channel, bot_author(), _content(arguments), thread_ts)
    return {"channel": channel.id, "ts": message["ts"], "message": message}


@method("chat.postEphemeral", "channel", "user", scopes=("chat:write",))
def post_ephemeral(backend: Backend, arguments: Arguments) -> Json:
    """Show one person a message."""
    channel = _channel(backend, arguments)
    if arguments.text("user") not in channel.members:
        raise Refusal("user_not_in_channel")
    content = _content(arguments) | arguments.given("thread_ts")
    message = backend.workspace.whisper(channel, arguments.text("user"), bot_author(), content)
    return {"message_ts": message["ts"]}


@method("chat.update", "channel", "ts", scopes=("chat:write",))
def update_message(backend: Backend, arguments: Arguments) -> Json:
    """Change a message of the bot's own."""
    channel = _own(backend, arguments, "cant_update_message")
    message = backend.workspace.edit(channel, arguments.text("ts"), BOT_USER, _content(arguments))
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}


@method("reactions.add", "channel", "timestamp", "name", scopes=("reactions:write",))
def add_reaction(backend: Backend, arguments: Arguments) -> Json:
    """React to a message."""
    channel = _channel(backend, arguments)
    backend.workspace.react(channel, arguments.text("timestamp"), BOT_USER, _emoji(arguments))
    return {}


@method("reactions.remove", "channel", "timestamp", "name", scopes=("reactions:write",))
def remove_reaction(backend: Backend, arguments: Arguments) -> Json:
    """Take the bot's reaction back."""
    channel = _channel(backend, arguments)
    backend.workspace.unreact(channel, arguments.text("timestamp"), BOT_USER, _emoji(arguments))
    return {}


@method("conversations.replies", "channel", "ts", scopes=READ_MESSAGES)
def replies(backend: Backend, arguments: Arguments) -> Json:
    """A thread, oldest first."""
    channel = _channel(backend, arguments)
    found = channel.thread(arguments.text("ts"))
    if not found:
        raise Refusal("thread_not_found")
    root = str(found[0].get("thread_ts", found[0]["ts"]))
    return _page(channel.thread(root), arguments)


@method("conversations.history", "channel", scopes=READ_MESSAGES)
def history(backend: Backend, arguments: Arguments) -> Json:
    """A channel's messages without those in threads, newest first."""
    channel = _channel(backend, arguments)
    return _page([m for m in channel.messages[::-1] if m.get("thread_ts", m["ts"]) == m["ts"]], arguments)


@method("conversations.info", "channel", scopes=READ_CHANNELS)
def info(backend: Backend, arguments: Arguments) -> Json:
    """What a channel is."""
    return {"channel": _about(backend.workspace.channel(arguments.text("channel")))}


@method("conversations.open", "users", scopes=("im:write",))
def open_direct(backend: Backend, arguments: Arguments) -> Json:
    """The direct messages with a person."""
    return {"channel": {"id": backend.workspace.person(arguments.text("users")).dm}}


@method("assistant.threads.setStatus", "channel_id", "thread_ts", scopes=("assistant:write", "chat:write"))
def set_status(backend: Backend, arguments: Arguments) -> Json:
    """Say what the bot is doing in a thread; an empty status, or a message, ends it."""
    channel = _channel(backend, arguments, "channel_id")
    thread_ts = channel.find(arguments.text("thread_ts"))["ts"]
    if arguments.text("status"):
        backend.workspace.statuses[channel.id, thread_ts] = arguments.text("status")
    else:
        backend.workspace.statuses.pop((channel.id, thread_ts), None)
    return {}


def _own(backend: Backend, arguments: Arguments, refusal: str) -> Channel:
    channel = _channel(backend, arguments)
    if channel.find(arguments.text("ts"))["user"] != BOT_USER:
        raise Refusal(refusal)
    return channel


def _emoji(arguments: Arguments) -> str:
    name = arguments.text("name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
        raise Refusal("invalid_name")
    return name


def _page(messages: list[Json], arguments: Arguments) -> Json:
    start = int(arguments.text("cursor") or 0)
    limit = min(int(arguments.text("limit") or 100), MOST_LISTED)
    bounds = (arguments.text("oldest") or "0", arguments.text("latest") or "9999999999.999999")
    edges = bounds if arguments.flag("inclusive") else ()
    inside = [m for m in messages if bounds[0] < m["ts"] < bounds[1] or m["ts"] in edges]
    hidden = () if arguments.flag("include_all_metadata") else ("metadata",)
    shown = [{k: v for k, v in m.items() if k not in hidden} for m in inside[start : start + limit]]
    more = start + limit < len(inside)
    cursor = str(start + limit) if more else ""
    return {"messages": shown, "has_more": more, "response_metadata": {"next_cursor": cursor}}


def _about(channel: Channel) -> Json:
    if channel.is_im:
        person = next(member for member in channel.members if member != BOT_USER)
        return {"id": channel.id, "is_im": True, "is_channel": False, "user": person, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": False,
        "is_archived": False,
        "is_member": BOT_USER in channel.members,
        "context_team_id": TEAM_ID,
        "num_members": len(channel.members),
    }
