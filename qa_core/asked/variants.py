"""The models that a word or a letter tells apart, and those that a product does not have: "Tovo Mini"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from qa_core.asked.numbered_names import VARIANT_WORD

_SERIES = r"(?<![^\W_])([^\W\d_]{2,16})"
_MODEL = re.compile(rf"{_SERIES} ({VARIANT_WORD})(?![^\W_])")
_ASKED = re.compile(_MODEL.pattern, re.IGNORECASE)
# "Tovo R", "Tovo XL"; "a" and "I" are words.
_LETTERED = re.compile(rf"{_SERIES} ([B-HJ-Z]|X{{1,3}}[LS])(?![^\W_]|['’.&-])")
# "The Campus plan"; what begins a sentence is in capitals anyway.
_EDITION = re.compile(
    r"(?<=[\w,] )([A-Z][^\W\d_]{2,15}) (edition|licen[cs]e|package|plan|subscription|tier)(?![^\W_])"
)
_EDITIONS = re.compile(
    r"(?<![^\W_])(edition|licen[cs]e|package|plan|subscription|tier)s?(?![^\W_])", re.IGNORECASE
)
_N_SISTERS = 2  # letters of a series from which on there are models of them
_BEHIND = re.compile(rf" ({VARIANT_WORD})(?![^\W_])", re.IGNORECASE)
_WORD = re.compile(rf"(?<![^\W_]){VARIANT_WORD}(?![^\W_])", re.IGNORECASE)
_ANY_WORD = re.compile(r"[^\W\d_]{3,}")
# In small letters they are words like any other: "tovo max load".
_ORDINARY = frozenset({"air", "classic", "compact", "eco", "max", "plus", "premium", "sport"})


class Variants:
    """What a product's manuals call the models of its series."""

    def __init__(self, texts: Iterable[tuple[str, str]], names: frozenset[str]) -> None:
        """`texts` are the product's passages, each with its heading; `names` the words of its name."""
        self._series: set[str] = set()  # of which there are such models
        letters: dict[str, set[str]] = defaultdict(set)  # by series
        self._words: set[str] = set()  # of such models, in any place
        self._editions: set[str] = set()  # what these are called: "plan"
        parts = tuple(part for text in texts for part in text)
        for part in parts:
            self._editions.update(found.casefold() for found in _EDITIONS.findall(part))
            self._words.update(word.casefold() for word in _WORD.findall(part) if _is_name(word))
            self._series.update(found[1].casefold() for found in _MODEL.finditer(part))
            for series, letter in _LETTERED.findall(part):
                letters[series.casefold()].add(letter)
        self._series &= names
        words = (word for part in parts if self._editions for word in _ANY_WORD.findall(part))
        self._all_words = frozenset(map(str.casefold, words))
        self._letters = {
            series: found for series, found in letters.items() if series in names and len(found) >= _N_SISTERS
        }

    def lack(self, question: str) -> bool:
        """Whether a question names such a model and none that there is, though the series has others."""
        return self._lack_words(question) or self._lack_letters(question) or self._lack_edition(question)

    def _lack_words(self, question: str) -> bool:
        asked = [
            found[2].casefold()
            for found in (_ASKED.finditer(question) if self._series else ())
            if found[1].casefold() in self._series and _is_name(found[2])
        ]
        return bool(asked) and self._words.isdisjoint(asked)

    def _lack_letters(self, question: str) -> bool:
        found = ((series.casefold(), letter) for series, letter in _LETTERED.findall(question))
        asked = [each for each in found if each[0] in self._letters] if self._letters else []
        return bool(asked) and all(letter not in self._letters[series] for series, letter in asked)

    def _lack_edition(self, question: str) -> bool:
        asked = [name.casefold() for name, called in _EDITION.findall(question) if called in self._editions]
        return bool(asked) and self._all_words.isdisjoint(asked)

    def lack_behind(self, question: str, end: int) -> bool:
        """Whether a model that ends at `end` goes on with such a word, and there is none: "HX 510 Plus"."""
        found = _BEHIND.match(question, end)
        return found is not None and _is_name(found[1]) and found[1].casefold() not in self._words


def _is_name(word: str) -> bool:
    return word[0].isupper() or word not in _ORDINARY
