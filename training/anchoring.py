"""Where a claim's words stand in today's manuals, when its passage has changed or gone.

First the passage itself is looked for, then another one with the same text, then the claim's words, with
the sentences around them, in the section that is most like the former passage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from qa_core.types import Passage
from qa_core.units import split_units
from training.claims import Claim, fold, place_of, words_and_signs
from training.examples import occurrences
from training.locating import Located, locate, piece_of
from training.numbers import is_apart

LEAST_SHARED = 0.5  # of the former passage's words; less is another text that says the same words by chance
_ENOUGH_WORDS = 12  # so many in a row do not stand in another text by chance
_MAX_SECTIONS = 8  # that are looked through, the likeliest


@dataclass(frozen=True, slots=True)
class _Section:
    """The passages of one section with its words."""

    passages: tuple[Passage, ...]
    words: frozenset[str]


class Anchors:
    """Today's passages, looked through once for each claim."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        """`passages` are those of an index: they share the sections that they are parts of."""
        self._passages = passages
        self._known: dict[Claim, Claim | None] = {}

    def anchor(self, claim: Claim) -> Claim | None:
        """The claim about a passage of today; None if its words no longer stand in the manuals."""
        if claim not in self._known:
            self._known[claim] = self._unchanged(claim) or self._moved(claim) or self._found_again(claim)
        return self._known[claim]

    def _unchanged(self, claim: Claim) -> Claim | None:
        passage = self._by_id.get(claim.place.passage_id)
        return None if passage is None else _at(claim, passage)

    def _moved(self, claim: Claim) -> Claim | None:
        """Another passage begins with the same text: a renamed file, or a new heading."""
        same = [_at(claim, passage) for passage in self._by_text.get(claim.place.text, ())]
        found = [each for each in same if each is not None]
        return max(found, key=lambda each: _kinship(claim, each), default=None)

    def _found_again(self, claim: Claim) -> Claim | None:
        if claim.start is None or claim.end is None:
            return None
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


def _kinship(claim: Claim, other: Claim) -> tuple[bool, bool, str]:
    """Of equal texts the one in the same manual is meant, then the one under the same heading."""
    return (
        claim.place.manual == other.place.manual,
        claim.place.heading_path == other.place.heading_path,
        other.place.passage_id,
    )


def _located(claim: Claim, passages: Sequence[Passage]) -> Located | None:
    """By the whole sentences around the span; by the span alone where its words stand there once.

    Of sentences that stand there several times the one in the passage that is most like the former one is
    meant. Words alone are not enough where the span has a sign: "press ▲" is not found in "press ▼".
    """
    assert claim.start is not None
    assert claim.end is not None
    text, section = claim.place.text, passages[0].section.text
    units = [u for u in split_units(text) if u.end > claim.start and u.start < claim.end]
    span = text[claim.start : claim.end]
    if units:
        start, end = min(units[0].start, claim.start), max(units[-1].end, claim.end)
        if places := occurrences(section, text[start:end]):
            firsts = [at + claim.start - start for at in places]
            return _likest(claim, [piece_of(passages, first, first + len(span)) for first in firsts])
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
