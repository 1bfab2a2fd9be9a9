"""What admins do with triplets: approve, edit, reject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_core.errors import DataError
from qa_core.store import Store
from qa_core.types import Passage
from training.claims import Claim, Edit, Place, place_of
from training.examples import occurrences
from training.locating import locate
from training.masking import mask
from training.support import claim_of
from training.triplet import Rules, Triplet
from training.triplet_store import Triplets


@dataclass(frozen=True, slots=True)
class Amendment:
    """What an admin changes of a triplet; what is None stays."""

    question: str | None = None
    answer: str | None = None  # words of the triplet's passage, or of any other place in the manuals
    unanswerable: bool = False  # no manual says it


class Triage:
    """An admin's work on the triplets. Decisions are kept as facts: they outlast every later vote."""

    def __init__(self, store: Store, passages: Sequence[Passage], rules: Rules = Rules()) -> None:  # noqa: B008
        """`passages` are those of the current index; see `Triplets`."""
        self._triplets = Triplets(store, passages, rules)

    @classmethod
    def of(cls, triplets: Triplets) -> Triage:
        """On triplets that are open already."""
        triage = cls.__new__(cls)
        triage._triplets = triplets
        return triage

    def pending(self) -> tuple[Triplet, ...]:
        """The triplets that wait for an admin; those with a `conflict`, which says why, come first."""
        return self._triplets.list("pending")

    def approve(self, triplet_id: str) -> Triplet:
        """Let releases learn from it. Approving one of several conflicting answers settles the conflict.

        Raises DataError if there is no such triplet any more, as do the others.
        """
        return self._triplets.decide(triplet_id, "approved")

    def reject(self, triplet_id: str) -> Triplet:
        """Never learn from it, whoever votes for it later."""
        return self._triplets.decide(triplet_id, "rejected")

    def edit(self, triplet_id: str, amendment: Amendment) -> Triplet:
        """Change the question or the answer, and approve it so.

        Raises DataError for an answer whose words stand in no manual, and where nothing is changed.
        """
        triplet = self._triplets.get(triplet_id)
        claim = self._claim(triplet, amendment)
        asked = (amendment.question or "").strip()
        question = mask(asked) if asked else (triplet.question if triplet.edited else None)
        return self._triplets.decide(triplet_id, "approved", Edit(question, claim))

    def _claim(self, triplet: Triplet, amendment: Amendment) -> Claim:
        claim = claim_of(triplet)
        answer = (amendment.answer or "").strip()
        if amendment.unanswerable:
            if answer:
                raise DataError(f"Give either the answer {answer!r}, or that the manuals don't say; not both")
            return Claim(claim.place, None, None)
        if answer:
            return self._found(triplet, claim.place, answer)
        if not (amendment.question or "").strip():
            raise DataError("Nothing is changed: give a question, an answer, or that the manuals don't say")
        if triplet.kind == "negative":
            raise DataError(f"Of triplet {triplet.id} only a wrong answer is known: give the right one too")
        return claim

    def _found(self, triplet: Triplet, place: Place, answer: str) -> Claim:
        """Where the answer stands: in the triplet's own passage, else in its section, else anywhere."""
        if triplet.status != "stale" and (starts := occurrences(triplet.context, answer)):
            start = min(starts, key=lambda at: abs(at - (triplet.start or 0)))
            return Claim(place, start, start + len(answer))
        passages = self._triplets.passages
        own = next((passage.section for passage in passages if passage.id == triplet.passage_id), None)
        nearest_first = sorted(passages, key=lambda passage: passage.section is not own)
        found = locate(answer, nearest_first)
        if found is None:
            raise DataError(
                f"{answer[:80]!r} stands in no manual. Copy the words from the manual, or say that the "
                "manuals don't say it"
            )
        return Claim(place_of(found.passage, found.context), *found.span)
