"""What people hold of claims: it follows from their votes and corrections. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from training.feedback.claims import Claim, Facts, Place, Shown
from training.feedback.triplet import Rules
from training.votes import Correction

WEEK_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person holds of one claim about one question."""

    person: str
    shown: Shown
    claim: Claim
    value: int  # 1 for it, -1 against it
    at: float  # seconds since 1970
    of: Literal["vote", "correction"]


def opinions_of(facts: Facts, rules: Rules) -> tuple[Opinion, ...]:
    """What people hold, oldest first, with no more of one person in a week than the rules allow."""
    said = [*_of_corrections(facts), *_of_votes(facts)]
    return tuple(sorted(_capped(said, facts, rules.cap_per_person), key=_by_time))


def _of_votes(facts: Facts) -> Iterator[Opinion]:
    corrected = {(c.answer_id, c.person) for c in _standing(facts)}
    for vote in facts.votes:
        shown = facts.shown.get(vote.answer_id)
        if shown and shown.claim and (vote.answer_id, vote.person) not in corrected:
            yield Opinion(vote.person, shown, shown.claim, vote.value, vote.at, "vote")


def _of_corrections(facts: Facts) -> Iterator[Opinion]:
    for correction in _standing(facts):
        shown = facts.shown.get(correction.answer_id)
        claim = shown and _claim_of(correction, shown)
        if not shown or not claim:
            continue
        yield Opinion(correction.person, shown, claim, 1, correction.at, "correction")
        if shown.claim and not claim.agrees_with(shown.claim):
            yield Opinion(correction.person, shown, shown.claim, -1, correction.at, "correction")


def _standing(facts: Facts) -> Iterator[Correction]:
    """The corrections that hold: not those whose person took the thumbs-down back, or gave a thumbs-up."""
    values = {(vote.answer_id, vote.person): vote.value for vote in facts.votes}
    for correction in facts.corrections:
        key = (correction.answer_id, correction.person)
        changed = facts.last_signals.get(key, correction.at) > correction.at
        if not changed or values.get(key) == -1:
            yield correction


def _claim_of(correction: Correction, shown: Shown) -> Claim | None:
    if correction.passage_id is None or correction.passage_text is None:
        return shown.claim and Claim(shown.claim.place, None, None)
    near = shown.claim.place if shown.claim else None
    if near is None or near.passage_id != correction.passage_id:
        near = None
    place = Place(
        correction.passage_id,
        correction.passage_text,
        near.heading_path if near else (),
        near.manual if near else None,
        near.manual_version if near else None,
    )
    return Claim(place, correction.start, correction.end)


def _capped(opinions: Iterable[Opinion], facts: Facts, cap: int) -> Iterator[Opinion]:
    """Those about a person's first questions of each week; a change of mind keeps the place of the first."""

    def first(opinion: Opinion) -> float:
        return facts.first_said.get((opinion.shown.answer_id, opinion.person), opinion.at)

    asked: dict[tuple[str, int], set[str]] = {}
    for opinion in sorted(opinions, key=lambda each: (first(each), *_by_time(each))):
        questions = asked.setdefault((opinion.person, int(first(opinion) // WEEK_S)), set())
        if opinion.shown.question_key in questions or len(questions) < cap:
            questions.add(opinion.shown.question_key)
            yield opinion


def _by_time(opinion: Opinion) -> tuple[float, str, str, str, int]:
    shown = opinion.shown
    return opinion.at, opinion.person, shown.question_key, shown.answer_id, opinion.value
