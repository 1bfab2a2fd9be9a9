"""The codes of a question, and what leads the rows of tables and the entries of lists.

A row may be led by several codes, `E21, E22` or `F1 F2`, or by all from one to another, `F5-F8`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from qa_core.asked.amounts import is_counted

# Of patterns that ignore case: a word for faults, spelled out or short; one or two behind each other, as
# "Error code "; and what may stand before a fault's number.
SPELLED_FAULT_WORD = r"(?:alarm|code|error|fault|failure|message|warning)"
_SHORT_FAULT_WORD = r"(?:(?<![^\W_])(?:err|msg))"
FAULT_WORD = rf"(?:{SPELLED_FAULT_WORD}|{_SHORT_FAULT_WORD})"
FAULT_WORDS = rf"(?:{FAULT_WORD}s? ?){{1,2}}"
SHOWS = r"(?:shows|showing|says|saying|displays|displaying|reads|reading|flash(?:es|ing)|blink(?:s|ing))"
NUMBER_WORD = r"(?:no\.?|nr\.?|number)"

# "E-04", "SW5", "F.28", "E=04", "Err 2"; a bare number where it stands behind a word for faults.
_CODE = re.compile(
    r"(?<![^\W_])(?:[A-Z]{1,3}(?: ?[-_]? ?|[.=])|(?i:err?|msg)\.?[-_=: ]{0,2})\d{1,4}[A-Z]?(?![^\W_])"
)
BARE_NUMBER = re.compile(rf"{FAULT_WORD}s?[:.]?(?: {NUMBER_WORD})? ?[ #](\d{{1,4}})(?![^\W_])", re.IGNORECASE)
# A bare number of some digits where a fault is told: "it shows 101 on the display", "gets 24", "404 error".
# What measures or counts something goes on with other words: "shows 24 degrees".
_LONG_NUMBER = r"(?<![^\W_])\d{2,4}(?![^\W_]|[-.,/:]\d)"
_SHOWN = re.compile(
    rf"\b(?:{SHOWS}|show|say|display|gets?|getting|got|gives?) (?:an? |the |only )?[\"'“‘(]?({_LONG_NUMBER})"
    r"(?=[^\w\s%°º]*(?:$|\s(?:after|all|and|at|but|for|how|in|is|on|or|since|what|when|while|with)\b))"
    rf"|({_LONG_NUMBER})(?= {SPELLED_FAULT_WORD}(?! ?s?(?:codes|messages))(?![^\W_])| means?\b)",
    re.IGNORECASE,
)
_LONE = re.compile(rf"^\W*({_LONG_NUMBER})|({_LONG_NUMBER})[^\w%°º]*$")
_KEY = re.compile(r"(?:[^:|\n]{1,30}: )?([^|:\n]{1,40}?)(?= \||:)")  # of a row or a list's entry
_WITH_NUMBER = re.compile(r"(?<![^\W_])[A-Za-z]{1,3}[-_.=]?\d{1,4}[A-Za-z]?(?![^\W_]|[-.,/:]\d)")  # "e-04"
# A cell of a code and its text, below a word for what is shown: "Message: 65 Limit exceeded".
_WITH_TEXT = re.compile(
    rf"^(?i:{FAULT_WORDS}[^:|\n]{{0,20}}|display|indication): "
    r"((?:[A-Z]{1,3}[-_=]?)?\d{1,4}[A-Z]?) (?=[–—-] |\(?[A-Z][^\W\d_]+[^|\n]* \|)",
    re.MULTILINE,
)
_PARTS = re.compile(r"[,/;&]| and | or ")
_SEVERAL = re.compile(r"[A-Z]{1,3}[-_=]?\d{1,4}[A-Z]?(?: [A-Z]{1,3}[-_=]?\d{1,4}[A-Z]?)+")
_RANGE = re.compile(
    r"([A-Z]{1,3})[-_= ]?(\d{1,4}) ?(?:[-‐‑–—~…−]|\.{2,3}|to|through|thru) ?\1[-_= ]?(\d{1,4})"
)
_LONGEST_RANGE = 100
_LED_BY_FAULT_WORD = re.compile(rf"^{FAULT_WORD}(?=\d+$)")


def written_codes(text: str) -> tuple[str, ...]:
    """The codes of a text with a number, as written: in capitals, and bare ones behind words for faults.

    Where there are none, those are that a display shows.
    """
    return (*_CODE.findall(text), *BARE_NUMBER.findall(text)) or shown_numbers(text)


def shown_numbers(text: str) -> tuple[str, ...]:
    """The bare numbers of a text that a display may show of a fault: "it says 101", "a 404 error"."""
    return tuple(found[found.lastindex or 0] for found in _SHOWN.finditer(text))


def lone_numbers(question: str) -> tuple[str, ...]:
    """The numbers that a question without codes begins or ends with, as written: they may be all that it has.

    "404 on the Ofenta" asks about a fault where the Ofenta has a 404; "24 V" does not.
    """
    if numbered_codes(question):
        return ()
    found = ((each, each.lastindex or 0) for each in _LONE.finditer(question))
    return tuple(each[group] for each, group in found if not is_counted(question, each.end(group)))


def numbered_codes(text: str) -> frozenset[str]:
    """The codes of a question or a heading that have a number, folded: "E-04", "e4", "failure #4"."""
    return frozenset(map(folded, (*written_codes(text), *numbered_as_written(text))))


def numbered_as_written(text: str) -> tuple[str, ...]:
    """The codes of a text in any case that are written as one word with a number: "e-04"."""
    return tuple(_WITH_NUMBER.findall(text))


def entries_of(text: str) -> frozenset[str]:
    """What leads the rows and entries of a passage, as it is written."""
    found = (_KEY.match(line.lstrip("- ")) for line in text.split("\n"))
    return frozenset(each[1] for each in found if each)


@lru_cache(maxsize=2_000)
def keys_of(text: str) -> Mapping[str, str]:
    """What leads the rows and entries of a passage, folded, each as it is written there.

    Of "E21, E22" and "E21 E22" each, and of "E21-E24" all that are between; "E22 Chip reader" gives both.
    """
    parts = (part.strip() for key in sorted(entries_of(text)) for part in _PARTS.split(key))
    keys = {folded(code): written for part in parts for code, written in _codes_of(part)}
    return keys | {folded(code): code for code in codes_with_text(text)}


def codes_with_text(text: str) -> tuple[str, ...]:
    """The codes that share the first cell of a row of faults with their text: "65 Limit exceeded"."""
    return tuple(_WITH_TEXT.findall(text))


def _codes_of(part: str) -> Iterator[tuple[str, str]]:
    """The codes that a part of a key stands for, each with how they are written."""
    found = _RANGE.fullmatch(part)
    if found and 0 < int(found[3]) - int(found[2]) < _LONGEST_RANGE:
        for number in range(int(found[2]), int(found[3]) + 1):
            yield f"{found[1]}{number}", part
    elif _SEVERAL.fullmatch(part):
        yield from ((code, code) for code in part.split(" "))
    else:
        yield part, part


def folded(code: str) -> str:
    """A code without what stands between letters and number, and without zeros in front of the number.

    Of one whose letters are but a word for faults the number: 2 of "Err 2".
    """
    joined = re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]", "", code)).casefold()
    return _LED_BY_FAULT_WORD.sub("", joined)
