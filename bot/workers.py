"""Workers: threads that claim tasks from the inbox and do them, each lane with its own."""

from __future__ import annotations

import logging
import math
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.admins import UnknownYetError
from bot.deliveries import Lane, Task
from bot.inbox import LEASE_S
from bot.interrupted import AT_WORK
from bot.questions.apologies import apologise
from bot.questions.receipts import Receipts
from bot.slack.api import TOKEN_REFUSED, explained, is_passing, opens_a_view, retry_after_s, says
from bot.slack.posting import Later, TakenOver, later_for
from qa_core.errors import ManualbotError, StoreError

if TYPE_CHECKING:
    from bot.listening import Handler
    from bot.services import Services

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5  # for what other processes have recorded
AFTER_ERROR_S = 2.0  # of the store, before a worker looks again
PRUNE_EVERY_S = 3600.0
NEW_TOKEN_S = 30.0  # until a task is tried again that needs a token that Slack takes
UNTOLD_S = 30.0  # until what failed is tried again where not even that could be told
WARN_EVERY_S = 60.0
STOP_S = 4.0  # that ending waits for what is under way: containers are killed after 10 s
MAX_ATTEMPTS = 4  # then a task that never ends, or ends the process, is given up
MAX_UNREACHED_S = 1800.0  # how long Slack may be out of reach before a task is given up
_WITH_A_TRIGGER = ("action:", "command:", "shortcut:")  # routes
_TRIGGER_S = 3.0  # how long what they are to open may be opened
_N_THREADS = {Lane.QUICK: 6, Lane.HOME: 2, Lane.CHORE: 1, Lane.JOB: 2}


class Workers:
    """The workers of one process."""

    def __init__(
        self,
        services: Services,
        handlers: Mapping[str, Handler],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services, self._handlers, self._now = services, handlers, now
        self._warned_at = -math.inf  # of a token that Slack does not take
        self._unreached: dict[int, float] = {}  # tasks that cannot reach Slack, and since when
        self._arrived = {lane: threading.Condition() for lane in Lane}
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        services.inbox.on_arrival(self._wake)

    def start(self) -> None:
        """Take up what earlier processes left unfinished, and then what comes."""
        self._services.inbox.release_orphans()
        self._services.inbox.prune()
        n_threads = {**_N_THREADS, Lane.ANSWER: self._services.settings.n_workers}
        for lane, n in n_threads.items():
            for number in range(n):
                self._run(self._work, f"{lane}-{number}", lane)
        self._run(self._tend, "leases")

    def stop(self, timeout_s: float = STOP_S) -> None:
        """Finish what is under way; what waits, or takes longer, stays in the inbox."""
        self._stopping.set()
        for lane in Lane:
            self._wake(lane)
        ends = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))

    def do(self, task: Task) -> None:
        """Do one task, whatever comes of it."""
        inbox = self._services.inbox
        handler = self._handlers.get(task.delivery.route)
        if handler is None:
            log.warning("Nothing handles %s any more", task.delivery.route)
            inbox.finish(task)
            return
        try:
            if task.n_attempts > MAX_ATTEMPTS:
                raise RuntimeError(f"{task.delivery.route} was begun {task.n_attempts} times and never ended")
            handler(self._services, task)
            inbox.finish(task)
            self._forget(task)
        except TakenOver:
            log.info("Another process has %s now", task.delivery.route)
            self._forget(task)
        except Later as later:
            self._put_back(task, later)
        except StoreError as error:
            self._try_again(task, error)
        except Exception as error:  # noqa: BLE001 - the one place where whatever a handler raises ends
            self._handle(task, error)
        finally:
            inbox.let_go(task)

    def _handle(self, task: Task, error: Exception) -> None:
        """What a handler raised."""
        wait_s = retry_after_s(error) if isinstance(error, SlackApiError) else None
        if wait_s is not None and not _comes_too_late(task, error, wait_s):
            self._put_back(task, Later(wait_s, "Slack asks to wait", patient=True))
        elif says(error, TOKEN_REFUSED):
            self._keep(task, error)
        elif (later := _another_time(task, error)) is not None:
            self._put_back(task, later)
        else:
            self._give_up(task, error)

    def _put_back(self, task: Task, later: Later) -> None:
        if later.patient:
            self._unreached.pop(task.id, None)
            self._services.inbox.put_back(replace(task, n_attempts=1), later.delay_s)
        elif self._now() - self._unreached.setdefault(task.id, self._now()) > MAX_UNREACHED_S:
            self._give_up(task, later)
        else:
            self._services.inbox.put_back(task, later.delay_s, counts=later.counts)

    def _try_again(self, task: Task, error: StoreError) -> None:
        if task.n_attempts >= MAX_ATTEMPTS:
            self._give_up(task, error)
        else:
            log.warning("%s", error)
            self._services.inbox.put_back(task, 1.0, counts=True)

    def _keep(self, task: Task, error: Exception) -> None:
        """Nothing can be done or told before there is another token: the task waits, for days if need be."""
        if self._now() - self._warned_at > WARN_EVERY_S:
            self._warned_at = self._now()
            log.error("%s. What was asked waits until then", explained(error, self._services.client.base_url))
        self._unreached.pop(task.id, None)
        self._services.inbox.put_back(replace(task, n_attempts=1), NEW_TOKEN_S)

    def _give_up(self, task: Task, error: Exception) -> None:
        error_id = uuid.uuid4().hex[:8]
        if _is_foreseen(error):  # it says in a line what is the matter
            log.error("Error %s in %s: %s", error_id, task.delivery.route, error)
        else:
            log.error("Error %s in %s", error_id, task.delivery.route, exc_info=error)
        if self._tell(task, error_id, error) or task.n_attempts > MAX_ATTEMPTS:
            with self._services.store.transaction():
                self._services.inbox.fail(task, error_id)
                Receipts(self._services.store).give_up(task)
            self._forget(task)
        else:  # nobody is left without a word because Slack was out of reach just then
            self._services.inbox.put_back(task, UNTOLD_S, counts=True)

    def _forget(self, task: Task) -> None:
        """It has ended, as far as this process is concerned."""
        self._unreached.pop(task.id, None)
        self._services.poster.forget(task)

    def _tell(self, task: Task, error_id: str, error: Exception) -> bool:
        """Whether the apology got anywhere: none can be brought where the payload is not Slack's."""
        try:
            return apologise(self._services, task, error_id, error)
        except StoreError:
            raise  # the lease ends, and the task is taken up again
        except Exception:
            log.exception("Error %s could not be told", error_id)
            return False

    def _work(self, lane: Lane) -> None:
        while not self._stopping.is_set():
            try:
                task = self._services.inbox.claim(lane)
                if task is not None:
                    self.do(task)
                else:
                    self._wait(lane)
            except StoreError as error:
                log.warning("%s", error)
                self._stopping.wait(AFTER_ERROR_S)
            except Exception:  # a worker outlives whatever happens to its task
                log.exception("A worker of the lane %s goes on after an error", lane)
                self._stopping.wait(AFTER_ERROR_S)

    def _wait(self, lane: Lane) -> None:
        next_s = self._services.inbox.seconds_to_next(lane)
        wait_s = LOOK_EVERY_S if next_s is None else min(next_s, LOOK_EVERY_S)
        with self._arrived[lane]:
            if not self._stopping.is_set():
                self._arrived[lane].wait(max(wait_s, 0.01))

    def _tend(self) -> None:
        """Keep the leases of this process, free those of processes that died, and forget what is old."""
        inbox, prune_at = self._services.inbox, time.monotonic() + PRUNE_EVERY_S
        while not self._stopping.wait(LEASE_S / 6):
            try:
                inbox.renew()
                inbox.release_orphans()
                if time.monotonic() > prune_at:
                    inbox.prune()
                    prune_at = time.monotonic() + PRUNE_EVERY_S
            except StoreError as error:
                log.warning("%s", error)
            except Exception:  # without this thread, others would take up what is being answered here
                log.exception("The leases are kept on after an error")

    def _wake(self, lane: Lane) -> None:
        with self._arrived[lane]:
            self._arrived[lane].notify_all()

    def _run(self, target: Callable[..., None], name: str, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name=AT_WORK + name, daemon=True)
        thread.start()
        self._threads.append(thread)


def _another_time(task: Task, error: Exception) -> Later | None:
    """When to do a task again against which only Slack's state just now stands.

    None for buttons and commands: what they are to open has to be opened within three seconds.
    """
    cause = error.__cause__ if isinstance(error, UnknownYetError) else error
    if _has_a_trigger(task) or not isinstance(cause, Exception):
        return None
    return later_for(cause) if is_passing(cause) else None


def _comes_too_late(task: Task, error: Exception, wait_s: float) -> bool:
    """Whether a modal could not be opened any more after so many seconds; all else may be done then."""
    opens = isinstance(error, SlackApiError) and opens_a_view(error)
    return opens and _has_a_trigger(task) and wait_s >= _TRIGGER_S


def _has_a_trigger(task: Task) -> bool:
    return task.delivery.route.startswith(_WITH_A_TRIGGER)


def _is_foreseen(error: Exception) -> bool:
    """Whether it says all itself; of a refusal of Slack's a stack would show slack_sdk's calls alone."""
    return isinstance(error, (ManualbotError, Later, SlackApiError)) or is_passing(error)
