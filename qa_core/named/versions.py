"""The version of a manual that a question names: "on the v2", "version 2.1", "rev. B", "Lumex Lamp 1.0"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from qa_core.asked.amounts import is_counted
from qa_core.named.products import product_key
from qa_core.types import Manual

_MARK = r"(?:v|ver|vers|version|rev|revision|edition|issue|release)"
_NUMBER = r"\d+(?:\.\d+)*[a-z]?"
# "v2", "rev. B"; a problem is an issue, too, a catch is released, and "12 V 3 A" are no versions.
_NAMED = re.compile(
    rf"(?<![^\W_])(?<!\d )(?:(?i:v|ver|vers|version|rev|revision|edition)[\s.:-]*(?i:{_NUMBER})"
    r"|(?i:issue|release)[\s.:-]*\d+(?:\.\d+)+[a-z]?"
    r"|(?i:version|rev|revision|edition)[\s.:-]*[A-HJ-Z])(?![^\W_]|[.,]\d)"
)
_MARKED = re.compile(rf"^{_MARK}(?![^\W\d_])[\s.:-]*", re.IGNORECASE)
_IN_TITLE = re.compile(rf"(?<!\S){_NUMBER}(?![^\W_]|[.,-]\S)", re.IGNORECASE)
_ENDING_ZEROS = re.compile(r"(?:\.0+)+$")


class Versions:
    """The versions of those products that have manuals of several."""

    def __init__(self, manuals: Iterable[Manual]) -> None:
        of_product: dict[str, set[Manual]] = defaultdict(set)
        for manual in manuals:
            of_product[product_key(manual.product)].add(manual)
        lines = {product: _Line(own) for product, own in of_product.items()}
        self._lines = {product: line for product, line in lines.items() if len(set(line.keys.values())) > 1}

    def named_in(self, question: str) -> frozenset[str]:
        """Keys of the versions that the question names, if any manual is of them."""
        asked = _asked(question)
        return frozenset().union(
            *((asked & line.all_keys) | line.named_in(question) for line in self._lines.values())
        )

    def lacking(self, question: str, manual: Manual) -> frozenset[str]:
        """Keys of the versions that the question names, where the manual's product has others alone."""
        line = self._lines.get(product_key(manual.product))
        asked = _asked(question) if line else frozenset()
        return asked if line and asked.isdisjoint(line.all_keys) else frozenset()

    def is_one_of(self, manual: Manual, named: frozenset[str]) -> bool:
        """Whether a manual is of a version that is named, and others of its product are not."""
        line = self._lines.get(product_key(manual.product))
        if line is None or line.keys[manual].isdisjoint(named):
            return False
        return any(keys.isdisjoint(named) for keys in line.keys.values())


class _Line:
    """The manuals of one product, each with the keys of its version."""

    def __init__(self, manuals: Iterable[Manual]) -> None:
        keys = {manual: {version_key(manual.version)} for manual in manuals}
        names = {name for manual in keys for name in (manual.product, manual.title)}
        self._titles = set()  # up to the number that tells them apart
        for manual, before, number in _numbered_titles(keys):
            keys[manual].add(version_key(number))
            names.add(before)
            self._titles.add(product_key(f"{before} {number}"))
        self.keys = {manual: frozenset(own) for manual, own in keys.items()}
        self.all_keys = frozenset().union(*self.keys.values())
        names_pattern = "|".join(
            r"\s+".join(map(re.escape, name.split())) for name in sorted(names, key=len, reverse=True)
        )
        self._numbered = re.compile(
            rf"(?<![^\W_])(?:{names_pattern})\s+({_NUMBER})(?![^\W_]|[.,]\d)", re.IGNORECASE
        )

    def named_in(self, question: str) -> frozenset[str]:
        """Keys of the versions whose bare number stands behind the product's name: "Lumex Lamp 1.0".

        A number without a point counts where a title has it.
        """
        return self.all_keys & {
            version_key(found[1])
            for found in self._numbered.finditer(question)
            if ("." in found[1] or product_key(found[0]) in self._titles)
            and not is_counted(question, found.end())
        }


def _numbered_titles(manuals: Iterable[Manual]) -> Iterator[tuple[Manual, str, str]]:
    """Manuals whose titles are the same but for one number, with what stands before it, and the number."""
    alike: dict[tuple[str, str], list[tuple[Manual, str, str]]] = defaultdict(list)
    for manual in manuals:
        for number in _IN_TITLE.finditer(manual.title):
            before, after = manual.title[: number.start()], manual.title[number.end() :]
            if before.strip():
                alike[product_key(before), product_key(after)].append((manual, before, number[0]))
    for found in alike.values():
        if len({version_key(number) for _, _, number in found}) > 1:
            yield from found


def _asked(question: str) -> frozenset[str]:
    return frozenset(version_key(found[0]) for found in _NAMED.finditer(question))


def version_in(text: str) -> str | None:
    """The first version that a text names, as it is written: "v2", "rev. B"."""
    found = _NAMED.search(text)
    return found[0] if found else None


def with_version(question: str, version: str) -> str:
    """The question with that version in place of the one that it names, or behind it."""
    changed, n_changed = _NAMED.subn(lambda _: version, question, count=1)
    return changed if n_changed else f"{question} {version}"


def version_key(version: str | None) -> str:
    """What spellings of a version share: "v2", "2.0" and "Version 2" are "2"."""
    return _ENDING_ZEROS.sub("", _MARKED.sub("", (version or "").strip()).casefold())
