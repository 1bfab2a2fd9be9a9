"""How often a light flashes: "red, two flashes", "blinks twice", "red 5 times".

A table may tell of one flash and of two: three are none of it, however near its rows come.
"""

from __future__ import annotations

import re

from qa_core.asked.colours import COLOUR_WORD

_TIMES = {"once": 1, "twice": 2, "thrice": 3, "single": 1, "double": 2, "triple": 3}
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_VALUES = _TIMES | {word: value for value, word in enumerate(_WORDS, 1)}
_COUNT = rf"(\d{{1,2}}|{'|'.join(_WORDS)})"
_FLASH = r"(?:blink|flash|puls)"
_AMID = r"(?:,? [^\W\d_]{1,16}){0,2}?"
_FLASHES = (
    # Neither "two lamps flash" nor "flashes for 5 seconds, flashes red".
    re.compile(rf"(?<![^\W_]){_COUNT}(?: [^\W\d_]{{2,16}}(?<!s))? {_FLASH}e?s(?![^\W_])", re.IGNORECASE),
    re.compile(rf"(?<![^\W_])(1|one)(?: [^\W\d_]{{2,16}})? {_FLASH}e?(?![^\W_])", re.IGNORECASE),
    re.compile(rf"(?<![^\W_])(single|double|triple)[ -]{_FLASH}", re.IGNORECASE),
    re.compile(
        rf"(?<![^\W_])(?:{_FLASH}[^\W\d_]*{_AMID}|{COLOUR_WORD}),? "
        rf"(?:{_COUNT}(?:x| times)|(once|twice|thrice))(?![^\W_])(?<! at once)",
        re.IGNORECASE,
    ),
)


def flashes_in(text: str) -> frozenset[int]:
    """The numbers of flashes that a text tells of."""
    found = (each for pattern in _FLASHES for each in pattern.finditer(text))
    return frozenset(_value((each[each.lastindex or 0]).casefold()) for each in found)


def _value(count: str) -> int:
    return int(count) if count.isdigit() else _VALUES[count]
