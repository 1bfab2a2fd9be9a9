"""Files that people send the bot, and that the bot sends people."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote

from bot.sandbox.protocol import TEAM_ID, Json, Refusal, new_id

TYPES = {
    ".pdf": ("pdf", "application/pdf"),
    ".docx": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".html": ("html", "text/html"),
    ".md": ("markdown", "text/plain"),
    ".txt": ("text", "text/plain"),
    ".png": ("png", "image/png"),
}


@dataclass
class StoredFile:
    """A file's bytes, and what Slack says about it."""

    about: Json
    content: bytes


class Files:
    """The workspace's files, in memory."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._files: dict[str, StoredFile] = {}
        self._expected: dict[str, str] = {}  # secret of an upload address → file id

    def add(self, name: str, content: bytes, owner: str) -> StoredFile:
        """Keep a file."""
        file_id = new_id("F")
        kind, mimetype = TYPES.get(PurePath(name).suffix.lower(), ("binary", "application/octet-stream"))
        private = f"{self._url}/files-pri/{TEAM_ID}-{file_id}"
        about = {
            "id": file_id,
            "name": name,
            "title": name,
            "mimetype": mimetype,
            "filetype": kind,
            "user": owner,
            "size": len(content),
            "mode": "hosted",
            "is_external": False,
            "url_private": f"{private}/{quote(name)}",
            "url_private_download": f"{private}/download/{quote(name)}",
            "permalink": f"{self._url}/files/{owner}/{file_id}/{quote(name)}",
        }
        self._files[file_id] = StoredFile(about, content)
        return self._files[file_id]

    def find(self, file_id: str) -> StoredFile:
        """A file by its id. Raises Refusal."""
        found = self._files.get(file_id)
        if found is None:
            raise Refusal("file_not_found")
        return found

    def expect(self, name: str, owner: str, alt_text: str = "") -> tuple[str, str]:
        """The id of a file that is to come, and the address to which its bytes go."""
        about = self.add(name, b"", owner).about
        if alt_text:
            about["alt_txt"] = alt_text
        secret = secrets.token_hex(16)
        self._expected[secret] = about["id"]
        return about["id"], f"{self._url}/upload/v1/{secret}"

    def receive(self, secret: str, content: bytes) -> None:
        """The bytes of an expected file. Raises Refusal."""
        if secret not in self._expected:
            raise Refusal("file_not_found")
        stored = self.find(self._expected.pop(secret))
        stored.content = content
        stored.about["size"] = len(content)
