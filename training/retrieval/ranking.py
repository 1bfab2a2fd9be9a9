"""How an encoder would rank passages beside the rest of the search, without an index. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_core.types import Hit


@dataclass(frozen=True, slots=True)
class RankingCase:
    """A question with the passages that are found for it; one of them at least is right."""

    question: str
    texts: tuple[str, ...]  # what the encoder sees of each
    other_scores: tuple[float, ...]  # what beside the cosine ranks them
    right: tuple[bool, ...]


def rank_of_right(scores: NDArray[np.float32], right: Sequence[bool]) -> int:
    """From 1; equal scores rank against the right one, so that the figure never flatters."""
    best = max(score for score, is_right in zip(scores, right, strict=True) if is_right)
    return 1 + sum(bool(score >= best) for score, is_right in zip(scores, right, strict=True) if not is_right)


def ranking_case(
    question: str, hits: Sequence[Hit], texts: Sequence[str], is_right: Callable[[Hit], bool]
) -> RankingCase | None:
    """The case of a question with its hits; None where none of them is right."""
    right = tuple(is_right(hit) for hit in hits)
    if not any(right):
        return None
    return RankingCase(question, tuple(texts), tuple(hit.score - hit.dense for hit in hits), right)
