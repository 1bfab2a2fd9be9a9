"""What admins do with triplets: approve, edit, reject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from qa_core.errors import DataError
from training.feedback.claims import Claim, Edit, Place, place_of, short_hash
from training.feedback.locating import locate
from training.feedback.masking import mask
from training.feedback.numbers import cuts_number
from training.feedback.support import claim_of
from training.feedback.triplet import Triplet
from training.feedback.triplet_store import Decision, Triplets
from training.reading.examples import occurrences


@dataclass(frozen=True, slots=True)
class Amendment:
    """What an admin changes of a triplet; what is None stays."""

    question: str | None = None
    answer: str | None = None  # words of the triplet's passage, or of any other place in the manuals
    unanswerable: bool = False  # no manual says it
    start: int | None = None  # where in the triplet's passage the answer begins, if it stands there often


@dataclass(frozen=True, slots=True)
class Seen:
    """A triplet as an admin saw it: what they decide is about that, and about nothing that came since."""

    id: str
    sign: str  # of all that can be learnt from it

    @classmethod
    def of(cls, triplet: Triplet) -> Seen:
        """The triplet as it is now."""
        what = (triplet.kind, triplet.question, triplet.context, triplet.start, triplet.end)
        return cls(triplet.id, short_hash(*what)[:8])


def sign_of_approved(approved: Iterable[Triplet], picked: Triplet) -> str:
    """A sign of all that can be learnt from the approved triplets that contradict the picked one."""
    return _sign_of(each for each in approved if _conflict(each, picked))


def _sign_of(triplets: Iterable[Triplet]) -> str:
    return short_hash(*sorted(f"{each.id}:{each.sign}" for each in map(Seen.of, triplets)))[:8]


_NONE_APPROVED = _sign_of(())


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that was picked, and what stood beside it."""

    picked: Seen
    waiting: tuple[Seen, ...] = ()
    approved: str = _NONE_APPROVED  # before: their `sign_of_approved`, as there may be many


class Missed(StrEnum):
    """Why a decision about a triplet that was seen is no longer about anything."""

    gone = "gone"  # no vote speaks for it any more
    changed = "changed"  # another answer or another passage has taken its place
    approved = "approved"  # by somebody else
    rejected = "rejected"
    stale = "stale"  # its passage has left the manuals
    disputed = "disputed"  # by somebody else: other answers to its question are approved than there were


class Triage:
    """An admin's work on the triplets. Decisions are kept as facts: they outlast every later vote."""

    def __init__(self, triplets: Triplets) -> None:
        self._triplets = triplets

    def approve(self, triplet_id: str) -> Triplet:
        """Let releases learn from it. Approving one of several conflicting answers settles the conflict.

        Raises DataError if there is no such triplet any more, as do the others.
        """
        return self._triplets.decide(triplet_id, "approved")

    def reject(self, triplet_id: str) -> Triplet:
        """Never learn from it, whoever votes for it later."""
        return self._triplets.decide(triplet_id, "rejected")

    def look(self, seen: Seen) -> Triplet | Missed:
        """The triplet if it still waits just as it was seen; else why it does not."""
        self._triplets.refresh()
        triplet = self._triplets.last_known(seen.id)
        if triplet is None:
            return Missed.gone
        return _missed(seen, {seen.id: triplet}, None) or triplet

    def settle(self, seen: Iterable[Seen], status: Literal["approved", "rejected"]) -> Mapping[Seen, Missed]:
        """Approve or reject triplets that wait; returns which of them were decided or changed meanwhile."""
        wanted = tuple(seen)
        missed: dict[Seen, Missed] = {}

        def judge(found: Mapping[str, Triplet]) -> dict[str, Decision]:
            missed.update((each, why) for each in wanted if (why := _missed(each, found, status)))
            return {each.id: Decision(status) for each in wanted if each not in missed}

        self._triplets.decide_together([each.id for each in wanted], judge)
        return missed

    def pick(self, choice: Choice) -> Missed | None:
        """Approve one of several conflicting answers to a question, and reject those beside it.

        What came since, or has changed, waits on; where it was approved nothing is done.
        """
        seen = choice.picked
        ids = [triplet.id for triplet in self._triplets.beside(seen.id)]
        missed: list[Missed] = []

        def judge(found: Mapping[str, Triplet]) -> dict[str, Decision]:
            why = _missed(seen, found, "approved")
            if why is not None:
                missed.append(why)
                return {}
            against = [t for t in found.values() if _conflict(t, found[seen.id])]
            if _sign_of(t for t in against if t.status == "approved") != choice.approved:
                missed.append(Missed.disputed)
                return {}
            wrong = [t.id for t in against if t.status == "approved" or Seen.of(t) in choice.waiting]
            return {seen.id: Decision("approved"), **dict.fromkeys(wrong, Decision("rejected"))}

        self._triplets.decide_together(ids, judge)
        return next(iter(missed), None)

    def amend(self, seen: Seen, amendment: Amendment) -> Missed | None:
        """Like `edit`, of a triplet that waits just as it was seen."""
        missed: list[Missed] = []

        def judge(found: Mapping[str, Triplet]) -> dict[str, Decision]:
            why = _missed(seen, found, None)
            if why is not None:
                missed.append(why)
                return {}
            return {seen.id: Decision("approved", self.amended(found[seen.id], amendment))}

        self._triplets.decide_together([seen.id], judge)
        return next(iter(missed), None)

    def edit(self, triplet_id: str, amendment: Amendment) -> Triplet:
        """Change the question or the answer, and approve it so.

        Raises DataError for an answer whose words stand in no manual, and where nothing is changed.
        """
        edit = self.amended(self._triplets.get(triplet_id), amendment)
        return self._triplets.decide(triplet_id, "approved", edit)

    def amended(self, triplet: Triplet, amendment: Amendment) -> Edit:
        """What an amendment makes of a triplet. Raises DataError as `edit` does; stores nothing."""
        claim = self._claim(triplet, amendment)
        asked = (amendment.question or "").strip()
        if not _is_whole(asked):
            raise DataError(f"The question {asked!r} holds half a character. Type it again")
        question = mask(asked) if asked else (triplet.question if triplet.edited else None)
        return Edit(question, claim)

    def _claim(self, triplet: Triplet, amendment: Amendment) -> Claim:
        claim = claim_of(triplet)
        answer = (amendment.answer or "").strip()
        if amendment.unanswerable:
            if answer:
                raise DataError(f"Give either the answer {answer!r}, or that the manuals don't say; not both")
            return Claim(claim.place, None, None)
        if answer:
            return self._found(triplet, claim.place, answer, amendment.start)
        if not (amendment.question or "").strip():
            raise DataError("Nothing is changed: give a question, an answer, or that the manuals don't say")
        if triplet.kind == "negative":
            raise DataError(f"Of triplet {triplet.id} only a wrong answer is known: give the right one too")
        return claim

    def _found(self, triplet: Triplet, place: Place, answer: str, near: int | None) -> Claim:
        """Where the answer stands: in the triplet's own passage, else in its section, else anywhere."""
        text, length = triplet.context, len(answer)
        starts = [at for at in occurrences(text, answer) if not cuts_number(text, at, at + length)]
        if triplet.status != "stale" and starts:
            meant = (triplet.start or 0) if near is None else near
            start = min(starts, key=lambda at: abs(at - meant))
            return Claim(place, start, start + length)
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


def _is_whole(text: str) -> bool:
    """Whether it can be stored: bytes that are no UTF-8, and halves of emoji, come as surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _missed(seen: Seen, found: Mapping[str, Triplet], wanted: str | None) -> Missed | None:
    """Why the triplet is not there to be decided as it was seen; None if it is, or is `wanted` already."""
    triplet = found.get(seen.id)
    if triplet is None:
        return Missed.gone
    if Seen.of(triplet) == seen and triplet.status in ("pending", wanted):
        return None
    return Missed.changed if triplet.status == "pending" else Missed(triplet.status)


def _conflict(triplet: Triplet, picked: Triplet) -> bool:
    """Whether both are held for answers, and cannot both be right."""
    held = triplet.kind != "negative" and triplet.status in ("pending", "approved")
    return held and not claim_of(triplet).agrees_with(claim_of(picked))
