"""Whether a number in a text counts or measures something: "5 kg", "2 videos", "5 of 7"."""

from __future__ import annotations

import re

_MEASURED = re.compile(
    r"\s*-?(?:%|[°º][cf]?|times?|x|(?-i:[smh])|[ap]\.?m|o.?clock|sec\w*|min\w*|hours?|hrs?|days?|nights?|weeks?|months?|"
    r"years?|digits?|inch\w*|feet|foot|ft|lbs?|oz|[mckµ]?m[²23]?|met(?:er|re)s?|mi(?:les?)?|[kmµ]?g|[mc]?l|"
    r"gal\w*|lit\w+|[km]?[vaw]h?|watts?|volts?|amps?|degrees?|m?bar|psi|[kmg]?hz|[kmgt]b)(?![^\W_])"
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
