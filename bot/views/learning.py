"""The part of the App Home that tells how learning stands. Pure."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, ButtonElement

from bot.actions import ACTION_RETRAIN, COMMAND
from bot.learning.standing import Learning
from bot.render.jobs import how_it_ended
from bot.render.terminal import count
from bot.render.triplets import short_in_words
from bot.views.kit import actions, button, confirm, context, header, section
from bot.views.mrkdwn import escape_line, moment, shorten_escaped
from bot.views.retraining import bar, cancel_blocks, progress_in_words
from training.retraining.jobs import Job, State

_MESSAGE = 300
_BECAME: dict[State, str] = {
    "promoted": "made a better release",
    "kept": "made no release that takes over",
    "checked": "was a dry run",
    "cancelled": "was cancelled",
    "failed": "failed",
}


def learning_blocks(known: Learning) -> list[Block]:
    """The release, the triplets, and the retraining that is under way, or a button that begins one."""
    made = f", made {moment(known.made_at)}" if known.made_at else ""
    lines = [
        f"*Release:* {escape_line(known.release)}{made}",
        f"*Triplets:* {_counts(known)}",
        f"*New since the last retraining:* {count(known.n_new, 'approved triplet')}",
    ]
    blocks: list[Block] = [header("Learning")]
    if known.job is not None and not known.job.ended:
        standing = f"`{bar(known.job.progress.share)}` {progress_in_words(known.job, known.job_is_dead)}"
        lines.append(f"*Job {known.job.id} is under way:* {standing}")
        return [*blocks, section("\n".join(lines)), *cancel_blocks(known.job)]
    if known.job is not None:
        lines.append(f"*Last retraining:* {_became(known.job, known.release)}")
    return [
        *blocks,
        section("\n".join(lines)),
        actions(_retrain_button()),
        context(
            "A retraining makes a new release of the approved triplets. It answers only if it is better. "
            f"`{COMMAND} rollback` goes back to the release before."
        ),
    ]


def _counts(known: Learning) -> str:
    n_waiting = known.counts.get("pending", 0)
    waiting = f"{n_waiting:,} {'waits' if n_waiting == 1 else 'wait'} for an administrator"
    if known.n_conflicts:
        waiting += f", {known.n_conflicts:,} of them in conflict"
    parts = [waiting]
    if known.n_short:
        parts.append(short_in_words(known.n_short, known.min_voters))
    parts.append(f"{known.counts.get('approved', 0):,} approved")
    if known.counts.get("rejected"):
        parts.append(f"{known.counts['rejected']:,} rejected")
    if known.counts.get("stale"):
        parts.append(f"{known.counts['stale']:,} stale: their passages have left the manuals")
    return "; ".join(parts)


def _became(job: Job, current: str) -> str:
    when = f", {moment(job.ended_at)}" if job.ended_at else ""
    ended = "" if job.state == "cancelled" else how_it_ended(job, current)
    said = f"\n{shorten_escaped(ended, _MESSAGE)}" if ended else ""
    return f"job {job.id} {_BECAME.get(job.state, job.state)}{when}{said}"


def _retrain_button() -> ButtonElement:
    question = confirm(
        "Retrain now?",
        "It takes some minutes and much of this machine; questions go on being answered. "
        "You are told how it goes in direct messages.",
        "Retrain",
    )
    return button("Retrain now", ACTION_RETRAIN, style="primary", confirm=question)
