"""What is shown whole or not at all of a section: a sentence, a row, a list with what introduces it."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from qa_core.types import Passage
from qa_core.units import Unit, is_clause, list_around, split_units

LONGEST_PROCEDURE = 150  # words: of a longer one, steps are shown with what belongs to each
_N_REMEMBERED = 64  # sections whose outlines are kept: several passages of a question lie in one


@dataclass(frozen=True, slots=True)
class Block:
    """What is shown whole or not at all, `section.text[start:end]`."""

    start: int
    end: int
    n_words: int
    is_row: bool = False  # of a table


def blocks_of(passage: Passage, max_words: int) -> tuple[Block, ...]:
    """The blocks that the passage touches, in order; a list of steps reaches beyond the passage.

    Of other lists those are one block that have no more than `max_words`.
    """
    text = passage.section.text
    outline = outline_of(text)
    units = outline.units
    blocks: list[Block] = []
    i = 0
    while i < len(units) and units[i].start < passage.end:
        last = _end_of_list(outline, i, text, max_words)
        start, end = units[i].start, units[last - 1].end
        if end > passage.start:
            if last - i == 1 and units[i].kind != "step":  # a unit too long for a passage was cut
                start, end = max(start, passage.start), min(end, passage.end)
            is_row = last - i == 1 and units[i].kind == "row"
            blocks.append(Block(start, end, len(text[start:end].split()), is_row))
        i = last
    return tuple(blocks)


@dataclass(frozen=True, slots=True)
class _List:
    """A list of a section, by numbers of its units; -1 where there is none."""

    start: int
    end: int
    last_step: int
    last_clause: int  # on its outermost level


@dataclass(frozen=True, slots=True)
class Outline:
    """A section's units, the list that each lies in (or the unit alone), and where its words start."""

    units: tuple[Unit, ...]
    lists: tuple[_List, ...]
    words: array[int]

    def n_words(self, start: int, end: int) -> int:
        """Of `text[start:end]`, which begins within a word or with one."""
        return bisect_left(self.words, end) - bisect_right(self.words, start) + 1


@lru_cache(maxsize=_N_REMEMBERED)
def outline_of(text: str) -> Outline:
    """The outline of a section's text."""
    units = split_units(text)
    lists: list[_List] = []
    while len(lists) < len(units):
        i, end = list_around(units, len(lists))
        steps = (j for j in range(i, end) if units[j].kind == "step")
        clauses = (j for j in range(i, end) if units[j].level == 0 and is_clause(units[j], text))
        lists += [_List(i, end, max(steps, default=-1), max(clauses, default=-1))] * (end - i)
    return Outline(units, tuple(lists), array("q", (word.start() for word in re.finditer(r"\S+", text))))


def _end_of_list(outline: Outline, i: int, text: str, max_words: int) -> int:
    """Where the block that begins with unit `i` ends: a list and its introduction are one block."""
    units = outline.units
    leads = units[i].kind == "sentence" and text[units[i].start : units[i].end].rstrip().endswith(":")
    first = i + 1 if leads and i + 1 < len(units) else i
    if units[first].kind not in ("step", "bullet"):
        return i + 1
    around = outline.lists[first]
    n_words = outline.n_words(units[i].start, units[around.end - 1].end)
    if n_words <= max_words:
        return around.end
    if around.last_step < first or around.last_clause >= first:
        return i + 1
    is_long = outline.n_words(units[around.start].start, units[around.end - 1].end) > LONGEST_PROCEDURE
    return _end_of_item(outline, i, first) if is_long else around.end


def _end_of_item(outline: Outline, i: int, first: int) -> int:
    """Where the step that is unit `first` ends, with its details; unit `i` is the same, or leads to it."""
    units, end = outline.units, outline.lists[first].end
    end = next((j for j in range(first + 1, end) if units[j].level <= units[first].level), end)
    return end if outline.n_words(units[i].start, units[end - 1].end) <= LONGEST_PROCEDURE else i + 1
