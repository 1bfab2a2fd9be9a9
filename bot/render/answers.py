"""Answer → what a person reads, and → the object that `--json` prints. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from rich.text import Text

from bot.render.terminal import clean
from qa_core.asked.several import left_open
from qa_core.indexing.file_names import printable
from qa_core.types import HEADING_SEPARATOR, Answer, Hit, Passage

NOT_IN_THE_MANUALS = "Not in the manuals"
WHICH_PRODUCT = "Which product is it about?"
SAID_OF = "The manuals say something of this for"
ALSO = "The manuals also say something of this for"
N_NEAREST = 3
N_LISTED = 5  # products in a sentence
_LONGEST_QUESTION = 100  # characters of one that is quoted


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as one JSON object; what cites the answer is null where the bot declines."""
    cited = answer.hits[0].passage if answer.span is not None else None
    return {
        "answer": answer.span_text,
        "shown": answer.shown_text,
        "confidence": round(float(answer.confidence), 4),
        "manual": None if cited is None else cited.manual.path,
        "product": None if cited is None else cited.manual.product,
        "section": None if cited is None else list(cited.section.heading_path),
        "page": answer_page(answer),
        "also": list(answer.also),
        "read_as": dict(answer.slips),
        "left_open": list(left_open(answer)),
        "passages": [_hit_json(hit) for hit in answer.hits],
        "release": answer.release,
        "latency_ms": round(float(answer.latency_ms), 1),
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
    return {
        "text": hit.passage.text,
        "manual": hit.passage.manual.path,
        "section": list(hit.passage.section.heading_path),
        "page": hit.passage.page,
        "score": round(float(hit.score), 4),
    }


def answer_page(answer: Answer) -> int | None:
    """The page on which the span begins, or None when the bot declines or the format has no pages."""
    if answer.span is None:
        return None
    passage = answer.hits[0].passage
    return passage.section.page_at(passage.start + answer.span.start)


def answer_text(answer: Answer, styled: bool = True) -> Text:
    """The answer for a person; without styles the span stands between `**`."""
    if answer.span is None:
        return _declined_text(answer)
    text = _passage_text(answer, styled)
    text.append("\n\n")
    text.append(citation(answer.hits[0].passage, answer_page(answer)), style="cyan")
    text.append(f"\nconfidence {answer.confidence:.0%}", style="dim")
    _append_notes(text, answer)
    if answer.also:
        text.append(f"\n{ALSO} {listed(answer.also)}. Name the product to get its answer.", style="dim")
    return text


def _read_as(answer: Answer) -> str:
    """Which words were taken for slips of the keyboard: `I read “fliter” as “filter”.`; empty for none."""
    read = " and ".join(f"“{word}” as “{other}”" for word, other in answer.slips)
    return f"I read {read}." if read else ""


def _not_answered(answer: Answer) -> str:
    """Which of several questions in one message are not answered; empty where there are none."""
    left = left_open(answer)
    if not left:
        return ""
    if not answer.answered:
        return "These are several questions. Ask each by itself."
    quoted = (f"“{textwrap.shorten(each, _LONGEST_QUESTION, placeholder='…')}”" for each in left)
    return f"This does not answer {' and '.join(quoted)}: ask that by itself."


def notes(answer: Answer) -> tuple[str, ...]:
    """Which words were taken for slips of the keyboard, and which of several questions are not answered."""
    return tuple(filter(None, (_read_as(answer), _not_answered(answer))))


def _append_notes(text: Text, answer: Answer) -> None:
    for note in notes(answer):
        text.append(f"\n{clean(note)}", style="dim")


def nearest(answer: Answer) -> tuple[Hit, ...]:
    """What comes nearest where nothing is answered: the first hits, or the first of each product meant."""
    firsts = {hit.passage.manual.product: hit for hit in reversed(answer.hits)}
    found = tuple(firsts[product] for product in answer.products if product in firsts)
    return (found or answer.hits)[:N_NEAREST]


def listed(products: Sequence[str]) -> str:
    """The products in a sentence; of many the first few."""
    names = [clean(product).replace("\n", " ") for product in products]
    if len(names) > N_LISTED:
        return f"{', '.join(names[:N_LISTED])} and {len(names) - N_LISTED} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def citation(passage: Passage, page: int | None) -> str:
    """Where a passage stands: `manual › section › page`."""
    parts = [printable(passage.manual.path), *passage.section.heading_path]
    if page is not None:
        parts.append(f"page {page}")
    return clean(HEADING_SEPARATOR.join(parts)).replace("\n", " ")


def _passage_text(answer: Answer, styled: bool) -> Text:
    """The passage, and all of what is shown: the span bold, what surrounds the excerpt faint."""
    assert answer.span is not None
    passage = answer.hits[0].passage
    span_start, span_end = passage.start + answer.span.start, passage.start + answer.span.end
    shown_start, shown_end = span_start, span_end
    if answer.shown is not None:
        shown_start, shown_end = min(answer.shown.start, span_start), max(answer.shown.end, span_end)
    first, last = min(passage.start, shown_start), max(passage.end, shown_end)
    words, mark = passage.section.text, "" if styled else "**"
    text = Text()
    text.append(clean(words[first:shown_start]).lstrip(), style="dim")
    text.append(clean(words[shown_start:span_start]))
    text.append(mark + clean(words[span_start:span_end]) + mark, style="bold")
    text.append(clean(words[span_end:shown_end]))
    text.append(clean(words[shown_end:last]).rstrip(), style="dim")
    return text


def _declined_text(answer: Answer) -> Text:
    text = Text(WHICH_PRODUCT if answer.products else NOT_IN_THE_MANUALS, style="bold")
    text.append(f"\nconfidence {answer.confidence:.0%}", style="dim")
    _append_notes(text, answer)
    if answer.products:
        text.append(f"\n\n{SAID_OF} {listed(answer.products)}:")
    elif answer.hits:
        text.append("\n\nNearest passages:")
    for number, hit in enumerate(nearest(answer), start=1):
        text.append(f"\n\n{number}. ")
        text.append(citation(hit.passage, hit.passage.page), style="cyan")
        text.append("\n" + clean(hit.passage.text).strip())
    return text
