"""Where a number begins and ends in a text, so that no piece is cut out of the midst of one."""

from __future__ import annotations

import re

_BEFORE = r"\s(\[=:"
MINUS = rf"(?<![^{_BEFORE}])[-−](?=\d)"  # -5, but not 2-5 and not E-5
UNSIGNED = rf"(?<![{_BEFORE}][-−])"  # before a number without a sign
_MARK = re.compile(rf"(?<=\d)[.,/](?=\d)|{MINUS}")  # 1.5, 1,000, 1/2


def number_marks(text: str) -> frozenset[int]:
    """Where the signs of numbers stand, and the marks between their digits."""
    return frozenset(mark.start() for mark in _MARK.finditer(text))


def is_apart(text: str, start: int, end: int) -> bool:
    """Whether neither a word nor a number goes on at either end of `text[start:end]`."""
    in_word = any(0 < at < len(text) and text[at - 1 : at + 1].isalnum() for at in (start, end))
    return not (in_word or cuts_number(text, start, end))


def cuts_number(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` begins or ends in the midst of a number."""
    return any(0 < at < len(text) and _is_in_number(text, at) for at in (start, end))


def _is_in_number(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if before.isdigit():
        return after.isdigit() or _MARK.match(text, at) is not None
    return _MARK.match(text, at - 1) is not None
