"""The pictures of a report as files in its thread."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from bot.mrkdwn import escape_line
from bot.slack import UNREACHED, error_code
from training.job_report import JobReport

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)


def share_pictures(services: Services, report: JobReport, channel: str, thread_ts: str) -> str | None:
    """Upload learning curve and before/after unless they are in the thread already.

    Returns None, or why Slack did not take them.
    """
    names = (f"job-{report.job}-learning-curve.png", f"job-{report.job}-before-after.png")
    if _are_there(services, names, channel, thread_ts):
        return None
    try:
        services.client.files_upload_v2(
            channel=channel, thread_ts=thread_ts, file_uploads=pictures_of(report, names)
        )
    except SlackApiError as error:
        log.warning("The pictures of job %d: Slack says %s", report.job, error_code(error))
        return f"Slack says {escape_line(error_code(error))}"
    except UNREACHED as error:
        log.warning("The pictures of job %d: %s", report.job, error)
        return "the connection broke"
    return None


def pictures_of(report: JobReport, names: tuple[str, str]) -> list[dict[str, Any]]:
    """Both as PNG, as `files_upload_v2` wants them."""
    from training.pictures import before_after, learning_curve  # noqa: PLC0415 - matplotlib

    curve, figures = names
    return [
        {
            "filename": curve,
            "content": learning_curve(report),
            "title": "Learning curve",
            "alt_txt": "Loss of the reader and of the encoder, epoch by epoch",
        },
        {
            "filename": figures,
            "content": before_after(report),
            "title": "Before and after",
            "alt_txt": f"Every figure of {report.base} and of the candidate, side by side",
        },
    ]


def _are_there(services: Services, names: tuple[str, ...], channel: str, thread_ts: str) -> bool:
    """Whether an earlier attempt has shared them; no, where Slack does not let us look."""
    try:
        replies = services.client.conversations_replies(channel=channel, ts=thread_ts, limit=200)
    except UNREACHED as error:
        log.info("conversations.replies: %s", error)
        return False
    messages = replies.get("messages") or []
    found = {file.get("name") for message in messages for file in message.get("files") or []}
    return set(names) <= found
