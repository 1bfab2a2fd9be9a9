"""Lists in plain text: which lines begin an item, be it with a bullet, a number or a letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_core.documents.blocks import Line, typed_line
from qa_core.documents.numerals import numeral

# In front of the letter of an item, or of its Roman number, once it is known that a list counts on from it
_SIGNS = {"a": "\ue000", "i": "\ue001"}
_LETTERED = "[\ue000\ue001]"
_NAMED_STEP = re.compile(r"\s*(?:Step|STEP)\s(\d{1,3})[.:)]\s+(?=\S)")
_BOX = re.compile(r"\s*\[[ xX]?\]\s+(?=\S)")
_BEGINS = rf"[•●○▪■◦‣·*]|[-–—]|\d{{1,3}}[.)]|{_LETTERED}\S+|\[[ xX]?\]|(?:Step|STEP)\s\d{{1,3}}[.:)]"
_MARKED = re.compile(rf"\s*(?:{_BEGINS})\s+\S")
_COUNTED = re.compile(r"\s*(?:(?:Step\s|STEP\s)?\d|(\ue000)|(\ue001))")
_LETTER = re.compile(r"(\s*)(\(?)([A-Za-z]|[ivx]{2,5}|[IVX]{2,5})([.)])\s+(?=\S)")
_MARK = re.compile(rf"\s*{_LETTERED}(\S+) ")
_ENDS = (".", ":", ";", "!", "?")
_MOST_LINES = 12  # from one item to the next

_ROMAN = [numeral(number, "i") for number in range(1, 21)]
Style = tuple[str, bool, str, str]  # opening bracket, whether in capitals, what stands behind, first mark


@dataclass(slots=True)
class _Lettered:
    """A list that counts in letters or in Roman numbers, as far as it is read."""

    number: int  # of the last item
    lines: list[int]


def mark_letters(lines: Sequence[str]) -> list[str]:
    """The lines, those marked that begin with the letters of a list: `a)`, and not far below it `b)`.

    A lone letter is somebody's initial or a part of a sentence, and what is in capitals is a heading. Below a
    line that a sentence may run on from, `A.` may be an initial; `a)` begins an item there, too.
    """
    signs = _signs(lines)
    return [
        _LETTER.sub(rf"\1{signs[at]}\2\3\4 ", line, count=1) if at in signs else line
        for at, line in enumerate(lines)
    ]


def _signs(lines: Sequence[str]) -> dict[int, str]:
    """The lines that begin items, by place, and the sign for what each counts in."""
    last: dict[Style, _Lettered] = {}
    signs: dict[int, str] = {}
    begun: set[int] = set()  # lines that may be items
    for at, line in enumerate(lines):
        found = _LETTER.match(line)
        if found is None or line[found.end() :].isupper():
            continue
        for first, number in _numbers(found[3].lower()):
            style = (found[2], found[3].isupper(), found[4], first)
            above = last.get(style)
            if above and number == above.number + 1 and at - above.lines[-1] <= _MOST_LINES:
                above.number = number
                above.lines.append(at)
                signs.update(dict.fromkeys(above.lines, _SIGNS[first]))
            elif number == 1 and (
                found[4] == ")" or at == 0 or at - 1 in begun or _may_precede(lines[at - 1])
            ):
                last[style] = _Lettered(number, [at])
            else:
                continue
            begun.add(at)
    return signs


def _numbers(mark: str) -> Iterator[tuple[str, int]]:
    """What a mark may stand for: the first mark of its list, and the item's number."""
    if len(mark) == 1:
        yield "a", ord(mark) - 96
    if mark in _ROMAN:
        yield "i", _ROMAN.index(mark) + 1


def _may_precede(line: str) -> bool:
    """Whether a list can begin below a line, which a sentence does not run on from."""
    text = line.strip()
    return not text or text.endswith(_ENDS) or not any(map(str.isalnum, text)) or begins_item(line)


def begins_item(line: str) -> bool:
    """Whether a line begins an item of a list."""
    return _MARKED.match(line) is not None


def without_mark(line: str) -> str:
    """The line as it was before `mark_letters`."""
    return re.sub(_LETTERED, "", line)


def counts_in(line: str) -> str:
    """What the item that a line begins is counted in: `1`, `a`, `i`, or nothing."""
    found = _COUNTED.match(line)
    return "" if found is None else "a" if found[1] else "i" if found[2] else "1"


def item_line(text: str, level: int) -> Line:
    """A line of text that may begin with a bullet, a number or a marked letter."""
    if marked := _MARK.match(text):
        return Line("step", text[marked.end() :], level, label=marked[1])
    if named := _NAMED_STEP.match(text):
        return Line("step", text[named.end() :], level, int(named[1]))
    if box := _BOX.match(text):
        return Line("bullet", text[box.end() :], level)
    return typed_line(text, level)
