"""Codes of faults that are letters alone: "HE", "dO", "CAN".

Most capitals of a question are no codes: USB, OFF, or all of it typed so. Those are that lead rows of a table
of faults, or a heading of one. An ordinary word, and any where all is in capitals, is one in a code's place
alone: "error HE", "what does HE mean", not "CAN I wash wool". So is a word in small letters: "he error".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qa_core.asked.row_keys import FAULT_WORD, FAULT_WORDS, SHOWS, folded, keys_of
from qa_core.tokens import STOP_WORDS
from qa_core.types import HEADING_SEPARATOR

_FAULTS = re.compile(
    rf"\b(?:{FAULT_WORD}|lockout|malfunction|problem|trouble|(?:goes|gone|went) wrong)", re.IGNORECASE
)
# "Error code: ", or beside what is shown its cause or what helps.
_FAULT_COLUMN = re.compile(
    rf"^{FAULT_WORDS}[^:|\n]{{0,20}}: |\| (?:[a-z]+ )?(?:cause|remedy|solution|what to do)s?: ",
    re.IGNORECASE | re.MULTILINE,
)
# Two to four letters with a capital behind the first: "HE", "dO", "CLn"; neither "Do", "TV-HE" nor "HE 52".
_LETTERS = r"(?<![\w'’-])(?=[A-Za-z]{2,4}(?![^\W_]|[-'’]\w|[:#]? #?\d))[A-Za-z][a-z]*[A-Z][A-Za-z]*"
_WRITTEN = re.compile(_LETTERS)
_SMALL = re.compile(r"(?<![\w'’-])[a-z]{2,4}(?![^\W_]|[-'’]\w|[:#]? #?\d)")  # "he error"
_NUMBERED = re.compile(r"[A-Za-z]{1,3}[-_ ]?\d{1,4}[A-Za-z]?")
# "Error HE", "4.2 Fault code: OE", "HE error", "HE – heating": the last under a heading about faults alone.
_IN_HEADING = re.compile(
    rf"(?:[\d.]+ )?(?:(?i:{FAULT_WORDS}:? ?)({_LETTERS})|({_LETTERS})(?= (?i:{FAULT_WORD})))"
)
_LEADING_HEADING = re.compile(rf"(?:[\d.]+ )?({_LETTERS})(?=:| [–—-] )")
_ORDINARY = STOP_WORDS | {"new", "not", "off", "ok", "on", "out", "set", "up"}
# What joins a fault to other words in small letters: "no error", "error on startup", "what does it mean".
_JOINING_TEXT = """
    an and any as at by do for if in is it its my no not of off on or our out set so that the this to up we
"""
_JOINING = frozenset(_JOINING_TEXT.split())
_NO_CODES = frozenset({"id", "lcd", "led", "pc", "pin", "sms", "tv", "usb"})  # "the error LED"
_SHORT_WORD = re.compile(r"(?<![^\W_])[a-z]{2,5}(?![^\W_])")
_BEHIND_A_FAULT = re.compile(rf"\b(?:{FAULT_WORDS}|{SHOWS} )[:#]? ?[\"'“‘(]?$", re.IGNORECASE)
_BEFORE_A_FAULT = re.compile(rf"[\"'”’)]? {FAULT_WORD}", re.IGNORECASE)
_BEFORE_MEANS = re.compile(r"[\"'”’)]? means?\b", re.IGNORECASE)
_PLACE_BEFORE = re.compile(r"\b(?:does|is|sees?|got|gets?|gives?) [\"'“‘(]?$", re.IGNORECASE)
_PLACE_BEHIND = re.compile(
    r"[\"'”’)]?(?:[ ?.!]*$|,|/| (?:or|and)\b| (?:on|in) (?:the|my|our|its?|an?)\b"
    r"| (?:appear|come|flash|blink|stand))",
    re.IGNORECASE,
)
_MOST_BEFORE = 3  # words of a name that a code may stand behind: "Velora W7 washer HE"
_N_REMEMBERED = 100  # questions: each is asked of many passages
_N_CODES = 2  # that lead rows of a passage where there is a row of them


def tells_of_faults(heading: str, text: str) -> bool:
    """Whether a passage's heading or a column of its table is about faults."""
    return (_FAULTS.search(heading) or _FAULT_COLUMN.search(text)) is not None


@lru_cache(maxsize=_N_REMEMBERED)
def letter_codes(question: str) -> frozenset[str]:
    """What may be codes of letters in a question, folded: those are that lead rows."""
    is_loud = question.isupper()
    small = (found for found in _SMALL.finditer(question) if found[0] not in _JOINING)
    told = frozenset(folded(found[0]) for found in small if _is_at_a_fault(question, found))
    return told.union(
        folded(found[0])
        for found in _WRITTEN.finditer(question)
        if not (is_loud or found[0].lower() in _ORDINARY) or _is_in_place(question, found)
    )


def letter_faults(question: str) -> frozenset[str]:
    """What surely are codes of letters in a question, folded, be there such rows or not: "error HE"."""
    if question.isupper():
        return frozenset()
    found = (each for each in _WRITTEN.finditer(question) if each[0].lower() not in _NO_CODES)
    return frozenset(
        folded(each[0])
        for each in found
        if _is_behind_a_fault(question, each) or _BEFORE_MEANS.match(question, each.end())
    )


def letter_rows(heading: str, text: str) -> frozenset[str]:
    """The codes of letters that lead rows of a passage about faults, or its headings, folded."""
    return frozenset((*_heading_codes(heading), *_row_codes(heading, text)))


def letters_in(text: str) -> frozenset[str]:
    """All words of a text that a code of letters in a question may mean, folded.

    Ordinary ones count where they are written as codes are; of "LEDs" the LED does, too.
    """
    words = frozenset(_SHORT_WORD.findall(text.lower())) - _ORDINARY
    return words.union((word.removesuffix("s") for word in words), map(folded, _WRITTEN.findall(text)))


class LetterRows:
    """Which texts have rows of which codes; texts are known by their position."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        """`texts` are passages, each with its heading."""
        self._positions: dict[str, list[int]] = defaultdict(list)
        for position, (heading, text) in enumerate(texts):
            for code in letter_rows(heading, text):
                self._positions[code].append(position)

    def of(self, question: str, within: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        """The codes of letters of a question that lead rows of these texts, each with their positions."""
        asked = (code for code in letter_codes(question) if code in self._positions)
        found = {code: np.intersect1d(self._positions[code], within) for code in asked}
        return {code: positions for code, positions in found.items() if len(positions)}


def _heading_codes(heading: str) -> Iterator[str]:
    parts = heading.split(HEADING_SEPARATOR)
    for level, part in enumerate(parts):
        named = _IN_HEADING.match(part)
        if not named and level and _FAULTS.search(parts[level - 1]):
            named = _LEADING_HEADING.match(part)
        if named:
            yield folded(named[named.lastindex or 1])


def _row_codes(heading: str, text: str) -> Iterator[str]:
    if not tells_of_faults(heading, text):
        return
    keys = keys_of(text)
    letters = [key for key, written in keys.items() if _WRITTEN.fullmatch(written)]
    n_numbered = sum(_NUMBERED.fullmatch(key) is not None for key in keys)
    if len(letters) + n_numbered >= _N_CODES:
        yield from letters


def _is_in_place(question: str, found: re.Match[str]) -> bool:
    """Whether a word stands as a code does: "error HE", "HE on the display", "washer HE?"."""
    before = question[: found.start()]
    is_first = len(before.split()) <= _MOST_BEFORE and _ORDINARY.isdisjoint(before.lower().split())
    is_behind = is_first or _PLACE_BEFORE.search(before) is not None
    is_before = _PLACE_BEHIND.match(question, found.end()) is not None
    return (is_behind and is_before) or _is_at_a_fault(question, found)


def _is_at_a_fault(question: str, found: re.Match[str]) -> bool:
    is_before = _BEFORE_A_FAULT.match(question, found.end()) or _BEFORE_MEANS.match(question, found.end())
    return is_before is not None or _is_behind_a_fault(question, found)


def _is_behind_a_fault(question: str, found: re.Match[str]) -> bool:
    return _BEHIND_A_FAULT.search(question[: found.start()]) is not None
