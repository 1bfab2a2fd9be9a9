"""Roman numbers, as lists are counted in them."""

from __future__ import annotations

_VALUES = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def roman(number: int) -> str:
    """A positive number in small letters: 14 is xiv."""
    text = ""
    for value, letters in _VALUES:
        count, number = divmod(number, value)
        text += count * letters
    return text
