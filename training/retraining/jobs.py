"""The retrainings as rows of the database: one under way at a time, with its progress and its end."""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from qa_core.clock import stamp, utc_now
from qa_core.errors import DataError
from qa_core.store import Store
from training.retraining.processes import began_at, is_alive

State = Literal["waiting", "running", "promoted", "kept", "checked", "cancelled", "failed"]
Cause = Literal["command", "slack", "schedule", "triplets"]

LEASE_S = 60.0  # without a sign of life for so long, a process that cannot be looked at counts as dead
_LARGEST_ID = 2**63 - 1  # that SQLite takes
MAX_STARTS = 3  # a job whose process died as often as that has failed


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for."""

    cause: Cause = "command"
    asked_by: str | None = None  # a person's id
    origin: Mapping[str, str] = field(default_factory=dict)  # where to tell: team, channel, thread_ts
    dry_run: bool = False  # train and judge, but make no release
    questions: Path | None = None  # the admin's own regression set
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job stands."""

    stage: str = ""
    share: float = 0.0  # of the whole job, 0 to 1
    loss: float | None = None
    left_s: float | None = None
    gives_way: bool = False  # it gets little of the processor, because others need it


@dataclass(frozen=True, slots=True)
class Job:
    """One retraining."""

    id: int
    state: State
    request: Request
    created_at: str  # ISO 8601, UTC
    ended_at: str | None
    owner: str | None
    host: str | None
    pid: int | None
    pid_began_at: int | None  # see `processes.began_at`
    beat_at: float | None  # seconds since 1970
    n_starts: int  # of its process
    cancelled: bool
    progress: Progress
    message: str
    release: str | None  # that it made, once it may answer
    dataset: str | None
    n_triplets: int  # approved ones when it was asked for, then when it froze its data; or the fewest since

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state not in ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a retraining ended."""

    state: State
    message: str
    dataset: str | None = None  # digest of what was trained on
    release: str | None = None


CANCELLED = Ending("cancelled", "It was cancelled.")
_LATEST_THAT_LEARNS = "SELECT max(id) FROM jobs WHERE NOT json_extract(request, '$.dry_run')"


class Jobs:
    """The jobs in the store; safe to use from any thread and process."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        """`store` was opened with `training.migrations.TRAINING`."""
        self._store, self._clock = store, clock

    def claim(self, request: Request) -> Job | None:
        """A new job, whose process its caller starts; None while another one is under way."""
        with self._store.transaction() as db:
            cursor = db.execute(
                "INSERT INTO jobs (under_way, state, request, created_at, beat_at, n_starts, n_triplets)"
                " SELECT 1, 'waiting', ?, ?, ?, 1, (SELECT count(*) FROM triplets WHERE status = 'approved')"
                " WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE under_way = 1)",
                [_request_json(request), stamp(utc_now()), self._clock()],
            )
            if cursor.rowcount != 1:
                return None
            return self.get(int(cursor.lastrowid or 0))

    def get(self, job_id: int) -> Job:
        """One job. Raises DataError if there is none."""
        is_one = 0 < job_id <= _LARGEST_ID
        rows = self._store.rows("SELECT * FROM jobs WHERE id = ?", [job_id]) if is_one else []
        if not rows:
            raise DataError(f"There is no job {job_id}. List them: manualbot jobs")
        return _job(rows[0])

    def under_way(self) -> Job | None:
        """The job that has not ended yet."""
        rows = self._store.rows("SELECT * FROM jobs WHERE under_way = 1")
        return _job(rows[0]) if rows else None

    def list(self, limit: int = 20) -> tuple[Job, ...]:
        """The latest jobs, latest first."""
        return tuple(map(_job, self._store.rows("SELECT * FROM jobs ORDER BY id DESC LIMIT ?", [limit])))

    def latest(self) -> Job | None:
        """The job that was begun last."""
        return next(iter(self.list(1)), None)

    def baseline(self) -> int:
        """How many approved triplets new ones are counted from: those of the latest retraining.

        Dry runs learn nothing and do not count.
        """
        rows = self._store.rows(f"SELECT n_triplets FROM jobs WHERE id = ({_LATEST_THAT_LEARNS})")  # noqa: S608
        return int(rows[0]["n_triplets"]) if rows else 0

    def count_triplets(self, job_id: int) -> None:
        """Note how many triplets are approved now that the job freezes what it learns from."""
        with self._store.transaction() as db:
            db.execute(
                "UPDATE jobs SET n_triplets = (SELECT count(*) FROM triplets WHERE status = 'approved')"
                " WHERE id = ?",
                [job_id],
            )

    def lower_baseline(self, n_approved: int) -> None:
        """Let the baseline sink to this many, if they are fewer: what has gone need not be made up for."""
        if n_approved >= self.baseline():
            return
        with self._store.transaction() as db:
            db.execute(
                f"UPDATE jobs SET n_triplets = min(n_triplets, ?) WHERE id = ({_LATEST_THAT_LEARNS})",  # noqa: S608
                [n_approved],
            )

    def ended_ids(self) -> tuple[int, ...]:
        """The jobs to which nothing will happen any more, the first one first."""
        rows = self._store.rows("SELECT id FROM jobs WHERE under_way IS NULL ORDER BY id")
        return tuple(row["id"] for row in rows)

    def is_owned(self, job_id: int, owner: str) -> bool:
        """Whether a job is under way and this owner's."""
        job = self.get(job_id)
        return not job.ended and job.owner == owner

    def is_dead(self, job: Job) -> bool:
        """Whether a job is under way and its process is not: it was killed, or the machine went down.

        Where nobody can tell, as of another machine's processes, one without a sign of life for LEASE_S is
        taken for dead. One that is seen to live is not: both may have slept, or the clock have been set.
        """
        if job.ended:
            return False
        if job.pid is not None and job.host == socket.gethostname():
            if job.pid_began_at is not None:
                return began_at(job.pid) != job.pid_began_at
            if not is_alive(job.pid):
                return True
        return self._clock() - (job.beat_at or 0.0) > LEASE_S

    def run(self, job_id: int) -> str | None:
        """Take a job for this process; returns the owner's name, or None if another process has it."""
        owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        with self._store.transaction() as db:
            job = self.get(job_id)
            if job.ended or (job.owner is not None and not self.is_dead(job)):
                return None
            db.execute(
                "UPDATE jobs SET state = 'running', owner = ?, host = ?, pid = ?, pid_began_at = ?,"
                " beat_at = ? WHERE id = ?",
                [owner, socket.gethostname(), os.getpid(), began_at(os.getpid()), self._clock(), job_id],
            )
        return owner

    def relaunch(self, seen: Job) -> bool:
        """Claim a dead job in order to start its process again; False if it lives, or somebody else did so.

        It has a lease's time to come up: until then it does not count as dead.
        """
        with self._store.transaction() as db:
            job = self.get(seen.id)
            if job.n_starts != seen.n_starts or not self.is_dead(job):
                return False
            db.execute(
                "UPDATE jobs SET owner = NULL, host = NULL, pid = NULL, beat_at = ?, n_starts = n_starts + 1"
                " WHERE id = ?",
                [self._clock(), job.id],
            )
        return True

    def beat(self, job_id: int, owner: str) -> bool:
        """Give a sign of life; False if the job was cancelled, has ended, or is another process's now.

        The process of a cancelled job lives until it has ended it: nobody else may do so meanwhile.
        """
        with self._store.transaction() as db:
            cursor = db.execute(
                "UPDATE jobs SET beat_at = ? WHERE id = ? AND owner = ? AND under_way = 1",
                [self._clock(), job_id, owner],
            )
            return cursor.rowcount == 1 and not self.get(job_id).cancelled

    def tell(self, job_id: int, owner: str, progress: Progress) -> None:
        """Store where the job stands, as its owner."""
        with self._store.transaction() as db:
            db.execute(
                "UPDATE jobs SET stage = :stage, share = :share, loss = :loss, left_s = :left_s,"
                " gives_way = :gives_way WHERE id = :id AND owner = :owner",
                {**asdict(progress), "id": job_id, "owner": owner},
            )

    def begin_to_promote(self, job_id: int, release: str) -> bool:
        """Note that the job lets this release answer: it may do so already when the process dies.

        False if the job has ended or was cancelled before any might: nothing may be promoted then.
        """
        with self._store.transaction() as db:
            cursor = db.execute(
                "UPDATE jobs SET release_id = ? WHERE id = ? AND under_way = 1"
                " AND (cancelled = 0 OR release_id IS NOT NULL)",
                [release, job_id],
            )
            return cursor.rowcount == 1

    def cancel(self, job_id: int) -> bool:
        """Ask for the end of a job; False if it has ended. One that no process runs ends at once, unless its
        release may answer already: its process, started again, finds out.
        """
        with self._store.transaction() as db:
            job = self.get(job_id)
            if job.ended:
                return False
            db.execute("UPDATE jobs SET cancelled = 1 WHERE id = ?", [job_id])
            if job.release is None and (job.owner is None or self.is_dead(job)):
                self._end(job_id, CANCELLED)
        return True

    def give_up(self, job_id: int, owner: str) -> bool:
        """End a cancelled job whose process hangs.

        False if it is not this owner's or not cancelled, or if its release may answer already.
        """
        with self._store.transaction():
            job = self.get(job_id)
            if job.ended or job.owner != owner or not job.cancelled or job.release is not None:
                return False
            self._end(job_id, CANCELLED)
        return True

    def end(self, job_id: int, owner: str | None, ending: Ending) -> bool:
        """Close a job; False if it has ended, or is another process's now."""
        with self._store.transaction():
            job = self.get(job_id)
            if job.ended or job.owner != owner:
                return False
            self._end(job_id, ending)
        return True

    def _end(self, job_id: int, ending: Ending) -> None:
        with self._store.transaction() as db:
            db.execute(
                "UPDATE jobs SET under_way = NULL, state = ?, message = ?, ended_at = ?, left_s = NULL,"
                " release_id = ?, dataset = ? WHERE id = ?",
                [ending.state, ending.message, stamp(utc_now()), ending.release, ending.dataset, job_id],
            )


def _request_json(request: Request) -> str:
    fields = asdict(request)
    fields["questions"] = None if request.questions is None else str(request.questions)
    return json.dumps(fields)


def _request(text: str) -> Request:
    fields: dict[str, Any] = json.loads(text)
    fields["questions"] = fields["questions"] and Path(fields["questions"])
    return Request(**fields)


def _job(row: dict[str, Any]) -> Job:
    return Job(
        id=row["id"],
        state=row["state"],
        request=_request(row["request"]),
        created_at=row["created_at"],
        ended_at=row["ended_at"],
        owner=row["owner"],
        host=row["host"],
        pid=row["pid"],
        pid_began_at=row["pid_began_at"],
        beat_at=row["beat_at"],
        n_starts=row["n_starts"],
        cancelled=bool(row["cancelled"]),
        progress=Progress(
            row["stage"], row["share"], row["loss"], row["left_s"], gives_way=bool(row["gives_way"])
        ),
        message=row["message"],
        release=row["release_id"],
        dataset=row["dataset"],
        n_triplets=row["n_triplets"],
    )
