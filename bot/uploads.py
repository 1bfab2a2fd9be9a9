"""Manuals that came as files through Slack: fetched, and kept under MANUALBOT_HOME for the index.

The folder is one source. Below it stand the products, in each the versions, in these the files: names that
the index reads product and version from. What was said of a file stands beside it, word for word, and counts
more than what the file says of itself.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.settings import SlackSettings
from bot.slack.api import says
from bot.views.file import Described
from qa_core.documents.described import describe, description_of
from qa_core.durable import make_folder, room_wanted
from qa_core.errors import ManualbotError

TIMEOUT_S = 60
_CHUNK = 1 << 16
_LONGEST_NAME = 100  # characters
_LONGEST_NAME_BYTES = 200  # a file system takes 255, and `_aside` adds some
_LONGEST_ENDING = 20
_UNSAFE = re.compile(r"[^\w .()+&,'-]+")
_DELETED = "The file was deleted in Slack. Send it again"
_SLACK = (".slack.com", ".slack-files.com")


class UploadError(ManualbotError):
    """A file cannot be fetched or kept."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """The folder of uploaded manuals."""

    folder: Path

    def place_for(self, name: str, described: Described) -> Path:
        """Where a file is kept: below the folder whatever its name says."""
        version = f"v{described.version}" if described.version else ""
        product = safe_name(described.product) or "Manual"
        return self.folder / product / version / (safe_name(name) or "manual")

    def keep(self, content: Path, name: str, described: Described) -> Path:
        """Move a fetched file to its place. One of the same name steps aside until this one is accepted.

        Where one stands aside already, what has its place is an upload that nobody has accepted. Raises
        UploadError, and removes the file, where it cannot be put there.
        """
        place = self.place_for(name, described)
        try:
            make_folder(place.parent)
            if place.exists() and not _aside(place).exists():
                _step_aside(place)
            describe(place, described.product, described.version)
            os.replace(content, place)
        except OSError as error:
            content.unlink(missing_ok=True)
            raise _unwritten(place, error) from error
        return place

    def accept(self, place: Path) -> None:
        """The file is a manual: what it took the place of goes."""
        for file in (place, description_of(place)):
            _aside(file).unlink(missing_ok=True)

    def discard(self, place: Path) -> bool:
        """The file is none: it goes. Returns whether what it took the place of has come back."""
        description_of(place).unlink(missing_ok=True)
        if _aside(place).exists():
            _step_back(place)
            return True
        place.unlink(missing_ok=True)
        for folder in place.parents:
            if folder == self.folder or any(folder.iterdir()):
                break
            folder.rmdir()
        return False

    def fetch(self, file: Mapping[str, Any], settings: SlackSettings) -> Path:
        """Download what Slack's `files.info` describes; the caller moves or removes what it gets.

        The bot's token goes to Slack only. Raises UploadError for another address, a file over
        MANUALBOT_MAX_FILE_MB, a sign-in page in place of the file, a connection that breaks, and a folder
        that takes no file.
        """
        url = str(file.get("url_private_download") or file.get("url_private") or "")
        if not is_of_slack(url, settings):
            raise UploadError(
                f"{urlsplit(url).netloc or url!r} is not Slack. Send the file itself, not a link"
            )
        request = Request(url, headers={"Authorization": f"Bearer {settings.bot_token}"})  # noqa: S310
        opener = build_opener(_StayWithSlack(settings))
        with _fetching():
            response = opener.open(request, timeout=TIMEOUT_S)
        with response:
            return _save(_content(response, file, settings.base.max_file_mb), self.folder)


def described_by_slack(client: WebClient, file_id: str) -> Mapping[str, Any]:
    """What Slack knows of a file. Raises UploadError where it was deleted, and what the client raises."""
    try:
        file: Mapping[str, Any] = client.files_info(file=file_id).get("file") or {}
    except SlackApiError as error:
        if not says(error, ("file_deleted", "file_not_found")):
            raise
        raise UploadError(_DELETED) from error
    if file.get("mode") == "tombstone":
        raise UploadError(_DELETED)
    return file


def safe_name(name: str) -> str:
    """A file's or folder's name without what could lead elsewhere or hide it."""
    cleaned = _UNSAFE.sub("-", name.replace("/", "-").replace("\\", "-")).rstrip(" -").lstrip(" -._~")
    stem, ending = os.path.splitext(cleaned)
    ending = ending[:_LONGEST_ENDING]
    room = _LONGEST_NAME_BYTES - len(ending.encode())
    stem = stem[: _LONGEST_NAME - len(ending)].encode()[:room].decode(errors="ignore")
    return f"{stem.rstrip(' .')}{ending}"


def is_of_slack(url: str, settings: SlackSettings) -> bool:
    """Whether an address is Slack's, or that of the workspace that the settings name."""
    ours, theirs = urlsplit(settings.api_url), urlsplit(url)
    if (theirs.scheme, theirs.hostname) == (ours.scheme, ours.hostname):
        return True
    return theirs.scheme == "https" and (theirs.hostname or "").endswith(_SLACK)


class _StayWithSlack(HTTPRedirectHandler):
    """Follows no redirect that would carry the token elsewhere."""

    def __init__(self, settings: SlackSettings) -> None:
        self._settings = settings

    def redirect_request(self, *arguments: Any, **named: Any) -> Request | None:
        """Raise for an address that is not Slack's."""
        request: Request | None = super().redirect_request(*arguments, **named)
        if request is not None and not is_of_slack(request.full_url, self._settings):
            raise URLError(f"redirected to {urlsplit(request.full_url).netloc}")
        return request


def _refuse_sign_in_page(response: Any, file: Mapping[str, Any]) -> None:
    """Slack answers with a page, not with an error, where the token may not read files."""
    is_page = str(response.headers.get("Content-Type") or "").startswith("text/html")
    name, kind = str(file.get("name") or "").lower(), str(file.get("mimetype") or "")
    if is_page and kind != "text/html" and not name.endswith((".html", ".htm", ".xhtml")):
        raise URLError("Slack shows a sign-in page: the token needs the scope files:read")


def _refuse_part(response: HTTPResponse, n_bytes: int) -> None:
    """A connection that ends too early looks like the end of the file."""
    announced = response.headers.get("Content-Length")
    if announced is not None and n_bytes < int(announced):
        raise URLError(f"the connection ended after {n_bytes} of {announced} bytes")


@contextmanager
def _fetching() -> Iterator[None]:
    """Within, whatever goes wrong with the connection is an UploadError."""
    try:
        yield
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise UploadError(f"The file cannot be fetched from Slack ({reason}). Send it again") from error


def _content(response: HTTPResponse, file: Mapping[str, Any], max_mb: int) -> Iterator[bytes]:
    """The pieces of a file. Raises UploadError, so that an OSError of whoever writes them is the disk's."""
    n_bytes = 0
    with _fetching():
        _refuse_sign_in_page(response, file)
        while chunk := response.read(_CHUNK):
            n_bytes += len(chunk)
            if n_bytes > max_mb * 1024 * 1024:
                raise UploadError(
                    f"The file is larger than {max_mb} MB. Split it, or raise MANUALBOT_MAX_FILE_MB"
                )
            yield chunk
        _refuse_part(response, n_bytes)


def _save(content: Iterable[bytes], folder: Path) -> Path:
    try:
        make_folder(folder)
        descriptor, name = tempfile.mkstemp(prefix=".upload-", dir=folder)
    except OSError as error:
        raise _unwritten(folder, error) from error
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _unwritten(folder, error) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _unwritten(place: Path, error: OSError) -> UploadError:
    next_step = room_wanted(error) or "Check the folder"
    return UploadError(f"{place} cannot be written ({error.strerror}). {next_step}, then send the file again")


def _step_aside(place: Path) -> None:
    """The file last: once it stands aside, all of it does."""
    for file in (description_of(place), place):
        if file.exists():
            os.replace(file, _aside(file))


def _step_back(place: Path) -> None:
    for file in (description_of(place), place):
        if _aside(file).exists():
            os.replace(_aside(file), file)


def _aside(place: Path) -> Path:
    """Next to it, under a name that is not looked at for manuals."""
    return place.with_name(f".{place.name}.before")
