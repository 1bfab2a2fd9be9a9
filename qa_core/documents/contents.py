"""Tables of contents whose entries lead to their page with dots, told from values that dots lead to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PAGE = re.compile(r"[\divxl-]*")
_LEADER = re.compile(r"(.*?)(?:(?:\s*\.){4,}|\s*(?:_{4,}|…{2,}|·{4,}))\s*([^\s.].*|)")
_COUNTED = re.compile(r"(?:figure |table )?\d{1,3}(?:[.-]\d{1,3})+:?\s", re.IGNORECASE)
_MIN_ENTRIES = 3
_MOST_BETWEEN = 2  # lines without dots, as of a long title or of a chapter


@dataclass(frozen=True, slots=True)
class Led:
    """Words that dots lead from, and what they lead to, at the position of their line."""

    at: int
    words: str
    value: str

    @property
    def is_page(self) -> bool:
        """Whether the dots lead to the number of a page, or to nothing."""
        return _PAGE.fullmatch(self.value) is not None


def led_in(text: str, at: int) -> Led | None:
    """What dots, or a line to write on, lead from and to in a line of a printed page."""
    found = _LEADER.fullmatch(text)
    return Led(at, found[1], found[2].rstrip()) if found else None


def contents_in(led: Sequence[Led], titles: set[str]) -> set[int]:
    """The positions of the entries of contents: those of folded `titles`, and those that stand among them.

    Among them are three or more lines of pages alone, with numbers that never fall. Where all begin with a
    number as well, they list figures or tables, and need no title.
    """
    found: set[int] = set()
    for run in _runs(led):
        named = {each.at for each in run if each.is_page and fold(each.words) in titles}
        numbers = [int(each.value) for each in run if each.value.isdecimal()]
        is_of_pages = all(each.is_page for each in run) and numbers == sorted(numbers)
        is_known = bool(named) or all(_COUNTED.match(each.words) and each.value for each in run)
        is_contents = is_known and is_of_pages and len(run) >= _MIN_ENTRIES
        found |= {each.at for each in run} if is_contents else named
    return found


def fold(text: str) -> str:
    """Words alone, case folded."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _runs(led: Sequence[Led]) -> list[list[Led]]:
    runs: list[list[Led]] = []
    for each in led:
        if runs and each.at - runs[-1][-1].at <= _MOST_BETWEEN + 1:
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs
