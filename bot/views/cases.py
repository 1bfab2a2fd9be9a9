"""What waits for an administrator, the conflicting answers to one question together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from training.feedback.support import claim_of
from training.feedback.triplet import Triplet


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to decide: a triplet that waits, or those that cannot all be right."""

    candidates: tuple[Triplet, ...]  # that wait, those with most votes first
    approved: tuple[Triplet, ...] = ()  # before, and now in conflict with a candidate

    @property
    def is_choice(self) -> bool:
        """Whether one of several is to be picked."""
        return len(self.candidates) + len(self.approved) > 1

    @property
    def is_plain(self) -> bool:
        """Whether nothing speaks against approving it."""
        return not self.is_choice and self.candidates[0].conflict is None


def cases_of(triplets: Iterable[Triplet]) -> tuple[Case, ...]:
    """What waits among all triplets: conflicts first, and otherwise in the triplets' order."""
    triplets = tuple(triplets)
    disputed: dict[str, list[Triplet]] = {}
    plain = []
    for triplet in triplets:
        if triplet.status == "pending" and triplet.conflict is not None:
            disputed.setdefault(triplet.question_key, []).append(triplet)
        elif triplet.status == "pending":
            plain.append(Case((triplet,)))
    approved: dict[str, list[Triplet]] = {}
    for triplet in triplets:
        if triplet.status == "approved" and triplet.kind != "negative" and triplet.question_key in disputed:
            approved.setdefault(triplet.question_key, []).append(triplet)
    choices = [_choice(candidates, approved.get(key, ())) for key, candidates in disputed.items()]
    return (*choices, *plain)


def _choice(candidates: Sequence[Triplet], approved: Sequence[Triplet]) -> Case:
    by_votes = sorted(candidates, key=lambda triplet: triplet.n_down - triplet.n_up)
    claims = [claim_of(triplet) for triplet in candidates]
    against = (each for each in approved if not all(claim.agrees_with(claim_of(each)) for claim in claims))
    return Case(tuple(by_votes), tuple(against))
