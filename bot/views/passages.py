"""Answer → the modals that show it with its passages. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from slack_sdk.models.blocks import Block

from bot.actions import ACTION_VOTE_DOWN, ACTION_VOTE_UP, VIEW_ANSWER, VIEW_MORE
from bot.views.blocks import (
    QUESTION_LIMIT,
    answer_blocks,
    citation,
    marked_answer,
)
from bot.views.kit import Form, Json, Message, actions, button, context, divider, modal, section
from bot.views.mrkdwn import ELLIPSIS, shorten_escaped
from bot.views.quote import Marked, quote
from qa_core.answers import GivenAnswer
from qa_core.types import Answer, Hit, Passage

N_IN_ANSWER = 3  # further passages in the modal that shows an answer
_SECTIONS_A_PASSAGE = 2


def more_passages_modal(answer: Answer) -> Json:
    """The passage of the answer in full, where not all of it was shown, and the next hits."""
    blocks: list[Block] = [context(asked(answer))]
    if answer.answered and not _shows_whole_passage(answer):
        blocks += [section("*The passage of the answer, in full*"), *passage_blocks(answer.hits[0].passage)]
    further = answer.hits[1:] if answer.answered else answer.hits
    blocks += _numbered(further, "Further passages" if answer.answered else "The nearest passages")
    if not further:
        blocks.append(section("There are no further passages."))
    return modal("Passages", blocks, Form(VIEW_MORE))


def answer_modal(given: GivenAnswer, note: str | None = None) -> Json:
    """The answer for somebody who asked where the bot cannot post; `note`, in mrkdwn, stands by the votes."""
    answer = given.answer
    votes = actions(
        button("👍 Right answer", ACTION_VOTE_UP, given.id),
        button("👎 Wrong answer", ACTION_VOTE_DOWN, given.id),
    )
    further = answer.hits[1 : 1 + N_IN_ANSWER] if answer.answered else ()
    notes = [context(note)] if note else []
    blocks = [context(asked(answer)), *answer_blocks(given), votes, *notes]
    blocks += _numbered(further, "Further passages")
    return modal("From the manuals", blocks, Form(VIEW_ANSWER, private_metadata=given.id))


def message_modal(message: Message) -> Json:
    """What is seen in place of an answer: a message of the bot."""
    return modal("From the manuals", message.blocks, Form(VIEW_ANSWER))


def waiting_modal(title: str, text: str, callback_id: str = VIEW_ANSWER) -> Json:
    """What is seen while work is being done; `text` is mrkdwn."""
    return modal(title, [section(text)], Form(callback_id))


def passage_blocks(passage: Passage) -> list[Block]:
    """A passage's words, and where they stand."""
    words = quote(Marked(passage.text, 0, len(passage.text)), _SECTIONS_A_PASSAGE)
    blocks: list[Block] = [section(text) for text in words.sections or (ELLIPSIS,)]
    place = citation(passage, passage.page)
    return [*blocks, context(place if words.whole else f"{place} (the beginning of a long passage)")]


def asked(answer: Answer) -> str:
    """The question, as mrkdwn on one line."""
    return f"Question: {shorten_escaped(' '.join(answer.question.split()), QUESTION_LIMIT)}"


def _numbered(hits: Iterable[Hit], title: str) -> list[Block]:
    blocks: list[Block] = []
    for number, hit in enumerate(hits, start=1):
        lead = f"*{title}*\n" if number == 1 else ""
        blocks += [divider(), section(f"{lead}*{number}.*"), *passage_blocks(hit.passage)]
    return blocks


def _shows_whole_passage(answer: Answer) -> bool:
    marked, passage = marked_answer(answer), answer.hits[0].passage
    return marked.start <= passage.start and marked.end >= passage.end
