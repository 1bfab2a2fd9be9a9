"""What administrators are told of learning: the release, the triplets, and the retrainings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.views.cases import Case, cases_of
from qa_core.errors import ReleaseError
from training.feedback.triage import Triage
from training.feedback.triplet_store import Triplets
from training.retraining.jobs import Job

if TYPE_CHECKING:
    from bot.services import Services


@dataclass(frozen=True, slots=True)
class Learning:
    """What administrators see of learning."""

    release: str
    made_at: str | None  # ISO 8601; None where its manifest is gone
    counts: Mapping[str, int]  # triplets, by status
    n_conflicts: int  # of those that wait
    n_short: int  # claims that fewer than `min_voters` people make
    min_voters: int
    n_new: int  # approved since the last retraining that was no dry run
    job: Job | None  # that was begun last
    job_is_dead: bool  # it is under way, and its process is not
    approve_all: bool  # whether what is in no conflict is approved by itself
    cases: tuple[Case, ...]


def learning(services: Services) -> Learning:
    """How learning stands now."""
    known, jobs = services.engines.known(), services.launcher.jobs
    rules = services.settings.training.rules
    known_triplets = open_triplets(services)
    waiting = known_triplets.waiting()  # tens of thousands may be approved
    counts = Counter(known_triplets.counts())
    job = jobs.latest()
    return Learning(
        release=known.release,
        made_at=_made_at(services, known.release),
        counts=counts,
        n_conflicts=sum(triplet.conflict is not None for triplet in waiting),
        n_short=known_triplets.n_short_of_people(),
        min_voters=rules.min_voters,
        n_new=max(0, counts["approved"] - jobs.baseline()),
        job=job,
        job_is_dead=job is not None and jobs.is_dead(job),
        approve_all=rules.approve_all,
        cases=cases_of(waiting),
    )


def open_triplets(services: Services) -> Triplets:
    """The triplets, by the passages that are asked now."""
    return Triplets(services.store, services.engines.known().passages, services.settings.training.rules)


def open_triage(services: Services) -> Triage:
    """What administrators decide triplets with."""
    return Triage(open_triplets(services))


def _made_at(services: Services, release: str) -> str | None:
    try:
        return services.installation.releases.get(release).created_at
    except ReleaseError:
        return None
