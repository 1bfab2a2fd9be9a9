"""The report of a retraining as messages in a thread: figures, epochs, and answers that changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.render.answers import NOT_IN_THE_MANUALS
from bot.render.terminal import count
from bot.views.kit import Message, columns, context, header, rendered, section
from bot.views.mrkdwn import bold_line, code_blocks, escape_line, shorten_escaped, shorten_line
from training.reading.epoch_table import epoch_table
from training.report import encoder_table, figure_text, headline
from training.retraining.frozen import Result
from training.retraining.job_report import ChangedAnswer, JobReport

N_CHANGED = 10  # answers that are shown; Slack takes some 13,000 characters in a message
_REASONS, _NOTES = 2_500, 900
_TABLE = 2_000  # of each table; there are four
_CUT = "It goes on: see `manualbot report`."
_QUESTION, _ANSWER, _PLACE, _GOLD = 200, 300, 80, 100


def figures_message(report: JobReport) -> Message:
    """The verdict with its reasons, what was learned from, the epochs, and every figure before and after."""
    title = headline(report)
    reasons = "\n".join(f"• {reason}" for reason in report.verdict.reasons)
    counts = "\n".join(f"{number:>7}  {name}" for name, number in report.counts.items())
    blocks: list[Block] = [
        header(f"Report of job {report.job}"),
        section(f"{bold_line(title)}\n{shorten_escaped(reasons, _REASONS)}"),
        *_table("Learned from", counts),
        *_table("Reader", epoch_table(report.reader_epochs) if report.reader_epochs else ""),
        *_table("Encoder", encoder_table(report) if report.encoder_epochs else ""),
    ]
    if report.notes:
        blocks.append(context(shorten_escaped(" ".join(report.notes), _NOTES)))
    blocks += _table("Before and after", figures_in_columns(report))
    origin = f"Regression set: {report.regression_origin}. Data {report.digest[:16]}, seed {report.seed}."
    blocks.append(context(shorten_escaped(origin, _NOTES)))
    return Message(escape_line(title), rendered(blocks))


def figures_in_columns(report: JobReport) -> str:
    """Every figure before and after; the numbers come first, because threads are narrow."""
    width = max(9, len(report.base))
    lines = [f"{report.base:>{width}}  candidate  figure"]
    lines += [
        f"{figure_text(report.before.get(name)):>{width}}  {figure_text(value):>9}  {name}"
        for name, value in report.after.items()
    ]
    return "\n".join(lines)


def changed_message(report: JobReport) -> Message:
    """The questions whose answers changed, old and new side by side."""
    picked = pick(report.changed)
    title = f"Job {report.job}: {count(len(report.changed), 'answer')} changed"
    if len(report.changed) > len(picked):
        title += (
            f"; these are the {len(picked) // 2} that gained most and the {len(picked) // 2} that lost most"
        )
    blocks: list[Block] = [section(f"*{title}*")]
    blocks += [_changed(each, report.base) for each in picked]
    if len(report.changed) > len(picked):
        blocks.append(context(f"All of them: `manualbot report {report.job} --out report.html`"))
    return Message(title, rendered(blocks))


def pick(changed: Sequence[ChangedAnswer]) -> tuple[ChangedAnswer, ...]:
    """Those that are shown: of many the best and the worst."""
    if len(changed) <= N_CHANGED:
        return tuple(changed)
    half = N_CHANGED // 2
    return (*changed[:half], *changed[-half:])


def _changed(each: ChangedAnswer, base: str) -> Block:
    question = shorten_escaped(" ".join(each.question.split()), _QUESTION)
    gold = shorten_line(" / ".join(each.golds), _GOLD) or "no manual answers it"
    text = f"{_mark(each)} *{question}*\n_{each.part}; right: {escape_line(gold)}_"
    return columns(text, _side(base, each.before), _side("candidate", each.after))


def _side(release: str, result: Result) -> str:
    if result.declined or result.shown is None:
        said = NOT_IN_THE_MANUALS
    else:
        said = shorten_escaped(" ".join(result.shown.split()), _ANSWER)
    place = escape_line(shorten_line(result.place or "", _PLACE))
    return f"{bold_line(release)} ({result.confidence:.0%})\n{said}" + (f"\n{place}" if place else "")


def _mark(each: ChangedAnswer) -> str:
    if each.change == 0:
        return "⚪ as good:"
    return "🟢 better:" if each.change > 0 else "🔴 worse:"


def _table(title: str, text: str) -> list[Block]:
    """Text in columns below a title; nothing where there is no text."""
    parts = code_blocks(text, _TABLE)
    blocks: list[Block] = [section(f"*{title}*\n{part}") for part in parts[:1]]
    return [*blocks, context(_CUT)] if len(parts) > 1 else blocks
