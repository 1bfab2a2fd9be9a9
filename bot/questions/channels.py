"""What is set for each channel: products, threshold, when to answer unasked, and whom to ask."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from qa_core.store import Store


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """The settings of one channel; the defaults are those of a channel that nobody has configured."""

    channel: str
    products: tuple[str, ...] = ()  # whose manuals answer here; empty: all
    threshold: float | None = None  # below this confidence it declines, 0 to 1; None: the release's
    auto_answer: bool = False  # whether questions are answered without a mention
    follow_ups: bool = True  # the same in threads in which the bot has answered
    person: str | None = None  # whom "Ask a person" mentions: a person's id (U…, W…) or a user group's (S…)


class Channels:
    """The configurations of channels in the store."""

    def __init__(self, store: Store) -> None:
        """`store` was opened with `bot.migrations.BOT`."""
        self._store = store

    def get(self, channel: str) -> ChannelConfig:
        """What is set for a channel, or the defaults."""
        rows = self._store.rows("SELECT * FROM channels WHERE channel = ?", [channel])
        return _config(rows[0]) if rows else ChannelConfig(channel)

    def save(self, config: ChannelConfig, changed_by: str) -> None:
        """Put `config` in the place of what was set for its channel."""
        values = [
            config.channel,
            json.dumps(config.products),
            config.threshold,
            config.auto_answer,
            config.follow_ups,
            config.person,
            changed_by,
            time.time(),
        ]
        with self._store.transaction() as db:
            db.execute("INSERT OR REPLACE INTO channels VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)


def _config(row: dict[str, Any]) -> ChannelConfig:
    return ChannelConfig(
        row["channel"],
        tuple(json.loads(row["products"])),
        row["threshold"],
        bool(row["auto_answer"]),
        bool(row["follow_ups"]),
        row["person"],
    )
