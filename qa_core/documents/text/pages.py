"""Pages of a printed text that only their length tells apart: form feeds where they end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FORM_FEED = "\f"
_NUMBER = re.compile(r"(?<!\w)\d{1,4}(?!\w)")
# As a heading has its number: "Channel 3", "Table 3: Screws". A page has it alone, apart or behind "page".
_IN_HEADING = re.compile(r"(?!.*\b(?:page|pg|p|seite)\b)(?=\S*[^\W\d_])\S+(?: \S+)*\s*", re.IGNORECASE)
_FEWEST = 3  # pages with numbers
_SHORTEST = 20  # lines of a page
_MIN_SHARE = 0.5  # of the pages, that the same line stands on


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A line alone with a number that may be that of its page."""

    at: int
    number: int


def fold_numbers(line: str) -> str:
    """A line as other pages may have it."""
    return re.sub(r"\d+", "#", " ".join(line.split()).casefold())


def with_form_feeds(lines: Sequence[str]) -> list[str]:
    """The lines with a form feed between pages, if a line with their number stands on all at one distance."""
    ends = _ends_of_pages(lines)
    return [f"{line}{FORM_FEED}" if at in ends else line for at, line in enumerate(lines)]


def _ends_of_pages(lines: Sequence[str]) -> set[int]:
    """The positions of the last lines: footers, or what stands above headers if those have the numbers."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    before = dict(pairwise(reversed(filled)))
    after = dict(pairwise(filled))
    ends: set[int] = set()
    for numbered in _numbered(lines):
        is_header = not _repeat(lines, [after.get(at) for at in numbered]) and _repeat(
            lines, [before.get(at) for at in numbered]
        )
        ends |= {at - 1 for at in numbered if at} if is_header else set(numbered)
    return ends


def _repeat(lines: Sequence[str], places: Sequence[int | None]) -> bool:
    """Whether most of the lines at these places are the same, but for numbers."""
    folded = [fold_numbers(lines[at]) for at in places if at is not None]
    most = max((folded.count(text) for text in folded), default=0)
    return most > 1 and most >= _MIN_SHARE * len(places)


def _numbered(lines: Sequence[str]) -> list[list[int]]:
    """The positions of lines that differ in their page's number alone; left pages may have others."""
    alone = [at for at in range(len(lines)) if _may_number_page(lines[at]) and _is_alone(lines, at)]
    found: dict[tuple[str, int], list[_Numbered]] = {}
    for at in alone:
        numbers = [int(number) for number in _NUMBER.findall(lines[at])]
        for place in {0, len(numbers) - 1}:
            found.setdefault((fold_numbers(lines[at]), place), []).append(_Numbered(at, numbers[place]))
    return [[each.at for each in run] for run in found.values() if _count_pages(run)]


def _may_number_page(line: str) -> bool:
    return _NUMBER.search(line) is not None and _IN_HEADING.fullmatch(line) is None


def _is_alone(lines: Sequence[str], at: int) -> bool:
    return not "".join([*lines[max(at - 1, 0) : at], *lines[at + 1 : at + 2]]).strip()


def _count_pages(run: Sequence[_Numbered]) -> bool:
    """Whether the numbers count up with the lines between them."""
    if len(run) < _FEWEST or any(a.number >= b.number for a, b in pairwise(run)):
        return False
    lengths = {(b.at - a.at) / (b.number - a.number) for a, b in pairwise(run)}
    return len(lengths) == 1 and min(lengths) >= _SHORTEST
