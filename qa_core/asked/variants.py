"""The models that a word tells apart, and those of a question that a product does not have: "Tovo Mini"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qa_core.asked.numbered_names import VARIANT_WORD

_SERIES = r"(?<![^\W_])([^\W\d_]{2,16})"
_MODEL = re.compile(rf"{_SERIES} ({VARIANT_WORD})(?![^\W_])")
_ASKED = re.compile(rf"{_SERIES} ({VARIANT_WORD})(?![^\W_])", re.IGNORECASE)
_WORD = re.compile(rf"(?<![^\W_]){VARIANT_WORD}(?![^\W_])", re.IGNORECASE)
# In small letters they are words like any other: "tovo max load".
_ORDINARY = frozenset({"air", "classic", "compact", "eco", "max", "plus", "sport"})


class Variants:
    """What a product's manuals call the models of its series."""

    def __init__(self, texts: Iterable[tuple[str, str]], names: frozenset[str]) -> None:
        """`texts` are the product's passages, each with its heading; `names` the words of its name."""
        self._series: set[str] = set()  # of which there are such models
        self._words: set[str] = set()  # in any place
        for part in (part for text in texts for part in text):
            self._words.update(map(str.casefold, _WORD.findall(part)))
            self._series.update(found[1].casefold() for found in _MODEL.finditer(part))
        self._series &= names

    def lack(self, question: str) -> bool:
        """Whether a question names such a model and none that there is, though the series has others."""
        asked = [
            found[2].casefold()
            for found in (_ASKED.finditer(question) if self._series else ())
            if found[1].casefold() in self._series and (found[2][0].isupper() or found[2] not in _ORDINARY)
        ]
        return bool(asked) and self._words.isdisjoint(asked)
