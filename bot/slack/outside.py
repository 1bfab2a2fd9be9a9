"""Places where Slack does not let the bot see or write: which errors say so, and what people can do then."""

from __future__ import annotations

from typing import TypeGuard

from slack_sdk.errors import SlackApiError

from bot.slack.api import error_code

_OUTSIDE = ("channel_not_found", "not_in_channel", "no_permission", "access_denied")  # an invitation helps
_CLOSED = {
    "is_archived": "the channel is archived",
    "message_limit_exceeded": "the workspace has as many messages as it may have",
    "restricted_action_read_only_channel": "the administrators let nobody write there",
    "restricted_action_thread_locked": "the thread is locked",
}
_RESTRICTED = "restricted_action"  # and what begins so
_BY_ADMINISTRATORS = "the administrators have restricted who may"


def is_outside(error: Exception) -> TypeGuard[SlackApiError]:
    """Whether Slack says that the bot may not see or write there."""
    return isinstance(error, SlackApiError) and (
        error_code(error) in _OUTSIDE or _why_closed(error) is not None
    )


def not_there(error: SlackApiError) -> str:
    """Why there is no answer where somebody asked, and what they can do."""
    why = _why_closed(error)
    refused = f"Slack does not let me write where you asked ({error_code(error)})"
    if why is None:
        return f"{refused}. Invite me there, or ask me in direct messages."
    return f"{refused}: {why}. Ask me in another channel, or in direct messages."


def not_here(error: SlackApiError, then: str) -> str:
    """The same of what somebody wanted for all in a channel; `then` is what to do once the bot is there."""
    why = _why_closed(error)
    if why is None:
        return f"I cannot post here. Invite me to the channel, {then}."
    return f"I cannot post here: {why}."


def _why_closed(error: SlackApiError) -> str | None:
    """Why no invitation helps; None where one does, and for other errors."""
    code = error_code(error)
    return _CLOSED.get(code) or (_BY_ADMINISTRATORS if code.startswith(_RESTRICTED) else None)
