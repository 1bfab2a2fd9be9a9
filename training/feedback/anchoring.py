"""Where a claim's words stand in today's manuals, when its passage has changed or gone.

First the passage itself is looked for, then another one with the same text, then the claim's words, with
the sentences around them, in the section that is most like the former passage; and last the words in a
sentence that has changed, if it still says them of the same thing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from qa_core.types import Passage
from qa_core.units import CELL_SEPARATOR, STEP, split_units
from training.feedback.claims import NEGATIONS, Claim, fold, place_of, words_and_signs
from training.feedback.locating import Located, locate, piece_of
from training.feedback.numbers import is_apart
from training.reading.examples import occurrences

LEAST_SHARED = 0.5  # of the former passage's words; less is another text that says the same words by chance
_LEAST_OF_UNIT = 0.5  # Jaccard similarity of the words around a span; less says them of another thing
_NEGATIONS = NEGATIONS | {"only", "nor", "neither", "none"}
_ENOUGH_WORDS = 12  # so many in a row do not stand in another text by chance
_MAX_SECTIONS = 8  # that are looked through, the likeliest
_STEP_MARK = re.compile(rf"\A(?:{STEP}|-) ")  # a step may have got another number


@dataclass(frozen=True, slots=True)
class _Section:
    """The passages of one section with its words."""

    passages: tuple[Passage, ...]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Around:
    """The whole sentences, steps or rows that a span lies in."""

    start: int
    end: int
    said: str  # see `words_and_signs`
    rest: frozenset[str]  # their words, folded, without the span's
    first_cell: str | None  # of a row


class Anchors:
    """Today's passages, looked through once for each claim."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        """`passages` are those of an index: they share the sections that they are parts of."""
        self._passages = passages
        self._known: dict[Claim, Claim | None] = {}

    def anchor(self, claim: Claim) -> Claim | None:
        """The claim about a passage of today; None if its words no longer stand in the manuals."""
        if claim not in self._known:
            find = self._unsaid if claim.start is None else self._found_again
            self._known[claim] = self._unchanged(claim) or self._moved(claim) or find(claim)
        return self._known[claim]

    def _unchanged(self, claim: Claim) -> Claim | None:
        passage = self._by_id.get(claim.place.passage_id)
        return None if passage is None else _at(claim, passage)

    def _moved(self, claim: Claim) -> Claim | None:
        """Another passage begins with the same text: a renamed file, or a new heading."""
        same = [_at(claim, passage) for passage in self._by_text.get(claim.place.text, ())]
        found = [each for each in same if each is not None]
        return max(found, key=lambda each: _kinship(claim, each), default=None)

    def _unsaid(self, claim: Claim) -> Claim | None:
        """No manual says it: the passage with the same text in other lines, as files are that come from
        another system.
        """
        same = [Claim(place_of(each), None, None) for each in self._by_line.get(_line(claim.place.text), ())]
        return max(same, key=lambda each: _kinship(claim, each), default=None)

    def _found_again(self, claim: Claim) -> Claim | None:
        was = set(fold(claim.place.text).split())
        for section in self._likeliest(claim.words.split(), was):
            n_shared = len(was & section.words)
            if n_shared < LEAST_SHARED * len(was) and len(claim.words.split()) < _ENOUGH_WORDS:
                continue
            found = _located(claim, section.passages)
            if found is not None:
                return Claim(place_of(found.passage, found.context), *found.span)
        return None

    def _likeliest(self, words: Sequence[str], was: set[str]) -> Iterator[_Section]:
        """The sections that have all the words, those that share most with the former passage first."""
        if not words or any(word not in self._postings for word in words):
            return
        numbers = set.intersection(*(self._postings[word] for word in set(words)))
        sections = [self._sections[number] for number in sorted(numbers)]
        sections.sort(key=lambda section: -len(was & section.words))
        yield from sections[:_MAX_SECTIONS]

    @cached_property
    def _by_id(self) -> dict[str, Passage]:
        return {passage.id: passage for passage in self._passages}

    @cached_property
    def _by_text(self) -> dict[str, list[Passage]]:
        by_text: dict[str, list[Passage]] = {}
        for passage in self._passages:
            by_text.setdefault(passage.text, []).append(passage)
        return by_text

    @cached_property
    def _by_line(self) -> dict[str, list[Passage]]:
        by_line: dict[str, list[Passage]] = {}
        for passage in self._passages:
            by_line.setdefault(_line(passage.text), []).append(passage)
        return by_line

    @cached_property
    def _sections(self) -> tuple[_Section, ...]:
        parts: dict[tuple[str, int], list[Passage]] = {}
        for passage in self._passages:
            parts.setdefault((passage.manual.id, id(passage.section)), []).append(passage)
        return tuple(
            _Section(tuple(each), frozenset(fold(each[0].section.text).split())) for each in parts.values()
        )

    @cached_property
    def _postings(self) -> dict[str, set[int]]:
        postings: dict[str, set[int]] = {}
        for number, section in enumerate(self._sections):
            for word in section.words:
                postings.setdefault(word, set()).add(number)
        return postings


def _at(claim: Claim, passage: Passage) -> Claim | None:
    """The claim about this passage, if the text that it knows still stands there."""
    end = passage.start + len(claim.place.text)
    now = passage.section.text[passage.start : max(end, passage.end)]
    if not now.startswith(claim.place.text):
        return None
    text = claim.place.text if end > passage.end else passage.text
    return Claim(place_of(passage, text), claim.start, claim.end)


def _line(text: str) -> str:
    """The text in one line, with single spaces."""
    return " ".join(text.split())


def _kinship(claim: Claim, other: Claim) -> tuple[bool, bool, bool, str]:
    """Of equal texts the one in the same manual is meant, then the one under the same heading."""
    return (
        claim.place.passage_id == other.place.passage_id,
        claim.place.manual == other.place.manual,
        claim.place.heading_path == other.place.heading_path,
        other.place.passage_id,
    )


def _located(claim: Claim, passages: Sequence[Passage]) -> Located | None:
    """By the whole sentences around the span; by the span alone where its words stand there once.

    Of sentences that stand there several times the one in the passage that is most like the former one is
    meant.
    """
    assert claim.start is not None
    assert claim.end is not None
    text, section = claim.place.text, passages[0].section.text
    around = _around(text, claim.start, claim.end)
    if places := occurrences(section, text[around.start : around.end]):
        firsts = [at + claim.start - around.start for at in places]
        n = claim.end - claim.start
        return _likest(claim, [piece_of(passages, first, first + n) for first in firsts])
    found = _by_span(claim, passages)
    if found is None or not _is_of_the_same(claim, around, section, _around(section, found.start, found.end)):
        return None
    return found


def _by_span(claim: Claim, passages: Sequence[Passage]) -> Located | None:
    """The one place of the span's words.

    Words alone are not enough where the span has a sign: "press ▲" is not found in "press ▼".
    """
    section, span = passages[0].section.text, claim.place.text[claim.start : claim.end]
    if f" {fold(section)} ".count(f" {claim.words} ") != 1:
        return None
    literal = [at for at in occurrences(section, span) if is_apart(section, at, at + len(span))]
    if len(literal) == 1:
        return piece_of(passages, literal[0], literal[0] + len(span))
    found = locate(span, passages)
    if found is None:
        return None
    found = replace(found, end=_without_marks(section, found.end, span))
    return found if words_and_signs(found.text) == claim.said else None


def _around(text: str, start: int, end: int) -> _Around:
    units = [unit for unit in split_units(text) if unit.end > start and unit.start < end]
    first, last = (min(units[0].start, start), max(units[-1].end, end)) if units else (start, end)
    rest = _STEP_MARK.sub("", text[first:start]) + " " + text[end:last]
    is_row = bool(units) and units[0].kind == "row"
    cell = fold(text[first:last].split(CELL_SEPARATOR, maxsplit=1)[0]) if is_row else None
    return _Around(first, last, words_and_signs(text[first:last]), frozenset(fold(rest).split()), cell)


def _is_of_the_same(claim: Claim, was: _Around, section: str, now: _Around) -> bool:
    """Whether a span's words are still said of what they were said of, and are no more or less denied.

    "Every 3 months" may stand where the seal is replaced, now that it is descaled every 6 months.
    """
    if was.rest & _NEGATIONS != now.rest & _NEGATIONS:
        return False
    if was.first_cell is not None and now.first_cell is not None and was.first_cell != now.first_cell:
        return False
    if was.rest and f" {was.said} " in f" {words_and_signs(section)} ":
        return True  # the same with other spaces or marks
    words = claim.words.split()
    return len(words) >= _ENOUGH_WORDS or _is_alike(frozenset(words), was, section, now)


def _is_alike(span: frozenset[str], was: _Around, section: str, now: _Around) -> bool:
    """Whether most words around the span are the same, and no other sentence has more of the former ones."""
    own = frozenset() if was.rest else span  # a whole sentence is like one that it is most of
    before, after = was.rest | own, now.rest | own
    if len(before & after) < _LEAST_OF_UNIT * len(before | after):
        return False
    others = (unit for unit in split_units(section) if unit.end <= now.start or unit.start >= now.end)
    n_shared = len(was.rest & now.rest)
    return all(
        len(was.rest & set(fold(section[each.start : each.end]).split())) <= n_shared for each in others
    )


def _likest(claim: Claim, found: Sequence[Located]) -> Located | None:
    """The one whose passage shares most words with the former one; None where that does not tell."""
    was = Counter(fold(claim.place.text).split())
    shared = [(was & Counter(fold(each.passage.text).split())).total() for each in found]
    best = max(shared)
    likest = [each for each, n in zip(found, shared, strict=True) if n == best]
    return likest[0] if len({each.passage.id for each in likest}) == 1 else None


def _without_marks(text: str, end: int, span: str) -> int:
    """The end before the full stop or bracket that the span did not have."""
    while not text[end - 1].isalnum() and text[end - 1] != span[-1]:
        end -= 1
    return end
