"""What administrators are told of: what is indexed, what was asked, and how people voted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from qa_core.answers import GivenAnswer, Unanswered
from qa_core.clock import utc_now
from qa_core.types import Passage
from training.votes import Correction, Tally, Vote, count_votes

if TYPE_CHECKING:
    from bot.services import Services

DAYS = 30
N_LISTED = 10


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the bot knows: how many manuals of each product, sorted by product."""

    products: tuple[tuple[str, int], ...]
    n_passages: int

    @property
    def n_manuals(self) -> int:
        """How many manuals."""
        return sum(n for _, n in self.products)


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened in some time."""

    n_questions: int
    n_answered: int
    votes: Tally
    n_corrections: int

    @property
    def share_answered(self) -> float | None:
        """Of the questions, 0 to 1; None where nothing was asked."""
        return self.n_answered / self.n_questions if self.n_questions else None


@dataclass(frozen=True, slots=True)
class Disputed:
    """An answer that somebody holds for wrong."""

    given: GivenAnswer
    tally: Tally
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """What an administrator sees of the last DAYS days."""

    figures: Figures
    unanswered: tuple[Unanswered, ...]  # the latest
    disputed: tuple[Disputed, ...]  # the latest


def holdings(passages: Iterable[Passage]) -> Holdings:
    """What an index holds."""
    manuals, n_passages = set(), 0
    for passage in passages:
        manuals.add((passage.manual.product, passage.manual.id))
        n_passages += 1
    counts = Counter(product for product, _ in manuals)
    return Holdings(tuple(sorted(counts.items(), key=lambda item: item[0].casefold())), n_passages)


def figures(services: Services, since: datetime) -> Figures:
    """What happened since a moment."""
    return _figures(services, since, services.votes.since(since.timestamp()))


def overview(services: Services) -> Overview:
    """The last DAYS days."""
    since = utc_now() - timedelta(days=DAYS)
    votes = services.votes.since(since.timestamp())  # read once: of years of votes that takes its time
    unanswered = services.answers.unanswered_since(since, N_LISTED)
    return Overview(_figures(services, since, votes), unanswered, _disputed(services, votes))


def midnight() -> datetime:
    """When today began, on this machine's clock."""
    today = datetime.now().astimezone().date()
    return datetime.combine(
        today, time()
    ).astimezone()  # with its own offset: summer time may have begun since


def _figures(services: Services, since: datetime, votes: tuple[Vote, ...]) -> Figures:
    n_questions, n_answered = services.answers.count_since(since)
    n_corrections = services.votes.n_corrections(since.timestamp())
    return Figures(n_questions, n_answered, count_votes(votes), n_corrections)


def _disputed(services: Services, votes: tuple[Vote, ...]) -> tuple[Disputed, ...]:
    against = [vote for vote in votes if vote.value < 0]
    latest = dict.fromkeys(vote.answer_id for vote in reversed(against))
    found = []
    for answer_id in latest:
        given = services.answers.get(answer_id)
        if given is not None:
            found.append(
                Disputed(given, services.votes.tally(answer_id), services.votes.corrections(answer_id))
            )
        if len(found) == N_LISTED:
            break
    return tuple(found)
