"""Modals and App Homes: opened with a trigger that lives three seconds, stacked, updated, closed."""

from __future__ import annotations

import secrets
import time
from collections import defaultdict

from bot.sandbox.block_kit import accept_view
from bot.sandbox.protocol import APP_ID, BOT_ID, TEAM_ID, Json, Refusal, new_id

TRIGGER_LIFE_S = 3.0
MOST_STACKED = 3


class Views:
    """What each person has open, and their App Home."""

    def __init__(self) -> None:
        self.stacks: dict[str, list[Json]] = defaultdict(list)  # person → open modals, the front one last
        self.homes: dict[str, Json] = {}
        self._triggers: dict[str, tuple[str, float]] = {}  # trigger → (person, when it dies)
        self._used: set[str] = set()

    def new_trigger(self, person: str) -> str:
        """A trigger_id for what `person` has just done."""
        trigger = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[trigger] = (person, time.monotonic() + TRIGGER_LIFE_S)
        return trigger

    def open(self, trigger: str, view: object) -> Json:
        """A first modal. Raises Refusal."""
        accepted = accept_view(view, ("modal",))
        person = self._take(trigger)
        self.stacks[person].clear()
        return self._put(person, accepted)

    def push(self, trigger: str, view: object) -> Json:
        """A modal on top of the open one. Raises Refusal."""
        accepted = accept_view(view, ("modal",))
        person = self._take(trigger)
        return self.put_on_top(person, accepted)

    def put_on_top(self, person: str, accepted: Json) -> Json:
        """Another modal for a person who has one open. Raises Refusal."""
        if not 0 < len(self.stacks[person]) < MOST_STACKED:
            raise Refusal("push_limit_reached" if self.stacks[person] else "not_found")
        return self._put(person, accepted)

    def update(self, view: object, *, view_id: str, external_id: str, view_hash: str) -> Json:
        """Another content for an open view. Raises Refusal."""
        found = self.find(view_id, external_id)
        if view_hash and view_hash != found["hash"]:
            raise Refusal("hash_conflict")
        accepted = accept_view(view, (found["type"],))
        kept = ("id", "team_id", "app_id", "bot_id", "root_view_id", "previous_view_id")
        found |= accepted | {key: found[key] for key in kept} | {"hash": _new_hash(), "errors": {}}
        return found

    def publish(self, person: str, view: object, view_hash: str) -> Json:
        """A person's App Home. Raises Refusal."""
        accepted = accept_view(view, ("home",))
        before = self.homes.get(person)
        if view_hash and before and view_hash != before["hash"]:
            raise Refusal("hash_conflict")
        view_id = before["id"] if before else new_id("V")
        self.homes[person] = _completed(accepted, view_id, view_id, None)
        return self.homes[person]

    def find(self, view_id: str, external_id: str = "") -> Json:
        """An open modal or a published home. Raises Refusal."""
        everything = [view for stack in self.stacks.values() for view in stack] + list(self.homes.values())
        for view in everything:
            if view["id"] == view_id or (external_id and view["external_id"] == external_id):
                return view
        raise Refusal("not_found")

    def close(self, person: str, view_id: str, *, all_of_them: bool = False) -> list[Json]:
        """Take a modal away, and those on top of it; returns what was taken, the front one first."""
        stack = self.stacks[person]
        start = next((n for n, view in enumerate(stack) if view["id"] == view_id), len(stack))
        start = 0 if all_of_them else start
        taken = stack[start:]
        del stack[start:]
        return taken[::-1]

    def _take(self, trigger: str) -> str:
        if trigger in self._used:
            raise Refusal("exchanged_trigger_id")
        if trigger not in self._triggers:
            raise Refusal("invalid_trigger_id")
        person, dies_at = self._triggers.pop(trigger)
        if time.monotonic() > dies_at:
            raise Refusal("expired_trigger_id")
        self._used.add(trigger)
        return person

    def _put(self, person: str, accepted: Json) -> Json:
        stack = self.stacks[person]
        view_id = new_id("V")
        root = stack[0]["id"] if stack else view_id
        stack.append(_completed(accepted, view_id, root, stack[-1]["id"] if stack else None))
        return stack[-1]


def _completed(view: Json, view_id: str, root: str, previous: str | None) -> Json:
    about = {"id": view_id, "root_view_id": root, "previous_view_id": previous, "hash": _new_hash()}
    app = {"team_id": TEAM_ID, "app_id": APP_ID, "app_installed_team_id": TEAM_ID, "bot_id": BOT_ID}
    return view | about | app | {"state": {"values": {}}, "errors": {}}


def _new_hash() -> str:
    return f"{int(time.time())}.{secrets.token_hex(4)}"
