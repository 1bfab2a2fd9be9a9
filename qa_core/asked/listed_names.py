"""Switches, files and keys that a product's tables list: "/NOSWAP", "--quiet", "SETUP.EXE", "Alt-X".

Where there is a list of them, one that the manuals nowhere have is none of the product's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from qa_core.asked.row_keys import entries_of

_SWITCH = re.compile(r"(?<![\w/.:'’-])(/|--?)([a-z][\w-]{0,15})(?![\w/]|\.\w)", re.IGNORECASE)
_FILE = re.compile(r"(?<![\w.@/-])([\w-]{1,20})(\.[a-z]{2,4})(?![\w@-]|\.\w)", re.IGNORECASE)
_KEY = re.compile(r"(?<![\w-])(alt|cmd|ctrl|shift)[-+]([a-z\d]{1,6})(?![\w+-])", re.IGNORECASE)
_N_LISTED = 3  # names of a family that lead rows, from which on there is a list of them


class ListedNames:
    """The names of each family, such as switches that begin with a slash, that a product's manuals have."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts` are the product's passages, with their headings."""
        self._known: dict[str, set[str]] = defaultdict(set)  # by family
        listed: dict[str, set[str]] = defaultdict(set)  # those of them that lead rows
        for text in texts:
            for family, name in _names_in(text):
                self._known[family].add(name)
            for entry in entries_of(text):
                for family, name in _names_in(entry):
                    listed[family].add(name)
        self._families = frozenset(family for family, names in listed.items() if len(names) >= _N_LISTED)

    def lack(self, question: str) -> bool:
        """Whether a question has names of families that are listed, and none of these is there."""
        found = _names_in(question) if self._families else ()
        asked = [(family, name) for family, name in found if family in self._families]
        return bool(asked) and all(name not in self._known[family] for family, name in asked)


def _names_in(text: str) -> Iterator[tuple[str, str]]:
    """The names of a text, each behind its family, folded."""
    yield from ((found[1], found[2].casefold()) for found in _SWITCH.finditer(text))
    yield from ((found[2].casefold(), found[1].casefold()) for found in _FILE.finditer(text))
    yield from ((found[1].casefold(), found[2].casefold()) for found in _KEY.finditer(text))
