"""The part of the App Home where administrators decide about triplets. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.actions import (
    ACTION_TRIAGE_NEXT,
    ACTION_TRIAGE_PREVIOUS,
    ACTION_TRIPLET_APPROVE,
    ACTION_TRIPLET_EDIT,
    ACTION_TRIPLET_PICK,
    ACTION_TRIPLET_REJECT,
    ACTION_TRIPLETS_APPROVE,
)
from bot.render.terminal import count
from bot.views.cases import Case
from bot.views.kit import actions, button, confirm, context, header, section
from bot.views.mrkdwn import ELLIPSIS, bold, escape_line, shorten_escaped, shorten_line
from bot.views.quote import Marked, render
from qa_core.types import HEADING_SEPARATOR
from qa_core.units import split_units
from training.feedback.triage import Choice, Missed, Seen, sign_of_approved
from training.feedback.triplet import Triplet

PAGE_BLOCKS = 30
N_CANDIDATES = 6  # of one question that are shown at once
_N_APPROVED = 2
_QUESTION = 200  # characters
_PASSAGE = 450  # characters around the answer; escaped they may be five times as many
_PLACE = 120

_MISSED = {
    Missed.gone: "it is gone: its vote was taken back, or somebody put it in another passage, meanwhile",
    Missed.changed: "its answer or its passage has changed since you opened this page; please look again",
    Missed.approved: "it has been approved meanwhile; I left it so",
    Missed.rejected: "it has been rejected meanwhile; I left it so",
    Missed.stale: "its passage has left the manuals meanwhile",
    Missed.disputed: "other answers to its question are approved than when you opened this page; please look "
    "again",
}


def triage_blocks(cases: Sequence[Case], page: int, approve_all: bool) -> list[Block]:
    """One page of what waits, with the buttons that decide it; `page` counts from 0, and may be too high."""
    blocks: list[Block] = [header("Answers to approve")]
    if not cases:
        return [*blocks, section("Nothing waits for you.")]
    pages = pages_of(cases)
    page = min(max(page, 0), len(pages) - 1)
    blocks.append(context(_what_to_do(approve_all)))
    for case in pages[page]:
        blocks += case_blocks(case)
    if buttons := [*_approve_all(pages[page]), *_turn(page, len(pages))]:
        blocks.append(actions(*buttons))
    if len(pages) > 1:
        first = sum(map(len, pages[:page])) + 1
        blocks.append(context(f"{first:,} to {first + len(pages[page]) - 1:,} of {len(cases):,}"))
    return blocks


def pages_of(cases: Iterable[Case]) -> list[tuple[Case, ...]]:
    """The cases on pages of at most PAGE_BLOCKS blocks."""
    pages: list[tuple[Case, ...]] = []
    room = 0
    for case in cases:
        n_blocks = blocks_of(case)
        if n_blocks > room:
            pages.append(())
            room = PAGE_BLOCKS
        pages[-1] = (*pages[-1], case)
        room -= n_blocks
    return pages


def blocks_of(case: Case) -> int:
    """How many blocks a case takes: known without making them, as thousands may wait."""
    if not case.is_choice:
        return 3
    return 1 + 2 * min(len(case.approved), _N_APPROVED) + 3 * min(len(case.candidates), N_CANDIDATES)


def missed_text(missed: Sequence[Missed], n_wanted: int) -> str:
    """Why a decision came to nothing; mrkdwn."""
    whys = list(dict.fromkeys(missed))
    if n_wanted == 1:
        return f"I could not do that: {_MISSED[whys[0]]}."
    lines = [f"• {missed.count(why)}: {_MISSED[why]}" for why in whys]
    return "\n".join([f"{len(missed)} of {n_wanted} were not decided:", *lines])


def read_seen(value: str) -> tuple[Seen, ...]:
    """The triplets that a button is about, as they were shown."""
    return _read_signs(json.loads(value))


def seen_value(triplets: Iterable[Triplet]) -> str:
    """What `read_seen` reads."""
    return json.dumps(_signs(triplets))


def read_choice(value: str) -> Choice:
    """The answer that a button picks, with those that were shown beside it."""
    picked, waiting, approved = json.loads(value)
    return Choice(_read_signs(picked)[0], _read_signs(waiting), approved)


def choice_value(picked: Triplet, case: Case) -> str:
    """What `read_choice` reads."""
    waiting = [each for each in case.candidates[:N_CANDIDATES] if each.id != picked.id]
    return json.dumps([_signs([picked]), _signs(waiting), sign_of_approved(case.approved, picked)])


def _signs(triplets: Iterable[Triplet]) -> list[str]:
    return [f"{each.id}:{each.sign}" for each in map(Seen.of, triplets)]


def _read_signs(signs: Iterable[str]) -> tuple[Seen, ...]:
    return tuple(Seen(*each.split(":", 1)) for each in signs)


def passage_around(triplet: Triplet) -> str:
    """The answer in bold between the sentences around it, as mrkdwn; the passage where it has none."""
    text, start, end = triplet.context, triplet.start or 0, triplet.end or 0
    first, last = _window(text, start, end)
    shown = render(Marked(text, first, last, start, end), first, last).strip() or ELLIPSIS
    return (f"{ELLIPSIS} " if first else "") + shown + (f" {ELLIPSIS}" if last < len(text.rstrip()) else "")


def place_and_votes(triplet: Triplet) -> str:
    """`manual › section  ·  👍 2  👎 1  ·  a correction`, as mrkdwn."""
    path = [part for part in (triplet.manual, *triplet.heading_path) if part]
    place = HEADING_SEPARATOR.join(
        escape_line(shorten_line(part.strip(), _PLACE)) for part in (*path[:1], *path[1:][-2:])
    )
    told = {"vote": "votes", "correction": "a correction", "import": "imported"}[triplet.provenance]
    parts = [place, f"👍 {triplet.n_up}  👎 {triplet.n_down}", told]
    if triplet.product:
        parts.append(f"asked about {escape_line(shorten_line(triplet.product, _PLACE))}")
    return "  ·  ".join(part for part in parts if part)


def question_line(triplet: Triplet) -> str:
    """The question in bold, as mrkdwn."""
    return bold(shorten_line(" ".join(triplet.question.split()), _QUESTION))


def case_blocks(case: Case) -> list[Block]:
    """One thing to decide, with its buttons."""
    return _choice_blocks(case) if case.is_choice else _plain_blocks(case)


def _plain_blocks(case: Case) -> list[Block]:
    [triplet] = case.candidates
    why = [] if triplet.conflict is None else [f"⚠️ {shorten_escaped(triplet.conflict, 300)}"]
    return [
        section(f"{question_line(triplet)}\n{_said(triplet)}"),
        context(place_and_votes(triplet), *why),
        actions(*_buttons(triplet, ("Approve", ACTION_TRIPLET_APPROVE, seen_value([triplet])))),
    ]


def _choice_blocks(case: Case) -> list[Block]:
    n_more, n_before = len(case.candidates) - N_CANDIDATES, len(case.approved) - _N_APPROVED
    more = f" {count(n_more, 'more answer')} will show when you have rejected some." if n_more > 0 else ""
    before = f" {count(n_before, 'more answer')} approved before are not shown." if n_before > 0 else ""
    blocks: list[Block] = [
        section(
            f"⚠️ {question_line(case.candidates[0])}\nThese answers cannot all be right. Pick the right one; "
            f"the others are rejected with that.{before}{more}"
        )
    ]
    for triplet in case.approved[:_N_APPROVED]:
        blocks += [section(f"_Approved before:_ {_said(triplet)}"), context(place_and_votes(triplet))]
    for triplet in case.candidates[:N_CANDIDATES]:
        blocks += [
            section(_said(triplet)),
            context(place_and_votes(triplet)),
            actions(*_buttons(triplet, ("This is right", ACTION_TRIPLET_PICK, choice_value(triplet, case)))),
        ]
    return blocks


def _said(triplet: Triplet) -> str:
    lead = {"answer": "", "negative": "_Found wrong:_ ", "unanswerable": "_The manuals don't say._ Nearest: "}
    return lead[triplet.kind] + passage_around(triplet)


def _buttons(triplet: Triplet, yes: tuple[str, str, str]) -> list[ButtonElement]:
    value = seen_value([triplet])
    return [
        button(*yes, "primary"),
        button("Edit", ACTION_TRIPLET_EDIT, value),
        button("Reject", ACTION_TRIPLET_REJECT, value),
    ]


def _approve_all(cases: Iterable[Case]) -> list[ButtonElement]:
    plain = [case.candidates[0] for case in cases if case.is_plain]
    if len(plain) < 2:
        return []
    question = confirm(
        f"Approve {len(plain)} answers?",
        "All that are on this page and in no conflict. The next release learns from them.",
        "Approve them",
    )
    label = f"Approve all {len(plain)} shown"
    return [button(label, ACTION_TRIPLETS_APPROVE, seen_value(plain), "primary", question)]


def _turn(page: int, n_pages: int) -> list[ButtonElement]:
    buttons = []
    if page > 0:
        buttons.append(button("‹ Previous", ACTION_TRIAGE_PREVIOUS, str(page - 1)))
    if page + 1 < n_pages:
        buttons.append(button("Next ›", ACTION_TRIAGE_NEXT, str(page + 1)))
    return buttons


def _what_to_do(approve_all: bool) -> str:
    if approve_all:
        return "Everything else is approved by itself. These need you: they contradict one another."
    return "People found these right. What you approve is what the next release learns from."


def _window(text: str, start: int, end: int) -> tuple[int, int]:
    """The span's sentences and those around them, as far as there is room; of a long span its beginning."""
    units = split_units(text)
    inside = [i for i, unit in enumerate(units) if unit.end > start and unit.start < max(end, start + 1)]
    low, high = (inside[0], inside[-1]) if inside else (0, -1)
    first = min(start, units[low].start) if inside else start
    last = max(end, units[high].end) if inside else end
    if last - first > _PASSAGE:
        return _cut_window(text, start, end, (first, last))
    for unit in units[high + 1 :]:
        if unit.end - first <= _PASSAGE:
            last = unit.end
    for unit in reversed(units[:low]):
        if last - unit.start <= _PASSAGE:
            first = unit.start
    return first, last


def _cut_window(text: str, start: int, end: int, sentences: tuple[int, int]) -> tuple[int, int]:
    """As many words around the span as there is room for; of a long span its beginning."""
    beside = max(0, _PASSAGE - (end - start)) // 2
    first, last = max(sentences[0], start - beside), min(sentences[1], end + beside, start + _PASSAGE)
    if first > sentences[0]:
        first = text.find(" ", first, start) + 1 or start
    if last < sentences[1]:
        last = max(text.rfind(" ", min(end, last - 1), last), min(end, last))
    return first, last
