"""The marks in front of list items: letters, Roman numbers, and numbers of several levels."""

from __future__ import annotations

import re

from qa_core.roman import roman
from qa_core.units import STEP

_UPPER = {"upperLetter": "lowerLetter", "upperRoman": "lowerRoman", "A": "a", "I": "i"}
_MOST = 399  # that a list has in Roman numbers
_NUMBER = re.compile(r"\(?\d{1,3}[.:)]*")
_STEP = re.compile(STEP)


def numeral(number: int, form: str) -> str:
    """A number in one of Word's or HTML's forms; in digits in forms that are not known."""
    if form in ("lowerLetter", "a") and number > 0:
        return chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1)
    if form in ("lowerRoman", "i") and 0 < number <= _MOST:
        return roman(number)
    if form in _UPPER:
        return numeral(number, _UPPER[form]).upper()
    return str(number)


def step_label(shown: str) -> str | None:
    """The mark of a step as `Line.label`: `b)`, `(iv)`, `1.2.`; None for a plain number or another text."""
    shown = shown.strip()
    if _NUMBER.fullmatch(shown):
        return None
    label = shown if shown.endswith((".", ")")) else f"{shown}."
    return label if _STEP.fullmatch(label) else None
