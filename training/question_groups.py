"""Which questions are near-duplicates, and which groups of them are trained on or held out. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qa_core.tokens import tokenize
from training.claims import fold, short_hash

Floats = NDArray[np.float32]
Part = Literal["training", "held_out"]
Pair = tuple[int, int]

LEAST_OVERLAP = 0.6  # Jaccard similarity of the questions' words from which they are near-duplicates
LEAST_COSINE = 0.85  # of their vectors
_BLOCK = 1024  # vectors compared with all others at once


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a data set, with where its answer stands."""

    key: str  # questions with one key are one question
    text: str
    passage_id: str | None = None
    start: int | None = None  # None: no span is known to answer it
    end: int | None = None
    testable: bool = True  # whether a release can be measured on it


@dataclass(frozen=True, slots=True)
class Sides:
    """The side and the group of questions, by key. Who is in neither side stands too near to both."""

    parts: Mapping[str, Part]
    groups: Mapping[str, str]


def near_duplicates(questions: Sequence[str], vectors: Floats | None = None) -> set[Pair]:
    """Pairs `(i, j)`, i < j, that ask nearly the same; enough of them to join all that are near.

    By the words that they share and, where unit vectors `[len(questions), dim]` are given, by meaning.
    """
    pairs = set(_by_words([frozenset(tokenize(q)) or frozenset(fold(q).split()) for q in questions]))
    if vectors is not None:
        pairs.update(_by_vectors(vectors))
    return pairs


def near_any(
    questions: Sequence[str], vectors: Floats, others: Sequence[str], other_vectors: Floats
) -> tuple[bool, ...]:
    """Of each question whether it asks nearly what one of the others asks, by words or by meaning.

    `vectors` `[len(questions), dim]` and `other_vectors` `[len(others), dim]` are unit vectors.
    """
    if not questions or not others:
        return (False,) * len(questions)
    nearest = (vectors @ other_vectors.T).max(axis=1)
    theirs = [frozenset(tokenize(other)) for other in others]
    asked = [frozenset(tokenize(question)) for question in questions]
    return tuple(
        float(cosine) >= LEAST_COSINE or any(_overlap(words, each) for each in theirs)
        for cosine, words in zip(nearest, asked, strict=True)
    )


def _overlap(words: frozenset[str], others: frozenset[str]) -> bool:
    return bool(words) and len(words & others) >= LEAST_OVERLAP * len(words | others)


def same_answers(asked: Sequence[Asked]) -> set[Pair]:
    """Pairs whose answers are one: their spans overlap in one passage."""
    spans = sorted(
        (a.passage_id, a.start, a.end, i)
        for i, a in enumerate(asked)
        if a.passage_id is not None and a.start is not None and a.end is not None
    )
    pairs = set()
    reach: tuple[str, int, int] | None = None  # passage, end and question of the span that reaches furthest
    for passage_id, start, end, i in spans:
        if reach is not None and reach[0] == passage_id and start < reach[1]:
            pairs.add((min(i, reach[2]), max(i, reach[2])))
        if reach is None or reach[0] != passage_id or end > reach[1]:
            reach = passage_id, end, i
    return pairs


def take_sides(
    asked: Sequence[Asked], pairs: Iterable[Pair], known: Mapping[str, Part], share: float, seed: int
) -> Sides:
    """The side of each question: a known one stays, near-duplicates follow, new groups are drawn.

    Whole groups are held out, in an order drawn with `seed`, until a `share` of what can be measured is.
    A question near both sides is on no side, nor is one trained on that is near a held-out one, nor that
    one: what a release has learned of the one would count on the other.
    """
    keys = list(dict.fromkeys(a.key for a in asked))
    near = _neighbours(asked, pairs)
    parts = _followed(keys, near, known)
    n_testable = dict.fromkeys(keys, 0)
    for each in asked:
        n_testable[each.key] += each.testable
    n_wanted = round(share * sum(n_testable.values()))
    n_held = sum(n_testable[key] for key in keys if parts.get(key) == "held_out")
    left = _components(keys, near, parts)
    new = [g for g in left if not (known.keys() & set(g) or _touches(g, near, parts))]
    smallest = min((sum(n_testable[k] for k in g) or math.inf for g in new), default=math.inf)
    for group in sorted(new, key=lambda group: short_hash(seed, min(group))):
        size = sum(n_testable[key] for key in group)
        fits = n_held + size <= n_wanted or (n_held == 0 and size == smallest and n_wanted > 0)
        side: Part = "held_out" if size and fits else "training"
        n_held += size if side == "held_out" else 0
        parts.update(dict.fromkeys(group, side))
    return Sides(parts, _named(keys, near, parts))


def _followed(
    keys: Sequence[str], near: Mapping[str, set[str]], known: Mapping[str, Part]
) -> dict[str, Part]:
    """The known sides and those of new groups near one of them."""
    parts: dict[str, Part] = {key: known[key] for key in keys if key in known}
    parts = {k: part for k, part in parts.items() if all(parts.get(other, part) == part for other in near[k])}
    settled = dict(parts)
    fresh = [key for key in keys if key not in known]
    for group in _components(fresh, near, {}):
        sides = {settled[other] for key in group for other in near[key] if other in settled}
        if len(sides) == 1:
            parts.update(dict.fromkeys(group, sides.pop()))
    return parts


def _touches(group: Iterable[str], near: Mapping[str, set[str]], parts: Mapping[str, Part]) -> bool:
    return any(other in parts for key in group for other in near[key])


def _neighbours(asked: Sequence[Asked], pairs: Iterable[Pair]) -> dict[str, set[str]]:
    near: dict[str, set[str]] = {each.key: set() for each in asked}
    for i, j in pairs:
        if asked[i].key != asked[j].key:
            near[asked[i].key].add(asked[j].key)
            near[asked[j].key].add(asked[i].key)
    return near


def _components(
    keys: Iterable[str], near: Mapping[str, set[str]], without: Mapping[str, Part]
) -> Iterator[list[str]]:
    """The groups of those keys that have no part yet."""
    left = {key for key in keys if key not in without}
    for key in sorted(left):
        if key in left:
            yield _reached(key, near, left)


def _reached(first: str, near: Mapping[str, set[str]], left: set[str]) -> list[str]:
    """All that can be reached from a key over those that are `left`; they are taken from there."""
    group, waiting = [], [first]
    left.discard(first)
    while waiting:
        key = waiting.pop()
        group.append(key)
        next_ones = near[key] & left
        left -= next_ones
        waiting += sorted(next_ones)
    return group


def _named(keys: Iterable[str], near: Mapping[str, set[str]], parts: Mapping[str, Part]) -> dict[str, str]:
    """The group of each key that has a side, named after its least key."""
    inside = {key: near[key] & parts.keys() for key in keys if key in parts}
    return {key: min(group) for group in _components(inside, inside, {}) for key in group}


def _by_words(words: Sequence[frozenset[str]]) -> Iterator[Pair]:
    """Prefix filtering: sets that overlap enough share one of their rarest words (Chaudhuri et al. 2006)."""
    n_texts: dict[str, int] = {}
    first_with: dict[frozenset[str], int] = {}
    for i, each in enumerate(words):
        if each in first_with:
            yield first_with[each], i
            continue
        first_with[each] = i
        for word in each:
            n_texts[word] = n_texts.get(word, 0) + 1
    seen: dict[str, list[int]] = {}
    for each, i in first_with.items():
        rarest = sorted(each, key=lambda word: (n_texts[word], word))
        prefix = rarest[: len(each) - math.ceil(LEAST_OVERLAP * len(each)) + 1]
        for j in {j for word in prefix for j in seen.get(word, ())}:
            if _overlap(each, words[j]):
                yield j, i
        for word in prefix:
            seen.setdefault(word, []).append(i)


def _by_vectors(vectors: Floats) -> Iterator[Pair]:
    for at in range(0, len(vectors), _BLOCK):
        near = vectors[at : at + _BLOCK] @ vectors.T >= LEAST_COSINE
        for row, column in np.argwhere(near):
            if at + row < column:
                yield int(at + row), int(column)
