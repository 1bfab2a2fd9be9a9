"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa_core.durable import make_folder, write_file


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path, is_there: bool) -> None:
    (tmp_path / "shared").mkdir()
    kept, link = tmp_path / "shared" / "triplets.json", tmp_path / "triplets.json"
    if is_there:
        kept.write_text("old")
    link.symlink_to(Path("shared", "triplets.json"))

    write_file(link, "new")

    assert link.is_symlink()
    assert kept.read_text() == "new"
    assert [path.name for path in kept.parent.iterdir()] == ["triplets.json"]


def test_a_pipe_is_written_into_and_stays(tmp_path: Path) -> None:
    pipe, link, read = tmp_path / "pipe", tmp_path / "link", list[str]()
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()

    write_file(link, "new")

    reader.join()
    assert read == ["new"]
    assert pipe.is_fifo()


@pytest.fixture
def usual_mask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.parametrize(("shared", "mode"), [(True, 0o640), (False, 0o600)])
@pytest.mark.usefixtures("usual_mask")
def test_a_new_file_is_its_owners_alone_unless_it_is_shared(tmp_path: Path, shared: bool, mode: int) -> None:
    write_file(tmp_path / "report.html", "new", shared=shared)

    assert stat.S_IMODE((tmp_path / "report.html").stat().st_mode) == mode


@pytest.mark.parametrize("shared", [True, False])
def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path, shared: bool) -> None:
    path = tmp_path / "triplets.json"
    path.write_text("old")
    path.chmod(0o664)

    write_file(path, "new", shared=shared)

    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o664)


def test_folders_that_are_missing_are_made_for_their_owner(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    umask = os.umask(0o022)
    try:
        make_folder(tmp_path / "home" / "parts")
        make_folder(tmp_path / "home" / "parts")
    finally:
        os.umask(umask)
    modes = [stat.S_IMODE((tmp_path / each).stat().st_mode) for each in (".", "home", "home/parts")]
    assert modes == [0o755, 0o700, 0o700]
