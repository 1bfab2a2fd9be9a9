"""Where a text that a person pasted stands in the manuals: word for word, or nearly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from qa_core.types import Passage
from qa_core.units import STEP, split_units
from training.feedback.numbers import MINUS, UNSIGNED, is_apart

LEAST_LIKENESS = 60.0  # of 100: what is less alike is not offered
_OF_MORE = 0.8
MAX_WORDS = 600  # of a pasted text that are looked for

_WORD = re.compile(rf"(?:{MINUS})?[^\W_]+")
_BETWEEN_WORDS = rf"(?:[^\w\n]*\n\s*{STEP}\s+|[\W_]+)"  # step numbers may have been left out
_AFTER_WORD = re.compile(r"[.!?…%°)\]\"'”’»]*")


@dataclass(frozen=True, slots=True)
class Located:
    """A piece of a section, `passage.section.text[start:end]`, that begins in `passage`."""

    passage: Passage
    start: int
    end: int
    likeness: float = 100.0  # to the pasted text, 0 to 100

    @property
    def text(self) -> str:
        """The manual's words."""
        return self.passage.section.text[self.start : self.end]

    @property
    def context(self) -> str:
        """The passage's text, and on to the end of the piece where that lies beyond it."""
        return self.passage.section.text[self.passage.start : max(self.passage.end, self.end)]

    @property
    def span(self) -> tuple[int, int]:
        """Where the piece stands in `context`."""
        return self.start - self.passage.start, self.end - self.passage.start


def has_words(text: str) -> bool:
    """Whether there is anything to look for."""
    return _WORD.search(text) is not None


def locate(text: str, passages: Iterable[Passage]) -> Located | None:
    """The first place with the same words in the same order; case, spaces and marks do not matter.

    It neither begins nor ends within a word or a number: "5 bar" stands neither in "1.5 bar" nor in "-5 bar".
    `passages` are those of an index: they share the sections that they are parts of.
    """
    words = _WORD.findall(text)[:MAX_WORDS]
    if not words:
        return None
    longest = max(words, key=len).lstrip("-−").lower()
    pattern = re.compile(
        r"(?<![^\W_])" + _BETWEEN_WORDS.join(map(_as_pattern, words)) + r"(?![^\W_])", re.IGNORECASE
    )
    for parts in _by_section(passages):
        words_of_section = parts[0].section.text
        if longest in words_of_section.lower() and (found := _first_apart(pattern, words_of_section)):
            return piece_of(parts, found.start(), _end(words_of_section, found.end()))
    return None


def nearest(text: str, passages: Sequence[Passage]) -> Located | None:
    """The whole sentences or steps of these passages that are most alike; None if none is alike."""
    asked = default_process(text)
    best: Located | None = None
    for passage in passages:
        for start, end in _runs(passage, 2 * len(text)):
            likeness = _likeness(asked, default_process(passage.text[start:end]))
            if likeness > (best.likeness if best else LEAST_LIKENESS):
                best = Located(passage, passage.start + start, passage.start + end, likeness)
    return best


def _as_pattern(word: str) -> str:
    """A number has the sign that it was pasted with, or none."""
    if word[0] in "-−":
        return MINUS + re.escape(word[1:])
    return (UNSIGNED if word[0].isdigit() else "") + re.escape(word)


def _first_apart(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = pattern.search(text)
    while found is not None and not is_apart(text, *found.span()):
        found = pattern.search(text, found.start() + 1)
    return found


def _likeness(asked: str, words: str) -> float:
    """0 to 100: the same words in any order; somewhat less where they are a part of more."""
    return max(fuzz.token_sort_ratio(asked, words), _OF_MORE * fuzz.partial_ratio(asked, words))


def _runs(passage: Passage, max_chars: int) -> Iterator[tuple[int, int]]:
    """Every unit of a passage, and every run of units that is not too long."""
    units = split_units(passage.text)
    for first, unit in enumerate(units):
        for last in units[first:]:
            if last is not unit and last.end - unit.start > max_chars:
                break
            yield unit.start, last.end


def _by_section(passages: Iterable[Passage]) -> Iterable[list[Passage]]:
    sections: dict[tuple[str, int], list[Passage]] = {}
    for passage in passages:
        sections.setdefault((passage.manual.id, id(passage.section)), []).append(passage)
    return sections.values()


def piece_of(parts: Sequence[Passage], start: int, end: int) -> Located:
    """A piece of the section whose passages these are, by the last one that begins no later.

    `start` may lie between two.
    """
    holder = max(
        (part for part in parts if part.start <= start), key=lambda part: part.start, default=parts[0]
    )
    return Located(holder, max(start, holder.start), end)


def _end(text: str, end: int) -> int:
    """With the full stop, the percent sign or the bracket that belongs to the last word."""
    match = _AFTER_WORD.match(text, end)
    return match.end() if match else end
