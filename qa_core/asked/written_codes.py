"""How the manuals of a product write the codes of its rows and faults, and a question with its codes so.

People ask about "error 5" where the manual has E05, and about "err5" where it has Err 05.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from qa_core.asked.amounts import is_counted
from qa_core.asked.letter_codes import tells_of_faults
from qa_core.asked.numbered_names import codes_in, plain_number
from qa_core.asked.row_keys import FAULT_WORD, NUMBER_WORD, codes_with_text, folded, keys_of

_FAULT_WORD = re.compile(rf"\b{FAULT_WORD}s?\b", re.IGNORECASE)
_GLUED_FAULT = re.compile(r"(?<![^\W_])(err|msg)[-_]?(?=\d{1,4}(?![^\W_]))", re.IGNORECASE)
# "error 5", "the alarm 5"; neither "access code 123" nor "set alarm 6".
_BEFORE_A_FAULT = (
    r"\b(?:the|an?|this|does|is|get|got|see|shows?|says?|displays?|means?|what['’]?s|with|of|for|and|or|after|clear"
    r"|reset) "
)
FAULT = re.compile(
    r"((?:\b(?:err(?:or)?|fault|failure)(?: code| message)?"
    rf"|(?:(?<![\w ])|(?<![\w ] )|{_BEFORE_A_FAULT})(?:alarm|code|message|msg|warning))"
    rf"s?(?: {NUMBER_WORD})?[ #:]{{1,2}})"
    r"(\d{1,3}|[1-9]\d{3})(?![^\W_]|[-.,/:]\d)",
    re.IGNORECASE,
)
_CELL_CODE = r"(?:(?:[A-Z]{1,3}|Err?)[-_.= ]?)?\d{1,4}"
FAULT_ROW = re.compile(
    rf"^(?:[^|:\n]{{1,30}}: )?({_CELL_CODE}(?:(?: ?(?:[,/;~–-]|to|and|or) ?| ){_CELL_CODE})*)(?= \|)",
    re.MULTILINE,
)
# "E2", "er-02", "E 2": what people make of "Err 2".
_SHORT_ERROR = re.compile(r"(?<![^\W_'])er?[-_.= ]?(\d{1,4})(?![^\W_]|[-.,/:]\d)", re.IGNORECASE)
_ERR = re.compile(r"err?[\W_]*\d", re.IGNORECASE)
_FAULT_LETTERS = re.compile(r"[A-Z]{2,3}(?=[-_.= ]?\d)")
_WRITTEN = re.compile(r"(?<![^\W_])[A-Za-z]{1,3}[-_=]?\d{1,4}(?![^\W_]|[-.,/:]\d)")  # "E-04"


def fault_numbers(question: str) -> Iterator[re.Match[str]]:
    """The numbers of faults in a question, each with what stands before it.

    Neither "error 5 times" nor "warning 3 beeps" has one.
    """
    return (found for found in FAULT.finditer(question) if not is_counted(question, found.end()))


def as_written(question: str, products: Iterable[WrittenCodes]) -> str:
    """The question with its codes as these products' manuals write them, where all write them alike.

    E05 for "error 5", E006 for E06, F5-F8 for an F6 that has no row of its own, and Err 2 for an E2 where no
    manual has one.
    """
    known = tuple(products)
    question = _GLUED_FAULT.sub(r"\1 ", question)  # "err05"
    for short in reversed(list(_SHORT_ERROR.finditer(question))):
        errors = frozenset().union(*(each.errors(short[1]) for each in known))
        if len(errors) == 1 and not any(each.have_e(short[1]) for each in known):
            question = question[: short.start()] + next(iter(errors)) + question[short.end() :]
    for written in reversed(list(_WRITTEN.finditer(question))):
        forms = frozenset().union(*(each.forms_of(written[0]) for each in known))
        if len(forms) == 1 and written[0] not in forms:
            question = question[: written.start()] + next(iter(forms)) + question[written.end() :]
    for fault in reversed(list(fault_numbers(question))):
        words, number = tuple(_FAULT_WORD.finditer(fault[1])), fault[2]
        codes = [code for each in known for code in sorted(each.faults_named(words[0][0], number))]
        if len({re.sub(r"[\W_]|(?<=\D)0+", "", code) for code in codes}) == 1:
            has_word = _FAULT_WORD.match(codes[0]) is not None  # "Err 5"
            start = fault.start() + words[0].start() if has_word else fault.start(2)
            question = question[:start] + codes[0] + question[fault.end() :]
    return question


class WrittenCodes:
    """The codes that lead a product's rows, and those of its faults, as its manuals write them."""

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        """`texts` are the product's passages, each with its heading."""
        self._forms: dict[str, set[str]] = defaultdict(set)  # by folded code
        self._faults: dict[str, set[str]] = defaultdict(set)  # by number
        for heading, text in texts:
            for key, written in keys_of(text).items():
                if any(map(str.isdigit, key)):
                    self._forms[key].add(written)
            if tells_of_faults(heading, text):
                rows = (re.findall(_CELL_CODE, row[1]) for row in FAULT_ROW.finditer(text))
                for code in (*chain.from_iterable(rows), *codes_with_text(text)):
                    self._faults[plain_number(re.sub(r"\D", "", code))].add(code)
        has_errors = any(self.errors(number) for number in self._faults)
        self._of_e = {  # the numbers behind a lone E
            plain_number(code.numbers[0])
            for heading, text in (texts if has_errors else ())
            for code in codes_in(f"{heading}\n{text}")
            if code.key == "e"
        }

    @property
    def faults(self) -> frozenset[str]:
        """The numbers of faults that there are."""
        return frozenset(self._faults)

    @property
    def fault_letters(self) -> frozenset[str]:
        """The letters, two or three, that stand before the numbers of faults, in small ones: "srv"."""
        codes = chain.from_iterable(self._faults.values())
        found = (_FAULT_LETTERS.match(code) for code in codes)
        return frozenset(each[0].casefold() for each in found if each)

    def forms_of(self, code: str) -> frozenset[str]:
        """How the rows that a code leads have it: "E006", "F5-F8"."""
        return frozenset(self._forms.get(folded(code), ()))

    def is_fault(self, name: str) -> bool:
        """Whether it is the code of a fault, in any spelling."""
        number = plain_number(re.sub(r"\D", "", name))
        return folded(name) in map(folded, self._faults.get(number, ()))

    def errors(self, number: str) -> frozenset[str]:
        """The codes of the faults with a number whose letters are short for "error": "Err 2"."""
        return frozenset(filter(_ERR.match, self._faults.get(plain_number(number), ())))

    def have_e(self, number: str) -> bool:
        """Whether there is an E with a number, be it of a fault or not."""
        return f"e{plain_number(number)}" in self._forms or plain_number(number) in self._of_e

    def faults_named(self, word: str, number: str) -> frozenset[str]:
        """The codes of the faults with a number.

        Of several that which begins as the word does: "fault 2" is F-02 beside a W-02.
        """
        codes = frozenset(self._faults.get(plain_number(number), ()))
        own = frozenset(code for code in codes if code[0].casefold() == word[0].casefold())
        return own if len(own) == 1 else codes
