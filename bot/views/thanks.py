"""What people are told whose votes a release has learned from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.render.terminal import count
from bot.views.blocks import note
from bot.views.kit import Message
from bot.views.mrkdwn import escape_line, mention, shorten_escaped

if TYPE_CHECKING:
    from bot.learning.thanks import Thanked
    from training.retraining.job_report import JobReport

MOST_NAMED = 100
_QUESTION = 200


def thanks_message(
    release: str,
    report: JobReport,
    people: Sequence[Thanked],
    current: str | None,
    question: str | None = None,
) -> Message:
    """That the release has learned from what they said, and what that brought.

    `current`: the release that answers now, as far as that is known. `question`: which was answered; where
    the message does not stand below the answer.
    """
    held_out = report.verdict.held_out
    asked = shorten_escaped(" ".join((question or "").split()), _QUESTION)
    what = f"what you said about my answer to “{asked}”" if asked else "what you said about this answer"
    others = people[0].n_answers - 1
    if len(people) == 1 and others:
        what += f" and {count(others, 'other')}"
    figures = (
        f"scores {held_out.candidate:.1%}, where {escape_line(report.base)} scored {held_out.current:.1%}"
    )
    since = "" if current in (None, release) else f" {escape_line(current)} has become current since."
    return note(
        f"Thank you, {_named(people)}: I have learned from {what}. Release {escape_line(release)} was "
        f"promoted; on {count(held_out.n, 'question')} that were kept back to measure it {figures}.{since}"
    )


def _named(people: Sequence[Thanked]) -> str:
    named = [mention(each.person) for each in people[:MOST_NAMED]]
    if len(people) > MOST_NAMED:
        named.append(count(len(people) - MOST_NAMED, "other"))
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
