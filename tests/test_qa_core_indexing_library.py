import multiprocessing
import os
import pkgutil
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock, patch

import numpy as np
import pytest
from fakes import FakeEncoder, FakeIndex, FakeParser, fake_tools
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from qa_core.errors import (
    DocumentError,
    IndexingError,
    ManualbotError,
    NothingIndexedError,
    ParserStartError,
    SourceError,
    TransientDocumentError,
)
from qa_core.indexing import builder, readings
from qa_core.indexing.library import LeftOut, Library
from qa_core.indexing.survey import Discovery, Failure
from qa_core.indexing.tools import standard_tools
from qa_core.settings import Settings
from qa_core.store import Store
from qa_core.types import Manual, PageStart, ParsedManual, Section

TOO_LARGE = "0.0 MB large, the limit is 0.0 MB; split it, or raise MANUALBOT_MAX_FILE_MB"
KEPT = "; its earlier version stays in the index"


class Bench:
    """A library over a folder of manuals, with counters."""

    def __init__(self, tmp_path: Path) -> None:
        self.home = tmp_path / "var"
        self.manuals = tmp_path / "manuals"
        self.manuals.mkdir()
        self.store = Store(self.home / "manualbot.db")
        self.parser = FakeParser()
        self.encoder = FakeEncoder()
        self.tools = replace(fake_tools(self.parser), now=lambda: datetime(2026, 1, 2, tzinfo=UTC))

    @property
    def library(self) -> Library:
        return Library(self.home, self.store, self.encoder, self.tools)

    def write(self, name: str, text: str) -> Path:
        path = self.manuals / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def texts(self) -> list[str]:
        """What a process that starts now finds in the index."""
        store = Store(self.home / "manualbot.db")
        index = Library(self.home, store, self.encoder, self.tools).open_index()
        store.close()
        assert isinstance(index, FakeIndex)
        assert np.allclose(index.vectors, FakeEncoder().encode(index.texts))
        return index.texts

    def read_since(self) -> list[str]:
        names = [path.name for path in self.parser.read_paths]
        self.parser.read_paths.clear()
        return names

    def folders(self) -> set[str]:
        return {folder.name for folder in (self.home / "indexes").iterdir()}


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.store.close()


@pytest.fixture
def indexed(bench):
    """Two manuals, indexed."""
    bench.write("kettle.txt", "Boil water.\nDescale monthly.")
    bench.write("lamp.txt", "Press the switch.")
    bench.library.add([bench.manuals])
    bench.read_since()
    bench.encoder.encoded.clear()
    return bench


def test_a_folder_is_indexed_and_the_report_counts_what_is_in_the_index(bench):
    bench.write("kettle.txt", "Boil water.\nDescale monthly.")
    bench.write("lamp.txt", "Press the switch.")

    report = bench.library.add([bench.manuals])

    assert (report.n_manuals, report.n_sections, report.n_passages) == (2, 3, 3)
    assert (report.n_new, report.n_unchanged, report.n_removed) == (2, 0, 0)
    assert (report.failures, report.duplicates) == ((), ())
    assert bench.texts() == ["Boil water.", "Descale monthly.", "Press the switch."]


def test_sources_tell_what_is_indexed_of_them(indexed):
    [summary] = indexed.library.sources()

    assert summary.path == str(indexed.manuals)
    assert (summary.kind, summary.n_manuals, summary.n_passages) == ("folder", 2, 3)
    assert summary.indexed_at == "2026-01-02T00:00:00+00:00"


def test_what_is_left_out_of_a_manual_is_told_for_as_long_as_it_is_indexed(bench):
    bench.write("a.md", "Press OK. ####")
    bench.write("b.md", "Press Start.")
    gap = LeftOut(str(bench.manuals / "a.md"), 4)
    library = bench.library
    reports = [library.add([bench.manuals]), library.refresh(), library.ensure_index()]
    assert [report.left_out for report in reports] == [(gap,)] * 3
    assert [source.left_out for source in library.sources()] == [(gap,)]
    bench.write("a.md", "Press OK.")
    assert library.refresh().left_out == ()


def test_nothing_is_read_embedded_or_written_when_nothing_has_changed(indexed):
    before = {path: path.stat().st_mtime_ns for path in (indexed.home / "indexes").rglob("*")}

    report = indexed.library.refresh()

    assert (report.n_manuals, report.n_passages, report.n_new, report.n_unchanged) == (2, 3, 0, 2)
    assert indexed.parser.n_opened == 1
    assert indexed.read_since() == []
    assert indexed.encoder.encoded == []
    assert {path: path.stat().st_mtime_ns for path in (indexed.home / "indexes").rglob("*")} == before


def test_only_what_has_changed_is_read_and_only_new_texts_are_embedded(indexed):
    indexed.write("kettle.txt", "Boil water.\nDescale weekly.")

    report = indexed.library.refresh()

    assert (report.n_new, report.n_unchanged) == (1, 1)
    assert indexed.read_since() == ["kettle.txt"]
    assert indexed.encoder.encoded == ["Descale weekly."]
    assert indexed.texts() == ["Boil water.", "Descale weekly.", "Press the switch."]


def test_a_file_that_was_only_touched_is_not_read_again(indexed):
    os.utime(indexed.manuals / "lamp.txt", (1, 1))

    assert indexed.library.refresh().n_new == 0
    assert indexed.read_since() == []


def test_a_file_of_the_same_size_that_kept_its_time_is_read_again(indexed):
    lamp = indexed.manuals / "lamp.txt"
    stat = lamp.stat()
    lamp.write_text(lamp.read_text().replace("Press", "Touch"))
    os.utime(lamp, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    assert indexed.library.refresh().n_new == 1
    assert "Touch the switch." in indexed.texts()


def test_a_text_that_stands_in_two_manuals_is_embedded_once(bench):
    bench.write("a.txt", "Keep dry.\nFor A.")
    bench.write("b.txt", "Keep dry.\nFor B.")

    bench.library.add([bench.manuals])

    assert sorted(bench.encoder.encoded) == ["For A.", "For B.", "Keep dry."]
    assert bench.texts() == ["Keep dry.", "For A.", "Keep dry.", "For B."]


def test_a_new_parser_reads_every_file_again_and_embeds_nothing_that_stayed_the_same(indexed):
    indexed.tools = fake_tools(indexed.parser, version="2")

    assert indexed.library.refresh().n_new == 2
    assert indexed.read_since() == ["kettle.txt", "lamp.txt"]
    assert indexed.encoder.encoded == []


def test_a_deleted_file_leaves_the_index(indexed):
    (indexed.manuals / "kettle.txt").unlink()

    report = indexed.library.refresh()

    assert (report.n_manuals, report.n_removed) == (1, 1)
    assert indexed.texts() == ["Press the switch."]


def test_a_file_that_fails_is_reported_and_the_rest_go_on(bench):
    bench.write("a.txt", "BROKEN")
    bench.write("b.txt", "Fine.")
    bench.write("c.txt", "\n\n")
    bench.write("d.txt", "x" * 1001)

    report = bench.library.add([bench.manuals])

    assert report.failures == (
        Failure(str(bench.manuals / "a.txt"), "broken"),
        Failure(str(bench.manuals / "c.txt"), "no text in it"),
        Failure(
            str(bench.manuals / "d.txt"),
            TOO_LARGE,
        ),
    )
    assert bench.texts() == ["Fine."]


def test_a_failed_file_is_reported_again_without_being_read_again(bench):
    bench.write("a.txt", "BROKEN")
    bench.write("b.txt", "Fine.")
    first = bench.library.add([bench.manuals])
    bench.read_since()

    second = bench.library.refresh()

    assert second.failures == first.failures == (Failure(str(bench.manuals / "a.txt"), "broken"),)
    assert bench.read_since() == []


def test_what_is_read_of_a_file_that_changes_meanwhile_is_not_taken_for_what_it_was_before(indexed):
    def change(path: Path, root: Path) -> ParsedManual:
        path.write_text("Clap twice.")
        return FakeParser.read(indexed.parser, path, root)

    indexed.write("lamp.txt", "Switch it on.")
    with patch.object(indexed.parser, "read", change):
        assert indexed.library.refresh().failures == ()
    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Clap twice."]

    indexed.library.refresh()
    assert indexed.read_since() == ["lamp.txt"]

    indexed.write("lamp.txt", "Switch it on.")
    indexed.library.refresh()
    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Switch it on."]


def test_a_file_at_which_the_parser_crashes_is_tried_twice_and_holds_up_no_other(bench):
    crash = str(bench.write("a.txt", "CRASH"))
    bench.write("b.txt", "Fine.")
    reasons, n_read = [], []
    for _ in range(3):
        reasons += bench.library.add([bench.manuals]).failures
        n_read.append(bench.read_since().count("a.txt"))
        assert bench.texts() == ["Fine."]

    twice = "; tried twice, it is not tried again before it, a limit or manualbot's version changes"
    assert [each.reason for each in reasons] == ["the parser crashed", *["the parser crashed" + twice] * 2]
    assert {each.path for each in reasons} == {crash}
    assert n_read == [1, 1, 0]

    bench.write("a.txt", "CRASH again")
    bench.library.refresh()
    assert bench.read_since() == ["a.txt"]
    parsing = replace(bench.tools.parsing, attempt="1/more time")
    bench.tools = replace(bench.tools, parsing=parsing)
    for n_tried in (1, 1, 0):
        bench.library.refresh()
        assert bench.read_since().count("a.txt") == n_tried


def test_a_parser_that_does_not_start_is_no_file_s_fault(bench, monkeypatch):
    bench.write("a.txt", "Fine.")
    bench.write("b.txt", "Good.")
    read, n_left = bench.parser.read, [3]

    def refuse(path, root):
        if path.name == "a.txt" and n_left[0]:
            n_left[0] -= 1
            raise ParserStartError("the parser cannot be started")
        return read(path, root)

    monkeypatch.setattr(bench.parser, "read", refuse)
    for _ in range(3):
        [failure] = bench.library.add([bench.manuals]).failures
        assert failure.reason == "the parser cannot be started"

    assert bench.library.refresh().failures == ()


def test_a_file_at_which_the_parser_crashed_once_is_indexed_the_next_time(indexed, monkeypatch):
    lamp = indexed.write("lamp.txt", "Shine on.")
    read = indexed.parser.read

    def crash(path, root):
        if path == lamp:
            raise TransientDocumentError("the parser crashed")
        return read(path, root)

    with monkeypatch.context() as patch:
        patch.setattr(indexed.parser, "read", crash)
        report = indexed.library.refresh()
    assert report.failures == (Failure(str(lamp), "the parser crashed" + KEPT),)

    assert indexed.library.refresh().failures == ()
    assert "Shine on." in indexed.texts()


def test_a_failed_file_is_tried_again_under_other_limits_and_when_it_has_changed(bench):
    bench.write("a.txt", "BROKEN")
    bench.write("b.txt", "Fine.")
    bench.library.add([bench.manuals])
    bench.read_since()

    parsing = replace(bench.tools.parsing, attempt="1/more memory")
    bench.tools = replace(bench.tools, parsing=parsing)
    bench.library.refresh()
    assert bench.read_since() == ["a.txt"]

    bench.write("a.txt", "Repaired.")
    assert bench.library.refresh().failures == ()
    assert bench.texts() == ["Repaired.", "Fine."]


def test_a_file_that_breaks_keeps_its_earlier_version_for_as_long_as_it_is_broken(indexed):
    indexed.write("lamp.txt", "BROKEN")

    for _ in range(2):
        report = indexed.library.refresh()
        assert report.failures == (Failure(str(indexed.manuals / "lamp.txt"), "broken" + KEPT),)
        assert indexed.texts() == ["Boil water.", "Descale monthly.", "Press the switch."]

    (indexed.manuals / "lamp.txt").unlink()
    indexed.library.refresh()
    assert indexed.texts() == ["Boil water.", "Descale monthly."]


def test_a_file_that_can_no_longer_be_opened_keeps_its_earlier_version(indexed, monkeypatch):
    indexed.write("lamp.txt", "Press the big switch.")
    monkeypatch.setattr("qa_core.indexing.survey._digest", deny)

    report = indexed.library.refresh()

    assert report.failures == (
        Failure(str(indexed.manuals / "lamp.txt"), "cannot be read: Permission denied" + KEPT),
    )
    assert "Press the switch." in indexed.texts()


def deny(_path: Path) -> str:
    raise PermissionError(13, "Permission denied")


def test_two_copies_are_indexed_once_and_the_other_one_steps_in(bench):
    first = bench.write("a/lamp.txt", "Press the switch.")
    second = bench.write("b/lamp.txt", "Press the switch.")

    report = bench.library.add([bench.manuals])
    assert [(d.path, d.of) for d in report.duplicates] == [(str(second), str(first))]
    assert bench.read_since() == ["lamp.txt"]
    assert bench.texts() == ["Press the switch."]

    first.unlink()
    report = bench.library.refresh()
    assert (report.n_manuals, report.n_removed, report.duplicates) == (1, 1, ())
    assert bench.parser.read_paths == [second]
    assert bench.texts() == ["Press the switch."]


def test_the_copy_that_was_indexed_first_stays_the_original(bench):
    original = bench.write("z.txt", "Press the switch.")
    bench.library.add([bench.manuals])
    copy = bench.write("a.txt", "Press the switch.")

    report = bench.library.refresh()

    assert [(d.path, d.of) for d in report.duplicates] == [(str(copy), str(original))]


def test_a_copy_in_another_source_steps_in_when_the_first_source_is_removed(bench, tmp_path):
    other = tmp_path / "other"
    bench.write("lamp.txt", "Press the switch.")
    shutil.copytree(bench.manuals, other)
    bench.library.add([bench.manuals, other])

    bench.library.remove(bench.manuals)

    assert [(s.path, s.n_manuals) for s in bench.library.sources()] == [(str(other), 1)]
    assert bench.texts() == ["Press the switch."]


def test_the_earlier_version_of_a_broken_file_gives_way_to_a_good_copy_of_it(indexed):
    shutil.copy(indexed.manuals / "lamp.txt", indexed.manuals / "lamp-2024.txt")
    indexed.write("lamp.txt", "BROKEN")

    report = indexed.library.refresh()

    assert report.failures == (Failure(str(indexed.manuals / "lamp.txt"), "broken"),)
    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Press the switch."]


def test_a_source_that_is_gone_fails_and_keeps_its_manuals_while_the_others_go_on(indexed, tmp_path):
    other = tmp_path / "radio.txt"
    other.write_text("Tune it.")
    indexed.library.add([other])
    indexed.manuals.rename(tmp_path / "unmounted")
    other.write_text("Turn it up.")

    report = indexed.library.refresh()

    assert report.failures == (
        Failure(
            str(indexed.manuals),
            "does not exist; is its drive mounted? Its manuals are kept as they were; "
            f"to take them out: manualbot sources remove {indexed.manuals}",
        ),
    )
    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Press the switch.", "Turn it up."]


def test_a_folder_that_became_a_file_keeps_its_manuals(indexed):
    shutil.rmtree(indexed.manuals)
    indexed.manuals.write_text("Not a folder.")

    [failure] = indexed.library.refresh().failures

    assert failure.reason.startswith("is no folder any more. Its manuals are kept")
    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Press the switch."]


def test_a_source_that_is_suddenly_empty_keeps_its_manuals(indexed):
    shutil.rmtree(indexed.manuals)
    indexed.manuals.mkdir()

    report = indexed.library.refresh()

    [failure] = report.failures
    assert failure.path == str(indexed.manuals)
    assert failure.reason.startswith("no manuals found in it; is its drive mounted? Its manuals are kept")
    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Press the switch."]


def test_a_folder_inside_a_source_that_cannot_be_looked_into_keeps_its_manuals(bench):
    bench.write("a.txt", "Open.")
    secret = bench.write("locked/b.txt", "Locked.").parent
    bench.library.add([bench.manuals])
    refused = Failure(str(secret), "Permission denied")
    bench.tools = replace(bench.tools, discover=lambda root: Discovery((root / "a.txt",), (refused,)))

    report = bench.library.refresh()

    assert report.failures == (refused,)
    assert bench.texts() == ["Open.", "Locked."]


@pytest.fixture
def with_a_share(indexed):
    """Beside the two manuals others in a folder, which may be a drive of its own."""
    indexed.write("share/radio/radio.txt", "Tune it.")
    indexed.write("share/oven.txt", "Heat it.")
    indexed.library.refresh()
    indexed.encoder.encoded.clear()
    return indexed


def test_a_folder_inside_a_source_that_is_there_and_suddenly_empty_keeps_its_manuals(with_a_share, tmp_path):
    share = with_a_share.manuals / "share"
    share.rename(tmp_path / "unmounted")
    share.mkdir()

    for _ in range(2):
        report = with_a_share.library.refresh()

        assert (report.n_manuals, report.n_removed) == (4, 0)
        assert report.failures == (
            Failure(
                str(share),
                "is empty; is its drive mounted? Its manuals are kept as they were; "
                "to take them out, delete the folder",
            ),
        )
        assert {"Tune it.", "Heat it."} < set(with_a_share.texts())

    share.rmdir()
    assert with_a_share.library.refresh().n_removed == 2
    assert with_a_share.texts() == ["Boil water.", "Descale monthly.", "Press the switch."]


def test_what_moved_out_of_a_folder_or_goes_from_a_fuller_one_is_not_kept(with_a_share):
    share = with_a_share.manuals / "share"
    (share / "radio" / "radio.txt").rename(with_a_share.manuals / "radio.txt")
    (share / "oven.txt").unlink()

    report = with_a_share.library.refresh()

    assert (report.n_manuals, report.failures) == (3, ())
    assert "Tune it." in with_a_share.texts()


def test_a_path_that_does_not_exist_is_an_error_and_nothing_is_done(indexed):
    missing = indexed.manuals / "missing"
    indexed.write("new.txt", "New.")

    with pytest.raises(SourceError, match=f"{missing} does not exist"):
        indexed.library.add([indexed.manuals, missing])

    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Press the switch."]


def test_a_known_source_that_is_named_and_gone_is_an_error_that_tells_how_to_remove_it(indexed, tmp_path):
    indexed.manuals.rename(tmp_path / "unmounted")

    with pytest.raises(SourceError, match=f"manualbot sources remove {indexed.manuals}"):
        indexed.library.add([indexed.manuals])

    assert len(indexed.texts()) == 3


def test_relative_paths_become_absolute(bench, monkeypatch):
    bench.write("lamp.txt", "Press the switch.")
    monkeypatch.chdir(bench.manuals)

    bench.library.add([Path("../manuals/./lamp.txt")])

    assert [(s.path, s.kind) for s in bench.library.sources()] == [(str(bench.manuals / "lamp.txt"), "file")]


def test_a_path_inside_a_source_refreshes_that_source(indexed):
    indexed.write("lamp.txt", "Clap twice.")

    indexed.library.add([indexed.manuals / "lamp.txt", indexed.manuals])

    assert [s.path for s in indexed.library.sources()] == [str(indexed.manuals)]
    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Clap twice."]


def test_a_link_into_a_source_is_that_source(indexed, tmp_path):
    (tmp_path / "link").symlink_to(indexed.manuals)

    indexed.library.add([tmp_path / "link"])

    assert [s.path for s in indexed.library.sources()] == [str(indexed.manuals)]


def test_a_folder_around_a_source_is_refused_with_the_next_step(indexed, tmp_path):
    with pytest.raises(SourceError, match=f"manualbot sources remove {indexed.manuals}"):
        indexed.library.add([tmp_path])


def test_two_nested_new_paths_become_one_source(bench):
    lamp = bench.write("lamp.txt", "Press the switch.")

    bench.library.add([lamp, bench.manuals])

    assert [s.path for s in bench.library.sources()] == [str(bench.manuals)]


def test_the_state_folder_is_never_indexed(bench, tmp_path):
    bench.write("lamp.txt", "Press the switch.")
    (bench.home / "notes.txt").write_text("Not a manual.")

    bench.library.add([tmp_path])

    assert bench.texts() == ["Press the switch."]


def test_manuals_kept_in_a_folder_of_our_own_are_a_source_when_it_is_named(bench):
    uploads = bench.home / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "kettle.txt").write_text("Boil water.")
    assert bench.library.add([uploads]).n_manuals == 1
    assert bench.library.refresh().failures == ()


def test_a_file_name_that_is_no_text_is_reported(bench):
    bench.write("lamp.txt", "Press the switch.")
    Path(os.fsdecode(os.fsencode(bench.manuals) + b"/l\xe4mp.txt")).write_text("x")

    report = bench.library.add([bench.manuals])

    assert [failure.reason for failure in report.failures] == ["its name is not valid UTF-8; rename it"]
    assert bench.texts() == ["Press the switch."]


def test_a_source_whose_name_is_no_text_is_an_error_and_nothing_is_done(bench):
    source = Path(os.fsdecode(os.fsencode(bench.manuals) + b"/l\xe4mps"))
    source.mkdir(parents=True)
    (source / "lamp.txt").write_text("Press the switch.")

    with pytest.raises(SourceError, match=r"manuals/l\\udce4mps' is not valid UTF-8\. Rename it"):
        bench.library.add([source])

    assert bench.library.sources() == ()


def test_links_to_nothing_and_loops_of_links_are_reported(bench):
    bench.write("lamp.txt", "Press the switch.")
    (bench.manuals / "gone.txt").symlink_to("nowhere.txt")
    (bench.manuals / "loop.txt").symlink_to("loop.txt")
    names = ("gone.txt", "lamp.txt", "loop.txt")
    bench.tools = replace(bench.tools, discover=lambda root: Discovery(tuple(root / name for name in names)))

    report = bench.library.add([bench.manuals])

    assert report.failures == (
        Failure(str(bench.manuals / "gone.txt"), "is a link to nothing"),
        Failure(str(bench.manuals / "loop.txt"), "cannot be read: Too many levels of symbolic links"),
    )
    assert bench.texts() == ["Press the switch."]


def test_names_with_spaces_and_emoji_are_names(bench):
    bench.write("my lamp 💡/read me.txt", "Press the switch.")

    assert bench.library.add([bench.manuals]).failures == ()


def test_removing_a_source_takes_out_its_manuals_and_not_its_files(indexed, tmp_path):
    other = tmp_path / "radio.txt"
    other.write_text("Tune it.")
    indexed.library.add([other])

    report = indexed.library.remove(indexed.manuals)

    assert (report.n_manuals, report.n_removed) == (1, 2)
    assert indexed.texts() == ["Tune it."]
    assert sorted(p.name for p in indexed.manuals.iterdir()) == ["kettle.txt", "lamp.txt"]


def test_removing_the_last_source_leaves_no_index(indexed):
    report = indexed.library.remove(indexed.manuals)

    assert (report.n_manuals, report.n_removed) == (0, 2)
    with pytest.raises(NothingIndexedError, match=r"No manuals are indexed yet\. Add some: manualbot index"):
        indexed.library.open_index()
    assert indexed.folders() == set()


def test_a_database_that_has_lost_all_is_not_taken_for_a_new_one(indexed):
    indexed.store.close()
    for path in indexed.home.glob("manualbot.db*"):
        path.unlink()
    indexed.store = Store(indexed.home / "manualbot.db")

    with pytest.raises(
        NothingIndexedError, match=r"The database has lost .* Restore a backup, or begin anew"
    ):
        indexed.library.open_index()

    indexed.library.add([indexed.manuals])
    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Press the switch."]


def test_a_first_indexing_that_was_stopped_at_its_end_has_lost_nothing(bench, monkeypatch):
    bench.write("kettle.txt", "Boil water.")
    with monkeypatch.context() as patch:
        patch.setattr("qa_core.indexing.builder.save_catalog", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            bench.library.add([bench.manuals])
    assert len(bench.folders()) == 1

    with pytest.raises(NothingIndexedError, match=r"^No manuals are indexed yet\."):
        bench.library.open_index()


def test_removing_what_is_no_source_names_the_sources(indexed):
    with pytest.raises(SourceError, match=f"is not a source. The sources: {indexed.manuals}"):
        indexed.library.remove(Path("/no/such"))


def test_without_sources_refreshing_says_how_to_add_one(bench):
    with pytest.raises(IndexingError, match="manualbot index PATH"):
        bench.library.refresh()


def test_when_nothing_can_be_indexed_no_source_is_kept_and_each_reason_is_told(bench):
    path = bench.write("a.txt", "BROKEN")

    with pytest.raises(IndexingError, match=f"{path}: broken"):
        bench.library.add([bench.manuals])

    assert bench.library.sources() == ()


def test_an_empty_folder_is_refused(bench):
    with pytest.raises(IndexingError, match="no manuals found in it"):
        bench.library.add([bench.manuals])


def test_another_encoder_gets_its_own_index_of_todays_manuals(indexed):
    other = Library(indexed.home, indexed.store, FakeEncoder("other"), indexed.tools)
    with pytest.raises(
        IndexingError, match=r"for another encoder or runtime than .* for this one too: manualbot index$"
    ):
        other.open_index()

    report = other.refresh()

    assert (report.n_manuals, report.n_passages, report.n_new) == (2, 3, 0)
    assert other.open_index().texts == indexed.texts()
    assert indexed.read_since() == []
    assert len(indexed.folders()) == 2


def test_an_index_older_than_the_manuals_is_brought_up_to_date_by_embedding_what_is_missing(indexed):
    encoder = FakeEncoder("other")
    other = Library(indexed.home, indexed.store, encoder, indexed.tools)
    other.ensure_index()
    encoder.encoded.clear()
    indexed.write("radio.txt", "Tune it.")
    indexed.library.refresh()

    other.ensure_index()

    assert encoder.encoded == ["Tune it."]
    assert other.open_index().texts == indexed.texts()


def test_encoders_that_no_release_needs_leave_nothing(indexed):
    Library(indexed.home, indexed.store, FakeEncoder("old"), indexed.tools).ensure_index()

    indexed.library.forget_encoders([indexed.encoder.digest])

    assert len(indexed.folders()) == 1
    assert indexed.store.rows("SELECT DISTINCT encoder FROM vectors") == [{"encoder": "fake-encoder"}]
    assert len(indexed.texts()) == 3


def test_the_last_two_indexes_stay_on_disk(indexed):
    seen = []
    for n in range(4):
        indexed.write("lamp.txt", f"Press {n} times.")
        indexed.library.refresh()
        seen.append(indexed.folders())

    assert [len(folders) for folders in seen] == [2, 2, 2, 2]
    assert len(seen[2] & seen[3]) == 1


def test_going_back_to_earlier_manuals_uses_the_index_that_is_still_there(indexed):
    [first] = indexed.folders()
    indexed.write("lamp.txt", "Clap twice.")
    indexed.library.refresh()
    indexed.write("lamp.txt", "Press the switch.")

    indexed.library.refresh()

    assert first in indexed.folders()
    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Press the switch."]


@pytest.mark.parametrize("name", ["vectors.npy", "passages.json", "manifest.json"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "missing"])
def test_a_damaged_index_is_told_and_built_again_without_embedding(indexed, name, damage):
    [folder] = indexed.folders()
    path = indexed.home / "indexes" / folder / name
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(b"cut" if damage == "cut" else content[:-4] + bytes(b ^ 255 for b in content[-4:]))
    with pytest.raises(IndexingError, match=rf"damaged \({name} is \w+\)\. Build it again: manualbot index$"):
        indexed.library.open_index()

    indexed.library.refresh()

    assert len(indexed.texts()) == 3
    assert indexed.encoder.encoded == []


def test_progress_is_told_by_stage_and_ends_complete(bench):
    bench.write("a.txt", "One.\nTwo.")
    calls = []

    bench.library.add([bench.manuals], lambda *call: calls.append(call))

    assert list(dict.fromkeys(stage for stage, _, _ in calls)) == [
        "reading",
        "splitting",
        "embedding",
        "indexing",
    ]
    last = {stage: (done, total) for stage, done, total in calls}
    assert last == {"reading": (1, 1), "splitting": (1, 1), "embedding": (2, 2), "indexing": (1, 1)}


# What stops an indexing, at every step of it: the index that was current stays current.

STEPS = [
    "qa_core.indexing.library.survey",
    "qa_core.indexing.intake.save_reading",
    "qa_core.indexing.builder.save_passages",
    "qa_core.indexing.builder.save_vectors",
    "qa_core.indexing.builder.move_folder",
    "qa_core.durable.os.replace",
    "qa_core.durable.sync_folder",
    "qa_core.indexing.builder.save_catalog",
    "qa_core.indexing.builder.forget_unused",
    "qa_core.indexing.builder.IndexBuilder._write",
]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), OSError(28, "No space left on device")], ids=["ctrl-c", "full"]
)
def test_whatever_stops_an_indexing_what_was_current_stays_and_the_next_one_succeeds(
    indexed, monkeypatch, step, moment, error
):
    indexed.write("lamp.txt", "Clap twice.")
    before = indexed.texts()

    with monkeypatch.context() as patch:
        patch.setattr(step, failing(step, moment, error))
        with pytest.raises((KeyboardInterrupt, OSError, ManualbotError)):
            indexed.library.refresh()

    assert indexed.texts() == before
    indexed.library.refresh()
    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Clap twice."]
    assert not list((indexed.home / "indexes").glob(".*"))


def failing(step: str, moment: str, error: BaseException):
    original = resolve(step)

    def step_that_fails(*args, **kwargs):
        if moment == "after":
            original(*args, **kwargs)
        raise error

    return step_that_fails


def resolve(dotted: str):
    return pkgutil.resolve_name(dotted)


def test_an_index_is_older_than_a_version_that_splits_otherwise(indexed):
    assert indexed.library.is_current()

    indexed.tools = replace(indexed.tools, indexing=replace(indexed.tools.indexing, version="2"))
    assert not indexed.library.is_current()

    indexed.library.refresh()
    assert indexed.library.is_current()


def test_an_index_is_older_than_a_version_that_reads_otherwise(indexed, monkeypatch):
    indexed.tools = replace(indexed.tools, parsing=replace(indexed.tools.parsing, version="9", attempt="9"))
    assert not indexed.library.is_current()

    with monkeypatch.context() as patch:
        patch.setattr(indexed.parser, "read", Mock(side_effect=DocumentError("no text in it")))
        indexed.library.refresh()
    assert indexed.library.is_current(), "what this version cannot read stays as it was"

    indexed.tools = replace(indexed.tools, parsing=replace(indexed.tools.parsing, version="10", attempt="10"))
    indexed.library.refresh()
    assert indexed.library.is_current()


def test_a_full_disk_is_told_with_the_next_step(indexed, monkeypatch):
    indexed.write("lamp.txt", "Clap twice.")
    monkeypatch.setattr(builder, "move_folder", on_a_full_disk)

    with pytest.raises(IndexingError, match=r"No space left on device\. What was current stays current"):
        indexed.library.refresh()


def on_a_full_disk(*_: object, **_options: object) -> None:
    raise OSError(28, "No space left on device")


def index_and_hang(tmp_path: Path, step: str) -> None:
    bench = object.__new__(Bench)
    bench.home, bench.manuals = tmp_path / "var", tmp_path / "manuals"
    bench.store, bench.encoder = Store(bench.home / "manualbot.db"), FakeEncoder()
    bench.tools = fake_tools(FakeParser())
    original = resolve(step)

    def hang(*args, **kwargs):
        original(*args, **kwargs)
        (tmp_path / "reached").touch()
        time.sleep(60)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step, hang)
        bench.library.refresh()


def start_and_wait(tmp_path: Path, step: str):
    process = multiprocessing.get_context("spawn").Process(target=index_and_hang, args=(tmp_path, step))
    process.start()
    for _ in range(600):
        if (tmp_path / "reached").exists():
            return process
        time.sleep(0.05)
    raise AssertionError("never reached " + step)


@pytest.mark.parametrize(
    "step",
    [
        "qa_core.indexing.intake.save_reading",
        "qa_core.indexing.builder.move_folder",
        "qa_core.indexing.builder.save_catalog",
    ],
)
def test_a_killed_indexing_leaves_what_was_current_and_no_lock(indexed, tmp_path, step):
    indexed.write("lamp.txt", "Clap twice.")
    process = start_and_wait(tmp_path, step)

    process.kill()
    process.join()

    assert process.exitcode == -signal.SIGKILL
    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Press the switch."]
    indexed.library.refresh()
    assert indexed.texts() == ["Boil water.", "Descale monthly.", "Clap twice."]
    assert len(indexed.folders()) == 2


def test_a_second_indexing_waits_for_the_first_and_then_names_its_process(indexed, tmp_path):
    indexed.write("lamp.txt", "Clap twice.")
    process = start_and_wait(tmp_path, "qa_core.indexing.builder.move_folder")
    stages = []

    with pytest.raises(ManualbotError, match=rf"Indexing is already under way \(process {process.pid}\)"):
        indexed.library.refresh(lambda stage, *_: stages.append(stage))

    process.kill()
    process.join()
    assert stages == [f"waiting for process {process.pid}"]


words = st.text(max_size=20)
sections = st.builds(
    Section,
    st.lists(words, min_size=1, max_size=3).map(tuple),
    words,
    st.lists(st.builds(PageStart, st.integers(0, 99), st.integers(1, 9)), max_size=2).map(tuple),
)
manuals = st.builds(Manual, words, words, words, words, words, st.none() | words, st.none() | words, words)


@hypothesis_settings(max_examples=40, deadline=None)
@given(st.builds(ParsedManual, manuals, st.lists(sections, max_size=4).map(tuple)))
def test_a_reading_comes_back_as_it_was_saved(tmp_path_factory, parsed):
    store = Store(tmp_path_factory.mktemp("store") / "manualbot.db")

    readings.save_reading(store, "key", parsed)

    assert readings.load_reading(store, "key") == parsed
    store.close()


# With the project's own parser, splitter and index.


def open_standard_library(tmp_path: Path) -> Library:
    settings = Settings(home=tmp_path / "var")
    return Library(settings.home, Store(settings.database), FakeEncoder(), standard_tools(settings))


def test_a_manual_is_found_with_the_projects_own_parser_splitter_and_index(tmp_path):
    path = tmp_path / "kettle.md"
    path.write_text("# Kettle K1\n\n## Cleaning\n\nDescale it monthly.\n\n## Safety\n\nKeep it dry.\n")
    (tmp_path / "empty.txt").touch()

    report = open_standard_library(tmp_path).add([path, tmp_path / "empty.txt"])

    assert (report.n_manuals, [Path(failure.path).name for failure in report.failures]) == (1, ["empty.txt"])
    index = open_standard_library(tmp_path).open_index()
    hits = index.search("How often do I descale it?", FakeEncoder().encode_question("descale it"), 2)
    assert hits[0].passage.text == "Descale it monthly."
    assert hits[0].passage.section.heading_path[-1] == "Cleaning"
    assert (hits[0].passage.manual.path, hits[0].passage.manual.source) == ("kettle.md", str(path))


def test_refreshing_unchanged_manuals_loads_no_model_no_index_and_no_parser(tmp_path):
    (tmp_path / "kettle.md").write_text("# Kettle\n\nDescale it monthly.\n")
    open_standard_library(tmp_path).add([tmp_path / "kettle.md"])
    program = (
        "import sys; from pathlib import Path; "
        "from test_qa_core_indexing_library import open_standard_library; "
        "assert open_standard_library(Path(sys.argv[1])).refresh().n_unchanged == 1; "
        "print({'torch', 'transformers', 'faiss', 'qa_core.indexing.parsing'} & set(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "set()\n"
