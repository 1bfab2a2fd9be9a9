"""What a product is called beside its name's marks, in any case: its maker or trade name, and its models.

"torque velora", "the vx5000": the first word of a product's name where no other product has it, and the codes
in its name and its manuals' titles. A word counts where the manuals write it as a name and nowhere in small
letters: "home" is an ordinary one. With many products it is enough that none has it so. A code counts where
no other product's manual has it. So does, with many products, any word of a title: "the kiln", of which no
other manual speaks. (On the sample manuals that puts 97.7 % of the right sections first in place of 96.0, and
on eleven that nothing was fitted on 75.3 in place of 74.9.) Where no heading of the product's has such a
word, it is but a name: a sentence with it is no better than others.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from qa_core.asked.row_keys import FAULT_WORD
from qa_core.named.products import product_key
from qa_core.named.wording import Wording
from qa_core.tokens import STOP_WORDS, tokenize
from qa_core.types import Manual, Passage

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_SHORTEST = 4  # letters of a word that names a product
_ENOUGH_PRODUCTS = 5  # besides, whose manuals would have the word in small letters if it were an ordinary one
_SHORTEST_CODE = 2  # characters: "z5"
_FAULT_WORD = re.compile(rf"{FAULT_WORD}s?")
_FAULT = re.compile(rf"\b{FAULT_WORD}s?[\s:#-]+[^\W\d_]*\d\w*", re.IGNORECASE)  # "error E4": no model
_OF_MANUALS_TEXT = """
    edition guide handbook help instruction instructions leaflet manual manuals online operating operation
    owner owners page pages quick reference series service sheet start user users
"""
OF_MANUALS = frozenset(_OF_MANUALS_TEXT.split())  # what a manual is, not its product


class Aliases:
    """The words that may name one product alone, of an index of several."""

    def __init__(self, passages: Sequence[Passage], wording: Wording) -> None:
        self._wording = wording
        manuals = {passage.manual.id: passage.manual for passage in passages}
        self._manuals: dict[str, set[str]] = defaultdict(set)  # ids by product
        owners: dict[str, set[str]] = defaultdict(set)  # products by the tokens of their names and titles
        self._words: dict[str, str] = {}  # that may be aliases, by token
        kinds: dict[str, str] = {}  # words that may tell what a product is, by token
        for manual in manuals.values():
            key = product_key(manual.product)
            self._manuals[key].add(manual.id)
            for token in tokenize(f"{manual.product} {manual.title}"):
                owners[token].add(key)
            self._words.update((tokenize(word)[0], word) for word in _aliases(manual))
        for ids in self._manuals.values():
            words = _kinds([manuals[each] for each in ids])
            kinds.update((token, word) for word in words for token in tokenize(word))
        alone = (token for token in self._words if len(owners[token]) == 1 < len(self._manuals))
        self._owner = {token: next(iter(owners[token])) for token in alone}
        has_enough = len(self._manuals) > _ENOUGH_PRODUCTS
        self._kinds = {token: word for token, word in kinds.items() if has_enough and len(owners[token]) == 1}
        self._owner |= {token: next(iter(owners[token])) for token in self._kinds}
        self._in_headings = _in_headings(passages)
        self._models = {key: _common(manuals[each] for each in ids) for key, ids in self._manuals.items()}

    def named_in(self, question: str) -> Mapping[str, frozenset[str]]:
        """The products that a question names so, by their keys, each with the tokens that are but a name."""
        named: dict[str, frozenset[str]] = {}
        for token in self._owner.keys() & tokenize(_FAULT.sub(" ", question)):
            key = self._owner[token]
            if token in self._words and self._is_name(self._words[token], self._manuals[key]):
                named[key] = named.get(key, frozenset()).union(tokenize(self._words[token]))
            elif token in self._kinds and self._is_kind(self._kinds[token], self._manuals[key]):
                # What a heading has, "Firing the kiln", is asked about, too.
                names = frozenset([token]) - self._in_headings[key]
                named[key] = named.get(key, frozenset()) | names
        return named

    def models(self, keys: Iterable[str]) -> frozenset[str]:
        """The tokens of the models that all titles of a product's manuals have, of these products."""
        return frozenset().union(*(self._models.get(key, frozenset()) for key in keys))

    def _is_name(self, word: str, own: set[str]) -> bool:
        if word.isalpha():
            is_told = len(self._manuals) > _ENOUGH_PRODUCTS or bool(self._wording.as_a_name(word) & own)
            return is_told and not self._wording.in_small_letters(word)
        return self._wording.in_any_case(word) <= own

    def _is_kind(self, word: str, own: set[str]) -> bool:
        """Whether no other manuals use the word, which these have in their titles."""
        return self._wording.in_small_letters(word) | self._wording.in_any_case(word) <= own


def _in_headings(passages: Iterable[Passage]) -> Mapping[str, frozenset[str]]:
    """The tokens of the headings below its manuals' titles, by product."""
    headings: dict[str, set[str]] = defaultdict(set)
    for passage in passages:
        headings[product_key(passage.manual.product)].update(
            each for each in passage.section.heading_path if each != passage.manual.title
        )
    return {key: frozenset(tokenize("\n".join(each))) for key, each in headings.items()}


def _aliases(manual: Manual) -> Iterator[str]:
    """The words of a manual's product and title that may name the product, in small letters."""
    words = _WORD.findall(manual.product.casefold())
    if words and words[0].isalpha() and len(words[0]) >= _SHORTEST and words[0] not in STOP_WORDS:
        yield words[0]
    yield from filter(_is_code, (*words, *_WORD.findall(manual.title.casefold())))


def _kinds(manuals: Sequence[Manual]) -> frozenset[str]:
    """The words of a product that may tell what it is: "kiln".

    They stand in its name, or in the titles of all its manuals: "Backup" may be one article of many.
    """
    titles = frozenset.intersection(*(_words_of_kind(manual.title) for manual in manuals))
    return titles.union(*(_words_of_kind(manual.product) for manual in manuals))


def _words_of_kind(name: str) -> frozenset[str]:
    words = frozenset(_WORD.findall(name.casefold())) - STOP_WORDS - OF_MANUALS
    return frozenset(
        word
        for word in words
        if word.isalpha() and len(word) >= _SHORTEST and not _FAULT_WORD.fullmatch(word)
    )


def _is_code(word: str) -> bool:
    n_digits, n_letters = sum(map(str.isdigit, word)), sum(map(str.isalpha, word))
    return bool(n_digits and n_letters) and n_digits + n_letters >= _SHORTEST_CODE


def _common(manuals: Iterable[Manual]) -> frozenset[str]:
    """The tokens of the codes that all these manuals' titles have."""
    codes = [frozenset(filter(_is_code, _WORD.findall(each.title.casefold()))) for each in manuals]
    return frozenset(tokenize(" ".join(frozenset.intersection(*codes))))
