"""How much to show: the span grown to whole sentences, steps or rows.

A span that lies in a list is shown with the whole list and the sentence that introduces it. Answers in
manuals are instructions, often of several sentences, so that a short excerpt grows by the sentences
around it. The sizes were chosen on half A of TV-Remote (`training/recipes/shown.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_core.types import Excerpt, Passage, Span
from qa_core.units import Unit, list_around, split_units


@dataclass(frozen=True, slots=True)
class ExcerptSettings:
    """Sizes in words."""

    enough: int = 45  # an excerpt of fewer grows by its neighbours
    at_most: int = 75  # a neighbour that would take it past this is left out


def grow(passage: Passage, span: Span, settings: ExcerptSettings | None = None) -> Excerpt:
    """The excerpt to show for a span: offsets in the section, around the span."""
    settings = settings or ExcerptSettings()
    text = passage.section.text
    units = split_units(text)
    first, last = _touched(units, passage.start + span.start, passage.start + span.end)
    first, last = _whole_lists(units, first, last)
    first = _introduced(units, text, first)
    first, last = _fill(units, text, (first, last), passage, settings)
    return Excerpt(units[first].start, units[last - 1].end)


def _touched(units: Sequence[Unit], start: int, end: int) -> tuple[int, int]:
    """The units `[first, last)` that a span lies in."""
    inside = [i for i, unit in enumerate(units) if unit.end > start and unit.start < end]
    return inside[0], inside[-1] + 1


def _whole_lists(units: Sequence[Unit], first: int, last: int) -> tuple[int, int]:
    return list_around(units, first)[0], list_around(units, last - 1)[1]


def _introduced(units: Sequence[Unit], text: str, first: int) -> int:
    """One earlier if the list that begins at `first` has a sentence that leads to it."""
    if first == 0 or units[first].kind not in ("step", "bullet"):
        return first
    before = units[first - 1]
    leads = before.kind == "sentence" and text[before.start : before.end].rstrip().endswith(":")
    return first - 1 if leads else first


def _fill(
    units: Sequence[Unit], text: str, run: tuple[int, int], passage: Passage, settings: ExcerptSettings
) -> tuple[int, int]:
    """Grow a short run by whole neighbours within the passage: what follows first, then what precedes."""
    first, last = run
    n_words = sum(_n_words(text, unit) for unit in units[first:last])
    while n_words < settings.enough:
        following = last < len(units) and units[last].end <= passage.end
        preceding = first > 0 and units[first - 1].start >= passage.start
        if following and n_words + _n_words(text, units[last]) <= settings.at_most:
            n_words += _n_words(text, units[last])
            last += 1
        elif preceding and n_words + _n_words(text, units[first - 1]) <= settings.at_most:
            n_words += _n_words(text, units[first - 1])
            first -= 1
        else:
            break
    return first, last


def _n_words(text: str, unit: Unit) -> int:
    return len(text[unit.start : unit.end].split())
