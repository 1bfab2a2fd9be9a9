"""Groups of near-duplicate questions, and which of them are trained on or held out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from training.feedback.claims import short_hash
from training.feedback.near_duplicates import Pair

Part = Literal["training", "held_out"]


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


def same_answers(asked: Sequence[Asked]) -> set[Pair]:
    """Pairs `(i, j)`, i < j, whose answers are one: their spans overlap in one passage."""
    spans = sorted(
        (a.passage_id, a.start, a.end, i)
        for i, a in enumerate(asked)
        if a.passage_id is not None and a.start is not None and a.end is not None
    )
    pairs: set[Pair] = set()
    open_ones: list[tuple[str, int, int]] = []  # passage, end and question of spans that may go on
    for passage_id, start, end, i in spans:
        open_ones = [each for each in open_ones if each[0] == passage_id and start < each[1]]
        pairs.update((min(i, j), max(i, j)) for _, _, j in open_ones)
        open_ones.append((passage_id, end, i))
    return pairs


def take_sides(
    asked: Sequence[Asked], pairs: Iterable[Pair], known: Mapping[str, Part], share: float, seed: int
) -> Sides:
    """The side of each question: a known one stays, near-duplicates follow, new groups are drawn.

    Whole groups are held out, in an order drawn with `seed`, until a `share` of what can be measured is.
    A question near both sides is on no side, nor is one trained on that is near a held-out one, nor that
    one: what a release has learned of the one would count on the other. What is on no side for that still
    tells what is near it. A group is named after the one of it that comes first in `asked`.
    """
    keys = list(dict.fromkeys(a.key for a in asked))
    near = _neighbours(asked, pairs)
    parts = _undisputed(keys, near, known)
    new = []
    for group in _components((key for key in keys if key not in known), near):
        sides = {known[other] for key in group for other in near[key] if other in known}
        if len(sides) == 1:
            parts.update(dict.fromkeys(group, sides.pop()))
        elif not sides:
            new.append(group)
    parts |= _drawn(new, parts, _n_testable(asked), share, seed)
    return Sides(parts, _named(keys, near, parts))


def _undisputed(
    keys: Iterable[str], near: Mapping[str, set[str]], known: Mapping[str, Part]
) -> dict[str, Part]:
    """The known sides of those that are not near the other one."""
    parts = {key: known[key] for key in keys if key in known}
    return {k: part for k, part in parts.items() if all(parts.get(other, part) == part for other in near[k])}


def _drawn(
    new: Iterable[list[str]],
    settled: Mapping[str, Part],
    n_testable: Mapping[str, int],
    share: float,
    seed: int,
) -> dict[str, Part]:
    """The sides of new groups, beside what is settled."""
    n_wanted = round(share * sum(n_testable.values()))
    n_held = sum(n for key, n in n_testable.items() if settled.get(key) == "held_out")
    sized = [(sum(n_testable[key] for key in group), group) for group in new]
    smallest = min((size for size, _ in sized if size), default=0)
    drawn: dict[str, Part] = {}
    for size, group in sorted(sized, key=lambda each: short_hash(seed, min(each[1]))):
        fits = n_held + size <= n_wanted or (n_held == 0 and size == smallest and n_wanted > 0)
        side: Part = "held_out" if size and fits else "training"
        n_held += size if side == "held_out" else 0
        drawn.update(dict.fromkeys(group, side))
    return drawn


def _n_testable(asked: Iterable[Asked]) -> dict[str, int]:
    """On how many of each key a release can be measured."""
    n_testable: dict[str, int] = {}
    for each in asked:
        n_testable[each.key] = n_testable.get(each.key, 0) + each.testable
    return n_testable


def _neighbours(asked: Sequence[Asked], pairs: Iterable[Pair]) -> dict[str, set[str]]:
    near: dict[str, set[str]] = {each.key: set() for each in asked}
    for i, j in pairs:
        if asked[i].key != asked[j].key:
            near[asked[i].key].add(asked[j].key)
            near[asked[j].key].add(asked[i].key)
    return near


def _components(keys: Iterable[str], near: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """The groups of those keys."""
    left = set(keys)
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
    """The group of each key that has a side, named after the first one of its `keys`."""
    order = {key: n for n, key in enumerate(key for key in keys if key in parts)}
    groups = ((min(group, key=order.__getitem__), group) for group in _components(order, near))
    return {key: name for name, group in groups for key in group}
