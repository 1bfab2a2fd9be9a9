"""What a section tells of a code beside its row: "F2 is reset by pressing Start twice", below the table.

Who names a code and asks what it means wants its row; who asks more than that has may want such a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa_core.asked.code_rows import asked_beside_codes
from qa_core.asked.letter_codes import letter_codes
from qa_core.asked.row_keys import numbered_codes
from qa_core.ranking import words_of
from qa_core.tokens import tokenize
from qa_core.types import Passage
from qa_core.units import CELL_SEPARATOR, split_units

_WORD = re.compile(r"[^\W\d_]+")
# What asks for more than a meaning though it says nothing about the subject: "what to do", "where from".
_ASKING_MORE = frozenset({"can", "could", "from", "how", "may", "must", "should", "to", "where", "why"})
_MEANING_ALONE = 2  # cells of a row that has but its code and what this means


def told_of_codes(
    question: str, passage: Passage, codes: frozenset[str], rows: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """The sentences of a passage with these codes, in order, where a question asks more than their rows have.

    Sentences and rows are where they start and end in the section's text; of rows that tell more than a
    meaning, such as a remedy, a sentence has to have a word that is asked and that they lack.
    """
    text = passage.section.text
    in_rows = " ".join(text[start:end] for start, end in rows)
    besides = asked_beside_codes(question) - words_of(passage).manual - set(tokenize(in_rows))
    asks_more = not _ASKING_MORE.isdisjoint(_WORD.findall(question.casefold()))
    has_more = any(text.count(CELL_SEPARATOR, start, end) >= _MEANING_ALONE for start, end in rows)
    if not besides and (has_more or not asks_more):
        return ()
    sentences = (
        (unit.start, unit.end, text[unit.start : unit.end])
        for unit in split_units(text)
        if unit.kind == "sentence" and unit.start >= passage.start and unit.end <= passage.end
    )
    return tuple(
        (start, end)
        for start, end, sentence in sentences
        if not codes.isdisjoint(numbered_codes(sentence) | letter_codes(sentence))
        and not (has_more and besides.isdisjoint(tokenize(sentence)))
    )
