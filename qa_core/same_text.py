"""Passages that say the same in several manuals are one for ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_core.types import Passage

# Cosine from which passages of different manuals are taken for versions of one text.
NEAR = 0.9


@dataclass(frozen=True, slots=True)
class TextGroup:
    """The passages, by position, with one heading path and text; case and spaces do not matter."""

    members: tuple[int, ...]  # ascending


def group_by_text(passages: Sequence[Passage]) -> tuple[TextGroup, ...]:
    """Every passage in one group, groups in the order of their first members.

    Manuals of a product family share most of their text. Without this, one section of 32 phone
    manuals would be the top 32.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for position, passage in enumerate(passages):
        key = (*map(_fold, passage.section.heading_path), _fold(passage.text))
        groups.setdefault(key, []).append(position)
    return tuple(TextGroup(tuple(members)) for members in groups.values())


def versions_last(vectors: NDArray[np.float32], manuals: Sequence[frozenset[str]], k: int) -> tuple[int, ...]:
    """Of rows in ranked order the `k` to show, in their order: no two versions of one text if possible.

    Rows are versions when their unit vectors are nearly equal and no manual has both; what a manual
    itself says twice stays.
    """
    near = vectors @ vectors.T >= NEAR
    kept: list[int] = []
    for row in range(len(manuals)):
        if not any(near[row, other] and manuals[row].isdisjoint(manuals[other]) for other in kept):
            kept.append(row)
        if len(kept) == k:
            break
    rest = (row for row in range(len(manuals)) if row not in kept)
    return tuple(sorted([*kept, *(row for row, _ in zip(rest, range(k - len(kept)), strict=False))]))


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
