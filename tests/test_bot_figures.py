"""What administrators are told of: from when on."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

import pytest

from bot.figures import midnight


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-03-29T10:00", "2026-03-28T23:00"),  # summer time began at one, UTC
        ("2026-10-25T10:00", "2026-10-24T22:00"),  # and ended at one
        ("2026-07-01T10:00", "2026-06-30T22:00"),
    ],
)
def test_today_began_at_midnight_also_where_the_clock_was_changed_since(
    monkeypatch: pytest.MonkeyPatch, now: str, began: str
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromisoformat(now).replace(tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr("bot.figures.datetime", Clock)

    assert midnight() == datetime.fromisoformat(began).replace(tzinfo=UTC)
