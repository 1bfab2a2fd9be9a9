from __future__ import annotations

import os
from pathlib import Path

import pytest

from qa_core.indexing.discovery import discover
from qa_core.indexing.survey import Discovery


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Press OK.")
    return path


def names(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in discover(root).files]


def test_every_file_that_may_be_a_manual_is_found_at_any_depth(tmp_path: Path) -> None:
    for name in ("b.pdf", "a.md", "folio/Größe 📠.docx", "folio/en/guide.html", "README", "x.txt"):
        write(tmp_path / name)

    assert names(tmp_path) == [
        "README",
        "a.md",
        "b.pdf",
        "folio/Größe 📠.docx",
        "folio/en/guide.html",
        "x.txt",
    ]


def test_hidden_names_and_endings_that_no_manual_has_are_left_out(tmp_path: Path) -> None:
    for name in (
        ".git/a.md",
        "_sources/a.md",
        "_draft.md",
        ".a.md",
        "~$a.docx",
        "q.jsonl",
        "p.PNG",
        "x.zip",
        "b.py",
    ):
        write(tmp_path / name)
    write(tmp_path / "a.md")

    assert names(tmp_path) == ["a.md"]


def test_a_file_is_found_by_itself_whatever_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "_questions.jsonl")

    assert discover(path) == Discovery((path,))


def test_an_empty_folder_and_a_path_that_does_not_exist_hold_nothing(tmp_path: Path) -> None:
    assert discover(tmp_path) == Discovery(())
    assert discover(tmp_path / "gone") == Discovery(())


def test_a_loop_of_links_ends_and_each_file_comes_once(tmp_path: Path) -> None:
    write(tmp_path / "folio" / "a.md")
    (tmp_path / "folio" / "again").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "zzz").symlink_to(tmp_path / "folio")

    assert names(tmp_path) == ["folio/a.md", "self"]


def test_a_folder_that_cannot_be_listed_is_reported_and_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.md")
    write(tmp_path / "locked" / "b.md")
    list_folder = os.listdir

    def refuse(folder: Path) -> list[str]:
        if Path(folder).name == "locked":
            raise PermissionError(13, "Permission denied", str(folder))
        return list_folder(folder)

    monkeypatch.setattr(os, "listdir", refuse)

    found = discover(tmp_path)

    assert found.files == (tmp_path / "a.md",)
    assert [(failure.path, failure.reason) for failure in found.unreadable] == [
        (str(tmp_path / "locked"), "folder cannot be listed: Permission denied; check its permissions")
    ]


def refuse_to_look(monkeypatch: pytest.MonkeyPatch, *places: str) -> None:
    """As the system does for whoever is not root."""
    look = os.stat

    def refuse(path: str | Path, *arguments: object, **named: object) -> os.stat_result:
        if os.fspath(path) in places:
            raise PermissionError(13, "Permission denied", path)
        return look(path, *arguments, **named)

    monkeypatch.setattr(os, "stat", refuse)


def test_a_folder_that_may_be_listed_but_not_entered_is_reported_and_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.md")
    write(tmp_path / "listed" / "b.md")
    listed = str(tmp_path / "listed")
    refuse_to_look(monkeypatch, os.path.join(listed, "."), os.path.join(listed, "b.md"))

    found = discover(tmp_path)

    assert found.files == (tmp_path / "a.md",)
    assert [(failure.path, failure.reason) for failure in found.unreadable] == [
        (listed, "folder cannot be listed: Permission denied; check its permissions")
    ]


def test_a_link_to_where_nobody_may_look_is_reported_and_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.md")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    refuse_to_look(monkeypatch, str(link))

    found = discover(tmp_path)

    assert found.files == (tmp_path / "a.md",)
    assert [(failure.path, failure.reason) for failure in found.unreadable] == [
        (str(link), "cannot be read: Permission denied")
    ]


def test_a_relative_root_gives_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.md")
    monkeypatch.chdir(tmp_path)

    assert discover(Path(".")).files == (tmp_path / "a.md",)


def test_pipes_sockets_devices_and_links_to_them_are_left_out(tmp_path: Path) -> None:
    write(tmp_path / "folio.md")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "endless.txt").symlink_to("/dev/zero")
    (tmp_path / "linked.txt").symlink_to(tmp_path / "pipe.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    assert names(tmp_path) == ["folio.md", "gone.txt"]


def test_a_pipe_is_no_source(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    found = discover(tmp_path / "pipe.txt")
    assert found.files == ()
    assert [failure.reason for failure in found.unreadable] == [
        "is neither a file nor a folder; copy it to a file"
    ]
