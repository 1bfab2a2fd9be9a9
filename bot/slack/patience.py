"""How long Slack asks to wait before a call is made again, and waiting so long in place."""

from __future__ import annotations

import math
import time

from slack_sdk.http_retry import HttpRequest, HttpResponse, RateLimitErrorRetryHandler, RetryState

MAX_PATIENCE_S = 5.0  # that one call waits in all: others wait for its worker, and modals open within 3 s
MAX_RETRY_AFTER_S = 3_600.0  # that is believed
_MARGIN_S = 0.1  # beyond what Slack asks to wait: its clock is not ours


class PatientHandler(RateLimitErrorRetryHandler):
    """Waits as long as Slack asks it to, also where that is no whole number of seconds; but not for ever."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited: bool = super()._can_retry(state=state, request=request, response=response, error=error)
        return limited and _waited_s(state) + _of(response) <= MAX_PATIENCE_S

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002 - as slack_sdk calls it
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> None:
        """Wait, and have the request sent again."""
        wait_s = _of(response)
        state.next_attempt_requested = True
        state.custom_values = {"waited_s": _waited_s(state) + wait_s}
        time.sleep(wait_s)
        state.increment_current_attempt()


def _waited_s(state: RetryState) -> float:
    return float((state.custom_values or {}).get("waited_s", 0.0))


def _of(response: HttpResponse | None) -> float:
    return asked_to_wait_s({} if response is None else response.headers)


def asked_to_wait_s(headers: object) -> float:
    """What `Retry-After` says in the headers of a 429; a second where that makes no sense."""
    try:
        seconds = float(header(headers, "retry-after") or "")
    except ValueError:
        return 1.0
    if math.isnan(seconds):
        return 1.0
    return min(max(0.0, seconds), MAX_RETRY_AFTER_S) + _MARGIN_S


def header(headers: object, name: str) -> str | None:
    """A header by its name in small letters, however it is written; None where it is not there."""
    if not isinstance(headers, dict):
        headers = dict(getattr(headers, "items", lambda: ())())
    for key, value in headers.items():
        if str(key).lower() == name:
            return str(value[0] if isinstance(value, list) else value)
    return None
