"""What a person means by the paths that are to be indexed."""

from __future__ import annotations

import os

import pytest

from qa_core.errors import SourceError
from qa_core.indexing.sources import Catalog, File, Source, named_sources


def test_many_files_are_named_at_once_without_looking_at_each_of_them_for_each_other(tmp_path, monkeypatch):
    paths = [tmp_path / f"{n:03}.md" for n in range(100)]
    for path in paths:
        path.touch()
    looked_at = []
    real = os.path.realpath
    monkeypatch.setattr(os.path, "realpath", lambda path: looked_at.append(path) or real(path))

    named = named_sources(paths, Catalog())

    assert [source.path for source in named] == [str(path) for path in paths]
    assert len(looked_at) <= 3 * len(paths)


def test_a_path_below_a_source_means_that_source_by_whatever_name_it_is_reached(tmp_path):
    folder, link = tmp_path / "manuals", tmp_path / "link"
    (folder / "lamp").mkdir(parents=True)
    (folder / "lamp" / "care.md").touch()
    link.symlink_to(folder)
    source = Source(str(folder), "folder")

    assert named_sources([link / "lamp" / "care.md", folder / "lamp"], Catalog((source,))) == (source,)
    assert named_sources([folder, folder / "lamp" / "care.md"], Catalog()) == (source,)


def test_a_folder_that_holds_a_source_is_refused_and_a_folder_beside_it_is_not(tmp_path):
    for name in ("a/b", "a/bc"):
        (tmp_path / name).mkdir(parents=True)
    catalog = Catalog((Source(str(tmp_path / "a" / "b"), "folder"),))

    assert named_sources([tmp_path / "a" / "bc"], catalog) == (Source(str(tmp_path / "a" / "bc"), "folder"),)
    with pytest.raises(SourceError, match=f"{tmp_path}/a holds the source {tmp_path}/a/b. Take that out"):
        named_sources([tmp_path / "a"], catalog)


def test_sources_take_the_place_of_what_was_known_of_them_in_one_go():
    def file(source: str, path: str, size: int = 1) -> File:
        return File(source, path, size, 0, "d")

    a, b, c = (Source(f"/{name}", "folder") for name in "abc")
    files = (file("/a", "1"), file("/a", "2"), file("/b", "1"), file("/c", "1"))
    before = Catalog((a, b, c), files)

    after = before.with_sources([c, a], [file("/c", "0"), file("/a", "2", 5)])

    assert after == Catalog((a, b, c), (file("/a", "2", 5), file("/b", "1"), file("/c", "0")))
    assert [before.files_of(each) for each in (a, b, c)] == [files[:2], files[2:3], files[3:]]
    assert before.files_of(Source("/aa", "folder")) == ()
    assert before.without("/a", "/c") == Catalog((b,), files[2:3])
