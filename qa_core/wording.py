"""How the manuals write a word: as any other one, or as a name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa_core.tokens import tokenize
from qa_core.types import Passage

_PARTS = re.compile(r"\d+|[^\W\d_]+")
_LONGEST_ENDING = 4  # letters that a word may have behind its stem: "flash", "flashing"


class Wording:
    """The passages, searched for a word when it is asked about, and what was found is kept."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._lower: dict[str, frozenset[str]] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._codes: dict[str, frozenset[str]] = {}

    def in_small_letters(self, word: str) -> frozenset[str]:
        """The ids of the manuals whose text has the word, with any ending, in small letters.

        Addresses do not count.
        """
        if word not in self._lower:
            stem = re.escape(next(iter(tokenize(word)), word))
            ending = rf"[^\W\d_A-Z]{{0,{_LONGEST_ENDING}}}(?![^\W_]|[./@:]\w)"
            pattern = rf"(?<![\w./@]){stem}{ending}"
            self._lower[word] = self._manuals_with(re.compile(pattern))
        return self._lower[word]

    def as_a_name(self, word: str) -> frozenset[str]:
        """The ids of the manuals that have the word with a capital inside a sentence."""
        if word not in self._names:
            pattern = rf"[a-z,] {re.escape(word[0].upper())}(?i:{re.escape(word[1:])})(?![^\W_])"
            self._names[word] = self._manuals_with(re.compile(pattern))
        return self._names[word]

    def in_any_case(self, code: str) -> frozenset[str]:
        """The ids of the manuals whose text has a code, however it is written: "SX-5000", "sx5000"."""
        if code not in self._codes:
            parts = r"[-_ ]?".join(map(re.escape, _PARTS.findall(code)))
            pattern = rf"(?<![^\W_]){parts}(?![^\W_])"
            self._codes[code] = self._manuals_with(re.compile(pattern, re.IGNORECASE))
        return self._codes[code]

    def _manuals_with(self, pattern: re.Pattern[str]) -> frozenset[str]:
        return frozenset(each.manual.id for each in self._passages if pattern.search(each.text))
