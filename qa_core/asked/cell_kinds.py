"""What a question asks a table for: an amount, "how much oil", or a name, "which motor"."""

from __future__ import annotations

import re

from qa_core.asked.amounts import is_counted
from qa_core.tokens import tokenize

_HOW_MUCH = re.compile(r"\bhow (?:many|much)\b", re.IGNORECASE)
_WHICH = re.compile(
    r"\b(?:(?:what|which)(?: (?:kind|model|sort|type) of)?|type of) ([^\W\d_]{3,})|([^\W\d_]{3,}) type\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![^\W_])[+-]?\d+(?:[.,]\d+)*")


def asks_for_amount(question: str) -> bool:
    """Whether a question asks how much or how many there is of something."""
    return _HOW_MUCH.search(question) is not None


def asked_name_of(question: str) -> frozenset[str]:
    """The tokens of what a question asks the name of: "motor" of "which motor does it have"."""
    return frozenset(token for found in _WHICH.finditer(question) for token in tokenize(found[1] or found[2]))


def is_amount(cell: str) -> bool:
    """Whether a cell counts or measures something: "2300 W", "4"; neither "SAE 90" nor "type N2"."""
    number = _NUMBER.search(cell)
    return number is not None and (number[0] == cell.strip() or is_counted(cell, number.end()))
