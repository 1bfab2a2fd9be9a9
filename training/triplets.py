"""Facts in, triplets out: which votes make which triplets. Pure.

- There is one triplet per question and passage, however many people vote and however often.
- The votes on a claim are counted by people; it must have enough of them and no majority against it.
- Claims about one question that cannot all be right are flagged: an admin decides.
- What an admin decided holds, whatever is voted later, as long as anybody speaks for it.
- Nothing is remembered: a vote that is taken back was never there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from training.feedback.anchoring import Anchors
from training.feedback.claims import Facts, Shown, short_hash
from training.feedback.opinions import opinions_of
from training.feedback.support import Support, Supports, gather
from training.feedback.triplet import Kind, Rules, Status, Triplet

TIED = "as many people find it wrong as right"
_QUOTED = 80  # characters of another answer that a conflict quotes


@dataclass(frozen=True, slots=True)
class Derived:
    """A triplet, and what a decision about it is stored under."""

    triplet: Triplet
    decision_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """All that follows from the facts."""

    derived: tuple[Derived, ...]  # in the order of the triplets' ids
    n_short: Mapping[str, int]  # by question: claims that would make triplets if one person were enough


def derive(facts: Facts, rules: Rules, anchors: Anchors | None = None) -> Derivation:
    """What follows from the facts, of the questions that these are all facts of.

    With `anchors` the triplets' passages are those of today's manuals, and what no longer stands there is
    stale; without, passages are taken as they were when people spoke.
    """
    opinions = opinions_of(facts, rules)
    if facts.questions is not None:
        opinions = tuple(each for each in opinions if each.shown.question_key in facts.questions)
    by_question = gather(opinions, facts, anchors)
    derived = (each for supports in by_question.values() for each in _of_question(supports, rules))
    in_order = tuple(sorted(derived, key=lambda each: each.triplet.id))
    return Derivation(in_order, _n_short(by_question, rules))


def _n_short(by_question: Mapping[str, Supports], rules: Rules) -> Mapping[str, int]:
    if rules.min_voters == 1:
        return {}
    n_short = {
        question: sum(each.is_short_of_people(rules) for each in supports.values())
        for question, supports in by_question.items()
    }
    return {question: n for question, n in n_short.items() if n}


def _of_question(supports: Supports, rules: Rules) -> Iterator[Derived]:
    standing = [support for support in supports.values() if support.stands(rules)]
    taken: set[str] = set()
    rivals = [s for s in standing if s.decided() != "rejected" and not s.stale]
    for support in sorted(standing, key=_rank, reverse=True):
        if _takes_slot(support, taken):
            yield _derived(
                support, "unanswerable" if support.claim.start is None else "answer", rivals, rules
            )
    negative = [s for s in supports.values() if s not in standing and s.is_negative(rules)]
    for support in sorted(negative, key=lambda s: (s.decided(negative=True) != "rejected", -s.net, _rank(s))):
        if _takes_slot(support, taken):
            yield _derived(support, "negative", (), rules)


def _takes_slot(support: Support, taken: set[str]) -> bool:
    passage_id = support.claim.place.passage_id
    if passage_id in taken:
        return False
    taken.add(passage_id)
    return True


def _rank(support: Support) -> tuple[object, ...]:
    """Of two claims about one passage the higher is its triplet."""
    claim = support.claim
    return (
        support.decided() != "rejected",
        bool(support.edited_as),
        support.settled,
        support.net,
        support.provenance == "correction",
        claim.start is not None,
        max((opinion.at for opinion in support.up), default=0.0),
        -(claim.start or 0),
        -(claim.end or 0),
    )


def _derived(support: Support, kind: Kind, rivals: Sequence[Support], rules: Rules) -> Derived:
    negative = kind == "negative"
    conflict = None if negative else _conflict(support, rivals)
    decided = None if _is_contradicted(support, rivals) else support.decided(negative)
    status = _status(support, decided, conflict, rules)
    claim, imported, asked = support.claim, support.imported, _asked(support)
    spoken_for = support.down if negative else support.up
    triplet = Triplet(
        id=short_hash(asked.question_key, claim.place.passage_id),
        question=support.question or asked.question,
        context=claim.place.text,
        start=claim.start,
        end=claim.end,
        kind=kind,
        status=status,
        provenance=support.provenance,
        question_key=asked.question_key,
        passage_id=claim.place.passage_id,
        heading_path=claim.place.heading_path,
        manual=claim.place.manual,
        manual_version=claim.place.manual_version,
        product=asked.product,
        shown=None if negative else _excerpt(support),
        n_up=max(len(support.up), imported.n_up if imported else 0),
        n_down=max(len(support.down), imported.n_down if imported else 0),
        conflict=conflict if status == "pending" else None,
        edited=bool(support.edited_as) or (imported is not None and imported.edited),
        answer_ids=tuple(
            sorted({o.shown.answer_id for o in spoken_for} | set(imported.answer_ids if imported else ()))
        ),
    )
    keys = support.against_as if negative else support.edited_as or support.made_as
    return Derived(triplet, tuple(sorted(keys)))


def _status(support: Support, decided: str | None, conflict: str | None, rules: Rules) -> Status:
    if decided == "rejected":
        return "rejected"
    if support.stale:
        return "stale"
    if decided == "approved":
        return "approved"
    return "approved" if rules.approve_all and conflict is None else "pending"


def _is_contradicted(support: Support, rivals: Sequence[Support]) -> bool:
    """Whether it came approved in a file, and another approved answer says something else."""
    came_so = support.decision is None and support.settled
    return came_so and any(each.settled and not each.claim.agrees_with(support.claim) for each in rivals)


def _conflict(support: Support, rivals: Sequence[Support]) -> str | None:
    """Why an admin must look at it; an answer that an admin approved is in conflict with none."""
    others = [rival for rival in rivals if not rival.claim.agrees_with(support.claim)]
    if others:
        return f"another answer was found right: {_quoted(max(others, key=_rank))}"
    if support.last and support.net == 0:
        return TIED
    return support.imported.conflict if support.imported is not None else None


def _quoted(support: Support) -> str:
    claim = support.claim
    if claim.start is None:
        return "the manuals don't say"
    words = " ".join(claim.place.text[claim.start : claim.end].split())
    return f"“{words if len(words) <= _QUOTED else words[: _QUOTED - 1] + '…'}”"


def _asked(support: Support) -> Shown | Triplet:
    """The question in the words of whoever asked it first."""
    first = min(support.last.values(), key=lambda o: (o.at, o.shown.answer_id), default=None)
    if first is not None:
        return first.shown
    assert support.imported is not None
    return support.imported


def _excerpt(support: Support) -> str | None:
    """What was last seen and found right, as long as no admin changed it."""
    if support.edited_as:
        return None
    seen = [o for o in support.up if o.of == "vote" and o.shown.excerpt is not None]
    latest = max(seen, key=lambda o: (o.at, o.shown.answer_id), default=None)
    if latest is not None:
        return latest.shown.excerpt
    return support.imported.shown if support.imported else None
