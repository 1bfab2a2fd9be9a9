"""Posting a message once: whatever breaks on the way, it is looked for before it is posted again.

A message carries its delivery's key in its metadata. Before it is posted, the inbox notes that it may be
there, and from when on it would be; whoever takes the task up again after that looks in the thread first,
and posts it only once it can appear there no more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from bot.actions import METADATA_EVENT
from bot.deliveries import Task
from bot.slack.api import TIMEOUT_S, UNREACHED, error_code, is_transient, retry_after_s
from bot.slack.pacing import Pacer
from bot.views.kit import Message

if TYPE_CHECKING:
    from slack_sdk import WebClient
    from slack_sdk.web import SlackResponse

    from bot.inbox import Inbox

log = logging.getLogger(__name__)

SHORT_WAIT_S = 0.25  # waited for in place; for longer ones the worker does something else
LOOK_AGAIN_S = 2.0  # after a broken connection: the message may still be on its way into the thread
LOOK_LATE_S = 15.0  # after a call that got no answer in time, and as long as the message may come yet
SETTLED_S = float(TIMEOUT_S)  # how long after its call a message may appear whose sender was killed meanwhile
APOLOGY_WAIT_S = 2.0  # what an apology waits for in place: nobody would take it up again
MAX_TEXT_CHARS = 3_000  # of a message without blocks
APOLOGY = "apology"  # a part
_PAGE = 200
_N_PAGES = 10
BLOCK_ERRORS = ("invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long")
_METADATA_ERRORS = (
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "metadata_must_be_sent_from_app",
    "metadata_too_large",
)


class Later(Exception):  # noqa: N818 - not an error
    """The task cannot go on now; take it up again in `delay_s` seconds."""

    def __init__(self, delay_s: float, reason: str, *, patient: bool = False, counts: bool = False) -> None:
        super().__init__(reason)
        self.delay_s = delay_s
        self.patient = patient  # whether the task goes on however often it waits, as one that is well
        self.counts = counts  # as an attempt: the handler gives up after some, see `Task.n_attempts`


def later_for(error: Exception) -> Later | None:
    """When to make a call again that may be made twice; None where Slack has refused it for good."""
    if not isinstance(error, SlackApiError):
        return Later(LOOK_AGAIN_S, f"Slack cannot be reached: {error}")
    if is_transient(error):
        return Later(LOOK_AGAIN_S, f"Slack says {error_code(error)}")
    wait_s = retry_after_s(error)
    return None if wait_s is None else Later(wait_s, f"Slack says {error_code(error)}", patient=True)


@contextmanager
def patiently() -> Iterator[None]:
    """Within, or in a function so marked: a task that is put back goes on however often it waits."""
    try:
        yield
    except Later as later:
        raise Later(later.delay_s, str(later), patient=True) from later


class TakenOver(Exception):  # noqa: N818 - not an error
    """Another process has the task now."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be posted once for a task."""

    channel: str  # an id; a person's id means the direct messages with them
    text: str  # what notifications and screen readers get
    blocks: Sequence[Mapping[str, Any]] = ()
    thread_ts: str | None = None
    answer_id: str | None = None
    part: str = "answer"  # tells apart the messages of one task

    def metadata(self, task: Task) -> dict[str, Any]:
        """What the message is found by."""
        payload = {"delivery": self._mark(task)}
        if self.answer_id:
            payload["answer_id"] = self.answer_id
        return {"event_type": METADATA_EVENT, "event_payload": payload}

    def is_in(self, message: Mapping[str, Any], task: Task) -> bool:
        """Whether a message of the thread is this one."""
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        return payload.get("delivery") == self._mark(task)

    def _mark(self, task: Task) -> str:
        return f"{task.delivery.key}/{self.part}"


class Poster:
    """Posts messages for the tasks of one process."""

    def __init__(self, client: WebClient, inbox: Inbox, pacer: Pacer | None = None) -> None:
        """`client` must repeat nothing by itself; see `slack.open_posting_client`."""
        self._client, self._inbox = client, inbox
        self._pacer = pacer or Pacer()

    def post(self, task: Task, message: Outgoing) -> str:
        """Post a message unless it is there already; returns its `ts`.

        Raises Later where it has to wait or its fate is unknown, TakenOver, and SlackApiError where
        Slack refuses it.
        """
        found = self._find(task, message) if task.doubtful else None
        if found is not None:
            return found
        self._wait_until_settled(task, message)
        self._wait_for_turn(task, message)
        if not self._inbox.doubt(task, SETTLED_S):
            raise TakenOver
        try:
            ts = self._send(task, message, message.metadata(task))
        except SlackApiError as error:
            if is_transient(error):
                raise self._look_again(task, LOOK_AGAIN_S, f"Slack says {error_code(error)}") from error
            self._inbox.set_refused(task)
            self._obey_rate_limit(task, message, error)
            raise
        except UNREACHED as error:
            settled_in_s = LOOK_LATE_S if _is_timeout(error) else LOOK_AGAIN_S
            raise self._look_again(task, settled_in_s, f"Slack cannot be reached: {error}") from error
        self._inbox.set_posted(task)
        return ts

    def forget(self, task: Task) -> None:
        """The task has ended: it takes no turn any more."""
        self._pacer.drop(task.delivery.key)

    def edit(self, channel: str, ts: str, message: Message) -> None:
        """Give a message of ours other content. Raises Later, and SlackApiError where Slack refuses."""
        try:
            self._client.chat_update(channel=channel, ts=ts, **message.shown_to_one())
        except UNREACHED as error:
            if (later := later_for(error)) is None:
                raise
            raise later from error

    def _look_again(self, task: Task, settled_in_s: float, reason: str) -> Later:
        """When to look for a message whose fate is unknown."""
        self._inbox.doubt(task, settled_in_s)
        return Later(min(settled_in_s, LOOK_LATE_S), reason)

    def _wait_until_settled(self, task: Task, message: Outgoing) -> None:
        """Until an earlier attempt's message can appear no more; an apology is another message than that."""
        wait_s = self._inbox.unsettled_s(task, SETTLED_S)
        if wait_s > 0.0 and message.part != APOLOGY:
            raise Later(min(wait_s, LOOK_LATE_S), "The message may be on its way still")

    def _wait_for_turn(self, task: Task, message: Outgoing) -> None:
        key = task.delivery.key
        wait_s = self._pacer.wait_s(message.channel, key)
        if wait_s > (APOLOGY_WAIT_S if message.part == APOLOGY else SHORT_WAIT_S):
            raise Later(wait_s, "The channel gets a message a second", patient=True)
        while wait_s > 0:
            time.sleep(wait_s)
            wait_s = self._pacer.wait_s(message.channel, key)

    def _send(self, task: Task, message: Outgoing, metadata: dict[str, Any] | None) -> str:
        """Slack's refusal of blocks or metadata costs their niceties, not the answer."""
        try:
            response = self._client.chat_postMessage(
                channel=message.channel,
                text=message.text,
                blocks=[dict(block) for block in message.blocks] or None,
                thread_ts=message.thread_ts,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            code = error_code(error)
            if metadata is not None and code in _METADATA_ERRORS:
                log.warning("Slack refuses the metadata of a message: %s", code)
                return self._send(task, message, None)
            if message.blocks and code in BLOCK_ERRORS:
                log.error("Slack refuses the blocks of a message: %s", error)
                plain = replace(message, blocks=(), text=message.text[:MAX_TEXT_CHARS])
                return self._send(task, plain, metadata)
            raise
        if not response.get("ts"):
            raise self._look_again(task, LOOK_AGAIN_S, "Slack does not say where the message is")
        return str(response["ts"])

    def _find(self, task: Task, message: Outgoing) -> str | None:
        """The `ts` of the message if it is in its thread (or channel) already."""
        try:
            for page in self._pages(message, _asked_at(task)):
                for candidate in page:
                    if message.is_in(candidate, task):
                        return str(candidate["ts"])
        except SlackApiError as error:
            self._obey_rate_limit(task, message, error)
            if is_transient(error):
                raise Later(LOOK_AGAIN_S, f"Slack says {error_code(error)}") from error
            log.warning("Slack does not let us look for a message: %s", error_code(error))
        except UNREACHED as error:
            raise Later(LOOK_AGAIN_S, f"Slack cannot be reached: {error}") from error
        return None

    def _pages(self, message: Outgoing, asked_at: str | None) -> Iterator[Sequence[Mapping[str, Any]]]:
        """From the beginning, as Slack gives a thread; where that is too far back, from the question on."""
        for oldest in dict.fromkeys((None, asked_at)):
            cursor: str | None = None
            for _ in range(_N_PAGES):
                response = self._page(message, oldest, cursor)
                yield response.get("messages") or []
                cursor = (response.get("response_metadata") or {}).get("next_cursor")
                if not cursor:
                    return

    def _page(self, message: Outgoing, oldest: str | None, cursor: str | None) -> SlackResponse:
        which: dict[str, Any] = {
            "include_all_metadata": True,
            "oldest": oldest,
            "limit": _PAGE,
            "cursor": cursor,
        }
        if message.thread_ts is None:
            return self._client.conversations_history(channel=message.channel, **which)
        return self._client.conversations_replies(channel=message.channel, ts=message.thread_ts, **which)

    def _obey_rate_limit(self, task: Task, message: Outgoing, error: SlackApiError) -> None:
        wait_s = retry_after_s(error)
        if wait_s is None:
            return
        self._pacer.keep_turn(message.channel, task.delivery.key, wait_s)
        raise Later(wait_s, "Slack asks to wait", patient=True) from error


def _asked_at(task: Task) -> str | None:
    """The `ts` of the message that asked: what answers it is younger. None where no message did."""
    ts = (task.body.get("event") or {}).get("ts")
    return str(ts) if ts else None


def _is_timeout(error: BaseException) -> bool:
    return isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError)
