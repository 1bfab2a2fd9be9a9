"""The inbox: what Slack has sent and what became of it, in the store before Slack is told that it arrived.

Workers of any number of processes claim rows. A claim is a lease that its process renews; the rows of a
process that died are free again at once where it can be seen to be gone, else when their lease ends.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from sqlite_utils import Database

from bot.deliveries import Delivery, Lane, Task
from bot.owners import Owner, is_gone
from qa_core.store import Store

LEASE_S = 60.0
KEPT_S = 30 * 24 * 3600.0  # how long a finished delivery is remembered
_LEAP_S = LEASE_S / 2  # of the clock, beyond what has passed
# When a delivery that waits may be claimed: see `Inbox._trusted`.
_FREE_AT = "max(not_before, lease_until, iif(lease_until > 0 AND owner <> :owner, :trusted, 0))"
_NOT_HELD = "id NOT IN (SELECT value FROM json_each(:held))"
_OURS = "coalesce(workspace, :workspace) IS :workspace"  # NULL in rows of before
_CLAIMABLE = f"lane = :lane AND {_OURS} AND {_FREE_AT} <= :now AND {_NOT_HELD}"


class Inbox:
    """The deliveries in the store, for one process that works on those of its own workspace."""

    def __init__(
        self,
        store: Store,
        owner: Owner,
        now: Callable[[], float] = time.time,
        passed: Callable[[], float] = time.monotonic,
        *,
        workspace: str | None = None,
    ) -> None:
        """`store` was opened with `bot.migrations.BOT`; `passed` tells how much time has, in seconds.

        What was recorded for another `workspace` waits for a bot that is in it.
        """
        self._store = store
        self._owner, self._workspace = owner.name, workspace
        self._now, self._passed = now, passed
        self._clocks = threading.Lock()  # held while they are read, and over the two fields that follow
        self._ahead = now() - passed()
        self._trusted_at = 0.0  # from when on others' leases that have ended say something
        self._listeners: list[Callable[[Lane], None]] = []
        self._held: set[int] = set()  # tasks at which this process works, whatever the clock says of leases
        self._latest = now()  # that the clock has shown

    def on_arrival(self, listener: Callable[[Lane], None]) -> None:
        """Call `listener` with the lane of what was recorded, in the thread that recorded it."""
        self._listeners.append(listener)

    def record(self, *deliveries: Delivery) -> bool:
        """Store deliveries, in one step; False if all were known already."""
        with self._store.transaction() as db:
            new = [delivery for delivery in deliveries if _insert(db, delivery, self._workspace)]
        self._announce(new)
        return bool(new)

    def claim(self, lane: Lane) -> Task | None:
        """The oldest delivery of a lane that waits for work, or None.

        This process does not get it again before it is finished, put back or let go: where the clock
        leaps, as after a suspension, its lease seems to have ended while it is being worked on.
        """
        now = self._now()
        values = self._values(lane, now)
        if not self._store.rows(f"SELECT 1 FROM waiting WHERE {_CLAIMABLE} LIMIT 1", values):  # noqa: S608
            return None
        with self._store.transaction() as db:
            found = list(
                db.query(
                    f"""UPDATE inbox SET owner = :owner, lease_until = :until, n_attempts = n_attempts + 1
                    WHERE id = (SELECT id FROM waiting WHERE {_CLAIMABLE} ORDER BY id LIMIT 1)
                    RETURNING *""",  # noqa: S608
                    {**values, "until": now + LEASE_S},
                )
            )
        self._held.update(row["id"] for row in found)
        return _task(found[0]) if found else None

    def let_go(self, task: Task) -> None:
        """Nobody in this process works on it any more: whoever finds its lease ended may claim it."""
        self._held.discard(task.id)

    def seconds_to_next(self, lane: Lane) -> float | None:
        """How long until a delivery of this lane can be claimed; None if none waits."""
        now = self._now()
        [row] = self._store.rows(
            f"SELECT min({_FREE_AT}) AS at FROM waiting"  # noqa: S608
            f" WHERE lane = :lane AND {_OURS} AND {_NOT_HELD}",
            self._values(lane, now),
        )
        return None if row["at"] is None else max(0.0, row["at"] - now)

    def set_answer(self, task: Task, answer_id: str) -> bool:
        """Remember the answer, in the transaction that stores it; False if another process has the task."""
        return self._change(task, "answer_id = ?", answer_id)

    def doubt(self, task: Task, settled_in_s: float) -> bool:
        """Note, before posting, that a message may be there; False if another process has the task now.

        `settled_in_s`: after so many seconds it is there or will never be.
        """
        now = self._now()
        return self._change(
            task,
            "doubtful = max(doubtful, 1), settled_at = ?, lease_until = ?",
            now + settled_in_s,
            now + LEASE_S,
        )

    def unsettled_s(self, task: Task, longest_s: float) -> float:
        """How long what the task may have sent can still appear; 0 where nothing can any more.

        A time further off than `longest_s` was noted before the clock was set back, and is not believed.
        """
        rest_s = task.settled_at - self._now()
        return rest_s if 0.0 < rest_s <= longest_s else 0.0

    def set_posted(self, task: Task) -> None:
        """Note that a message is there: whoever takes the task up again looks before posting anything."""
        self._change(task, "doubtful = 2, settled_at = 0")

    def set_refused(self, task: Task) -> None:
        """Note that the message is not there: in doubt is what was so when the task was claimed."""
        self._change(task, "doubtful = CASE doubtful WHEN 2 THEN 2 ELSE ? END, settled_at = 0", task.doubtful)

    def finish(self, task: Task, *follow_on: Delivery) -> None:
        """The work is done; what `follow_on` asks for is recorded in the same step."""
        with self._store.transaction() as db:
            self._end(task, "done", None)
            new = [delivery for delivery in follow_on if _insert(db, delivery, self._workspace)]
        self._announce(new)

    def fail(self, task: Task, error_id: str) -> None:
        """The work cannot be done; the log says more under `error_id`."""
        self._end(task, "failed", error_id)

    def withdraw(self, subject: str) -> bool:
        """End a question that was taken back, unless a message for it may be there already.

        Whoever is at work on it finds that the task is not theirs any more. Returns whether it was ended.
        """
        with self._store.transaction() as db:
            ended = db.execute(
                "UPDATE inbox SET state = 'done', finished_at = ?, body = '', lease_until = 0 "
                "WHERE subject = ? AND state = 'new' AND doubtful = 0",
                [self._now(), subject],
            )
            return ended.rowcount == 1

    def put_back(self, task: Task, delay_s: float, *, counts: bool = False) -> None:
        """Let the task be claimed again, but not before `delay_s` seconds.

        `counts`: as an attempt that failed. Whether a message may have been posted for it stays as it is.
        """
        self.let_go(task)
        self._change(
            task,
            "owner = NULL, lease_until = 0, not_before = ?, n_attempts = ?",
            self._now() + delay_s,
            task.n_attempts if counts else task.n_attempts - 1,
        )
        self._announce([task.delivery])

    def renew(self) -> None:
        """Renew the leases of what this process works on; called well within LEASE_S while it lives.

        What was let go of while the store could not be told is free once its lease has ended.
        Where the clock was set back, what waits for a moment does not wait that much longer.
        """
        now = self._now()
        back_s, self._latest = self._latest - now, now
        with self._store.transaction() as db:
            db.execute(
                "UPDATE inbox SET lease_until = ? WHERE state = 'new' AND owner = ? AND lease_until > 0 "
                "AND id IN (SELECT value FROM json_each(?))",
                [now + LEASE_S, self._owner, json.dumps(list(self._held))],
            )
            if back_s > 1.0:
                for column in ("not_before", "settled_at"):
                    db.execute(
                        f"UPDATE inbox SET {column} = {column} - ? "  # noqa: S608
                        f"WHERE state = 'new' AND {column} > ?",
                        [back_s, now],
                    )

    def release_orphans(self) -> int:
        """Free what processes of this machine held that are gone; returns how many deliveries that were."""
        rows = self._store.rows(
            "SELECT DISTINCT owner FROM inbox WHERE state = 'new' AND lease_until > 0 AND owner <> ?",
            [self._owner],
        )
        n_freed = 0
        with self._store.transaction() as db:
            for owner in (row["owner"] for row in rows if is_gone(row["owner"])):
                freed = db.execute(
                    "UPDATE inbox SET owner = NULL, lease_until = 0 WHERE state = 'new' AND owner = ?",
                    [owner],
                )
                n_freed += freed.rowcount
        return n_freed

    def prune(self) -> None:
        """Forget deliveries that were finished long ago."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM inbox WHERE state <> 'new' AND finished_at < ?", [self._now() - KEPT_S])

    def forget(self, person: str) -> None:
        """Remove who it was from finished deliveries. Their text is gone already."""
        with self._store.transaction() as db:
            db.execute("UPDATE inbox SET person = NULL WHERE state <> 'new' AND person = ?", [person])

    def answers_in(self, thread: str) -> bool:
        """Whether something is being answered in this thread right now."""
        return bool(
            self._store.rows("SELECT 1 FROM inbox WHERE state = 'new' AND thread = ? LIMIT 1", [thread])
        )

    def has_doubtful(self, before: Task | None = None) -> bool:
        """Whether a message with an answer may be in Slack that no row of `posts` tells of yet.

        `before`: an answer to something that was recorded before this task.
        """
        return bool(
            self._store.rows(
                "SELECT 1 FROM inbox WHERE state = 'new' AND doubtful > 0 AND lane <> :job"  # noqa: S608
                f" AND id < :before AND {_OURS} LIMIT 1",
                {
                    "job": Lane.JOB,
                    "before": before.id if before else sys.maxsize,
                    "workspace": self._workspace,
                },
            )
        )

    def n_waiting(self) -> int:
        """How many deliveries are not finished."""
        [row] = self._store.rows(
            f"SELECT count(*) AS n FROM inbox WHERE state = 'new' AND {_OURS}",  # noqa: S608
            {"workspace": self._workspace},
        )
        return int(row["n"])

    def _values(self, lane: Lane, now: float) -> dict[str, Any]:
        held = json.dumps(list(self._held))
        trusted = self._trusted()
        return {
            "lane": lane,
            "now": now,
            "held": held,
            "owner": self._owner,
            "trusted": trusted,
            "workspace": self._workspace,
        }

    def _trusted(self) -> float:
        """From when on leases of other processes that have ended are believed.

        Where the clock leaps, as after a suspension, all have: their owners get the time to renew them.
        """
        with self._clocks:  # a leap that two workers saw at once would count twice, and the second one back
            now = self._now()
            leap_s = now - self._passed() - self._ahead
            if abs(leap_s) > _LEAP_S:
                self._ahead += leap_s
                self._trusted_at = now + LEASE_S if leap_s > 0 else 0.0
            return self._trusted_at

    def _change(self, task: Task, assignments: str, *values: Any) -> bool:
        """Change the row of a task that this process still holds."""
        with self._store.transaction() as db:
            changed = db.execute(
                f"UPDATE inbox SET {assignments} WHERE id = ? AND owner = ? AND state = 'new'",  # noqa: S608
                [*values, task.id, self._owner],
            )
            return changed.rowcount == 1

    def _end(self, task: Task, state: str, error_id: str | None) -> None:
        self._change(
            task,
            "state = ?, error_id = ?, finished_at = ?, body = '', lease_until = 0",
            state,
            error_id,
            self._now(),
        )

    def _announce(self, deliveries: list[Delivery]) -> None:
        for lane in {delivery.lane for delivery in deliveries}:
            for listener in self._listeners:
                listener(lane)


def _insert(db: Database, delivery: Delivery, workspace: str | None) -> bool:
    key = _key_in(db, delivery, workspace)
    inserted = db.execute(
        "INSERT INTO inbox (key, subject, thread, route, lane, body, person, received_at, workspace) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [
            key,
            delivery.subject,
            delivery.thread,
            delivery.route,
            delivery.lane,
            json.dumps(delivery.body),
            delivery.person,
            delivery.received_at,
            workspace,
        ],
    )
    return inserted.rowcount == 1


def _key_in(db: Database, delivery: Delivery, workspace: str | None) -> str:
    """The key of a delivery in this workspace.

    What bots give themselves to do, as telling that a retraining has ended, is done in each workspace; what
    Slack sends has a key that no other workspace gives.
    """
    if workspace is None or not delivery.route.startswith("own:"):
        return delivery.key
    taken = db.execute(
        "SELECT 1 FROM inbox WHERE key = ? AND workspace <> ?", [delivery.key, workspace]
    ).fetchone()
    return f"{delivery.key}@{workspace}" if taken else delivery.key


def _task(row: dict[str, Any]) -> Task:
    delivery = Delivery(
        key=row["key"],
        route=row["route"],
        lane=Lane(row["lane"]),
        body=json.loads(row["body"]),
        subject=row["subject"],
        thread=row["thread"],
        person=row["person"],
        received_at=row["received_at"],
    )
    return Task(
        row["id"], delivery, row["n_attempts"], row["answer_id"], bool(row["doubtful"]), row["settled_at"]
    )
