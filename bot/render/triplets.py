"""Triplets → lines for a person. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.render.terminal import count

if TYPE_CHECKING:
    from training.feedback.triplet import Triplet

_WIDEST = 60  # characters of a question or an answer in a list


def triplet_row(triplet: Triplet) -> tuple[str, ...]:
    """One line of the list; its last three cells are question, answer and what is to be decided."""
    answer = "(the manuals don't say)" if triplet.answer is None else triplet.answer
    if triplet.kind == "negative":
        answer = f"not: {answer}"
    return (
        triplet.id,
        triplet.status,
        triplet.kind,
        triplet.provenance + (", edited" if triplet.edited else ""),
        f"+{triplet.n_up} −{triplet.n_down}",
        _short(triplet.question),
        _short(answer),
        triplet.conflict or "",
    )


def summary_line(triplets: Sequence[Triplet]) -> str:
    """`3 triplets: 2 pending, 1 approved; 1 in conflict`."""
    by_status = Counter(triplet.status for triplet in triplets)
    parts = ", ".join(f"{n:,} {status}" for status, n in by_status.most_common())
    n_conflicts = sum(triplet.conflict is not None for triplet in triplets)
    conflicts = f"; {n_conflicts:,} in conflict" if n_conflicts else ""
    return count(len(triplets), "triplet") + (f": {parts}{conflicts}" if parts else "")


def short_in_words(n_claims: int, min_voters: int) -> str:
    """`2 more wait until 3 people say the same`."""
    return f"{n_claims:,} more {'waits' if n_claims == 1 else 'wait'} until {min_voters} people say the same"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"
