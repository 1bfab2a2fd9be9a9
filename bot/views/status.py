"""`/manual status`, and what was forgotten. Pure."""

from __future__ import annotations

from bot.figures import DAYS, Figures, Holdings
from bot.render.terminal import count
from bot.views.blocks import NO_MANUALS, note
from bot.views.kit import Message, header, rendered, section
from bot.views.mrkdwn import escape_line
from training.feedback.forgetting import Deleted


def status_message(release: str, known: Holdings, today: Figures, month: Figures) -> Message:
    """The release, the manuals, the questions and the votes."""
    lines = [
        f"*Release:* {escape_line(release)}",
        f"*Manuals:* {holdings_in_words(known) if known.n_manuals else NO_MANUALS}",
        f"*Today:* {figures_in_words(today)}",
        f"*Last {DAYS} days:* {figures_in_words(month)}",
    ]
    text = "\n".join(lines)
    return Message(text, rendered([header("Status"), section(text)]))


def holdings_in_words(known: Holdings) -> str:
    """`5 manuals of 4 products, 312 passages`."""
    manuals, products = count(known.n_manuals, "manual"), count(len(known.products), "product")
    return f"{manuals} of {products}, {count(known.n_passages, 'passage')}"


def figures_in_words(figures: Figures) -> str:
    """`12 questions, 75% answered, 3 votes up and 1 down, 1 correction`."""
    share = figures.share_answered
    parts = [
        count(figures.n_questions, "question"),
        *([] if share is None else [f"{share:.0%} answered"]),
        f"{count(figures.votes.up, 'vote')} up and {figures.votes.down} down",
        count(figures.n_corrections, "correction"),
    ]
    return ", ".join(parts)


def forgotten_message(deleted: Deleted) -> Message:
    """What was deleted of a person, and what was not."""
    votes = count(deleted.n_votes, "vote and correction")
    return note(
        f"Done. I have deleted {count(deleted.n_questions, 'question')} of yours with their answers, and "
        f"{votes.replace('vote and corrections', 'votes and corrections')}. What releases remember of "
        "them is not used any more, and goes with those releases and with backups. "
        "Messages in Slack stay where they are; delete those yourself."
    )
