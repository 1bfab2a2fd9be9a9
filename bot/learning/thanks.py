"""Who is told that a release has learned from what they said: once for each answer, in one message a person.

The plan of a job is stored before anybody is told. It follows what people take back until telling them has
begun; from then on their place stays, so that a bot that is killed in between tells nobody twice.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.questions.channels import is_direct
from bot.questions.posts import Posts
from bot.questions.receipts import Receipts
from qa_core.answers import Answers
from training.feedback.claims import Facts, decision_key
from training.feedback.opinions import Opinion, opinions_of
from training.feedback.triplet import Rules
from training.feedback.triplet_facts import read_facts
from training.retraining.job_report import Learned
from training.votes import Votes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.deliveries import Task
    from qa_core.store import Store
    from training.retraining.job_report import JobReport
    from training.retraining.jobs import Job

_BEGUN = 0.0  # as the time of telling: a message may be there. None: there is none yet
_OURS = "(workspace IS NULL OR workspace = :workspace)"  # NULL in rows of before
_UNCAPPED = Rules(cap_per_person=sys.maxsize)  # what was beyond the cap is in no report


@dataclass(frozen=True, slots=True)
class Thanked:
    """A person, and where they are told."""

    job: int
    person: str
    answer_id: str  # the latest of those that they spoke about
    n_answers: int
    channel: str | None  # None: direct messages
    thread_ts: str | None


class Thanks:
    """The plans in the store, as far as they are this workspace's."""

    def __init__(self, store: Store, workspace: str | None = None) -> None:
        """`store` was opened with the tables of all three packages."""
        self._store, self._workspace = store, workspace
        self._votes, self._posts = Votes(store), Posts(store)

    def plan(self, job: Job, report: JobReport, task: Task) -> None:
        """Store who is told of a job, where: those who have not been told of these votes before.

        Who that is stays so when it is called again; what those who are told next have taken back meanwhile
        is told to nobody.
        """
        if self._is_planned(job.id):
            self._follow(job, report, task)
            return
        spoken = tuple(supporters(read_facts(self._store), report.learned_from, _read_at(job, report)))
        with self._store.transaction():
            if not self._is_planned(job.id):
                for person, answer_ids in sorted(_by_person(self._claimed(spoken, task)).items()):
                    self._save(self._thanked(job.id, person, answer_ids))

    def next(self, job_id: int) -> tuple[Thanked, ...]:
        """People who are told in the same message, and were not told yet; empty when all were.

        Telling them begins here: they are named again, in the same place, until it is known what came of it.
        """
        with self._store.transaction() as db:
            people = self._coming(job_id)
            for each in people:
                db.execute(
                    "UPDATE thanks SET told_at = ? WHERE job = ? AND person = ?",
                    [_BEGUN, each.job, each.person],
                )
        return people

    def still_hold(self, people: Sequence[Thanked]) -> tuple[Thanked, ...]:
        """Those of them who have not taken back what they said."""
        return tuple(each for each in people if self._speaks(each))

    def set_told(self, people: Sequence[Thanked]) -> None:
        """They were told, or there is no more to tell them."""
        with self._store.transaction() as db:
            for each in people:
                db.execute(
                    "UPDATE thanks SET told_at = ? WHERE job = ? AND person = ?",
                    [time.time(), each.job, each.person],
                )

    def move_to_direct(self, people: Sequence[Thanked]) -> None:
        """Their thread cannot be written in: they will be told in direct messages."""
        with self._store.transaction() as db:
            for each in people:
                db.execute(
                    "UPDATE thanks SET channel = NULL, thread_ts = NULL, told_at = NULL"
                    " WHERE job = ? AND person = ?",
                    [each.job, each.person],
                )

    def forget(self, person: str) -> None:
        """Tell this person nothing, and that they were told forget as well."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM thanks WHERE person = ?", [person])

    def _claimed(self, spoken: Iterable[Opinion], task: Task) -> Iterator[Opinion]:
        """Those of this workspace for which nobody was told anything before, but by this task."""
        receipts, elsewhere = Receipts(self._store), self._given_elsewhere()
        ours = (o for o in spoken if o.shown.answer_id not in elsewhere)
        return (o for o in ours if receipts.claim(o.shown.answer_id, o.person, "learned", task))

    def _given_elsewhere(self) -> frozenset[str]:
        """The answers that a bot in another workspace gave, which nobody is told of here."""
        rows = self._store.rows(
            """SELECT answer_id FROM inbox WHERE workspace <> :workspace AND answer_id NOT NULL
            UNION SELECT answer_id FROM posts
            WHERE team IN (SELECT workspace FROM inbox WHERE workspace <> :workspace)""",
            {"workspace": self._workspace},
        )
        return frozenset(row["answer_id"] for row in rows)

    def _is_planned(self, job_id: int) -> bool:
        values = {"job": job_id, "workspace": self._workspace}
        return bool(self._store.rows(f"SELECT 1 FROM thanks WHERE job = :job AND {_OURS} LIMIT 1", values))  # noqa: S608

    def _coming(self, job_id: int) -> tuple[Thanked, ...]:
        """Who is told next."""
        return _first_message(self._people(job_id, _BEGUN) or self._people(job_id, None))

    def _follow(self, job: Job, report: JobReport, task: Task) -> None:
        """Bring the plan to the answers of which those who are told next still hold what they said."""
        followed: tuple[Thanked, ...] = ()
        while (people := self._coming(job.id)) and people != followed:
            held = self._held(people, job, report, task)
            with self._store.transaction():
                if self._coming(job.id) == people:  # nobody was forgotten meanwhile
                    self._bring(people, held)
            followed = people

    def _held(
        self, people: Sequence[Thanked], job: Job, report: JobReport, task: Task
    ) -> dict[str, tuple[str, ...]]:
        """The answers of this plan of which these people still hold what they said, oldest first.

        Only facts about the same questions are read: there may be many people to tell, and years of votes.
        """
        rows = self._store.rows(
            "SELECT answer_id, person FROM receipts WHERE kind = 'learned' AND task = ?"
            " AND person IN (SELECT value FROM json_each(?))",
            [task.delivery.key, json.dumps([each.person for each in people])],
        )
        claimed = {(row["answer_id"], row["person"]) for row in rows}
        asked = self._store.rows(
            "SELECT DISTINCT question_key FROM shown_answers"
            " WHERE answer_id IN (SELECT value FROM json_each(?))",
            [json.dumps([row["answer_id"] for row in rows])],
        )
        facts = read_facts(self._store, frozenset(row["question_key"] for row in asked))
        spoken = supporters(facts, report.learned_from, _read_at(job, report))
        return _by_person(o for o in spoken if (o.shown.answer_id, o.person) in claimed)

    def _bring(self, people: Sequence[Thanked], held: Mapping[str, Sequence[str]]) -> None:
        """Of whom telling has begun nobody knows whether they were told: they are told there, or nowhere."""
        begun = set(self._people(people[0].job, _BEGUN))
        for each in people:
            answer_ids = held.get(each.person, ())
            if not answer_ids or (each in begun and each.answer_id not in answer_ids):
                self.set_told([each])
            elif each not in begun and each.answer_id in answer_ids:
                self._save(replace(each, n_answers=len(answer_ids)))
            elif each not in begun:
                self._save(self._thanked(each.job, each.person, answer_ids))

    def _people(self, job_id: int, told_at: float | None) -> tuple[Thanked, ...]:
        rows = self._store.rows(
            "SELECT job, person, answer_id, n_answers, channel, thread_ts FROM thanks"  # noqa: S608
            f" WHERE job = :job AND told_at IS :told_at AND {_OURS} ORDER BY channel, thread_ts, person",
            {"job": job_id, "told_at": told_at, "workspace": self._workspace},
        )
        return tuple(Thanked(**row) for row in rows)

    def _thanked(self, job_id: int, person: str, answer_ids: Sequence[str]) -> Thanked:
        """Told below the latest of the answers."""
        place = self._place(answer_ids[-1], person)
        return Thanked(job_id, person, answer_ids[-1], len(answer_ids), *place)

    def _save(self, thanked: Thanked) -> None:
        """As somebody whom nobody has begun to tell."""
        with self._store.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO thanks"
                " (job, person, answer_id, n_answers, channel, thread_ts, workspace)"
                " VALUES (:job, :person, :answer_id, :n_answers, :channel, :thread_ts, :workspace)",
                {**asdict(thanked), "workspace": self._workspace},
            )

    def _speaks(self, thanked: Thanked) -> bool:
        if self._votes.vote_of(thanked.answer_id, thanked.person) is not None:
            return True
        return any(c.person == thanked.person for c in self._votes.corrections(thanked.answer_id))

    def _place(self, answer_id: str, person: str) -> tuple[str | None, str | None]:
        """The thread of the answer; none where it was shown to one person alone, or in another's messages."""
        given = Answers(self._store).get(answer_id)
        for post in self._posts.of_answer(answer_id):
            if not is_direct(post.channel) or (given is not None and given.asked_by == person):
                return post.channel, post.thread_ts or post.ts
        return None, None


def supporters(facts: Facts, learned: Iterable[Learned], until: float) -> Iterator[Opinion]:
    """What people said up to a time (seconds since 1970) that speaks for what was learned, oldest first.

    Who has said something else since, or taken it back, does not speak any more. Reports of earlier versions
    name answers alone: there it is whoever corrected one, and of the votes those of the majority.
    """
    wanted, sides = frozenset(learned), Counter[str]()
    for vote in facts.votes:
        sides[vote.answer_id] += vote.value
    opinions = opinions_of(facts, _UNCAPPED)
    now = {_subject(opinion): opinion.value for opinion in opinions}
    for opinion in opinions:
        if opinion.at > until or now[_subject(opinion)] != opinion.value:
            continue
        answer_id = opinion.shown.answer_id
        of_many = opinion.of == "correction" or opinion.value * sides[answer_id] > 0
        if Learned.of(opinion) in wanted or (of_many and Learned(answer_id) in wanted):
            yield opinion


def _read_at(job: Job, report: JobReport) -> float:
    """Until when what people said was learned from, seconds since 1970."""
    begun_at = datetime.fromisoformat(job.created_at).timestamp()
    return begun_at if report.votes_read_at is None else report.votes_read_at


def _first_message(people: Sequence[Thanked]) -> tuple[Thanked, ...]:
    """Those of one thread together, others one by one."""
    if not people or people[0].channel is None:
        return tuple(people[:1])
    first = (people[0].channel, people[0].thread_ts)
    return tuple(each for each in people if (each.channel, each.thread_ts) == first)


def _by_person(opinions: Iterable[Opinion]) -> dict[str, tuple[str, ...]]:
    """The answers that each spoke about, in the order of the opinions."""
    found: dict[str, dict[str, None]] = {}
    for opinion in opinions:
        found.setdefault(opinion.person, {})[opinion.shown.answer_id] = None
    return {person: tuple(answer_ids) for person, answer_ids in found.items()}


def _subject(opinion: Opinion) -> tuple[str, str]:
    """A person and the claim that they spoke about, below whichever answer to the question."""
    return opinion.person, decision_key(opinion.shown.question_key, opinion.claim)
