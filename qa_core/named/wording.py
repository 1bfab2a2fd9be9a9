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
            stem = next(iter(tokenize(word)), word)
            ending = rf"[^\W\d_A-Z]{{0,{_LONGEST_ENDING}}}(?![^\W_]|[./@:]\w)"
            pattern = rf"(?<![\w./@]){re.escape(stem)}{ending}"
            self._lower[word] = self._manuals_with(re.compile(pattern), stem)
        return self._lower[word]

    def as_a_name(self, word: str) -> frozenset[str]:
        """The ids of the manuals that have the word with a capital inside a sentence."""
        if word not in self._names:
            pattern = rf"[a-z,] {re.escape(word[0].upper())}(?i:{re.escape(word[1:])})(?![^\W_])"
            self._names[word] = self._manuals_with(re.compile(pattern), word)
        return self._names[word]

    def in_any_case(self, code: str) -> frozenset[str]:
        """The ids of the manuals whose text has a code, however it is written: "SX-5000", "sx5000"."""
        if code not in self._codes:
            parts = _PARTS.findall(code)
            pattern = rf"(?<![^\W_]){'[-_ ]?'.join(map(re.escape, parts))}(?![^\W_])"
            longest = max(parts, key=len)
            self._codes[code] = self._manuals_with(re.compile(pattern, re.IGNORECASE), longest)
        return self._codes[code]

    def _manuals_with(self, pattern: re.Pattern[str], part: str) -> frozenset[str]:
        """`part` is in all that the pattern finds, and is looked for much faster."""
        part = part.casefold()
        return frozenset(
            each.manual.id
            for each in self._passages
            if part in each.text.casefold() and pattern.search(each.text)
        )
