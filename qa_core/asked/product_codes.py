"""The codes and models of every product, worked out from its passages when they are needed."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence

from qa_core.asked.codes import Codes
from qa_core.asked.written_codes import WrittenCodes, as_written
from qa_core.named.products import Products, product_key
from qa_core.types import Passage


class ProductCodes:
    """What the manuals of each product have of codes and models, by the product's key."""

    def __init__(self, passages: Sequence[Passage], products: Products) -> None:
        self._passages: dict[str, list[Passage]] = defaultdict(list)
        for passage in passages:
            self._passages[product_key(passage.manual.product)].append(passage)
        self._products = products
        self._written = {key: WrittenCodes(_texts(own)) for key, own in self._passages.items()}
        self._codes: dict[str, Codes] = {}  # made when they are needed: that takes much longer
        self._making = threading.Lock()

    def of(self, key: str) -> Codes | None:
        """What a product has; None where no passage is one of it."""
        if key not in self._written:
            return None
        with self._making:
            if key not in self._codes:
                self._codes[key] = self._made(key)
            return self._codes[key]

    def is_fault(self, key: str, name: str) -> bool:
        """Whether a product has a fault of that name."""
        return self._written[key].is_fault(name)

    def as_written(self, question: str, keys: frozenset[str]) -> str:
        """The question with its codes as the manuals of these products write them, of all where none is."""
        return as_written(question, map(self._written.__getitem__, keys or self._written))

    def _made(self, key: str) -> Codes:
        own = self._passages[key]
        [product] = self._products.names_of([key])
        titles = {passage.manual.title for passage in own}
        return Codes(product, self._products.names, _texts(own), self._written[key], titles)


def _texts(passages: Sequence[Passage]) -> list[tuple[str, str]]:
    """The passages, each with its heading."""
    return [(passage.heading, passage.text) for passage in passages]
