"""Which products there are, and which of them a question names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from qa_core.errors import IndexingError
from qa_core.named.marks import N_SHARED, marks_of
from qa_core.tokens import tokenize

Wanted = str | tuple[str, ...] | None  # a product, several, or all

_N_LISTED = 12
_N_REMEMBERED = 100  # questions
_PARTED = re.compile(r"(?<![^\W_])([^\W\d_]+) (\d+)(?![^\W_])")  # a word and a number


class Products:
    """The products of an index, told apart without regard to case and spaces."""

    def __init__(self, names: Iterable[str], n_shared: int = N_SHARED) -> None:
        """`n_shared` words of their names make products sisters."""
        self._by_key = {product_key(name): name for name in sorted(set(names), reverse=True)}
        self._tokens = {key: frozenset(tokenize(name)) for key, name in self._by_key.items()}
        self._words = frozenset(filter(str.isalpha, chain.from_iterable(self._tokens.values())))
        self._marks = marks_of(self._by_key, n_shared)
        self._ordinary = {  # whose name may be no name: "charge 6"
            key
            for key, own in self._marks.items()
            if any(mark.kind == "numbered word" and mark.tokens == self._tokens[key] for mark in own)
        }
        self._named = lru_cache(maxsize=_N_REMEMBERED)(self._find_named)  # a question is looked at repeatedly
        self._with_short = {key for key, own in self._marks.items() if any(mark.is_short for mark in own)}

    @property
    def names(self) -> tuple[str, ...]:
        """The products as their manuals write them, sorted."""
        return tuple(sorted(self._by_key.values()))

    def key(self, name: str) -> str:
        """What two spellings of a product share; raises IndexingError if there is no such product."""
        key = product_key(name)
        if key in self._by_key:
            return key
        listed = ", ".join(self.names[:_N_LISTED])
        more = f" and {len(self.names) - _N_LISTED} more" if len(self.names) > _N_LISTED else ""
        raise IndexingError(f"No product {name!r} in the index. There are: {listed or 'none'}{more}")

    def keys(self, wanted: Wanted) -> frozenset[str] | None:
        """The keys of what is wanted, None for all; raises IndexingError for a product that is not there."""
        if wanted is None or wanted == ():
            return None
        return frozenset(map(self.key, [wanted] if isinstance(wanted, str) else wanted))

    def names_of(self, keys: Iterable[str]) -> tuple[str, ...]:
        """These products as their manuals write them, sorted."""
        return tuple(sorted(self._by_key[key] for key in keys))

    def tokens(self, keys: Iterable[str]) -> frozenset[str]:
        """The words of these products' names."""
        return frozenset().union(*(self._tokens[key] for key in keys))

    def named_in(self, question: str) -> frozenset[str]:
        """Keys of the products that the question names: in full, without their maker, or by a mark.

        Of "S9" and "S9 Plus" only the longer one. A short mark ("X2") says nothing beside the name of a
        product that has none: it may be a socket there.
        """
        return self._named(question)

    def _find_named(self, question: str) -> frozenset[str]:
        asked = {*tokenize(question), *tokenize(_PARTED.sub(r"\1\2", question))}  # "Model 88" is MODEL88
        named = {
            key: tokens
            for key, tokens in self._tokens.items()
            if tokens and tokens <= asked and key not in self._ordinary
        }
        short: dict[str, frozenset[str]] = {}
        for key, marks in self._marks.items():
            for mark in marks:
                is_alone = mark.kind != "word" or not self._names_another(key, asked)
                if mark.is_in(question, is_alone):
                    found = short if mark.is_short else named
                    found[key] = found.get(key, frozenset()) | mark.tokens
        if named.keys() <= self._with_short:
            named = {**short, **named}
        return frozenset(
            key for key, tokens in named.items() if not any(tokens < more for more in named.values())
        )

    def _names_another(self, key: str, asked: set[str]) -> bool:
        """Whether there is a word of another product's name among what is asked."""
        return not self._words.isdisjoint(asked - self._tokens[key])


def if_indexed(product: str | None, names: Iterable[str]) -> str | None:
    """The product where one of these names is a spelling of it; else None: all manuals are asked then."""
    if product is None or product_key(product) not in map(product_key, names):
        return None
    return product


def product_key(name: str) -> str:
    """What two spellings of a product share."""
    return " ".join(name.casefold().split())
