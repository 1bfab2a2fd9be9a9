"""Moments as the database and the manifests keep them."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A moment in UTC to the millisecond, as ISO 8601: such texts sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
