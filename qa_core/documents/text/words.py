"""The words of a plain text, those that the ends of its lines divide among them."""

from __future__ import annotations

import re

_DIVIDED = re.compile(r"\b([^\W\d_]+)-\n\s*([^\W\d_]+)")
_SPREAD = re.compile(r"[^\W\d_,;] {2,3}(?=[^\W\d_])")  # of words, to fill the line
_FEWEST_SPREAD = 0.1  # of the lines


def words_of(text: str) -> frozenset[str]:
    """The words, case folded; in a justified text also those that are divided, if neither half is a word."""
    folded = text.casefold()
    words = frozenset(re.findall(r"\w+", _DIVIDED.sub(" ", folded)))
    if len(_SPREAD.findall(text)) < _FEWEST_SPREAD * text.count("\n"):
        return words
    halves = _DIVIDED.findall(folded)
    return words | {first + second for first, second in halves if words.isdisjoint((first, second))}
