"""One process at a time, and what is told where a lock cannot be taken."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from qa_core.errors import ManualbotError
from qa_core.locks import one_at_a_time


def test_a_full_disk_does_not_stop_what_may_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def write(path: Path, *_: object, **_options: object) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", write)

    with one_at_a_time(tmp_path / "releases.lock", "Changing the releases", timeout_s=0):
        assert "releases.pid: No space left on device" in caplog.text


@pytest.mark.parametrize(
    ("a_folder_at", "told"),
    [("index.lock", r"index\.lock: .*"), ("index.pid", r"index\.pid: Is a directory\.")],
)
def test_a_lock_that_this_user_cannot_write_is_told_with_the_next_step(
    tmp_path: Path, a_folder_at: str, told: str
) -> None:
    (tmp_path / a_folder_at).mkdir()

    with (
        pytest.raises(ManualbotError, match=rf"Indexing cannot begin: .*{told} Give this user the folder"),
        one_at_a_time(tmp_path / "index.lock", "Indexing", timeout_s=0),
    ):
        pass


def test_a_folder_of_locks_that_cannot_be_made_is_told_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file stands here")

    with (
        pytest.raises(ManualbotError, match=r"Indexing cannot begin: .*var/index\.lock: .* Give this user"),
        one_at_a_time(tmp_path / "var" / "index.lock", "Indexing", timeout_s=0),
    ):
        pass


def test_what_fails_under_a_lock_fails_as_it_is(tmp_path: Path) -> None:
    with (
        pytest.raises(PermissionError),
        one_at_a_time(tmp_path / "index.lock", "Indexing", timeout_s=0),
    ):
        raise PermissionError("a manual of somebody else")
