"""Votes by reaction: 👍 and 👎 on the bot's answers, given and taken back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.admins import is_bot
from bot.deliveries import Body, Delivery, Lane, Task, delivery_key, moment_of, person_of
from bot.listeners.feedback import offer_correction, thank
from bot.listening import Listener
from bot.slack.posting import Later
from training.votes import Signal

if TYPE_CHECKING:
    from bot.services import Services

VALUES = {"+1": 1, "thumbsup": 1, "-1": -1, "thumbsdown": -1}
SKIN_TONE = "::"  # what a skin tone is joined to the name with
_POSTED_S = 30.0  # a message this young may be an answer whose row is still to be written


def vote_value(reaction: str) -> int | None:
    """1 for a thumbs-up, -1 for a thumbs-down, of any skin tone; None for any other reaction."""
    return VALUES.get(reaction.split(SKIN_TONE, maxsplit=1)[0])


def sort_reaction(services: Services, body: Body) -> Sequence[Delivery]:
    """Votes on our messages are recorded, other reactions ignored."""
    event = body.get("event") or {}
    item, person = event.get("item") or {}, person_of(body)
    if item.get("type", "message") != "message" or vote_value(event.get("reaction") or "") is None:
        return ()
    if not person or person == services.identity.user_id:
        return ()
    if not isinstance(item.get("channel"), str) or not isinstance(item.get("ts"), str):
        return ()
    may_be_ours = _may_be_ours(services, event)  # asked first: the row may be written meanwhile
    if services.posts.get(item["channel"], item["ts"]) is None and not may_be_ours:
        return ()
    route = f"event:{event.get('type')}"
    return (Delivery(delivery_key(route, body), route, Lane.QUICK, body, person=person),)


def _may_be_ours(services: Services, event: dict[str, Any]) -> bool:
    """Whether the message may be an answer that was posted this moment, or of which nobody knows yet."""
    if event.get("item_user") not in (None, services.identity.user_id):
        return False
    return time.time() - (moment_of(event["item"]["ts"]) or 0.0) < _POSTED_S or services.inbox.has_doubtful()


def handle_added(services: Services, task: Task) -> None:
    """A reaction was given."""
    event = task.body["event"]
    post = _post_of(services, task, event)
    if post is None:
        return
    channel, thread_ts, signal = event["item"]["channel"], post[1], _signal(task, event, post[0])
    if not services.votes.knows(signal.person) and is_bot(services, signal.person):
        return
    services.votes.add_signal(signal)
    vote = services.votes.vote_of(signal.answer_id, signal.person)
    if vote is None or vote.at != signal.at:
        return  # it was taken back, or something newer counts
    if vote.value > 0:
        thank(services, task, signal.answer_id, channel, thread_ts)
    else:
        offer_correction(services, task, signal.answer_id, channel, thread_ts)


def handle_removed(services: Services, task: Task) -> None:
    """A reaction was taken back."""
    event = task.body["event"]
    post = _post_of(services, task, event)
    if post is not None:
        services.votes.remove_signal(task.delivery.key, _signal(task, event, post[0]))


def _post_of(services: Services, task: Task, event: dict[str, Any]) -> tuple[str, str | None] | None:
    """The answer that stands in the message, and its thread; one that may be there is waited for."""
    channel, ts = event["item"]["channel"], event["item"]["ts"]
    may_be_there = services.inbox.has_doubtful(before=task)  # asked first: the row may be written meanwhile
    post = services.posts.get(channel, ts)
    if post is not None:
        return post.answer_id, post.thread_ts
    if may_be_there or time.time() - task.delivery.received_at < _POSTED_S:
        raise Later(1.0, "The message may be an answer that is being posted", patient=True)
    return None


def _signal(task: Task, event: dict[str, Any], answer_id: str) -> Signal:
    """One reaction by one person on one message; the same when it is given and when it is taken back."""
    reaction, item = event["reaction"], event["item"]
    at = moment_of(event.get("event_ts")) or task.delivery.received_at
    key = f"reaction:{reaction}@{item['channel']}/{item['ts']}"
    value = vote_value(reaction) or 0
    return Signal(task.delivery.key, answer_id, task.delivery.person or "", key, value, at)


LISTENERS = (
    Listener("event", "reaction_added", handle_added, sort=sort_reaction),
    Listener("event", "reaction_removed", handle_removed, sort=sort_reaction),
)
