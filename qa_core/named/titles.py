"""Which manuals of a product a question names: "the Borealis", of a folder of lamps.

The manuals of a folder may be of things alike, which only their titles tell apart: then what one title has
and the others have not is a name. Or they may be the chapters of one manual, whose titles are subjects:
"Charging". The manuals of things alike share headings, and a name stands in no other one in small letters.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from qa_core.named.products import product_key
from qa_core.named.wording import Wording
from qa_core.tokens import tokenize
from qa_core.types import Manual, Passage

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_SHORTEST = 4  # letters of a word that names a manual
_LEAST_SHARED = 1 / 3  # of a manual's headings, that others of its product have as well
_MOST_OWNERS = 1 / 3  # of the manuals, whose titles have the same word


class Titles:
    """The titles of the manuals of those products that have several alike."""

    def __init__(self, passages: Sequence[Passage], wording: Wording) -> None:
        headings: dict[Manual, set[str]] = defaultdict(set)
        for passage in passages:
            own = [each for each in passage.section.heading_path if each != passage.manual.title]
            headings[passage.manual].update(each.casefold() for each in own[-1:])
        self._wording = wording
        self._owners: dict[str, dict[str, dict[str, str]]] = {}  # by product and token: word by manual's id
        for product, own_manuals in _alike(headings).items():
            self._owners[product] = _telling(own_manuals)

    def named_in(self, question: str) -> Mapping[str, frozenset[str]]:
        """The manuals that a question names, by their ids, each with the tokens that name it.

        Of a product's manuals those that most of the question's words name.
        """
        asked = frozenset(tokenize(question)) if self._owners else frozenset()
        named: dict[str, frozenset[str]] = {}
        for owners in self._owners.values():
            tokens: dict[str, set[str]] = defaultdict(set)
            for token in asked & owners.keys():
                for manual, word in owners[token].items():
                    if self._is_name(word, owners[token]):
                        tokens[manual].add(token)
            most = max(map(len, tokens.values()), default=0)
            named |= {manual: frozenset(own) for manual, own in tokens.items() if len(own) == most}
        return named

    def _is_name(self, word: str, owners: Mapping[str, str]) -> bool:
        return not word.isalpha() or self._wording.in_small_letters(word) <= owners.keys()


def _alike(headings: Mapping[Manual, set[str]]) -> Mapping[str, list[Manual]]:
    """The manuals that share headings with others of their product, by product, where there are several."""
    of_product: dict[str, list[Manual]] = defaultdict(list)
    for manual in headings:
        of_product[product_key(manual.product)].append(manual)
    found: dict[str, list[Manual]] = {}
    for product, manuals in of_product.items():
        times = Counter(heading for manual in manuals for heading in headings[manual])
        alike = [
            manual
            for manual in manuals
            if sum(times[each] > 1 for each in headings[manual]) > _LEAST_SHARED * len(headings[manual])
        ]
        if len(alike) > 1:
            found[product] = alike
    return found


def _telling(manuals: Iterable[Manual]) -> dict[str, dict[str, str]]:
    """The tokens that few of these manuals' titles or file names have, with the words by the manuals' ids."""
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    manuals = tuple(manuals)
    for manual in manuals:
        for word in _WORD.findall(f"{manual.title} {PurePosixPath(manual.path).stem}".casefold()):
            for token in tokenize(word):
                owners[token].setdefault(manual.id, word if word.isalpha() else token)
    product = frozenset(token for manual in manuals for token in tokenize(manual.product))
    most = max(1, _MOST_OWNERS * len(manuals))
    return {
        token: own
        for token, own in owners.items()
        if token not in product and len(own) <= most and _may_name(token)
    }


def _may_name(token: str) -> bool:
    """Whether it is a word, or a code: "x53", but not "53"."""
    return len(token) >= _SHORTEST if token.isalpha() else len(token) > 2 and not token.isdigit()
