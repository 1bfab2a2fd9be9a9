"""`/manual sources`: the list of sources, and what indexing did. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from slack_sdk.models.blocks import Block

from bot.actions import ACTION_SOURCE_REMOVE, ACTION_SOURCES_REFRESH
from bot.render.library import index_report_lines
from bot.render.terminal import count
from bot.views.kit import Message, actions, button, confirm, context, header, rendered, section
from bot.views.mrkdwn import bold_line, escape_line, moment, shorten_line

if TYPE_CHECKING:
    from qa_core.indexing.library import IndexReport, SourceSummary

N_LISTED = 40  # a message has at most 50 blocks
N_FAILURES = 15
_PATH = 300
_VALUE = 2_000  # characters of a button's value


def sources_message(sources: Sequence[SourceSummary], can_change: bool) -> Message:
    """The sources; for administrators with buttons and whole paths."""
    text = f"{count(len(sources), 'source')} of manuals"
    blocks: list[Block] = [header("Sources"), *(_source(source, can_change) for source in sources[:N_LISTED])]
    if len(sources) > N_LISTED:
        blocks.append(context(f"and {len(sources) - N_LISTED} more: `manualbot sources` lists all"))
    if not sources:
        blocks.append(section("There are none yet. Add one on my machine: `manualbot index PATH`"))
    if can_change:
        blocks += [actions(button("Read all again", ACTION_SOURCES_REFRESH))] if sources else []
        blocks.append(context("Send me a manual as a file in a direct message, and I add it."))
    return Message(text, rendered(blocks))


def report_message(title: str, report: IndexReport) -> Message:
    """What indexing did; `title` is mrkdwn. Files that could not be read are named with their reasons."""
    lines = [escape_line(line) for line in index_report_lines(report)[:N_FAILURES]]
    failures = [
        f"• {escape_line(shorten_line(PurePath(failure.path).name, 80))}: "
        f"{escape_line(shorten_line(failure.reason, 150))}"
        for failure in report.failures[:N_FAILURES]
    ]
    if failures:
        more = len(report.failures) - len(failures)
        lines += ["*Not indexed:*", *failures, *([f"and {more} more"] if more > 0 else [])]
    text = "\n".join([title, *lines])
    halves = [text] if len(text) <= 3_000 else [title, *(line[:3_000] for line in lines)]
    return Message(title, rendered([section(part) for part in halves]))


def _source(source: SourceSummary, can_change: bool) -> Block:
    path = source.path if can_change else PurePath(source.path).name
    indexed = f", read {moment(source.indexed_at)}" if source.indexed_at else ""
    size = f"{count(source.n_manuals, 'manual')}, {count(source.n_passages, 'passage')}"
    text = f"{bold_line(shorten_line(path, _PATH))}\n{size}{indexed}"
    if not can_change or len(source.path) > _VALUE:
        return section(text)
    sure = confirm(
        "Take this source out?",
        f"I will no longer answer from {shorten_line(path, 120)} ({size}). The files stay where they are.",
        "Take it out",
    )
    return section(text, button("Remove", ACTION_SOURCE_REMOVE, source.path, "danger", sure))
