"""What a person does in the page, one function an act; tests act in the same way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields

from bot.sandbox.interactions import Interactions, Press
from bot.sandbox.misbehaviour import Misbehaviour
from bot.sandbox.protocol import BOT_NAME, BOT_USER, TEAM_ID, Json, Refusal, new_id
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.views import Views
from bot.sandbox.workspace import Channel, Person, Workspace

EVERYBODY = ("channel", "here", "everyone")
SAME_EMOJI = {"thumbsup": "+1", "thumbsdown": "-1"}


@dataclass(frozen=True)
class Stage:
    """What acts work on."""

    workspace: Workspace
    views: Views
    socket_mode: SocketMode
    interactions: Interactions
    misbehaviour: Misbehaviour
    told: list[Json]  # the events that were sent to the bot, oldest first


Act = Callable[[Stage, Person, Json], Awaitable[Json | None]]


async def say(stage: Stage, person: Person, body: Json) -> Json:
    """Post a message, in a thread where `thread_ts` is given."""
    channel = _channel(stage, person, body)
    content = _content(stage.workspace, _text(body))
    author = {"user": person.id, "team": TEAM_ID, "client_msg_id": new_id("")}
    message = stage.workspace.post(channel, author, content, body.get("thread_ts"))
    return {"ts": message["ts"]}


async def edit(stage: Stage, person: Person, body: Json) -> None:
    """Change a message of one's own."""
    channel = _own(stage, person, body)
    stage.workspace.edit(channel, body["ts"], person.id, _content(stage.workspace, _text(body)))


async def delete(stage: Stage, person: Person, body: Json) -> None:
    """Delete a message of one's own."""
    stage.workspace.delete(_own(stage, person, body), body["ts"])


async def react(stage: Stage, person: Person, body: Json) -> None:
    """Add a reaction, or take it back where it is there."""
    channel = _channel(stage, person, body)
    base, *tone = body["name"].split("::")
    name = "::".join([SAME_EMOJI.get(base, base), *tone])
    given = channel.find(body["ts"]).get("reactions", [])
    if any(r["name"] == name and person.id in r["users"] for r in given):
        stage.workspace.unreact(channel, body["ts"], person.id, name)
    else:
        stage.workspace.react(channel, body["ts"], person.id, name)


async def command(stage: Stage, person: Person, body: Json) -> None:
    """Give the slash command; `text` is what follows it."""
    await stage.interactions.command(person, _channel(stage, person, body), body.get("text", ""))


async def shortcut(stage: Stage, person: Person, body: Json) -> None:
    """Choose the message shortcut."""
    await stage.interactions.shortcut(person, _channel(stage, person, body), body["ts"])


async def press(stage: Stage, person: Person, body: Json) -> None:
    """Press a button or choose from a menu: in the message `ts`, or in the view `view_id`."""
    pressed = Press(body["block_id"], body["action_id"], body.get("value"), body.get("values", {}))
    if "view_id" in body:
        await stage.interactions.press_in_view(person, body["view_id"], pressed)
    else:
        channel = _channel(stage, person, body)
        await stage.interactions.press_in_message(person, channel, body["ts"], pressed)


async def submit(stage: Stage, person: Person, body: Json) -> None:
    """Submit the modal `view_id` with `values`."""
    await stage.interactions.submit(person, body["view_id"], body.get("values", {}))


async def close(stage: Stage, person: Person, body: Json) -> None:
    """Close the modal `view_id`."""
    await stage.interactions.close(person, body["view_id"])


async def open_app(stage: Stage, person: Person, body: Json) -> None:
    """Open the bot's App Home on `tab`: home or messages."""
    event: Json = {"type": "app_home_opened", "user": person.id, "channel": person.dm, "tab": body["tab"]}
    home = stage.views.homes.get(person.id)
    if home is not None and body["tab"] == "home":
        event["view"] = home
    stage.workspace.tell({**event, "event_ts": stage.workspace.clock.next()})


async def invite(stage: Stage, person: Person, body: Json) -> None:
    """Take the bot into a channel."""
    stage.workspace.join(_channel(stage, person, body), person.id)


async def misbehave(stage: Stage, _person: Person, body: Json) -> None:
    """Switch faults on and off, by the names that `Misbehaviour` has."""
    known = {field.name: field.type for field in fields(Misbehaviour)}
    for name, value in body.get("faults", {}).items():
        if name not in known or not isinstance(value, int | float) or value < 0:
            raise Refusal("no_such_fault", f"{name}={value!r}")
        setattr(stage.misbehaviour, name, value if known[name] == "float" else int(value))


async def drop(stage: Stage, _person: Person, body: Json) -> None:
    """Close the bot's websockets, with Slack's warning before it where `warned` is set."""
    await stage.socket_mode.drop(warned=bool(body.get("warned")))


async def redeliver(stage: Stage, _person: Person, body: Json) -> None:
    """Send the last `n` events once more."""
    n = int(body.get("n", 1))
    for envelope in stage.told[max(0, len(stage.told) - n) :]:
        stage.socket_mode.send_event(envelope)
    await asyncio.sleep(0)


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (
        say,
        edit,
        delete,
        react,
        command,
        shortcut,
        press,
        submit,
        close,
        open_app,
        invite,
        misbehave,
        drop,
        redeliver,
    )
}


def share_file(stage: Stage, person: Person, channel_id: str, text: str, about: Json) -> None:
    """Post a file that has been uploaded."""
    channel = _channel(stage, person, {"channel": channel_id})
    content = _content(stage.workspace, text) | {"files": [about], "upload": False, "display_as_bot": False}
    stage.workspace.post(channel, {"user": person.id}, content | {"subtype": "file_share"})


def _channel(stage: Stage, person: Person, body: Json) -> Channel:
    channel = stage.workspace.channel(body["channel"])
    if person.id not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def _own(stage: Stage, person: Person, body: Json) -> Channel:
    channel = _channel(stage, person, body)
    if channel.find(body["ts"])["user"] != person.id:
        raise Refusal("cant_update_message", "it is somebody else's")
    return channel


def _text(body: Json) -> str:
    text = str(body.get("text", "")).strip()
    if not text:
        raise Refusal("no_text")
    return text


def _content(workspace: Workspace, typed: str) -> Json:
    text = _encoded(workspace, typed)
    section = {"type": "rich_text_section", "elements": _rich_text(text)}
    return {
        "text": text,
        "blocks": [{"type": "rich_text", "block_id": new_id("")[:5], "elements": [section]}],
    }


def _encoded(workspace: Workspace, typed: str) -> str:
    """What was typed as Slack stores it: escaped, names as ids."""
    names = {BOT_NAME: f"<@{BOT_USER}>"} | {word: f"<!{word}>" for word in EVERYBODY}
    names |= {person.name: f"<@{person.id}>" for person in workspace.people.values()}
    names |= {group["handle"]: f"<!subteam^{group['id']}>" for group in workspace.usergroups}
    channels = {c.name: f"<#{c.id}|{c.name}>" for c in workspace.channels.values() if not c.is_im}
    text = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"(?<![\w@])@([\w-]*\w)", lambda m: names.get(m[1].lower(), m[0]), text)
    text = re.sub(r"(?<![\w#])#([\w-]*\w)", lambda m: channels.get(m[1].lower(), m[0]), text)
    return re.sub(r"(?<![<|])https?://[^\s<>]+", r"<\g<0>>", text)


def _rich_text(text: str) -> list[Json]:
    parts = [part for part in re.split(r"(<@\w+>)", text) if part]
    plain = [re.sub(r"<([^>|]*\|)?([^>]*)>", r"\2", part) for part in parts]
    return [
        {"type": "user", "user_id": part[2:-1]}
        if part.startswith("<@")
        else {"type": "text", "text": shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")}
        for part, shown in zip(parts, plain, strict=True)
    ]
