"""How many claims wait for more people: they make no triplets yet, so no list has them."""

from __future__ import annotations

from collections.abc import Sequence

from qa_core.store import Store
from qa_core.types import Passage
from training.anchoring import Anchors
from training.opinions import opinions_of
from training.support import gather
from training.triplet import Rules
from training.triplet_facts import read_facts


def n_short_of_people(store: Store, passages: Sequence[Passage], rules: Rules) -> int:
    """How many claims would make triplets if one person were enough; `passages` are those of the index."""
    if rules.min_voters == 1:
        return 0
    facts = read_facts(store)
    by_question = gather(opinions_of(facts, rules), facts, Anchors(passages))
    return sum(each.is_short_of_people(rules) for found in by_question.values() for each in found.values())
