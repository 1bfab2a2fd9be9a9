"""Footnotes, which stand at the foot of a PDF's pages → the end of each section that refers to them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa_core.documents.blocks import Block, Heading, Line

_NOTE = re.compile(r"([¹²³⁰⁴-⁹]{1,2}⁾?|\*{1,3}|[†‡])\s*(?=[^\s*])")
_POWER = r"(?<![cdkm]m)(?<!\bm)"  # in front of what may be an exponent: `5 m²`


def with_placed_footnotes(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, each note at the ends of the sections on its page that refer to it, where any does."""
    placed: dict[int, list[Line]] = {}  # by the position of what comes behind them
    moved: set[int] = set()
    for at, (note, mark) in _notes(blocks).items():
        ends = _ends(blocks, at, mark)
        for end in sorted(ends - {at}):
            placed.setdefault(end, []).append(note)
        if ends and at not in ends:
            moved.add(at)
    return [
        each
        for at, block in enumerate(blocks)
        for each in (*placed.get(at, ()), *(() if at in moved else (block,)))
    ]


def _notes(blocks: Sequence[Block]) -> dict[int, tuple[Line, str]]:
    """The paragraphs that end a page and begin with marks, by their positions."""
    notes: dict[int, tuple[Line, str]] = {}
    below: int | None = None  # the page of what stands below
    for at in range(len(blocks) - 1, -1, -1):
        block = blocks[at]
        found = _NOTE.match(block.text)
        is_last = block.page != below or at + 1 in notes
        if found and is_last and isinstance(block, Line) and block.kind == "paragraph":
            notes[at] = (block, found[1])
        below = block.page
    return dict(sorted(notes.items()))


def _ends(blocks: Sequence[Block], at: int, mark: str) -> set[int]:
    """Where the sections end whose lines on a note's page have its mark, other than as an exponent.

    The note's own section ends at the note.
    """
    marked = re.compile(rf"(?<=[^\s*¹²³⁰⁴-⁹]){_POWER}{re.escape(mark)}(?![*⁾¹²³⁰⁴-⁹])")
    ends: set[int] = set()
    end = at
    for i in range(at - 1, -1, -1):
        if blocks[i].page != blocks[at].page:
            break
        if marked.search(blocks[i].text):
            ends.add(end)
        if isinstance(blocks[i], Heading):
            end = i
    return ends
