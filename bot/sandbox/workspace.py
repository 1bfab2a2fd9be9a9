"""The workspace's state: people, channels, messages. It lives in memory, on the server's event loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.sandbox.protocol import BOT_USER, Clock, Json, Refusal


@dataclass(frozen=True)
class Person:
    """Somebody whom the page can be used as."""

    id: str
    name: str
    real_name: str
    dm: str  # the id of the direct messages with the bot
    is_admin: bool = False


@dataclass
class Channel:
    """A channel, or the direct messages of a person with the bot."""

    id: str
    name: str
    members: set[str]
    is_im: bool = False
    messages: list[Json] = field(default_factory=list)

    def find(self, ts: str) -> Json:
        """The message of that time. Raises Refusal."""
        for message in self.messages:
            if message["ts"] == ts:
                return message
        raise Refusal("message_not_found")

    def thread(self, ts: str) -> list[Json]:
        """A message and its replies, oldest first."""
        return [m for m in self.messages if ts in (m["ts"], m.get("thread_ts"))]


@dataclass
class Ephemeral:
    """A message that one person sees and that is gone when the page is loaded on another day."""

    person: str
    channel: str
    message: Json


PEOPLE = (
    Person("U0ADA", "ada", "Ada Lind", "D0ADA"),
    Person("U0BEN", "ben", "Ben Okoro", "D0BEN"),
    Person("U0CLEO", "cleo", "Cleo Marsh", "D0CLEO", is_admin=True),
)
SUPPORT, PRINTERS = "C0SUPPORT", "C0PRINTERS"
USERGROUP: Json = {
    "id": "S0PRINTERS",
    "handle": "printer-experts",
    "name": "Printer experts",
    "users": ["U0BEN"],
}


def _channels(people: Sequence[Person]) -> dict[str, Channel]:
    everybody = {person.id for person in people}
    channels = [
        Channel(SUPPORT, "support", everybody | {BOT_USER}),
        Channel(PRINTERS, "printer-support", set(everybody)),
        *(Channel(person.dm, "directmessage", {person.id, BOT_USER}, is_im=True) for person in people),
    ]
    return {channel.id: channel for channel in channels}


class Workspace:
    """Who and what there is. `emit` takes each event that happens, with the channel that it happened in."""

    def __init__(self, emit: Callable[[Json, Channel | None], None], people: Sequence[Person]) -> None:
        self.people = {person.id: person for person in people}
        self.channels = _channels(people)
        self.ephemerals: list[Ephemeral] = []
        self.statuses: dict[tuple[str, str], str] = {}  # (channel, thread) → what the bot says it is doing
        self.usergroups = [USERGROUP]
        self.clock = Clock()
        self._emit = emit

    def channel(self, channel_id: str) -> Channel:
        """A channel by its id; a person's id stands for their direct messages. Raises Refusal."""
        if channel_id in self.people:
            channel_id = self.people[channel_id].dm
        found = self.channels.get(channel_id)
        if found is None:
            raise Refusal("channel_not_found")
        return found

    def person(self, person_id: str) -> Person:
        """A person by id. Raises Refusal."""
        found = self.people.get(person_id)
        if found is None:
            raise Refusal("user_not_found")
        return found

    def post(self, channel: Channel, author: Json, content: Json, thread_ts: str | None = None) -> Json:
        """A new message at the end of the channel, or of a thread."""
        message: Json = {"type": "message", **author, "ts": self.clock.next(), **content}
        if thread_ts is not None:
            self._reply(channel, message, thread_ts)
        channel.messages.append(message)
        if author["user"] == BOT_USER:
            self.statuses.pop((channel.id, thread_ts or message["ts"]), None)
        kind = {"channel": channel.id, "channel_type": "im" if channel.is_im else "channel"}
        self._emit({**message, **kind, "event_ts": message["ts"]}, channel)
        return message

    def edit(self, channel: Channel, ts: str, editor: str, content: Json) -> Json:
        """A message with other content."""
        message = channel.find(ts)
        before = dict(message)
        message |= content
        message["edited"] = {"user": editor, "ts": self.clock.next()}
        self._changed(channel, "message_changed", {"message": dict(message), "previous_message": before})
        return message

    def delete(self, channel: Channel, ts: str) -> None:
        """Take a message away; its replies stay."""
        message = channel.find(ts)
        channel.messages.remove(message)
        self._changed(channel, "message_deleted", {"previous_message": message, "deleted_ts": ts})

    def react(self, channel: Channel, ts: str, person: str, name: str) -> None:
        """Add a reaction. Raises Refusal where it is there already."""
        reactions = channel.find(ts).setdefault("reactions", [])
        found = next((r for r in reactions if r["name"] == name), None)
        if found is None:
            found = {"name": name, "users": [], "count": 0}
            reactions.append(found)
        if person in found["users"]:
            raise Refusal("already_reacted")
        found["users"].append(person)
        found["count"] += 1
        self._reacted("reaction_added", channel, ts, person, name)

    def unreact(self, channel: Channel, ts: str, person: str, name: str) -> None:
        """Take a reaction back. Raises Refusal where there is none."""
        reactions = channel.find(ts).get("reactions", [])
        found = next((r for r in reactions if r["name"] == name and person in r["users"]), None)
        if found is None:
            raise Refusal("no_reaction")
        found["users"].remove(person)
        found["count"] -= 1
        if not found["users"]:
            reactions.remove(found)
        self._reacted("reaction_removed", channel, ts, person, name)

    def whisper(self, channel: Channel, person: str, author: Json, content: Json) -> Json:
        """A message that only `person` sees."""
        message: Json = {"type": "message", **author, "ts": self.clock.next(), **content}
        self.ephemerals.append(Ephemeral(person, channel.id, message))
        return message

    def find_ephemeral(self, person: str, ts: str) -> Ephemeral | None:
        """What was whispered to `person` at that time; None where it was a message for all."""
        return next((e for e in self.ephemerals if (e.person, e.message["ts"]) == (person, ts)), None)

    def join(self, channel: Channel, inviter: str) -> None:
        """Take the bot into a channel."""
        if BOT_USER in channel.members:
            raise Refusal("already_in_channel")
        channel.members.add(BOT_USER)
        text = f"<@{BOT_USER}> has joined the channel"
        joined = {"subtype": "channel_join", "text": text, "inviter": inviter}
        self.post(channel, {"user": BOT_USER}, joined)

    def tell(self, event: Json) -> None:
        """Tell the bot of something that happened outside any channel."""
        self._emit(event, None)

    def visible(self, person: Person) -> Iterator[Channel]:
        """The channels that a person is in."""
        return (channel for channel in self.channels.values() if person.id in channel.members)

    def _reply(self, channel: Channel, message: Json, thread_ts: str) -> None:
        parent = channel.find(thread_ts)
        message |= {"thread_ts": thread_ts, "parent_user_id": parent["user"]}
        repliers = [*parent.get("reply_users", []), message["user"]]
        parent |= {
            "thread_ts": thread_ts,
            "reply_count": parent.get("reply_count", 0) + 1,
            "reply_users": list(dict.fromkeys(repliers)),
            "latest_reply": message["ts"],
        }

    def _changed(self, channel: Channel, subtype: str, what: Json) -> None:
        ts = self.clock.next()
        event = {"type": "message", "subtype": subtype, "hidden": True, "ts": ts, "event_ts": ts, **what}
        kind = {"channel": channel.id, "channel_type": "im" if channel.is_im else "channel"}
        self._emit({**event, **kind}, channel)

    def _reacted(self, kind: str, channel: Channel, ts: str, person: str, name: str) -> None:
        item = {"type": "message", "channel": channel.id, "ts": ts}
        author = channel.find(ts)["user"]
        event = {"type": kind, "user": person, "reaction": name, "item": item, "item_user": author}
        self._emit({**event, "event_ts": self.clock.next()}, channel)
