"""What names a product beside its whole name: "Trail 5", "540DN", "X2" beside an X1, "the Plus".

A mark is a run of words of a product's name: a code, or a number with the word before it, or a word that
alone tells the product from a sister. No other product's name has it, save those that only add words to this
one. A code of up to three characters is as likely an error, a socket or a size as a model: it is a mark where
a product of a like name has another code in its place.

Many such words are ordinary ones: "watch 2 videos", "charge 6 batteries", "clean the light". They count where
they are written as a name is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from qa_core.asked.amounts import is_counted, is_measured
from qa_core.asked.row_keys import FAULT_WORD
from qa_core.tokens import STOP_WORDS, tokenize

Words = tuple[str, ...]

_WORD = re.compile(r"[^\W_]+(?:[-_./+][^\W_]+)*")
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_NUMBER = re.compile(r"\d+(?:[.,/]\d+)*")
_SHORTEST_CODE = 4  # characters of a code that names a product without a sister: "RX-300", but not "E4"
N_SHARED = 2  # words that the names of sisters share where a word tells them apart: one may be the maker
# "error E4", "message 14": what is no model.
_CODED = re.compile(
    rf"\b(?:{FAULT_WORD}|menu|parameter|port|socket|step|page)s?[\s:#-]+\w+",
    re.IGNORECASE,
)
_OF_ONE_S_OWN = "the|my|our|your|his|her|their|this|that"
_BEFORE_A_NAME = re.compile(rf"\b(?:{_OF_ONE_S_OWN}|on|of|for)\s+$", re.IGNORECASE)
_BEGINNING = re.compile(r"(?:^|[.?!:\n])\s*$")
_ENDING = re.compile(r"\s*(?:$|[?!:,])")
_LONG_NUMBER = 3  # digits from which on a number with any word before it is a model: "meridio 300"
_SMALL = "|".join(sorted(STOP_WORDS | {"on", "off", "not", "out", "up"}))


Kind = Literal["code", "short code", "numbered word", "word", "first word"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Words that name a product where they stand one after the other."""

    tokens: frozenset[str]
    pattern: re.Pattern[str]
    kind: Kind

    @property
    def is_short(self) -> bool:
        """Whether it may mean something else as well: an error, a socket."""
        return self.kind == "short code"

    @classmethod
    def of(cls, run: Words, before: str = "the") -> Mark:
        """The mark of a code or number with the words beside it, behind `before`, in any spelling."""
        parts = _PARTS.findall(" ".join(run))
        kind: Kind = "short code" if _is_short(run) else "numbered word" if _is_numbered_word(run) else "code"
        between = r"[\W_]*"
        start = r"(?<![^\W_])"
        if kind == "short code":
            between = "[-_]?"
            start += r"(?<!\d )"  # "400 m2" is no M2
            if parts[0] == "x":  # nor is "zoom x2" an X2
                start += (
                    rf"(?:(?=(?-i:X))|(?<=[,;:(] )|(?<=the )|(?<=on )|(?<=my )|(?<={re.escape(before)} )|^)"
                )
        pattern = rf"{start}{between.join(map(re.escape, parts))}(?![^\W_]|[.,]\d)"
        return cls(frozenset(tokenize(" ".join(run))), re.compile(pattern, re.IGNORECASE), kind)

    @classmethod
    def of_word(cls, word: str, kind: Kind = "word") -> Mark:
        """The mark of a word that names a product as "the Plus" does, but not in "the plus button"."""
        pattern = (
            rf"\b(?:{_OF_ONE_S_OWN}) ({re.escape(word)})"
            rf"(?:['’]s\b|(?=\s*(?:$|[^\w\s+-]))|(?=\s+(?:{_SMALL})\b))"
        )
        return cls(frozenset(tokenize(word)), re.compile(pattern, re.IGNORECASE), kind)

    def is_in(self, question: str, is_alone: bool = True) -> bool:
        """Whether a question has the mark; `is_alone`: no word of another product's name is in it."""
        found = self._found(question)
        if self.kind == "word":
            return any(is_alone or each[1][0].isupper() for each in found)
        if self.kind == "first word":  # "the Alphon" for the one product of that maker; "the coffee" is none
            return any(each[1][0].isupper() for each in found)
        if self.kind == "numbered word":
            return any(is_name(question, *each.span()) for each in found)
        return self.is_spelled_in(question)

    def is_spelled_in(self, question: str) -> bool:
        """Whether a question has the mark's words, in capitals or not: where they can mean nothing else."""
        return next(self._found(question), None) is not None

    def _found(self, question: str) -> Iterator[re.Match[str]]:
        return self.pattern.finditer(_CODED.sub(" ", question) if self.is_short else question)


def is_name(text: str, start: int, end: int) -> bool:
    """Whether a word with its number, `text[start:end]`, is written as a name: "the Watch 2".

    "watch 2 videos" and "Charge 6 batteries" are not.
    """
    if is_measured(text, end):
        return False
    is_capital, begins = text[start].isupper(), _BEGINNING.search(text, 0, start) is not None
    if (is_capital and not begins) or not re.search(r"\s", text[start:end]):
        return True
    if _BEFORE_A_NAME.search(text, 0, start):
        return True
    if is_counted(text, end):
        return False
    n_digits = sum(char.isdigit() for char in text[start:end])
    return is_capital or n_digits >= _LONG_NUMBER or (begins and _ENDING.match(text, end) is not None)


def marks_of(names: Mapping[str, str], n_shared: int = N_SHARED) -> dict[str, tuple[Mark, ...]]:
    """The marks of each product, under its key; `names` are all there are.

    Those that share `n_shared` words are sisters, which a word may tell apart.
    """
    words = {key: tuple(_WORD.findall(name.casefold())) for key, name in names.items()}
    family = _Family(words, n_shared)
    return {key: tuple(family.marks(key)) for key in words}


class _Family:
    """All products' names, looked up by what they share."""

    def __init__(self, words: Mapping[str, Words], n_shared: int) -> None:
        self._n_shared = n_shared
        self._words, self._names = words, frozenset(words.values())
        self._owners: dict[Words, set[str]] = defaultdict(set)  # of each run of words
        self._codes: dict[tuple[str, str], set[str]] = defaultdict(
            set
        )  # products with one, by the word on one side
        self._gaps: dict[Words, set[str]] = defaultdict(set)  # words by the rest of the name
        for key, own in words.items():
            for start in range(len(own)):
                self._gaps[_without(own, start)].add(own[start])
                for end in range(start + 1, len(own) + 1):
                    self._owners[own[start:end]].add(key)
                if _is_code(own[start]):
                    for side in _sides(own, start):
                        self._codes[side].add(key)

    def marks(self, key: str) -> Iterator[Mark]:
        """The marks of one product."""
        own = self._words[key]
        model = own[1:] if _names_a_model(own[1:]) else None
        if model:
            yield Mark.of(model)
        for place, word in enumerate(own):
            if _is_code(word) or (_NUMBER.fullmatch(word) and place and own[place - 1] not in STOP_WORDS):
                run = self._own_run(key, place if _is_code(word) else place - 1, place + 1)
                if run and run != model and (not _is_short(run) or self._has_sister(own, place)):
                    yield Mark.of(run, own[place - 1] if place else "the")
            elif not _NUMBER.fullmatch(word) and self._is_alone(key, (word,)):
                if self._is_variant(own, place):
                    yield Mark.of_word(word)
                elif not place and len(own) > 1:
                    yield Mark.of_word(word, "first word")

    def _own_run(self, key: str, start: int, end: int) -> Words | None:
        """The shortest run from `start`, `end` at least, that is this product's alone."""
        own = self._words[key]
        runs = (own[start:stop] for stop in range(end, len(own) + 1))
        return next((run for run in runs if self._is_alone(key, run)), None)

    def _is_alone(self, key: str, run: Words) -> bool:
        own = set(self._words[key])
        return all(own < set(self._words[other]) for other in self._owners[run] if other != key)

    def _has_sister(self, own: Words, place: int) -> bool:
        return any(len(self._codes[side]) > 1 for side in _sides(own, place))

    def _is_variant(self, own: Words, place: int) -> bool:
        """Whether another product's name is the same but for this word."""
        if len(own) <= self._n_shared:
            return False
        rest = (*own[:place], *own[place + 1 :])
        return len(self._gaps[_without(own, place)]) > 1 or rest in self._names


def _without(own: Words, place: int) -> Words:
    return (*own[:place], "", *own[place + 1 :])


def _sides(own: Words, place: int) -> Iterator[tuple[str, str]]:
    """The words beside one, each with its side."""
    if place:
        yield "before", own[place - 1]
    if place + 1 < len(own):
        yield "after", own[place + 1]


def _is_code(word: str) -> bool:
    """Whether a word mixes digits with letters."""
    return any(char.isdigit() for char in word) and any(char.isalpha() for char in word)


def _is_short(run: Words) -> bool:
    return len(run) == 1 and len("".join(_PARTS.findall(run[0]))) < _SHORTEST_CODE


def _is_numbered_word(run: Words) -> bool:
    """Whether a name is a word and a number: "Trail 5"."""
    return len(run) == 2 and run[0].isalpha() and _NUMBER.fullmatch(run[1]) is not None


def _names_a_model(model: Words) -> bool:
    """Whether what follows the maker would name a product by itself."""
    parts = _PARTS.findall(" ".join(model))
    return len(parts) > 1 and any(part.isdigit() for part in parts) and not (model and _is_short(model))
