"""Whether a passage has the very code that a question asks about, and the question asks nothing else.

"E20 on the Volumat" is answered by the row `Code: E20 | Meaning: …`, although three words are hardly like the
text of a table, and similarity of meaning, on which confidence rests, says little. Of 970 questions on the
manuals of 25 products 32 ask so. All are answered by the passage that has the row; seven had been declined.

A heading may have a code as well: "Failure #5".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qa_core.asked.letter_codes import letter_codes, letter_rows, tells_of_faults
from qa_core.asked.row_keys import (
    BARE_NUMBER,
    FAULT_WORDS,
    folded,
    keys_of,
    lone_numbers,
    numbered_as_written,
    numbered_codes,
    shown_numbers,
    written_codes,
)
from qa_core.ranking import words_of
from qa_core.tokens import tokenize
from qa_core.types import Passage

NAMED_CODE_BONUS = 0.7  # of a passage with a row, or under a heading, of the code that is asked about
# Of such a passage where nothing else is asked, more than all else that speaks for any other: the other words
# of "error code HE on the display" may all stand elsewhere.
ASKED_ROW_BONUS = 3.0
AS_WRITTEN_BONUS = 0.3  # of a row that has the code letter for letter: E-1 of one product, E01 of another
_MOST_WORDS = 8  # of a question in which a code is the subject
_IN_HEADING = re.compile(  # "Error E-04", "4.2 E04: paper jam", "F.28"
    rf"(?:[\d.]+ )?(?:{FAULT_WORDS}:? )?([A-Z]{{1,3}}[-_.= ]?\d{{1,4}})(?![^\W_]|[-.,/]\d)", re.IGNORECASE
)
# What a model may be called: a word with a number, and what goes on in capitals: "Pulso 4 Connect".
_MODEL = re.compile(r"(?<![^\W_])([^\W\d_]+) \d{1,4}[A-Za-z]?(?![^\W_]|[.,]\d)(?: [A-Z][^\W\d_]+)*")
_ASKING = frozenset(
    token
    for word in """
    error err code fault message msg alarm warning failure display displays shows show showing says say mean
    means meaning appear appears appearing parameter menu setting light lamp screen panel number comes come
    up on now machine unit device reads read blinks flashes sees see keeps keep customer ok out off
    """.split()  # noqa: SIM905 - a list of quoted words is no better to read
    for token in tokenize(word)
)
# Of which tables of faults are silent.
_COSTS = frozenset(tokenize("price cost costs order warranty guarantee"))


@dataclass(frozen=True, slots=True)
class AskedCodes:
    """The codes of a question that asks hardly anything else."""

    question: str
    codes: frozenset[str]  # folded
    besides: frozenset[str]  # what is asked beside these, as tokens
    written: frozenset[str]  # the codes with a number as they are written
    is_lone: bool  # whether they are numbers, which are codes where nothing but a product's name is beside

    @classmethod
    def of(cls, question: str, letters: Iterable[str]) -> AskedCodes:
        """`letters` are the question's codes of letters alone that lead rows somewhere."""
        letters = tuple(letters)
        is_short = sum(bool(tokenize(word)) for word in question.split()) <= _MOST_WORDS
        codes = numbered_codes(question).union(letters) if is_short else frozenset()
        lone = frozenset() if letters else frozenset(map(folded, lone_numbers(question)))
        besides, written = asked_beside_codes(question, letters), frozenset(written_codes(question))
        return cls(question, codes | lone, besides, written, bool(lone))

    def bonus(self, passage: Passage, may_be_its: bool, names: frozenset[str] = frozenset()) -> float:
        """What a row of the codes counts in ranking; `may_be_its` is false of a product that isn't asked.

        `names` are the tokens of what the manual is called beside its title.
        """
        besides = self.besides - names - _models_words(self.question, words_of(passage).manual)
        if self.is_lone:
            is_on = asks_for_its_number(self.question, passage, names)
        else:
            is_on = is_on_fault(passage, self.codes, besides)
        if not is_on:
            return 0.0
        is_all = may_be_its and asks_for_its_row(self.question, passage, names)
        is_as_written = not frozenset(keys_of(passage.text).values()).isdisjoint(self.written)
        return (ASKED_ROW_BONUS if is_all else NAMED_CODE_BONUS) + AS_WRITTEN_BONUS * is_as_written


def asks_for_its_row(question: str, passage: Passage, names: frozenset[str] = frozenset()) -> bool:
    """Whether each code of a question leads a row of the passage, which has all else that it asks, too.

    `names` are the tokens of what the manual is called beside its title.
    """
    written, letters = written_codes(question), letter_codes(question)
    if not written and not letters:  # as in most questions: hardly anything of the passage is looked at
        return asks_for_its_number(question, passage, names)
    words, leading = words_of(passage), _leading(passage)
    letters &= leading
    codes = [code for code in written if code.isdigit() or not _is_model(code, words.manual)]
    if not (codes or letters) or not leading >= set(map(folded, codes)):
        return False
    if shown_numbers(question) and not tells_of_faults(passage.heading, passage.text):  # "it shows 24"
        return False
    besides = _beside(question, (*written, *letters)) - _models_words(question, words.manual)
    return besides - words.manual - names <= words.own


def asks_for_its_number(question: str, passage: Passage, names: frozenset[str] = frozenset()) -> bool:
    """Whether a question is but a number that leads a row of the passage's faults, and its product's name."""
    lone = lone_numbers(question)
    if not lone:
        return False
    manual = words_of(passage).manual | names
    besides = _beside(question, lone) - _models_words(question, manual)
    own = frozenset(folded(number) for number in lone if number not in manual)
    return besides <= manual and is_on_fault(passage, own)


def names_its_fault(question: str, passage: Passage) -> bool:
    """Whether a code of a question leads a row of the passage's faults, whatever but its costs is asked.

    Of some 1,200 questions on the manuals of 37 products 65 do so: all but one, which names another product,
    are answered by that row, and three of these had been declined.
    """
    codes = numbered_codes(question)
    return (
        bool(codes) and is_on_fault(passage, codes) and not _COSTS & _tokens(question) - words_of(passage).own
    )


def _is_model(code: str, manual: frozenset[str]) -> bool:
    """Whether a code is what the product or its manual is called, or of its series: a VX300 of the VX."""
    letters = re.split(r"[\W\d_]", code)[0].casefold()  # of "LP-40W" the first
    tokens = _tokens(code)  # none of "HE"
    return (bool(tokens) and tokens <= manual) or (len(letters) > 1 and letters in manual)


def _models_words(question: str, manual: frozenset[str]) -> frozenset[str]:
    """The tokens of the models that a question calls by the manual's word and a number: "the Zorvex 4"."""
    found = _MODEL.finditer(question)
    return frozenset().union(*(_tokens(each[0]) for each in found if _tokens(each[1]) & manual))


def asked_beside_codes(question: str, letters: Iterable[str] = ()) -> frozenset[str]:
    """What a question asks besides its codes, as tokens: "paper", "stuck" of "paper is stuck at E-5".

    `letters` are its codes of letters alone.
    """
    return _beside(question, (*written_codes(question), *numbered_as_written(question), *letters))


def _beside(question: str, codes: Iterable[str]) -> frozenset[str]:
    numbered = (found[0] for found in BARE_NUMBER.finditer(question))  # "fault no. 5"
    return _tokens(question) - _ASKING - _tokens(" ".join((*codes, *numbered)))


def is_on_fault(passage: Passage, codes: frozenset[str], rest: frozenset[str] = frozenset()) -> bool:
    """Whether one of these codes leads a row of a passage about faults, or a heading of its section.

    Models and parts lead rows as well, and are no faults; nor is what the product or its manual is called.
    Where a question asks more than a word besides, which `rest` tells, the passage has to have that, too: how
    a jam at E-5 is cleared stands elsewhere.
    """
    words = words_of(passage)
    manual, more = words.manual, rest - words.manual
    if len(more) > 1 and not more <= words.own:
        return False
    leading = _leading(passage)
    own = (code for code in codes if code.isdigit() or not _is_model(code, manual))  # "failure 2 of the X 2"
    return any(code in leading for code in own) and tells_of_faults(passage.heading, passage.text)


def _leading(passage: Passage) -> frozenset[str]:
    """The codes that lead rows of a passage or a heading of its section, folded."""
    headings = (each for each in passage.section.heading_path if each != passage.manual.title)
    found = (_IN_HEADING.match(heading) or BARE_NUMBER.search(heading) for heading in headings)
    rows = (key for key in keys_of(passage.text) if not key.isalpha())
    letters = letter_rows(passage.heading, passage.text)
    return letters.union((folded(each[1]) for each in found if each), rows)


def _tokens(text: str) -> frozenset[str]:
    return frozenset(tokenize(text))
