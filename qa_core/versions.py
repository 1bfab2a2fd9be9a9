"""The version of a manual that a question names: "on the v2", "version 2.1", "rev. B"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qa_core.products import product_key
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
_ENDING_ZEROS = re.compile(r"(?:\.0+)+$")


class Versions:
    """The versions of those products that have manuals of several."""

    def __init__(self, manuals: Iterable[Manual]) -> None:
        keys: dict[str, set[str]] = {}
        for manual in manuals:
            keys.setdefault(product_key(manual.product), set()).add(version_key(manual.version))
        self._keys = {product: versions for product, versions in keys.items() if len(versions) > 1}

    def named_in(self, question: str) -> frozenset[str]:
        """Keys of the versions that the question names, if any manual is of them."""
        return _asked(question) & frozenset().union(*self._keys.values())

    def lacking(self, question: str, manual: Manual) -> frozenset[str]:
        """Keys of the versions that the question names, where the manual's product has others alone."""
        own = self._keys.get(product_key(manual.product))
        asked = _asked(question) if own else frozenset()
        return asked if own and asked.isdisjoint(own) else frozenset()

    def is_one_of(self, manual: Manual, named: frozenset[str]) -> bool:
        """Whether a manual is of a version that is named, and others of its product are not."""
        version = version_key(manual.version)
        return version in named and not self._keys.get(product_key(manual.product), named) <= named


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
