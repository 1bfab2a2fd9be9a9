"""Which products there are, and which of them a question names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qa_core.errors import IndexingError
from qa_core.tokens import tokenize

Wanted = str | tuple[str, ...] | None  # a product, several, or all

_N_LISTED = 12
_PARTED = re.compile(r"(?<![^\W_])([^\W\d_]+) (\d+)(?![^\W_])")  # a word and a number
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_SHORTEST_CODE = 4  # characters of a model that is known without its maker: "RX-300", but not "E4"


class Products:
    """The products of an index, told apart without regard to case and spaces."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_key = {product_key(name): name for name in sorted(set(names), reverse=True)}
        self._tokens = {key: frozenset(tokenize(name)) for key, name in self._by_key.items()}
        self._models = {key: _Model.of(name) for key, name in self._by_key.items()}

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

    def tokens(self, keys: Iterable[str]) -> frozenset[str]:
        """The words of these products' names."""
        return frozenset().union(*(self._tokens[key] for key in keys))

    def named_in(self, question: str) -> frozenset[str]:
        """Keys of the products that the question names, with their maker or without.

        Of "S9" and "S9 Plus" only the longer one.
        """
        asked = {*tokenize(question), *tokenize(_PARTED.sub(r"\1\2", question))}  # "Model 88" is MODEL88
        models = {key: model.tokens for key, model in self._models.items() if model and model.is_in(question)}
        full = {key: tokens for key, tokens in self._tokens.items() if tokens and tokens <= asked}
        named = models | full
        return frozenset(
            key for key, tokens in named.items() if not any(tokens < more for more in named.values())
        )


@dataclass(frozen=True, slots=True)
class _Model:
    """A product's name without its maker: "Trail 5 Plus" of "Calvero Trail 5 Plus"."""

    tokens: frozenset[str]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, name: str) -> _Model | None:
        """None where what follows the first word would not name a product by itself."""
        words = name.split()[1:]
        parts = _PARTS.findall(" ".join(words))
        has_number = any(part.isdigit() for part in parts)
        if not has_number or len(parts) < 2 or (len(words) == 1 and len("".join(parts)) < _SHORTEST_CODE):
            return None
        written = r"[\W_]*".join(map(re.escape, parts))
        pattern = re.compile(rf"(?<![^\W_]){written}(?![^\W_]|[.,]\d)", re.IGNORECASE)
        return cls(frozenset(tokenize(" ".join(words))), pattern)

    def is_in(self, question: str) -> bool:
        """Whether a question has these words, one after the other."""
        return self.pattern.search(question) is not None


def product_key(name: str) -> str:
    """What two spellings of a product share."""
    return " ".join(name.casefold().split())
