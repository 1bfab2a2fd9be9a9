"""Whether a passage has the very code that a question asks about, and the question asks nothing else.

"E20 on the Volumat" is answered by the row `Code: E20 | Meaning: …`, although three words are hardly like the
text of a table, and similarity of meaning, on which confidence rests, says little. Of 970 questions on the
manuals of 25 products 32 ask so. All are answered by the passage that has the row; seven had been declined.

A row may be led by several codes, `E21, E22` or `F1 F2`, or by all from one to another, `F5-F8`; a heading
may have one, too: "Failure #5".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from qa_core.ranking import words_of
from qa_core.tokens import tokenize
from qa_core.types import Passage

# "E-04", "SW5", "HA"; a bare number where it stands behind a word for faults.
_CODE = re.compile(r"(?<![^\W_])(?:[A-Z]{1,3}(?: ?[-_]? ?)\d{1,4}[A-Z]?|[A-Z]{2})(?![^\W_])")
_FAULT_WORDS = r"(?:(?:error|fault|code|message|alarm|warning|failure)s? ?){1,2}"
_NUMBER = re.compile(
    r"(?:error|fault|code|message|alarm|warning|failure)s?:? #?(\d{1,4})(?![^\W_])", re.IGNORECASE
)
_KEY = re.compile(r"(?:[^:|\n]{1,30}: )?([^|:\n]{1,40}?)(?= \||:)")  # of a row or a list's entry
_WITH_NUMBER = re.compile(r"(?<![^\W_])[A-Za-z]{1,3}[-_]?\d{1,4}[A-Za-z]?(?![^\W_]|[-.,/:]\d)")  # "e-04"
_IN_HEADING = re.compile(  # "Error E-04", "4.2 E04: paper jam"
    rf"(?:[\d.]+ )?(?:{_FAULT_WORDS}:? )?([A-Z]{{1,3}}[-_ ]?\d{{1,4}})(?![^\W_]|[-.,/]\d)", re.IGNORECASE
)
_FAULTS = re.compile(r"\b(?:error|fault|code|message|alarm|warning|failure|lockout)", re.IGNORECASE)
_FAULT_COLUMN = re.compile(rf"^{_FAULT_WORDS}[^:|\n]{{0,20}}: ", re.IGNORECASE | re.MULTILINE)
_PARTS = re.compile(r"[,/;&]| and | or ")
_SEVERAL = re.compile(r"[A-Z]{1,3}[-_]?\d{1,4}[A-Z]?(?: [A-Z]{1,3}[-_]?\d{1,4}[A-Z]?)+")
_RANGE = re.compile(r"([A-Z]{1,3})[-_ ]?(\d{1,4}) ?(?:[-‐‑–—~…−]|\.{2,3}|to|through|thru) ?\1[-_ ]?(\d{1,4})")
_LONGEST_RANGE = 100
_ASKING = frozenset(
    token
    for word in """
    error code fault message alarm warning failure display displays shows show showing says say mean means
    meaning appear appears appearing parameter menu setting light lamp screen panel number comes come up on
    now machine unit device reads read blinks flashes sees see keeps keep customer ok out off
    """.split()  # noqa: SIM905 - a list of quoted words is no better to read
    for token in tokenize(word)
)


def asks_for_its_row(question: str, passage: Passage) -> bool:
    """Whether each code of a question leads a row of the passage, which has all else that it asks, too."""
    written = (*_CODE.findall(question), *_NUMBER.findall(question))
    if not written:  # as in most questions: nothing of the passage is looked at
        return False
    words = words_of(passage)
    codes = [code for code in written if code.isdigit() or not _is_model(code, words.manual)]
    if not codes or not _leading(passage) >= set(map(folded, codes)):
        return False
    rest = _tokens(question) - words.manual - _ASKING - _tokens(" ".join(written))
    return rest <= words.own


def _is_model(code: str, manual: frozenset[str]) -> bool:
    """Whether a code is what the product or its manual is called, or of its series: a VX300 of the VX."""
    letters = re.sub(r"[\W\d_]", "", code).casefold()
    return _tokens(code) <= manual or (len(letters) > 1 and letters in manual)


def numbered_codes(text: str) -> frozenset[str]:
    """The codes of a question or a heading that have a number, folded: "E-04", "e4", "failure #4"."""
    written = (*_CODE.findall(text), *_WITH_NUMBER.findall(text), *_NUMBER.findall(text))
    return frozenset(folded(code) for code in written if any(map(str.isdigit, code)))


def is_on_fault(passage: Passage, codes: frozenset[str]) -> bool:
    """Whether one of these codes leads a row of a passage about faults, or a heading of its section.

    Models and parts lead rows as well, and are no faults; nor is what the product or its manual is called.
    """
    manual, leading = words_of(passage).manual, _leading(passage)
    own = (code for code in codes if code.isdigit() or not _is_model(code, manual))  # "failure 2 of the X 2"
    is_there = any(code in leading for code in own)
    return is_there and (_FAULTS.search(passage.heading) or _FAULT_COLUMN.search(passage.text)) is not None


def _leading(passage: Passage) -> frozenset[str]:
    """The codes that lead rows of a passage or a heading of its section, folded."""
    headings = (each for each in passage.section.heading_path if each != passage.manual.title)
    found = (_IN_HEADING.match(heading) or _NUMBER.search(heading) for heading in headings)
    return frozenset(folded(each[1]) for each in found if each).union(keys_of(passage.text))


@lru_cache(maxsize=2_000)
def keys_of(text: str) -> Mapping[str, str]:
    """What leads the rows and entries of a passage, folded, each as it is written there.

    Of "E21, E22" and "E21 E22" each, and of "E21-E24" all that are between.
    """
    keys = [found[1] for line in text.split("\n") if (found := _KEY.match(line.lstrip("- ")))]
    parts = (part.strip() for key in keys for part in _PARTS.split(key))
    return {folded(code): written for part in parts for code, written in _codes_of(part)}


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
    """A code without what stands between letters and number, and without zeros in front of the number."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]", "", code)).casefold()


def _tokens(text: str) -> frozenset[str]:
    return frozenset(tokenize(text))
