"""The pictures of a report as files in its thread. The job has drawn them: nothing is drawn here."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from bot.slack.api import TOKEN_REFUSED, UNREACHED, error_code, is_passing, retry_after_s, says
from bot.views.mrkdwn import escape_line
from qa_core.errors import DataError
from training.retraining.job_folder import BEFORE_AFTER, LEARNING_CURVE, JobFolder
from training.retraining.job_report import JobReport

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why pictures are not there."""

    why: str  # ready for a message
    is_passing: bool  # whether another attempt may do


def share_pictures(services: Services, report: JobReport, channel: str, thread_ts: str) -> Refused | None:
    """Upload learning curve and before/after unless they are in the thread already.

    Returns None, or why they are not there. Raises SlackApiError where the task has to wait: for
    another token, or as long as Slack asks.
    """
    try:
        pictures = pictures_of(report, JobFolder.of(services.settings.base.home, report.job))
    except DataError as error:
        log.warning("The pictures of job %d: %s", report.job, error)
        return Refused(f"job {report.job} has left none", is_passing=False)
    names = {each["filename"] for each in pictures}
    if _are_there(services, names, channel, thread_ts):
        return None
    try:
        services.client.files_upload_v2(channel=channel, thread_ts=thread_ts, file_uploads=pictures)
    except UNREACHED as error:
        if says(error, TOKEN_REFUSED) or _is_to_wait(error):
            raise
        if _are_there(services, names, channel, thread_ts):
            return None  # it was the answer alone that broke off
        log.warning("The pictures of job %d: %s", report.job, error)
        return Refused(_said(error), is_passing(error))
    return None


def _said(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return f"Slack says {escape_line(error_code(error))}"
    return "the connection broke"


def _is_to_wait(error: Exception) -> bool:
    return isinstance(error, SlackApiError) and retry_after_s(error) is not None


def pictures_of(report: JobReport, folder: JobFolder) -> list[dict[str, Any]]:
    """Both as `files_upload_v2` wants them. Raises DataError if one is missing in the job's folder."""
    return [
        {
            "filename": f"job-{report.job}-{name}",
            "content": folder.read_picture(name),
            "title": title,
            "alt_txt": described,
        }
        for name, title, described in (
            (LEARNING_CURVE, "Learning curve", "Loss of the reader and of the encoder, epoch by epoch"),
            (
                BEFORE_AFTER,
                "Before and after",
                f"Every figure of {report.base} and of the candidate, side by side",
            ),
        )
    ]


def _are_there(services: Services, names: set[str], channel: str, thread_ts: str) -> bool:
    """Whether an earlier attempt has shared them; no, where Slack does not let us look."""
    try:
        replies = services.client.conversations_replies(channel=channel, ts=thread_ts, limit=200)
    except UNREACHED as error:
        log.info("conversations.replies: %s", error)
        return False
    messages = replies.get("messages") or []
    found = {file.get("name") for message in messages for file in message.get("files") or []}
    return names <= found
