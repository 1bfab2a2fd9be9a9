"""A retraining as one message in Slack: how it goes, and how it ended. Pure."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, ButtonElement

from bot.actions import ACTION_RETRAIN_CANCEL, COMMAND
from bot.render.jobs import how_it_ended, progress_text
from bot.views.blocks import note
from bot.views.kit import Message, actions, button, confirm, context, rendered, section
from bot.views.mrkdwn import escape_line, mention, moment, shorten_escaped
from training.retraining.jobs import Job, State

_BAR = 20  # characters
_MESSAGE = 2_500  # of how a job ended
_CAUSES = {
    "command": "the command line",
    "schedule": "the schedule",
    "triplets": "the number of new triplets",
    "slack": "Slack",
}
_LEADS: dict[State, str] = {
    "promoted": "✅ *Job {id} has made a better release.*",
    "kept": "🟡 *Job {id} has made no release that takes over.* The current one goes on answering.",
    "checked": "*Job {id} was a dry run.* The current release goes on answering.",
    "cancelled": "*Job {id} was cancelled.* The current release goes on answering.",
    "failed": "❌ *Job {id} failed.* The current release goes on answering.",
}
_NEXT: dict[State, str] = {
    "promoted": f"The report is in the thread. `{COMMAND} rollback` goes back to the release before.",
    "kept": "The report is in the thread: figures, and the answers that would have changed.",
    "checked": "The report is in the thread.",
    "cancelled": f"`{COMMAND} retrain` starts another.",
    "failed": f"Once that is mended, `{COMMAND} retrain` starts another. My App Home lists the triplets.",
}


def progress_message(job: Job, is_dead: bool) -> Message:
    """How far a job is, with a button that cancels it."""
    head = f"*Job {job.id}* makes a release from the approved triplets. Begun by {begun_by(job)}."
    standing = progress_in_words(job, is_dead)
    blocks: list[Block] = [section(head), section(f"`{bar(job.progress.share)}` {standing}")]
    blocks += cancel_blocks(job)
    return Message(f"Job {job.id}: {standing}", rendered(blocks))


def under_way_message(job: Job, is_dead: bool) -> Message:
    """What somebody is told who wants a job while another one is under way."""
    begun = f"begun by {begun_by(job)} at {moment(job.created_at)}"
    return note(
        f"Job {job.id} is under way already, {begun}; one at a time is enough. "
        f"It stands at {progress_in_words(job, is_dead)}"
    )


def verdict_message(job: Job, current: str | None) -> Message:
    """How a job ended, in words, and what can be done next; `current` is the release that answers now."""
    text = _LEADS[job.state].format(id=job.id)
    if job.state != "cancelled":
        text += f"\n{shorten_escaped(how_it_ended(job, current), _MESSAGE)}"
    small = f"Begun by {begun_by(job)}. {_NEXT[job.state]}"
    return Message(text, rendered([section(text), context(small)]))


def progress_in_words(job: Job, is_dead: bool) -> str:
    """`43 %, Training the reader, loss 1.234, 3 min left`."""
    if job.cancelled:
        state = "it is being cancelled"
    elif is_dead:
        state = "its process was killed; it goes on within a minute or two where it was"
    else:
        state = escape_line(progress_text(job.progress)) or "starting"
    return f"{job.progress.share:.0%}, {state}"


def bar(share: float) -> str:
    """How much of a job is done, in 20 characters."""
    done = round(_BAR * min(max(share, 0.0), 1.0))
    return "█" * done + "░" * (_BAR - done)


def begun_by(job: Job) -> str:
    """The person, or what else it was that began a job."""
    by = job.request.asked_by
    return mention(by) if by else _CAUSES[job.request.cause]


def cancel_blocks(job: Job) -> list[Block]:
    """The button that cancels a job; nothing where somebody has done so."""
    return [] if job.cancelled else [actions(_cancel_button(job.id), block_id=f"job-{job.id}")]


def _cancel_button(job_id: int) -> ButtonElement:
    question = confirm(
        f"Cancel job {job_id}?",
        "What it has learned so far is lost. The current release goes on answering.",
        "Cancel the job",
        "Let it go on",
    )
    return button("Cancel", ACTION_RETRAIN_CANCEL, str(job_id), "danger", question)
