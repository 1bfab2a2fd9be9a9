"""A section's words as mrkdwn sections: one span in bold, within Slack's limits, cut only at sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.views.mrkdwn import bold, escape
from qa_core.units import split_sentences, split_units

SECTION_LIMIT = 2_900  # characters; Slack's limit is 3,000
MAX_SECTIONS = 3
_PIECE = (
    600  # characters of a piece of a sentence that is too long for a section; escaped it may be 5 times that
)

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marked:
    """What is shown of a text, `text[start:end]`, and what in it is bold."""

    text: str
    start: int
    end: int
    bold_start: int = 0
    bold_end: int = 0  # equal to `bold_start` where nothing is


@dataclass(frozen=True, slots=True)
class Quote:
    """Rendered mrkdwn, one string a section block, and whether that is all."""

    sections: tuple[str, ...]
    whole: bool


def quote(marked: Marked, max_sections: int = MAX_SECTIONS) -> Quote:
    """The marked text; what is too long begins no later than the bold part and ends at a sentence."""
    pieces = tuple(_pieces(marked))
    packed = _pack(marked, pieces, max_sections)
    held = packed[-1][1] if packed else 0
    if marked.bold_start < marked.bold_end and held < marked.bold_end:
        first = next((i for i, piece in enumerate(pieces) if piece[1] > marked.bold_start), 0)
        packed = _pack(marked, pieces[first:], max_sections)
    shown = tuple(render(marked, start, end) for start, end in packed)
    whole = bool(pieces) and (packed[0][0], packed[-1][1]) == (pieces[0][0], pieces[-1][1])
    return Quote(shown, whole or not pieces)


def render(marked: Marked, start: int, end: int) -> str:
    """`text[start:end]` as mrkdwn."""
    text = marked.text
    first = min(max(marked.bold_start, start), end)
    last = max(min(marked.bold_end, end), first)
    if not text[first:last].strip():
        return escape(text[start:end])
    before, inside, after = text[start:first], text[first:last], text[last:end]
    return escape(before) + bold(inside, before, after) + escape(after)


def _pieces(marked: Marked) -> Iterator[Range]:
    """What is never cut: units, and of those too long for a section the sentences, and of these words."""
    for unit in split_units(marked.text):
        start, end = max(unit.start, marked.start), min(unit.end, marked.end)
        if start < end:
            yield from _cut(marked, start, end)


def _cut(marked: Marked, start: int, end: int) -> Iterator[Range]:
    if len(render(marked, start, end)) <= SECTION_LIMIT:
        yield start, end
        return
    for first, last in split_sentences(marked.text, start, end):
        if len(render(marked, first, last)) <= SECTION_LIMIT:
            yield first, last
        else:
            yield from _cut_at_words(marked.text, first, last)


def _cut_at_words(text: str, start: int, end: int) -> Iterator[Range]:
    while end - start > _PIECE:
        space = text.rfind(" ", start + _PIECE // 2, start + _PIECE)
        cut = space if space > 0 else start + _PIECE
        yield start, cut
        start = cut
    yield start, end


def _pack(marked: Marked, pieces: tuple[Range, ...], max_sections: int) -> list[Range]:
    """As many pieces as fit, joined to as few sections as they need."""
    packed: list[Range] = []
    for start, end in pieces:
        if packed and len(render(marked, packed[-1][0], end)) <= SECTION_LIMIT:
            packed[-1] = packed[-1][0], end
        elif len(packed) < max_sections:
            packed.append((start, end))
        else:
            break
    return packed
