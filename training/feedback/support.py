"""How many people are for and against each claim about a question, and what admins decided. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from training.feedback.anchoring import Anchors
from training.feedback.claims import Claim, Decision, Facts, Place, decision_key, words_and_signs
from training.feedback.opinions import Opinion
from training.feedback.triplet import Kind, Provenance, Rules, Triplet


@dataclass(eq=False)
class Support:
    """What speaks for and against one claim, gathered opinion by opinion."""

    claim: Claim
    stale: bool
    last: dict[str, Opinion] = field(default_factory=dict)  # of each person
    imported: Triplet | None = None
    edited_as: set[str] = field(default_factory=set)  # keys of the decisions that made this claim
    made_as: set[str] = field(default_factory=set)  # keys of decisions for the claims that this one was
    against_as: set[str] = field(default_factory=set)  # keys of decisions for their negatives
    decision: Decision | None = None  # about the claim
    decision_against: Decision | None = None  # about its negative
    question: str | None = None  # as an admin wrote it

    @property
    def up(self) -> list[Opinion]:
        """The people for it."""
        return [opinion for opinion in self.last.values() if opinion.value > 0]

    @property
    def down(self) -> list[Opinion]:
        """The people against it."""
        return [opinion for opinion in self.last.values() if opinion.value < 0]

    @property
    def net(self) -> int:
        """By how many more people are for it than against it."""
        return sum(opinion.value for opinion in self.last.values())

    @property
    def settled(self) -> bool:
        """Whether an admin approved it: then no vote decides any more."""
        return self.decided() == "approved"

    @property
    def provenance(self) -> Provenance:
        """Where it comes from; people who speak here count more than an import."""
        if not self.last:
            return "import"
        return "correction" if any(o.of == "correction" for o in self.up) else "vote"

    def stands(self, rules: Rules) -> bool:
        """Whether it may be right: enough people are for it, and no more are against it.

        What an admin decided about stands as long as anybody is for it.
        """
        decided = self.decided() in ("approved", "rejected")
        if self.edited_as or self._imported_as("answer", "unanswerable"):
            return decided or self.net >= 0
        n_up = len(self.up)
        return n_up > 0 and (decided or (n_up >= rules.min_voters and self.net >= 0))

    def is_negative(self, rules: Rules) -> bool:
        """Whether enough people found it wrong and said no more than that."""
        if self.claim.start is None or self.edited_as:
            return False
        n_alone = sum(opinion.of == "vote" for opinion in self.down)
        return (n_alone >= rules.min_voters and self.net < 0) or self._imported_as("negative") is not None

    def is_short_of_people(self, rules: Rules) -> bool:
        """Whether it makes no triplet, and would if one person were enough."""
        one = replace(rules, min_voters=1)
        return not (self.stale or self.stands(rules) or self.is_negative(rules)) and (
            self.stands(one) or self.is_negative(one)
        )

    def decided(self, negative: bool = False) -> str | None:
        """What an admin said of the claim (or of its negative), here or where it was imported from."""
        decision = self.decision_against if negative else self.decision
        if decision is not None:
            return decision.status
        imported = self._imported_as("negative") if negative else self._imported_as("answer", "unanswerable")
        return imported.status if imported else None

    def _imported_as(self, *kinds: Kind) -> Triplet | None:
        return self.imported if self.imported is not None and self.imported.kind in kinds else None


Supports = dict[Claim, Support]


def gather(opinions: Iterable[Opinion], facts: Facts, anchors: Anchors | None) -> dict[str, Supports]:
    """The support of every claim, by question; `anchors` is None where passages are taken as they were."""
    found: dict[str, Supports] = {}
    of_claim: dict[tuple[str, Claim], Support] = {}
    for opinion in opinions:
        question, claim = opinion.shown.question_key, opinion.claim
        support = of_claim.get((question, claim))
        if support is None:
            supports = found.setdefault(question, {})
            support = _support(supports, question, claim, facts.decisions, anchors)
            of_claim[question, claim] = support
        known = support.last.get(opinion.person)
        if known is None or (opinion.at, opinion.value) >= (known.at, known.value):
            support.last[opinion.person] = opinion
    for triplet in facts_of_their_own(facts.imported, facts):
        claim, question = claim_of(triplet), triplet.question_key
        supports = found.setdefault(question, {})
        _support(supports, question, claim, facts.decisions, anchors).imported = triplet
    _know_again(found, facts.decisions, anchors)
    for supports in found.values():
        for support in supports.values():
            _decide(support, facts.decisions)
    return found


def _know_again(
    found: Mapping[str, Supports], decisions: Mapping[str, Decision], anchors: Anchors | None
) -> None:
    """A decision holds for its claim in a passage that has changed too, and when others speak for it."""
    for key, decision in decisions.items():
        about = decision.about
        if about is None or decision.edit is not None or about.question_key not in found:
            continue
        now = about.claim if anchors is None else anchors.anchor(about.claim)
        support = found[about.question_key].get(_slot(now or about.claim))
        if support is not None:
            (support.against_as if about.negative else support.made_as).add(key)


def facts_of_their_own(imported: Iterable[Triplet], facts: Facts) -> Iterator[Triplet]:
    """The imported triplets that say more than is known here.

    What this store's own votes made comes back in its export: the votes of now count, not those of then. And
    what was forgotten here stays so. A question that somebody changed in the file is another one.
    """
    edits = (decision.edit for decision in facts.decisions.values())
    written = {words_and_signs(edit.question) for edit in edits if edit and edit.question}
    for triplet in imported:
        if facts.forgotten.isdisjoint(triplet.answer_ids) and not _was_made_here(triplet, facts, written):
            yield triplet


def _was_made_here(triplet: Triplet, facts: Facts, written: Collection[str]) -> bool:
    """Whether all its answers were given here, to this question or one that an admin put in its place."""
    shown = [facts.shown.get(answer_id) for answer_id in triplet.answer_ids]
    asked = {each.question_key for each in shown if each is not None}
    if not asked or None in shown:
        return False
    return triplet.question_key in asked or words_and_signs(triplet.question) in written


def claim_of(triplet: Triplet) -> Claim:
    """What a triplet says, or, a negative, denies."""
    place = Place(
        triplet.passage_id or "",
        triplet.context,
        triplet.heading_path,
        triplet.manual,
        triplet.manual_version,
    )
    return Claim(place, triplet.start, triplet.end)


def _support(
    supports: Supports,
    question: str,
    claim: Claim,
    decisions: Mapping[str, Decision],
    anchors: Anchors | None,
) -> Support:
    made_as, against_as = decision_key(question, claim), decision_key(question, claim, negative=True)
    edited_as = [
        (decision.revision, key, decision.edit)
        for key in {made_as, against_as}
        if (decision := decisions.get(key)) and decision.edit
    ]
    edit = max(edited_as, default=None, key=lambda each: each[0])
    if edit is not None:
        claim = edit[2].claim
    now = claim if anchors is None else anchors.anchor(claim)
    key = _slot(now or claim)
    support = supports.get(key) or supports.setdefault(key, Support(now or claim, stale=now is None))
    if support.stale and now is not None:
        support.claim, support.stale = now, False
    if edit is not None:
        support.edited_as.add(edit[1])
        support.question = edit[2].question
    support.made_as.add(made_as)
    support.against_as.add(against_as)
    return support


def _slot(claim: Claim) -> Claim:
    """The same for the same span of the same passage, and for all that say that no manual does."""
    if claim.start is None:
        return Claim(Place("", ""), None, None)
    return Claim(Place(claim.place.passage_id, ""), claim.start, claim.end)


def _decide(support: Support, decisions: Mapping[str, Decision]) -> None:
    """The latest decision about a claim that was edited is about the edit."""
    support.decision = _latest(support.edited_as or support.made_as, decisions)
    support.decision_against = _latest(support.against_as, decisions)


def _latest(keys: Iterable[str], decisions: Mapping[str, Decision]) -> Decision | None:
    return max((decisions[key] for key in keys if key in decisions), key=lambda d: d.revision, default=None)
