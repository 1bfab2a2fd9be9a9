"""What it takes to tell somebody how a job goes: which job, where, and whom. Kept in the inbox as a task."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from bot.deliveries import Body, Delivery, Lane

ROUTE = "follow_retraining"


@dataclass(frozen=True, slots=True)
class Following:
    """One message that tells how a job goes, and at its end what came of it."""

    job: int
    person: str  # who wants to know
    channel: str | None = None  # None: direct messages with the person, once their id is known
    thread_ts: str | None = None
    response_url: str | None = None  # of the command that began it

    @classmethod
    def of(cls, body: Body) -> Following:
        """What `delivery` made a body of."""
        return cls(**body["following"])

    def delivery(self) -> Delivery:
        """The task of telling it: one for each job and place."""
        key = f"job:{self.job}/at:{self.channel or self.person}:{self.thread_ts or ''}"
        body = {"following": asdict(self), "channel_id": self.channel, "user_id": self.person}
        return Delivery(key, f"own:{ROUTE}", Lane.JOB, body, person=self.person)
