"""Sections are split into passages: the pieces that are retrieved and read.

Where to cut is the shortest path over all allowed cuts (as in Knuth & Plass, "Breaking paragraphs
into lines", 1981): a cut costs more where it separates what belongs together, a passage costs
more the further its length lies from the wanted range.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from qa_core.types import Manual, ParsedManual, Passage, Section
from qa_core.units import CELL_SEPARATOR, Unit, split_sentences, split_units

MIN_TOKENS = 120
MAX_TOKENS = 200
_TOKEN_CHARS = 50  # the most that a token stands for: of what no vocabulary has, models make one token a word
SPLITTER_VERSION = "2"  # changes when the passages of the same sections would

CountTokens = Callable[[Sequence[str]], list[int]]

_COST_PASSAGE = 0.5  # fewer passages where all else is equal
_COST_TOO_SHORT = 12.0  # for a passage of no tokens; falls with the square to 0 at MIN_TOKENS
_COST_WITHIN_PARAGRAPH = 2.0
_COST_WITHIN_TABLE = 1.5
_COST_WITHIN_LIST = 3.0
_COST_FROM_PARENT = 6.0  # a nested step or bullet from the one above it
_COST_FROM_INTRODUCTION = 9.0  # "To load paper:" from its first step
_COST_INTO_UNIT = 2.5


@dataclass(frozen=True, slots=True)
class _Piece:
    """A unit, or a part of one that is longer than a passage may be."""

    start: int
    end: int
    n_tokens: int
    cost: float  # of a cut in front of this piece


def split_passages(parsed: ParsedManual, count_tokens: CountTokens) -> tuple[Passage, ...]:
    """All passages of a manual, in order; texts that repeat under the same headings come once.

    `count_tokens` tells the lengths of texts; what it counts for an empty text is taken off, so
    that it may include a model's special tokens.
    """
    overhead = count_tokens([""])[0]

    def count(texts: Sequence[str]) -> list[int]:
        least = [len(text) // _TOKEN_CHARS for text in texts]
        asked = [text if n <= MAX_TOKENS else "" for text, n in zip(texts, least, strict=True)]
        lengths = count_tokens(asked)  # what is cut anyway is not counted: it may fill the memory
        return [max(n, n_tokens - overhead) for n, n_tokens in zip(least, lengths, strict=True)]

    passages: dict[str, Passage] = {}
    for section, pieces in zip(parsed.sections, _pieces(parsed.sections, count), strict=True):
        for first, last in _groups(pieces):
            passage = _passage(parsed.manual, section, pieces[first].start, pieces[last - 1].end)
            passages.setdefault(passage.id, passage)
    return tuple(passages.values())


def _passage(manual: Manual, section: Section, start: int, end: int) -> Passage:
    parts = (manual.id, *section.heading_path, section.text[start:end])
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return Passage(digest[:16], manual, section, start, end)


def _groups(pieces: Sequence[_Piece]) -> list[tuple[int, int]]:
    """The cheapest way to group the pieces into passages, `[first, last)` each."""
    best = [0.0] + [inf] * len(pieces)
    came_from = [0] * (len(pieces) + 1)
    for last in range(1, len(pieces) + 1):
        n_tokens = 0
        for first in range(last - 1, -1, -1):
            n_tokens += pieces[first].n_tokens
            if n_tokens > MAX_TOKENS and first < last - 1:
                break
            cost = best[first] + _cost_of_length(n_tokens) + (pieces[first].cost if first else 0.0)
            if cost < best[last]:
                best[last], came_from[last] = cost, first
    groups = []
    last = len(pieces)
    while last > 0:
        groups.append((came_from[last], last))
        last = came_from[last]
    return groups[::-1]


def _cost_of_length(n_tokens: int) -> float:
    shortage = max(0, MIN_TOKENS - n_tokens) / MIN_TOKENS
    return _COST_PASSAGE + _COST_TOO_SHORT * shortage**2


def _pieces(sections: Sequence[Section], count: CountTokens) -> Iterator[list[_Piece]]:
    """The pieces of each section; lengths are counted for all sections at once, which is faster."""
    units = [split_units(section.text) for section in sections]
    texts = [
        section.text[unit.start : unit.end]
        for section, of_section in zip(sections, units, strict=True)
        for unit in of_section
    ]
    lengths = iter(count(texts))
    for section, of_section in zip(sections, units, strict=True):
        yield list(_pieces_of_section(section.text, of_section, lengths, count))


def _pieces_of_section(
    text: str, units: Sequence[Unit], lengths: Iterator[int], count: CountTokens
) -> Iterator[_Piece]:
    for i, unit in enumerate(units):
        cost = _cost_of_cut(text, units[i - 1], unit) if i else 0.0
        n_tokens = next(lengths)
        if n_tokens <= MAX_TOKENS:
            yield _Piece(unit.start, unit.end, n_tokens, cost)
            continue
        for start, end, n_part in _parts(text, unit.start, unit.end, count):
            yield _Piece(start, end, n_part, cost if start == unit.start else _COST_INTO_UNIT)


def _cost_of_cut(text: str, before: Unit, after: Unit) -> float:
    introduced = after.kind != "sentence" and before.kind == "sentence"
    if introduced and text[before.start : before.end].endswith(":"):
        return _COST_FROM_INTRODUCTION
    if after.level > before.level:
        return _COST_FROM_PARENT
    if after.opens:
        return 0.0
    if after.kind in ("step", "bullet"):
        return _COST_WITHIN_LIST + after.level
    if after.kind == "row":
        return _COST_WITHIN_TABLE if before.kind == "row" else 0.0
    return 0.0 if "\n" in text[before.end : after.start] else _COST_WITHIN_PARAGRAPH


def _parts(text: str, start: int, end: int, count: CountTokens) -> Iterator[tuple[int, int, int]]:
    """Cut what is too long: into sentences, else cells, else at a space, else anywhere; with lengths."""
    for cut in (_sentences, _cells, _halves_at_space, _halves):
        parts = cut(text, start, end)
        if len(parts) > 1:
            break
    lengths = count([text[first:last] for first, last in parts])
    for (first, last), n_tokens in zip(parts, lengths, strict=True):
        if n_tokens > MAX_TOKENS and len(parts) > 1:
            yield from _parts(text, first, last, count)
        else:
            yield first, last, n_tokens


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    return list(split_sentences(text, start, end))


def _cells(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The cells of a row, each with the separator behind it."""
    parts = []
    begin = start
    while (at := text.find(CELL_SEPARATOR, begin, end)) >= 0:
        parts.append((begin, at + len(CELL_SEPARATOR) - 1))
        begin = at + len(CELL_SEPARATOR)
    return [*parts, (begin, end)]


def _halves_at_space(text: str, start: int, end: int) -> list[tuple[int, int]]:
    middle = (start + end) // 2
    for distance in range((end - start) // 2):
        for at in (middle - distance, middle + distance):
            if start < at < end - 1 and text[at].isspace():
                return [(start, _rstrip(text, start, at)), (_lstrip(text, at, end), end)]
    return [(start, end)]


def _halves(_text: str, start: int, end: int) -> list[tuple[int, int]]:
    middle = (start + end) // 2
    return [(start, middle), (middle, end)] if start < middle else [(start, end)]


def _lstrip(text: str, start: int, end: int) -> int:
    return end - len(text[start:end].lstrip())


def _rstrip(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())
