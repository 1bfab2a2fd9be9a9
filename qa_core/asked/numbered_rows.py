"""Rows that are led by numbers, and what a question counts that none of them has.

A table may go from `Position: 0 | …` to `Position: 5 | …`, or from one beep to three: "position 7" and "six
beeps" are none of it, however near its rows come.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from qa_core.asked.amounts import is_counted, is_measured
from qa_core.asked.row_keys import FAULT_WORD, NUMBER_WORD
from qa_core.tokens import tokenize

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_VALUES = {word: value for value, word in enumerate(_WORDS, 1)}
_COUNT = rf"(\d{{1,3}}|{'|'.join(_WORDS)})"
_NAME = r"([^\W\d_]{3,})"
_FIRST_CELL = re.compile(r"^(?:([^:|\n]{1,30}): )?([^:|\n]{1,40}?) \|", re.MULTILINE)
_NUMBER = re.compile(r"(\d{1,3})(?: ?(?:[-–]|to) ?(\d{1,3}))?(?:x| times?)?")
_MORE = re.compile(r"\d|\b(?:above|any|from|more|other|over)\b", re.IGNORECASE)
_COUNTED = re.compile(rf"(?<![^\W_])(?<!\d[.,/]){_COUNT} (?:[^\W\d_]+ )?{_NAME}(?![^\W_])", re.IGNORECASE)
_TIMES = re.compile(rf"(?<![^\W_])((?:[^\W\d_]+ ){{1,3}}){_COUNT}(?:x| times)(?![^\W_])", re.IGNORECASE)
_NAMED = re.compile(rf"{_NAME} (?:{NUMBER_WORD} |#)?(\d{{1,3}})(?![^\W_]|[-.,/:]\d)", re.IGNORECASE)
_FAULT = re.compile(rf"\b{FAULT_WORD}s?\b|\b{NUMBER_WORD}(?![^\W_])", re.IGNORECASE)
_LOWEST = ({0, 1, 2}, {1, 2, 3})  # one of these begins what is numbered throughout


class NumberedRows:
    """What leads the rows of a product's tables by number: positions, pins, flashes, beeps."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts` are the product's passages."""
        texts = tuple(texts)
        rows: dict[str, set[int]] = defaultdict(set)  # numbers by the token of what they number
        more: set[str] = set()  # of which there are rows for others, such as "6 or more"
        for name, cell in (found.groups() for text in texts for found in _FIRST_CELL.finditer(text)):
            tokens = tokenize(_FAULT.sub(" ", name or ""))
            leading = tuple(_leading(tokens, cell))
            for token, value in leading:
                rows[token].add(value)
            if not leading and _MORE.search(cell):
                more.update(tokens)
        self._numbers = {
            token: numbers
            for token, numbers in rows.items()
            if token not in more and any(lowest <= numbers for lowest in _LOWEST)
        }
        for token, number in (each for text in texts if self._numbers for each in _numbered(text)):
            if token in self._numbers:
                self._numbers[token].add(number)

    def lack(self, question: str) -> bool:
        """Whether a question numbers or counts what is so numbered, and none of its numbers is there."""
        asked = [each for each in _numbered(question) if each[0] in self._numbers] if self._numbers else ()
        return bool(asked) and all(number not in self._numbers[token] for token, number in asked)


def _leading(tokens: Iterable[str], cell: str) -> Iterator[tuple[str, int]]:
    """What a row's first cell numbers or counts, each with its number; `tokens` are its column's name."""
    number = _NUMBER.fullmatch(cell)
    if number:
        numbers = range(int(number[1]), int(number[2] or number[1]) + 1)
        yield from ((token, each) for token in tokens for each in numbers)
    elif _COUNTED.fullmatch(cell):
        yield from _counts(cell)


def _numbered(text: str) -> Iterator[tuple[str, int]]:
    """What a text numbers or counts, as tokens with their numbers."""
    for found in _NAMED.finditer(text):
        if not is_counted(text, found.end()):
            yield from ((token, int(found[2])) for token in tokenize(found[1]))
    yield from _counts(text)


def _counts(text: str) -> Iterator[tuple[str, int]]:
    """What a text counts: "eight red flashes", "flashes red 7 times"; neither "5 mm" nor "2 pin"."""
    for found in _COUNTED.finditer(text):
        is_one = found[1].casefold() in ("1", "one")
        if (is_one or found[2].endswith("s")) and not is_measured(text, found.end(1)):
            yield from ((token, _value(found[1])) for token in tokenize(found[2]))
    for found in _TIMES.finditer(text):
        yield from ((token, _value(found[2])) for token in tokenize(found[1]))


def _value(count: str) -> int:
    return int(count) if count.isdigit() else _VALUES[count.casefold()]
