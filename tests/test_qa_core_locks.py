"""One process at a time, and what is told where a lock cannot be taken."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

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
