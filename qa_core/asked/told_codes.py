"""What is told of a code beside its row: "F2 is reset by pressing Start twice", below the table or elsewhere.

Who names a code and asks what it means wants its row; who asks more than that has may want such a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa_core.asked.code_rows import AskedCodes, asked_beside_codes
from qa_core.asked.letter_codes import letter_codes
from qa_core.asked.remedies import asks_what_to_do
from qa_core.asked.row_keys import keys_of, numbered_codes
from qa_core.ranking import words_of
from qa_core.tokens import tokenize
from qa_core.types import Passage
from qa_core.units import CELL_SEPARATOR, split_units

_WORD = re.compile(r"[^\W\d_]+")
# What asks for more than a meaning though it says nothing about the subject: "what to do", "where from".
_ASKING_MORE = frozenset({"can", "could", "from", "how", "may", "must", "should", "to", "where", "why"})
# What asks whether something is so, which hardly a row tells: "does it go on with F2".
_ASKS_WHETHER = re.compile(
    r"^\W*(?:are|can|could|does|do|is|may|must|should|will|would)\b|\b(?:although|still)\b"
    r"|(?:[,-]|\band|\bor) (?:can|does|is|must|will) (?:it|the|they)\b|\bwhat (?:about|if|must)\b",
    re.IGNORECASE,
)
# "terminal E1": what is no fault.
_OF_OTHERS = re.compile(
    r"\b(?:connector|input|menu|output|page|parameter|pin|port|position|socket|step|terminal)s?[\s:#-]+\w+",
    re.IGNORECASE,
)
_MEANING_ALONE = 2  # cells of a row that has but its code and what this means
_TOLD_BONUS = 0.5  # of a passage that tells what is asked, beside the one with the row


def asks_beyond_rows(question: str, passage: Passage, rows: Sequence[tuple[int, int]]) -> bool:
    """Whether it is asked whether something is so, in words of which these rows have none."""
    in_rows = " ".join(passage.section.text[start:end] for start, end in rows)
    return _asks_beyond(question, passage, in_rows)


def told_of_codes(
    question: str, passage: Passage, codes: frozenset[str], rows: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """The sentences of a passage with these codes, in order, where a question asks more than their rows have.

    Sentences and rows are where they start and end in the section's text; of rows that tell more than a
    meaning, such as a remedy, a sentence has to have a word that is asked and that they lack, unless it is
    asked whether something is so.
    """
    text = passage.section.text
    in_rows = " ".join(text[start:end] for start, end in rows)
    besides = asked_beside_codes(question) - words_of(passage).manual - set(tokenize(in_rows))
    has_more = any(text.count(CELL_SEPARATOR, start, end) >= _MEANING_ALONE for start, end in rows)
    if not besides and (has_more or not _asks_more(question)):
        return ()
    needs_word = has_more and not _ASKS_WHETHER.search(question)
    return tuple(
        (start, end)
        for start, end, sentence in _sentences_with(codes, passage)
        if not (needs_word and besides.isdisjoint(tokenize(sentence)))
    )


def with_told_elsewhere(
    asked: AskedCodes, passages: Sequence[Passage], bonuses: Sequence[float]
) -> Sequence[float]:
    """What the asked codes count in ranking, where a question asks more than their rows have.

    More than these counts a passage that tells of a code in a sentence. `bonuses` are those of the passages
    with rows or headings of the codes: see `AskedCodes.bonus`. Where these are of several products, or have
    more than a meaning, they stay as they are, unless it is asked whether something is so.
    """
    with_rows = [passage for passage, bonus in zip(passages, bonuses, strict=True) if bonus]
    products = {passage.manual.product for passage in with_rows}
    if len(products) != 1 or not all(_asks_more_than_row(asked, each) for each in with_rows):
        return bonuses
    most = max(bonuses) + _TOLD_BONUS
    return [
        most if passage.manual.product in products and any(_sentences_with(asked.codes, passage)) else bonus
        for passage, bonus in zip(passages, bonuses, strict=True)
    ]


def _asks_more(question: str) -> bool:
    """Whether a question asks for more than a meaning, in words that say nothing about the subject."""
    words = _WORD.findall(question.casefold())
    return not _ASKING_MORE.isdisjoint(words) or asks_what_to_do(question)


def _asks_more_than_row(asked: AskedCodes, passage: Passage) -> bool:
    """Whether a question asks more of its codes than a passage has, of which they lead rows."""
    rows = [line for line in passage.text.split("\n") if not asked.codes.isdisjoint(keys_of(line))]
    if not rows or any(_sentences_with(asked.codes, passage)):
        return False
    if _asks_beyond(asked.question, passage, " ".join(rows)):
        return True
    has_more = any(row.count(CELL_SEPARATOR) >= _MEANING_ALONE for row in rows)
    return not has_more and _asks_more(asked.question)


def _asks_beyond(question: str, passage: Passage, in_rows: str) -> bool:
    besides = asked_beside_codes(question) - words_of(passage).manual
    asks_whether = bool(besides) and _ASKS_WHETHER.search(question) is not None
    return asks_whether and besides.isdisjoint(tokenize(in_rows))


def _sentences_with(codes: frozenset[str], passage: Passage) -> Iterator[tuple[int, int, str]]:
    """The sentences of a passage that name one of the codes: where they start and end, and their texts."""
    text = passage.section.text
    for unit in split_units(text):
        if unit.kind != "sentence" or unit.start < passage.start or unit.end > passage.end:
            continue
        sentence = text[unit.start : unit.end]
        told = _OF_OTHERS.sub(" ", sentence)
        if not codes.isdisjoint(numbered_codes(told) | letter_codes(told)):
            yield unit.start, unit.end, sentence
