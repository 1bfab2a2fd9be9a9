"""What a question means in a thread that is about something already. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa_core.asked.amounts import without_amounts
from qa_core.asked.numbered_names import with_code_of
from qa_core.named.products import Products, product_key
from qa_core.named.versions import version_in, with_version
from qa_core.tokens import tokenize

_POINTING = re.compile(r"\b(?:it|its|that|this|they|them|their|these|those|there|one)\b", re.IGNORECASE)
_SMALL_WORDS = "on off up out not over under often long big far fast soon only ok hello same"  # of themselves
_SMALL = frozenset(token for word in _SMALL_WORDS.split() for token in tokenize(word))
_SELF_CONTAINED = 3  # words of its own with which a question needs no earlier one
_POINTED_AT = 2  # words of its own before "it", with which that may be in the question itself


@dataclass(frozen=True, slots=True)
class Meant:
    """Ways to put a question to the engine, best first, and the product that it is about."""

    questions: tuple[str, ...]
    product: str | None
    is_complete: bool = False  # whether it may be about another product, too: it needs nothing of the thread


def understand(text: str, earlier: str, product: str | None, products: Sequence[str]) -> Meant:
    """What `text` asks after the question `earlier` about `product`.

    A product that it names takes the place of the one in view. Where it says nothing else ("and on the
    X200?"), the earlier question is asked again, of that product; so it is of another version ("and for v2?")
    or code ("and E05?").
    """
    named, version = named_product(text, products), version_in(text)
    changed = None if named else with_code_of(earlier, text)
    if changed and _own_words(text, None) <= frozenset(tokenize(changed)):
        return Meant((changed,), product)
    n_own = len(_own_words(text, named) - frozenset(tokenize(version or "")))
    if not earlier or n_own >= _SELF_CONTAINED:
        return Meant((text,), named or product, named is None and _is_complete(text))
    before = _renamed(earlier, named_product(earlier, products), named) if named else earlier
    if (named or version) and n_own == 0:
        return Meant((with_version(before, version) if version else before,), named or product)
    together = f"{before} {text}"
    leans = n_own == 0 or _POINTING.search(text)
    return Meant((together, text) if leans else (text, together), named or product)


def _is_complete(text: str) -> bool:
    """Whether it says what it is about: "it" counts for something in the thread where it comes first."""
    pointing = _POINTING.search(text)
    before = text[: pointing.start()] if pointing else text
    return _n_words(text) >= _SELF_CONTAINED and (pointing is None or _n_words(before) >= _POINTED_AT)


def _n_words(text: str) -> int:
    """How many words say something; a code is one, of however many tokens."""
    return sum(bool(_own_words(word, None)) for word in text.split())


def named_product(text: str, products: Sequence[str]) -> str | None:
    """The one product that a text names, in full or by a word that no other product's name has."""
    names = _names_of(tuple(products))
    keys = names.products.named_in(text) or _named_by_a_word(text, names.alone)
    found = [product for product in products if product_key(product) in keys]
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class _Names:
    """What products are told by."""

    products: Products
    alone: Mapping[str, frozenset[str]]  # by key: the words of its name that no other product's name has


@lru_cache(maxsize=32)  # every follow-up asks for the same ones, several times
def _names_of(products: tuple[str, ...]) -> _Names:
    tokens = {product_key(product): frozenset(tokenize(product)) for product in products}
    n_names = Counter(token for own in tokens.values() for token in own)
    alone = {key: frozenset(token for token in own if n_names[token] == 1) for key, own in tokens.items()}
    return _Names(Products(products), alone)


def _named_by_a_word(text: str, alone: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Products of which the text has a word with a digit ("X200"), or two words, that are theirs alone."""
    asked = frozenset(tokenize(without_amounts(text)))
    shared = {key: asked & own for key, own in alone.items()}
    return frozenset(key for key, own in shared.items() if len(own) > 1 or any(map(_is_code, own)))


def _own_words(text: str, name: str | None) -> frozenset[str]:
    """The words that say something, other than the product's name."""
    of_name = frozenset(tokenize(name)) if name else frozenset()
    codes = tuple(token for token in of_name if _is_code(token))
    return frozenset(
        token
        for token in tokenize(text)
        if token not in _SMALL | of_name and not (codes and token.endswith(codes))
    )


def _renamed(text: str, old: str | None, new: str) -> str:
    """The question with the new product's name where it names the old one."""
    of_old = frozenset(tokenize(old)) if old else frozenset()
    words: list[str] = []
    for word in text.split():
        if not tokenize(word) or not of_old.issuperset(tokenize(word)):
            words.append(word)
        elif new not in words:
            words.append(new)
    return " ".join(words)


def _is_code(token: str) -> bool:
    return len(token) > 1 and any(char.isdigit() for char in token)
