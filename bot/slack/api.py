"""Slack's Web API: the client, who the bot is, and what an error of Slack's means."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container
from dataclasses import dataclass
from http.client import HTTPException
from ssl import SSLError
from typing import TypeGuard
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.http_retry import RetryHandler
from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env
from slack_sdk.webhook import WebhookClient

from bot.settings import THIS_MACHINE, SlackSettings
from bot.slack.patience import PatientHandler, asked_to_wait_s, header
from bot.slack.web_client import BrokenAnswerError, SlackWebClient
from qa_core.errors import ManualbotError

TIMEOUT_S = 30
PROMPT_TIMEOUT_S = 5  # of what has to happen within three seconds, or too late
N_RATE_LIMIT_RETRIES = 10

_INSTALL_AGAIN = (
    "Install the app again under OAuth & Permissions and copy the new token, or generate another "
    "SLACK_APP_TOKEN under Basic Information"
)
_FIXES = {
    "invalid_auth": "Copy the token again: SLACK_BOT_TOKEN from OAuth & Permissions (xoxb-…), "
    "SLACK_APP_TOKEN from Basic Information (xapp-…)",
    "not_authed": "Set SLACK_BOT_TOKEN to the token from OAuth & Permissions (xoxb-…)",
    "not_allowed_token_type": "SLACK_BOT_TOKEN must be a bot token (xoxb-…), SLACK_APP_TOKEN an app-level "
    "token (xapp-…)",
    "token_revoked": _INSTALL_AGAIN,
    "token_expired": _INSTALL_AGAIN,
    "account_inactive": "The app was removed from the workspace: install it again and copy the new token",
    "missing_scope": "Add the scope under OAuth & Permissions (manualbot manifest prints all) and install "
    "the app again",
    "ratelimited": "Wait some minutes, then try again",
    "no_permission": "Give the app-level token the scope connections:write under Basic Information",
}

_TRANSIENT = ("internal_error", "fatal_error", "service_unavailable", "request_timeout")

_A_PAGE = "Received a response in a non-JSON format"  # as slack_sdk says it

# What Slack says where it does not take the bot's token: whoever installed the app can mend that.
TOKEN_REFUSED = ("token_revoked", "token_expired", "invalid_auth", "not_authed", "account_inactive")

log = logging.getLogger(__name__)

# Whoever calls Slack handles its errors, and says so in the log; slack_sdk would say it twice.
_requests_log = logging.getLogger(f"{__name__}.requests")
_requests_log.setLevel(logging.CRITICAL)

# What a call raises. Not all of slack_sdk's errors: blocks over a limit are a mistake of ours.
_OF_THE_CALL = (SlackApiError, SlackRequestError, BrokenAnswerError)
UNREACHED = (*_OF_THE_CALL, OSError, HTTPException)
_OF_THE_NETWORK = (*_OF_THE_CALL, URLError, SSLError, HTTPException, TimeoutError, ConnectionError)


class SlackError(ManualbotError):
    """Slack refuses a call or cannot be reached; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in its workspace."""

    user_id: str  # the bot's own, as mentions name it
    bot_id: str | None = None
    team_id: str | None = None
    team: str = ""
    name: str = ""
    scopes: frozenset[str] | None = None  # that the token has; None where Slack does not say


def open_client(settings: SlackSettings, timeout_s: int = TIMEOUT_S) -> WebClient:
    """A client that waits as long as Slack asks it to, within reason, and repeats nothing else.

    slack_sdk's own retry after a broken connection would post a message twice.
    """
    handlers: list[RetryHandler] = [PatientHandler(max_retry_count=N_RATE_LIMIT_RETRIES)]
    client = _client(settings, handlers, timeout_s)
    client.prompt = _client(settings, handlers, PROMPT_TIMEOUT_S)
    return client


def open_posting_client(settings: SlackSettings) -> WebClient:
    """A client that repeats nothing at all: whoever posts decides when to try again."""
    return _client(settings, [])


def _client(
    settings: SlackSettings, retry_handlers: list[RetryHandler], timeout_s: int = TIMEOUT_S
) -> SlackWebClient:
    client = SlackWebClient(
        token=settings.bot_token,
        base_url=settings.api_url,
        timeout=timeout_s,
        retry_handlers=retry_handlers,
        logger=_requests_log,
    )
    if is_loopback(settings.api_url):
        client.proxy = None
    return client


def open_webhook(url: str) -> WebhookClient:
    """A client for a `response_url`, which goes into no log: who has it may write there for half an hour."""
    client = WebhookClient(url, logger=_requests_log)
    if is_loopback(url):
        client.proxy = None
    return client


def is_loopback(url: str) -> bool:
    """Whether a URL is of this machine. slack_sdk takes the environment's proxy for it nevertheless."""
    return urlsplit(url).hostname in THIS_MACHINE


def proxy_for(url: str) -> str | None:
    """The host and port of the proxy through which slack_sdk calls a URL; None where it calls it directly."""
    proxy = load_http_proxy_from_env()
    if not proxy or is_loopback(url) or proxy_bypass(urlsplit(url).netloc):
        return None
    return proxy.rpartition("@")[2].rpartition("://")[2].rstrip("/")  # without the password


def identify(client: WebClient) -> Identity:
    """Who the token belongs to. Raises SlackError with the fix where Slack does not take it."""
    try:
        response = client.auth_test()
    except UNREACHED as error:
        raise explained(error, client.base_url) from error
    if not response.get("user_id"):
        raise SlackError(f"{client.base_url} does not say who the bot is. Check SLACK_API_URL")
    scopes = header(response.headers, "x-oauth-scopes")
    return Identity(
        user_id=str(response["user_id"]),
        bot_id=response.get("bot_id"),
        team_id=response.get("team_id"),
        team=str(response.get("team") or ""),
        name=str(response.get("user") or ""),
        scopes=None if scopes is None else frozenset(scopes.replace(",", " ").split()),
    )


def tried(method: str, call: Callable[[], object]) -> bool:
    """Whether Slack did what is nice to have; if not, the log says why."""
    try:
        call()
    except SlackApiError as error:
        log.info("%s: Slack says %s", method, error_code(error))
        return False
    except UNREACHED as error:
        log.info("%s: %s", method, error)
        return False
    return True


def explained(error: Exception, url: str) -> SlackError:
    """The error in one line, with the next step."""
    if not isinstance(error, SlackApiError):
        reason = getattr(error, "reason", None) or error
        proxy = proxy_for(url)
        if proxy is not None:
            next_step = "Check HTTPS_PROXY, the network and SLACK_API_URL"
            return SlackError(f"{url} cannot be reached through the proxy {proxy} ({reason}). {next_step}")
        return SlackError(f"{url} cannot be reached ({reason}). Check the network and SLACK_API_URL")
    code = error_code(error)
    if code.startswith("http_"):
        return SlackError(f"{url} answers with HTTP {code[5:]} and nothing that is Slack's. Try again later")
    needed = _field(error, "needed")
    missing = f" (missing: {needed})" if needed else ""
    fix = _FIXES.get(code, "See https://docs.slack.dev/reference/methods for what this means")
    return SlackError(f"Slack says {code}{missing}. {fix}")


def error_code(error: SlackApiError) -> str:
    """Slack's short name of the error, as `channel_not_found`; `http_502` where a page came in its place."""
    code = _field(error, "error")
    return f"http_{_status(error)}" if code is None or code.startswith(_A_PAGE) else code


def says(error: Exception, codes: Container[str]) -> TypeGuard[SlackApiError]:
    """Whether it is an error of Slack's with one of these short names."""
    return isinstance(error, SlackApiError) and error_code(error) in codes


def retry_after_s(error: SlackApiError) -> float | None:
    """The seconds that Slack asks to wait; None for another error than 429."""
    if _status(error) != 429 and error_code(error) not in ("ratelimited", "rate_limited"):
        return None
    return asked_to_wait_s(getattr(error.response, "headers", {}))


def opens_a_view(error: SlackApiError) -> bool:
    """Whether what was refused opens a modal, which has to be done within seconds of a press."""
    method = str(getattr(error.response, "api_url", "")).rpartition("/")[2]
    return method in ("views.open", "views.push")


def is_transient(error: SlackApiError) -> bool:
    """Whether Slack itself is in trouble; what was asked for may have happened all the same."""
    status, code = _status(error), error_code(error)
    if status is not None and status >= 500:
        return True
    return code in _TRANSIENT or (code.startswith("http_") and status != 429)


def is_passing(error: Exception) -> bool:
    """Whether it is Slack's, or of the way there, and may be over soon: the call may be made again."""
    if isinstance(error, SlackApiError):
        return is_transient(error) or retry_after_s(error) is not None
    return isinstance(error, _OF_THE_NETWORK)


def _status(error: SlackApiError) -> int | None:
    response = error.response
    status = response.get("status") if isinstance(response, dict) else getattr(response, "status_code", None)
    return status if isinstance(status, int) else None


def _field(error: SlackApiError, name: str) -> str | None:
    response = error.response
    data = response if isinstance(response, dict) else getattr(response, "data", None)
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) and value else None
