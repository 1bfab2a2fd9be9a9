"""Answer → the message that shows it. Pure.

An answer is one message: the excerpt with the span in bold, where it stands, how sure the bot is, and
what can be done with it. Whatever is too long is cut at a sentence, and no block is ever left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, ButtonElement, ConfirmObject

from bot.actions import ACTION_MORE, ACTION_PERSON, ACTION_PRODUCT, ACTION_SHARE
from bot.render.answers import (
    ALSO,
    N_LISTED,
    NOT_IN_THE_MANUALS,
    SAID_OF,
    WHICH_PRODUCT,
    answer_page,
    listed,
    nearest,
    notes,
)
from bot.views.kit import Message, actions, button, confirm, context, feedback, rendered, section
from bot.views.mrkdwn import ELLIPSIS, bold, escape_line, link, mention, shorten_escaped, shorten_line
from bot.views.quote import Marked, quote
from qa_core.answers import GivenAnswer
from qa_core.types import HEADING_SEPARATOR, Answer, Passage

TEXT_LIMIT = 3_000  # characters of a message's fallback text
NEAREST_LIMIT = 600  # of each of the nearest passages where nothing is answered
QUESTION_LIMIT = 500
REASON_LIMIT = 1_000  # of what an error says, which may name paths and lists
_FOOTNOTE_LIMIT = 500
_HEADING_LIMIT = 120  # of each part of a citation
_CITATION_LIMIT = 900  # of its text, before it is escaped

NO_MANUALS = (
    "No manuals are indexed yet. Administrators add one by sending it to me as a file in a direct message."
)
CONFIDENCE_WORDS = ((0.9, "very high"), (0.75, "high"), (0.5, "fair"), (0.0, "low: read the passage first"))


@dataclass(frozen=True, slots=True)
class Audience:
    """Who sees an answer, and how they came to it."""

    private: bool = False  # one person: they are reminded of the question and can share the answer
    shared_by: str | None = None  # the person who shared a private answer with a channel
    turned_from: str | None = None  # the product that the thread was about until then
    chosen_by: str | None = None  # the person who chose the one product that is asked


IN_THREAD = Audience()
ASKER_ALONE = Audience(private=True)


def answer_message(given: GivenAnswer, audience: Audience = IN_THREAD) -> Message:
    """The answer, or that the manuals do not say, as one message."""
    answer = given.answer
    blocks = [
        *_question_blocks(answer.question, audience),
        *answer_blocks(given),
        *_turn_blocks(given, audience),
        *_product_blocks(given),
        actions(*_buttons(given.id, answer, audience)),
        feedback(given.id),
    ]
    return Message(fallback_text(given), rendered(blocks))


def answer_blocks(given: GivenAnswer) -> list[Block]:
    """What the manuals say, or that they do not."""
    return _answered_blocks(given.answer) if given.answer.answered else _declined_blocks(given)


def _answered_blocks(answer: Answer) -> list[Block]:
    """The excerpt with its span in bold, its place, and how sure the bot is."""
    passage = answer.hits[0].passage
    shown = quote(marked_answer(answer))
    blocks: list[Block] = [section(text) for text in shown.sections or (ELLIPSIS,)]
    if not shown.whole:
        blocks.append(context("The manual goes on here: see _More passages_."))
    if answer.footnotes:
        blocks.append(context(*(shorten_escaped(each, _FOOTNOTE_LIMIT) for each in answer.footnotes)))
    about = (citation(passage, answer_page(answer)), confidence_in_words(answer.confidence))
    blocks.append(context(*about, *map(escape_line, notes(answer))))
    return blocks


def _declined_blocks(given: GivenAnswer) -> list[Block]:
    """That the manuals do not say, or for which products they do, and what they say that is nearest."""
    hits = nearest(given.answer)
    if given.answer.products:
        text = f"{bold(WHICH_PRODUCT)} {SAID_OF} {_listed(given.answer.products)}:"
    else:
        after = " These passages come nearest:" if hits else ""
        text = f"{bold(_not_in_the_manuals(given))}, as far as I can tell.{after}"
    blocks: list[Block] = [section(text)]
    if said := tuple(map(escape_line, notes(given.answer))):
        blocks.append(context(*said))
    for hit in hits:
        blocks.append(section(shorten_escaped(hit.passage.text.strip(), NEAREST_LIMIT) or ELLIPSIS))
        blocks.append(context(citation(hit.passage, hit.passage.page)))
    return blocks


def _not_in_the_manuals(given: GivenAnswer) -> str:
    """That the manuals do not say, in plain text: those of one product, where no others were asked."""
    if given.product is None:
        return NOT_IN_THE_MANUALS
    return f"{NOT_IN_THE_MANUALS} of {shorten_line(given.product, _HEADING_LIMIT)}"


def marked_answer(answer: Answer) -> Marked:
    """The excerpt in its section's text, widened to the span where that reaches further."""
    assert answer.span is not None
    passage = answer.hits[0].passage
    start, end = passage.start + answer.span.start, passage.start + answer.span.end
    first, last = (start, end) if answer.shown is None else (answer.shown.start, answer.shown.end)
    return Marked(passage.section.text, min(first, start), max(last, end), start, end)


def citation(passage: Passage, page: int | None) -> str:
    """Where a passage stands: `manual › section › page`, linked where the manual has an address."""
    text = escape_line(plain_citation(passage, page))
    url = passage.manual.url
    if not url:
        return text
    is_pdf = page is not None and url.lower().endswith(".pdf")
    return link(f"{url}#page={page}" if is_pdf else url, text)


def plain_citation(passage: Passage, page: int | None) -> str:
    """The same without a link, neither escaped nor longer than a message bears."""
    headings = passage.section.heading_path
    parts = [shorten_line(part.strip(), _HEADING_LIMIT) for part in (passage.manual.path, *headings)]
    last = [] if page is None else [f"page {page}"]
    while len(HEADING_SEPARATOR.join(parts)) > _CITATION_LIMIT and len(parts) > 2:
        parts.pop(1)
    return HEADING_SEPARATOR.join([*parts, *last])


def confidence_in_words(confidence: float) -> str:
    """How sure the bot is: a word, and the probability that stands behind it."""
    word = next(word for least, word in CONFIDENCE_WORDS if confidence >= least)
    return f"Confidence: {word} ({confidence:.0%})"


def fallback_text(given: GivenAnswer) -> str:
    """The answer in one text, for notifications and screen readers."""
    answer = given.answer
    if not answer.answered:
        near = "; ".join(plain_citation(hit.passage, hit.passage.page) for hit in nearest(answer))
        first = WHICH_PRODUCT if answer.products else f"{_not_in_the_manuals(given)}."
        text = first + (f" Nearest: {near}" if near else "")
        return shorten_escaped(text, TEXT_LIMIT)
    marked = marked_answer(answer)
    place = escape_line(plain_citation(answer.hits[0].passage, answer_page(answer)))
    shown = (
        shorten_escaped(marked.text[marked.start : marked.end].strip(), TEXT_LIMIT - len(place) - 3)
        or ELLIPSIS
    )
    return f"{shown}\n({place})"


def apology(error_id: str, explanation: str | None = None) -> Message:
    """That something went wrong, with the id under which the log says what."""
    why = shorten_escaped(explanation, REASON_LIMIT) if explanation else "Something went wrong on my side."
    text = f"Sorry, I could not do that. {why}"
    small = f"If it happens again, tell whoever runs me: error {escape_line(error_id)}."
    return Message(f"{text} (error {escape_line(error_id)})", rendered([section(text), context(small)]))


def reason(error: Exception) -> str:
    """What an error says, as mrkdwn that leaves room for more."""
    return shorten_escaped(str(error), REASON_LIMIT)


def note(text: str) -> Message:
    """A short message; `text` is mrkdwn, escaped already."""
    return Message(text, rendered([section(text)]))


def _question_blocks(question: str, audience: Audience) -> list[Block]:
    asked = shorten_escaped(" ".join(question.split()), QUESTION_LIMIT)
    if audience.chosen_by is not None:
        return [context(f"{mention(audience.chosen_by)} chose the product. The question: {asked}")]
    if audience.shared_by is not None:
        return [context(f"{mention(audience.shared_by)} asked: {asked}")]
    return [context(f"You asked: {asked}")] if audience.private else []


def _turn_blocks(given: GivenAnswer, audience: Audience) -> list[Block]:
    """Of which product the answer is, where the thread was about another one and the question names none."""
    before = audience.turned_from
    if before is None or given.product is not None or not given.answer.answered:
        return []
    product = given.answer.hits[0].passage.manual.product
    if product == before:
        return []
    now, then = (escape_line(shorten_line(name, _HEADING_LIMIT)) for name in (product, before))
    return [context(f"This is from the manuals of {now}; until now the talk was about {then}.")]


def product_choices(answer: Answer) -> tuple[str, ...]:
    """The products that the question can be asked of with a button, in the buttons' order."""
    return (answer.products or answer.also)[:N_LISTED]


def product_chosen(value: str) -> tuple[str, int]:
    """The answer's id, and which of its `product_choices` it is, from the value of a product's button."""
    answer_id, _, number = value.partition(":")
    return answer_id, int(number)


def _product_blocks(given: GivenAnswer) -> list[Block]:
    """A button for each product that the question may be about as well."""
    choices = product_choices(given.answer)
    if not choices:
        return []
    buttons = [
        button(shorten_line(product, _HEADING_LIMIT), f"{ACTION_PRODUCT}_{number}", f"{given.id}:{number}")
        for number, product in enumerate(choices)
    ]
    told = [context(f"{ALSO} {_listed(given.answer.also)}.")] if given.answer.answered else []
    return [*told, actions(*buttons)]


def _listed(products: Sequence[str]) -> str:
    return escape_line(listed([shorten_line(product, _HEADING_LIMIT) for product in products]))


def _buttons(answer_id: str, answer: Answer, audience: Audience) -> list[ButtonElement]:
    buttons = [button("More passages", ACTION_MORE, answer_id)] if answer.hits else []
    if audience.private:
        buttons.append(button("Share in channel", ACTION_SHARE, answer_id))
    sure = _ask_openly() if audience.private else None
    return [*buttons, button("Ask a person", ACTION_PERSON, answer_id, confirm=sure)]


def _ask_openly() -> ConfirmObject:
    """What was asked in private is seen by all as soon as a person is asked."""
    return confirm(
        "Ask in public?",
        "So far only you see your question. I post it here with your name: everyone in this channel can read "
        "it, and whoever I ask.",
        "Post my question",
        style="primary",
    )
