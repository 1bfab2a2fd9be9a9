"""The App Home: what the bot knows and how to ask; for administrators also how it goes. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block

from bot.actions import ACTION_SOURCES_REFRESH, COMMAND
from bot.figures import DAYS, N_LISTED, Disputed, Holdings, Overview
from bot.learning.standing import Learning
from bot.render.answers import NOT_IN_THE_MANUALS
from bot.render.terminal import count
from bot.views.blocks import NO_MANUALS
from bot.views.kit import Json, actions, button, context, divider, header, home, section
from bot.views.learning import learning_blocks
from bot.views.mrkdwn import escape_line, mention, moment, shorten_escaped, shorten_line
from bot.views.status import figures_in_words, holdings_in_words
from bot.views.triage import triage_blocks
from qa_core.answers import Unanswered
from training.votes import Correction

N_PRODUCTS = 60
_NAME = 100  # characters of a product's name
_QUESTION = 200
_TEXT = 300


@dataclass(frozen=True, slots=True)
class ForAdmins:
    """What administrators see on top of the rest."""

    overview: Overview
    learning: Learning
    page: int = 0  # of the triplets that wait


def home_view(bot_user: str, known: Holdings, release: str, admin: ForAdmins | None = None) -> Json:
    """The tab; it remembers its page, which `page_of` reads."""
    blocks = [*_how_to_ask(bot_user), divider(), *_knowledge(known, release)]
    if admin is None:
        return home(blocks)
    learning, overview = admin.learning, admin.overview
    blocks += [divider(), *_figures(overview), *learning_blocks(learning)]
    blocks += triage_blocks(learning.cases, admin.page, learning.approve_all)
    blocks += [divider(), *_unanswered(overview.unanswered), *_disputed(overview.disputed)]
    return home(blocks, json.dumps({"page": admin.page}))


def trouble_view(bot_user: str, why: str) -> Json:
    """The tab where nothing can be asked just now; `why` is plain."""
    return home([*_how_to_ask(bot_user), divider(), section(f"I cannot answer just now. {escape_line(why)}")])


def page_of(view: Mapping[str, Any]) -> int:
    """Which page of the triplets that wait a published tab shows."""
    return int(json.loads(view.get("private_metadata") or "{}").get("page", 0))


def _how_to_ask(bot_user: str) -> list[Block]:
    return [
        header("How to ask"),
        section(
            "I answer with the exact words of the product manuals, and say so when they have no answer.\n"
            f"• *In a channel:* mention me, {mention(bot_user)}, with the question. "
            "In the thread you can go on asking without a mention.\n"
            "• *Here:* write to me under _Messages_.\n"
            f"• *For yourself:* `{COMMAND} ask How do I …?`, and share the answer if it is good.\n"
            "• *A message that asks something:* choose _Answer from the manuals_ in its menu."
        ),
        context("👍 and 👎 on my answers count: what you say is right is what I learn from."),
    ]


def _knowledge(known: Holdings, release: str) -> list[Block]:
    lines = [
        f"• {escape_line(shorten_line(product, _NAME))}" + (f" ({count(n, 'manual')})" if n > 1 else "")
        for product, n in known.products[:N_PRODUCTS]
    ]
    if len(known.products) > N_PRODUCTS:
        lines.append(f"and {len(known.products) - N_PRODUCTS} more")
    told = f"{holdings_in_words(known)}." if known.n_manuals else NO_MANUALS
    blocks: list[Block] = [header("What I know"), section(told)]
    blocks += [section(part) for part in _in_parts(lines)]
    return [*blocks, context(f"Release {escape_line(release)}")]


def _figures(admin: Overview) -> list[Block]:
    return [
        header(f"The last {DAYS} days"),
        section(figures_in_words(admin.figures)),
        actions(button("Read all manuals again", ACTION_SOURCES_REFRESH)),
        context(
            f"`{COMMAND} sources` lists them. To add one, send it to me as a file under _Messages_. "
            f"`{COMMAND} config` in a channel sets how I behave there."
        ),
    ]


def _unanswered(questions: Sequence[Unanswered]) -> list[Block]:
    blocks: list[Block] = [header("Unanswered questions")]
    lines = [
        f"• {shorten_escaped(' '.join(each.question.split()), _QUESTION)} · {_day(each.created_at)}"
        for each in questions
    ]
    return blocks + ([section(part) for part in _in_parts(lines)] or [section("None.")])


def _disputed(disputed: Sequence[Disputed]) -> list[Block]:
    blocks: list[Block] = [header("Votes to look at")]
    for each in disputed[:N_LISTED]:
        answer = each.given.answer
        asked = shorten_escaped(" ".join(answer.question.split()), _QUESTION)
        said = shorten_escaped(" ".join((answer.shown_text or NOT_IN_THE_MANUALS).split()), _TEXT)
        votes = f"👍 {each.tally.up}  👎 {each.tally.down}  {_day(each.given.created_at)}"
        corrections = "".join(f"\n→ {_correction(c)}" for c in each.corrections[:3])
        blocks += [section(f"*{asked}*\n{said}{corrections}"), context(votes)]
    return blocks if disputed else [*blocks, section("None.")]


def _correction(correction: Correction) -> str:
    if correction.span_text is None:
        return "the manuals don't say"
    return shorten_escaped(" ".join(correction.span_text.split()), _TEXT)


def _in_parts(lines: Sequence[str]) -> list[str]:
    """Lines joined to texts that fit into a section each."""
    parts: list[str] = []
    for line in lines:
        if parts and len(parts[-1]) + 1 + len(line) <= 2_900:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return parts


def _day(created_at: str) -> str:
    return moment(created_at, "{date_short}")
