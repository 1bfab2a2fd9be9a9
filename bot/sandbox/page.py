"""What the page shows a person: their channels, threads, modals and App Home, as one JSON object."""

from __future__ import annotations

from dataclasses import asdict

from bot.actions import COMMAND
from bot.sandbox.acts import Stage
from bot.sandbox.protocol import BOT_NAME, BOT_USER, Json
from bot.sandbox.workspace import Channel, Person

NOT_SAID = "Can the coffee machine make tea?"  # in none of the sample manuals
SUGGESTIONS = (  # on the sample manuals
    "Paper is stuck at E-5 on the printer. How do they get it out?",
    "How often does the coffee machine want to be descaled?",
    "How do I switch on the UPS without mains power?",
    NOT_SAID,
)


def state_of(stage: Stage, person: Person) -> Json:
    """Everything that the page shows to `person`."""
    workspace = stage.workspace
    return {
        "you": asdict(person),
        "people": [asdict(each) for each in workspace.people.values()],
        "bot": {"id": BOT_USER, "name": BOT_NAME, "connections": stage.socket_mode.n_connections},
        "usergroups": workspace.usergroups,
        "channels": [_channel(stage, channel, person) for channel in workspace.visible(person)],
        "home": stage.views.homes.get(person.id),
        "modals": stage.views.stacks[person.id],
        "misbehaviour": asdict(stage.misbehaviour),
        "command": COMMAND,
        "suggestions": list(SUGGESTIONS),
    }


def _channel(stage: Stage, channel: Channel, person: Person) -> Json:
    whispered = [
        {**each.message, "ephemeral": True}
        for each in stage.workspace.ephemerals
        if (each.person, each.channel) == (person.id, channel.id)
    ]
    statuses = {
        thread_ts: text
        for (where, thread_ts), text in stage.workspace.statuses.items()
        if where == channel.id
    }
    return {
        "id": channel.id,
        "name": channel.name,
        "is_im": channel.is_im,
        "has_bot": BOT_USER in channel.members,
        "messages": sorted(channel.messages + whispered, key=lambda message: message["ts"]),
        "statuses": statuses,
    }
