"""Whether a number in a text counts or measures something: "5 kg", "2 videos", "5 of 7"."""

from __future__ import annotations

import re

from qa_core.asked.unit_symbols import DIMENSION_OF

# Single letters are apart: "12 S" is no time, and "500 T" may be a model.
_UNIT = "|".join(re.escape(unit) for unit in DIMENSION_OF if len(unit) > 1)
_MEASURED = re.compile(
    rf"\s*-?(?:{_UNIT}|[aglmvw]|(?-i:[hs])|[mck]?m[23]|%|[°º][cf]?|times?|x|[ap]\.?m|o.?clock|nights?|digits?|"
    r"sec\w*|min\w*|inch\w*|gal\w*|lit\w+)(?![^\W_])"
    r"|\s+(?:out\s+)?of\s+\d|\s+percent",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![^\W_])\d+(?:[.,]\d+)*")
_PLURAL = re.compile(r"[ -]([a-z]+[a-rt-z]s)\b")
# What ends in an s as well.
_NO_PLURALS = frozenset(
    """
    appears comes does gives goes has happens his is its keeps means needs occurs persists pops plus runs says
    shows starts stays stops this thus us was yes
    """.split()  # noqa: SIM905 - a quoted list is no better to read
)


def is_measured(text: str, end: int) -> bool:
    """Whether a unit follows the number that ends at `end`."""
    return _MEASURED.match(text, end) is not None


def is_counted(text: str, end: int) -> bool:
    """Whether a unit or a plural follows the number that ends at `end`."""
    plural = _PLURAL.match(text, end)
    return is_measured(text, end) or (plural is not None and plural[1] not in _NO_PLURALS)


def without_amounts(text: str) -> str:
    """The text without the numbers that count or measure something."""
    return _NUMBER.sub(lambda found: " " if is_counted(text, found.end()) else found[0], text)


def with_units_apart(text: str) -> str:
    """The text with a space between each number and its unit: "3 mm" for "3mm"."""
    return _NUMBER.sub(lambda found: f"{found[0]} " if is_measured(text, found.end()) else found[0], text)
