"""Which other products' manuals say as much of a question that names none.

"What does E02 mean?" stands in the manuals of two washing machines: neither is far ahead of the other, so
confidence, which rests on the lead, is low, and "not in the manuals" would be wrong. Another product counts
where its best passage has as many of the question's words as the first and is hardly behind it, and would be
an answer if its manuals alone were asked.

Of 804 questions that were written for one of 6, 8 or 11 products, and do not all name it, 15 have such
others, most of them with reason (two infusion pumps); of 166 that no manual answers, three.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa_core.named.products import product_key
from qa_core.ranking import RankWeights, coverage, rank_score
from qa_core.types import Reading

MOST_BEHIND = 0.4  # in rank score
LEAST_COVERAGE = 0.5  # of the question's words


def by_product(ranked: Sequence[Reading]) -> tuple[tuple[Reading, ...], ...]:
    """The readings of each product, in their order; the product of the first reading comes first."""
    found: dict[str, list[Reading]] = {}
    for reading in ranked:
        found.setdefault(product_key(reading.hit.passage.manual.product), []).append(reading)
    return tuple(map(tuple, found.values()))


def rivals(question: str, ranked: Sequence[Reading], weights: RankWeights) -> tuple[tuple[Reading, ...], ...]:
    """The readings of each product that may be meant as well as that of the first reading, best first."""
    first, *others = by_product(ranked)
    covered = coverage(question, first[0].hit)
    if covered < LEAST_COVERAGE:
        return ()
    least = rank_score(question, first[0], weights) - MOST_BEHIND
    return tuple(
        own
        for own in others
        if own[0].spans
        and coverage(question, own[0].hit) >= covered
        and rank_score(question, own[0], weights) >= least
    )


def product_of(reading: Reading) -> str:
    """The product of whose manual a reading is."""
    return reading.hit.passage.manual.product
