"""The names with a number of a text: models, parts and codes of faults, "HX 540" or "E-04"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from qa_core.asked.amounts import is_measured
from qa_core.asked.row_keys import SPELLED_FAULT_WORD

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)*)"
_ENDING = r"(?:[^\W\d_]{1,2}(?![^\W_]))?"
# "E-04", "HX 540", "Code: 212", "Failure #5", "CF-42M", "OL-B21": letters, what stands between, the number.
_LETTERS = r"[A-Z]{1,5}-[A-Z]{1,4}(?=\d)|[^\W\d_]{1,16}"
_NAMED = re.compile(rf"(?<![^\W_])({_LETTERS})([-_‐]?|:? |:? ?#)({_NUMBER})({_ENDING})")
_JOINED = re.compile(r"(?:\w['’-]|\d )$")  # before what is no code: "it's 35", "USB-C 3", "1920 x 1080"
# What goes on behind a code: "/520", ", 2 and 3", " through E9".
_NEXT = re.compile(
    rf"{_ENDING}\s*+(?:(to|through|thru|up to|[-‐‑–—~…−]|\.{{2,3}})|(/)|[,&]|,?\s*+(?:and|or)\b)"
    rf"\s*+(?:([^\W\d_]{{1,16}})[-_‐ ]?)?({_NUMBER})",
    re.IGNORECASE,
)
_WITH_EQUALS = re.compile(r"(?<![^\W_])([A-Z]{1,2})=(?=\d{1,3}(?![^\W_]|[.,]\d))")  # "E=04"; no "PORT=80"
_FAULT_WORD = re.compile(rf"{SPELLED_FAULT_WORD}s?", re.IGNORECASE)
_LONGEST = 6  # letters of a code: "TM-6105", "HX 540"
LONGEST_OF_FAULT = 3
_LONGEST_LIST = 50  # numbers behind the same letters that are read: each code of a list reads on
# What tells models of one series or number apart: "TK-4 Pro", "Tovo Mini".
VARIANT_WORD = r"(?:Air|Classic|Compact|Duo|Eco|Elite|Lite|Max|Mini|Plus|Premium|Pro|Sport|Trio|Ultra)"
# A manual may say of IP67 or an M8 screw that it is none: IP44, M6.
STANDARDS = frozenset(
    {"cr", "din", "dn", "en", "hdmi", "iec", "ip", "ipx", "lr", "m", "mp", "pn", "rj", "usb", "wpa"}
)
FAULT_KEY = "error"  # what stands for the letters of a fault's bare number


@dataclass(frozen=True, slots=True)
class Code:
    """A name with a number, or with a list of them."""

    letters: str
    between: str  # as it is written
    numbers: tuple[str, ...]  # without zeros in front: "HX 510/520/530" has three
    row: tuple[str, ...]  # those of them that are surely of these letters: not of "E5, 3 screws"
    ranges: tuple[tuple[int, int], ...]  # first and last: "E1 to E9"
    is_loose: bool  # whether it may be an amount or the end of a word: "for 3 minutes", "it's 35"
    ending: str  # letters behind the first number: "w" of "LP-40W"
    start: int
    end: int  # of the first number with its ending

    @property
    def key(self) -> str:
        """What spellings of the letters share."""
        return FAULT_KEY if _FAULT_WORD.fullmatch(self.letters) else self.letters.casefold()

    @property
    def model(self) -> str:
        """The first number with all that is of it: "40w" of "LP-40W", "24/60" of "HC 24/60"; no list's."""
        is_pair = "/" in "".join(self.numbers[1:2]) and "/" not in "".join(self.numbers[3:4])
        return self.numbers[1] if is_pair else f"{self.numbers[0]}{self.ending}"

    @property
    def is_parted(self) -> bool:
        """Whether the letters are two groups, as of a part's number: "OL-B21"."""
        return "-" in self.letters

    @property
    def is_glued(self) -> bool:
        """Whether it is written as one word: "E-04"."""
        return not self.between.endswith(" ")

    @property
    def is_capital(self) -> bool:
        """Whether it is written as codes are: "HX 540", "PowerRail 500", "Er5", "Err 5"; not "Tray 2"."""
        if self.letters.isupper():
            return len(self.letters) <= _LONGEST
        is_joined = self.between in ("", "-") or self.key == "err"
        is_short = is_joined and len(self.letters) <= LONGEST_OF_FAULT
        return self.letters[0].isupper() and (is_short or not self.letters[1:].islower())


def codes_in(text: str) -> Iterator[Code]:
    """The names with a number of a text, in order."""
    text = _WITH_EQUALS.sub(r"\1-", unicodedata.normalize("NFKC", text))
    return (_with_what_follows(text, found) for found in _NAMED.finditer(text))


def _with_what_follows(text: str, found: re.Match[str]) -> Code:
    numbers = [plain_number(found[3])]
    row, ranges, end = numbers[:], [], found.end(3)
    while (more := _NEXT.match(text, end)) and (more[3] or found[1]).casefold() == found[1].casefold():
        if len(numbers) >= _LONGEST_LIST:
            break
        number = plain_number(more[4])
        if more[1] and (numbers[-1] + number).isdigit():
            ranges.append((int(numbers[-1]), int(number)))
        if more[2] or more[3]:
            row.append(number)
        if not more[3] and (more[1] == "-" or more[2]):  # a model, too: "TC 24-50", "TC 24/50"
            numbers.append(f"{numbers[-1]}{more[1] or more[2]}{number}")
            row.append(numbers[-1])
        numbers.append(number)
        end = more.end()
    is_amount = found[2].endswith(" ") and not found[4] and is_measured(text, found.end())
    is_loose = is_amount or _JOINED.search(text[max(0, found.start() - 2) : found.start()]) is not None
    return Code(
        letters=found[1],
        between=found[2],
        numbers=tuple(numbers),
        row=tuple(row),
        ranges=tuple(ranges),
        is_loose=is_loose,
        ending=found[4].casefold(),
        start=found.start(),
        end=found.end(),
    )


def with_code_of(question: str, other: str) -> str | None:
    """The question with the other text's code in place of its own of the same letters, if it has one."""
    new = list(_NAMED.finditer(other))
    old = [
        found for found in _NAMED.finditer(question) if new and found[1].casefold() == new[0][1].casefold()
    ]
    if len(new) != 1 or len(old) != 1:
        return None
    return question[: old[0].start()] + new[0][0] + question[old[0].end() :]


def plain_number(number: str) -> str:
    """A number without commas and zeros in front."""
    return number.replace(",", "").lstrip("0") or "0"
