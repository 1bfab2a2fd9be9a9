"""The codes and models that a product's manuals have, and those of a question that they lack.

"HX 540" where there are an HX 510 and an HX 530, "E77" or "message 23" beside others, "Trail 7" of a Trail 5:
the manuals do not say, however near a passage's words come. A name with a number is taken for a code only
where the manuals have others like it: "2 times" or "M8" says nothing where they count no such thing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_NUMBER = r"\d+(?:[-.,/]\d+)*"
# "E-04", "HX 540", "Code: 212", "QS-3032P": letters, what stands between, the number.
_NAMED = re.compile(
    rf"(?<![^\W_])([^\W\d_]{{1,16}})([-_‐]?|:? )({_NUMBER})(?:[^\W\d_]{{1,2}})?(?![^\W_])",
)
_RANGE = re.compile(
    r"(?<![^\W_])([^\W\d_]{1,6})[-_ ]?(\d{1,5})(?: to | ?[-–…] ?)(?:\1[-_ ]?)?(\d{1,5})(?![^\W_])",
    re.IGNORECASE,
)
_FAULT_WORDS = r"(?:alarm|code|error|fault|failure|message|warning)s?"
_FAULT_WORD = re.compile(rf"\b{_FAULT_WORDS}\b", re.IGNORECASE)
_FAULT = re.compile(
    rf"\b({_FAULT_WORDS}(?: (?:no\.?|nr\.?|number))?[ #:]{{1,2}})(\d{{1,4}})(?![^\W_]|[-.,/:]\d)",
    re.IGNORECASE,
)
_FAULT_ROW = re.compile(r"^(?:[^|:\n]{1,30}: )?(?:([A-Z]{1,3})[-_ ]?)?(\d{1,4})(?= \|)", re.MULTILINE)
_NUMBERED = re.compile(rf"{_FAULT_WORDS}|menu|parameter", re.IGNORECASE)
_VERSION_WORDS = ("v", "ver", "version", "rev", "revision", "release", "firmware", "software", "app")
_AMOUNT = re.compile(  # "PIN 3 times", "max 5 kg"
    r"\s*(?:%|°[cf]?|times?|x|[smh]|sec\w*|min\w*|hours?|days?|weeks?|months?|years?|digits?|[mckµ]?m²?|[kmµ]?g|[mc]?l|"
    r"lit\w+|[km]?[vaw]h?|m?bar|[kmg]?hz|[kmgt]b)(?![^\W_])",
    re.IGNORECASE,
)
_LONGEST_GLUED, _LONGEST_SPACED = 6, 3  # letters of a code: "TM-6105", "HX 540"
_N_SISTERS = 2  # codes of the same letters from which on there is a row of them
_N_NUMBERED = 3  # messages, menus


@dataclass(frozen=True, slots=True)
class Code:
    """A name with a number."""

    letters: str  # folded
    between: str  # as it is written
    number: str  # without zeros in front
    is_capital: bool  # whether the letters are, or the first of them
    is_name: bool  # whether there is another capital in it: "PowerRail 500", but not "Tray 2"

    @property
    def is_glued(self) -> bool:
        """Whether it is written as one word: "E-04"."""
        return not self.between.endswith(" ")


def codes_in(text: str) -> Iterator[Code]:
    """The names with a number of a text, in order; amounts ("for 3 minutes") are none."""
    text = unicodedata.normalize("NFKC", text)
    for found in _NAMED.finditer(text):
        letters, between, number = found.groups()
        if between.endswith(" ") and _AMOUNT.match(text, found.end()):
            continue
        is_abbreviated = between.endswith(" ") and len(letters) <= _LONGEST_SPACED
        is_capital = letters.isupper() if is_abbreviated else letters[0].isupper()
        is_name = is_capital and not letters[1:].islower()
        yield Code(letters.casefold(), between, _without_zeros(number), is_capital, is_name)


def has_fault_number(question: str) -> bool:
    """Whether a question has a fault's number without letters: "error 5"."""
    return _FAULT.search(question) is not None


def with_letters(question: str, products: Iterable[Codes]) -> str:
    """The question with a fault's code for its number, where these products have one: E05 for "error 5"."""
    known = tuple(products)

    def code_of(found: re.Match[str]) -> str:
        word, number = found.groups()
        codes = [code for each in known for code in each.faults_named(word, number)]
        is_one = len({re.sub(r"[\W_]|(?<=\D)0+", "", code) for code in codes}) == 1
        return word + codes[0] if is_one and not _AMOUNT.match(question, found.end()) else found[0]

    return _FAULT.sub(code_of, question)


def with_code_of(question: str, other: str) -> str | None:
    """The question with the other text's code in place of its own of the same letters, if it has one."""
    new = list(_NAMED.finditer(other))
    old = [
        found for found in _NAMED.finditer(question) if new and found[1].casefold() == new[0][1].casefold()
    ]
    if len(new) != 1 or len(old) != 1:
        return None
    return question[: old[0].start()] + new[0][0] + question[old[0].end() :]


class Codes:
    """What the manuals of one product have."""

    def __init__(self, product: str, products: Iterable[str], texts: Iterable[tuple[str, str]]) -> None:
        """`products` are all there are; `texts` are the product's passages, each with its heading."""
        self._known: set[tuple[str, str]] = set()
        self._rows: dict[str, set[str]] = defaultdict(set)  # numbers by letters
        self._ranges: list[tuple[str, int, int]] = []
        self._faults: dict[str, set[str]] = defaultdict(set)  # codes as they are written, by number
        self._product = frozenset(code.letters for code in codes_in(product)) | _words(product)
        for name in products:
            self._add_rows(codes_in(name))
        self._add(product)
        for heading, text in texts:
            self._add(f"{heading}\n{text}")
            if _FAULT_WORD.search(heading):
                self._add_faults(text)

    def lack(self, question: str) -> bool:
        """Whether the question names a code or a model that is none of these, but like some of them.

        One of a row that is there is enough: "E5 or E77?" has an answer.
        """
        asked = [code for code in codes_in(question) if self._is_like_some(code)]
        there = {code.letters for code in asked if self._has(code)}
        return any(code.letters not in there for code in asked)

    def faults_named(self, word: str, number: str) -> frozenset[str]:
        """The codes, as they are written, of the faults with a number.

        Of several that which begins as the word does: "fault 2" is F-02 beside a W-02.
        """
        codes = frozenset(self._faults.get(_without_zeros(number), ()))
        own = frozenset(code for code in codes if code[0].casefold() == word[0].casefold())
        return own if len(own) == 1 else codes

    def tell_of_version(self, number: str) -> bool:
        """Whether the manuals name a version, as "firmware 4.1" does."""
        return any((word, number) in self._known for word in _VERSION_WORDS)

    def _add(self, text: str) -> None:
        codes = list(codes_in(text))
        for code in codes:
            self._known |= {(code.letters, code.number), (code.letters, re.split(r"\D", code.number)[0])}
        self._add_rows(codes)
        for letters, first, last in _RANGE.findall(text):
            self._ranges.append((letters.casefold(), int(first), int(last)))

    def _add_rows(self, codes: Iterable[Code]) -> None:
        for code in codes:
            if code.is_capital or _NUMBERED.fullmatch(code.letters):
                self._rows[code.letters].add(code.number)

    def _add_faults(self, text: str) -> None:
        for found in _FAULT_ROW.finditer(text):
            self._faults[_without_zeros(found[2])].add(found[0].rpartition(": ")[2])

    def _is_like_some(self, code: Code) -> bool:
        n_like = len(self._rows[code.letters] - {code.number}) if code.letters in self._rows else 0
        if _NUMBERED.fullmatch(code.letters) and not code.is_glued:
            n_faults = len(self._faults) if _FAULT_WORD.fullmatch(code.letters) else 0
            return max(n_like, n_faults) >= _N_NUMBERED
        if code.letters in self._product:
            return n_like > 0
        longest = _LONGEST_GLUED if code.is_glued else _LONGEST_SPACED
        return (code.is_name or len(code.letters) <= longest) and n_like >= _N_SISTERS

    def _has(self, code: Code) -> bool:
        if (code.letters, code.number) in self._known:
            return True
        if _FAULT_WORD.fullmatch(code.letters) and code.number in self._faults:
            return True
        return code.number.isdigit() and any(
            letters == code.letters and first <= int(code.number) <= last
            for letters, first, last in self._ranges
        )


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]{3,}", name.casefold()))


def _without_zeros(number: str) -> str:
    return number.lstrip("0") or "0"
