"""A backup is one file from which the same home comes back, or an error that says why not."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PureWindowsPath

import pytest
from tiny_installation import TinyInstallation, make_installation

from bot.backup import FORMAT, back_up, restore
from bot.cli import main
from bot.deliveries import Delivery, Lane
from bot.inbox import Inbox
from bot.migrations import BOT
from bot.owners import Owner
from qa_core import durable
from qa_core.engine import Engine
from qa_core.errors import BackupError
from qa_core.indexing.sources import load_catalog
from qa_core.installation import Installation
from qa_core.locks import held
from qa_core.migrations import QA_CORE
from qa_core.store import Store
from training.migrations import TRAINING
from training.retraining.job_folder import JobFolder
from training.retraining.jobs import Ending, Jobs, Request

QUESTION = "filter a water"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> TinyInstallation:
    """With an uploaded manual, and a retraining that left a report and is under way again."""
    tiny = make_installation(tmp_path_factory.mktemp("backup"))
    home = tiny.settings.home
    upload = home / "uploads" / "Kettle" / "v2" / "kettle.md"
    upload.parent.mkdir(parents=True)
    upload.write_text("# Kettle\n\n## Cleaning\n\nDescale the kettle with vinegar every month.\n")
    tiny.installation.open_library().add([home / "uploads"])
    Store(tiny.settings.database, (QA_CORE, BOT)).close()  # a bot has run in it
    folder = JobFolder.of(home, 1)
    folder.write("report", {"job": 1})
    folder.write("frozen", {"half": "done"})
    folder.work.mkdir()
    (folder.work / "checkpoint.pt").write_bytes(b"0" * 100)
    return tiny


@pytest.fixture(scope="module")
def archive(made: TinyInstallation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return back_up(made.installation, tmp_path_factory.mktemp("archive"))


def test_what_is_restored_answers_as_before_and_knows_all_triplets(
    made: TinyInstallation, archive: Path, tmp_path: Path
) -> None:
    about = restore(archive, tmp_path / "other")
    assert (about.format, about.release, about.home) == (FORMAT, made.base, str(made.settings.home))
    restored = Installation(replace(made.settings, home=tmp_path / "other"))
    restored.use(restored.releases.current().id)
    assert restored.releases.current() == made.installation.releases.current()
    before, after = (Engine(each.models()).ask(QUESTION) for each in (made.installation, restored))
    assert (after.shown_text, after.confidence) == (before.shown_text, before.confidence)
    tables = [row["name"] for row in made.store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert "triplets" in tables
    moved = {"sources", "files", "readings", "splits"}
    for table in set(tables) - moved - {"indexes", "sqlite_sequence"}:
        rows = f"SELECT * FROM {table}"
        assert sorted(map(str, restored.store.rows(rows))) == sorted(map(str, made.store.rows(rows)))


def test_uploaded_manuals_come_along_and_are_indexed_from_their_new_place(
    made: TinyInstallation, archive: Path, tmp_path: Path
) -> None:
    home = tmp_path / "moved"
    restore(archive, home)
    installation = Installation(replace(made.settings, home=home))
    elsewhere = {str(made.settings.home.parent / "manuals"), str(home / "uploads")}
    assert {source.path for source in load_catalog(installation.store).sources} == elsewhere
    library = installation.open_library()
    report = library.refresh()
    assert (report.n_manuals, report.n_removed, report.failures) == (2, 0, ())
    before = made.installation.open_library().open_index().passages
    after = library.open_index().passages
    assert {each.text for each in after} == {each.text for each in before}
    [kettle] = [each for each in after if "kettle" in each.text]
    assert kettle.manual.source == str(home / "uploads")


@pytest.mark.parametrize("changed", [False, True])
def test_what_a_release_remembers_of_uploaded_manuals_is_known_in_another_folder(
    made: TinyInstallation, archive: Path, tmp_path: Path, changed: bool
) -> None:
    restore(archive, tmp_path / "moved")
    installation = Installation(replace(made.settings, home=tmp_path / "moved"))
    upload = tmp_path / "moved" / "uploads" / "Kettle" / "v2" / "kettle.md"
    if changed:
        upload.write_text(upload.read_text(encoding="utf-8") + "Dry it.\n", encoding="utf-8")
    for _ in range(2):
        report = installation.open_library().refresh()
        assert (report.n_manuals, report.failures) == (2, ())
    before = {each.id for each in made.installation.open_library().open_index().passages}
    after = {each.id for each in installation.open_library().open_index().passages}
    assert len(before - after) == changed


def test_reports_come_along_and_what_is_made_again_or_half_done_stays_out(archive: Path) -> None:
    names = set(zipfile.ZipFile(archive).namelist())
    assert "jobs/1/report.json" in names
    assert not [name for name in names if name.startswith(("indexes", "runtimes", "jobs/1/work", "."))]
    assert not names & {"jobs/1/frozen.json", "parts/seen.json", "releases/releases.lock"}


def test_only_its_owner_may_read_it(archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]


def test_a_file_that_is_there_is_not_overwritten(made: TinyInstallation, tmp_path: Path) -> None:
    (tmp_path / "mine.zip").write_text("mine")
    with pytest.raises(BackupError, match="exists already"):
        back_up(made.installation, tmp_path / "mine.zip")
    assert (tmp_path / "mine.zip").read_text() == "mine"


@pytest.mark.parametrize("to", ["elsewhere.zip", "link.zip"])
def test_a_link_to_nothing_is_not_replaced(made: TinyInstallation, tmp_path: Path, to: str) -> None:
    link = tmp_path / "link.zip"
    link.symlink_to(tmp_path / to)
    with pytest.raises(BackupError, match=f"link.zip is a link to .*{to}, which is not there"):
        back_up(made.installation, link)
    assert link.is_symlink()
    assert [path.name for path in tmp_path.iterdir()] == ["link.zip"]


def test_a_retraining_that_was_under_way_has_ended_where_it_is_restored(
    made: TinyInstallation, tmp_path: Path
) -> None:
    jobs = Jobs(made.store)
    job = jobs.claim(Request())
    assert job is not None
    owner = jobs.run(job.id)
    path = back_up(made.installation, tmp_path)
    assert jobs.end(job.id, owner, Ending("checked", "Done."))
    restore(path, tmp_path / "home")
    restored = Jobs(Store(tmp_path / "home" / "manualbot.db", (QA_CORE, TRAINING)))
    assert restored.under_way() is None
    found = restored.get(job.id)
    assert (found.state, found.message) == (
        "cancelled",
        "It was under way when the backup was made. Start it again.",
    )


def test_what_was_being_answered_may_have_been_posted_before_it_is_restored(
    made: TinyInstallation, tmp_path: Path
) -> None:
    store = Store(made.settings.database, (QA_CORE, BOT))
    inbox = Inbox(store, Owner())
    inbox.record(Delivery("1", "event:message", Lane.ANSWER, {}))
    path = back_up(made.installation, tmp_path)
    task = inbox.claim(Lane.ANSWER)
    assert task is not None
    assert not task.doubtful
    inbox.finish(task)
    restore(path, tmp_path / "home")
    restored = Inbox(Store(tmp_path / "home" / "manualbot.db", (QA_CORE, BOT)), Owner()).claim(Lane.ANSWER)
    assert restored is not None
    assert restored.doubtful


def test_sources_move_by_whichever_name_the_home_had(made: TinyInstallation, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(made.settings.home)
    path = back_up(Installation(replace(made.settings, home=link)), tmp_path)
    restore(path, tmp_path / "home")
    sources = load_catalog(Store(tmp_path / "home" / "manualbot.db")).sources
    assert str(tmp_path / "home" / "uploads") in [source.path for source in sources]


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for each in (tmp_path / "pipe", tmp_path):
        with pytest.raises(BackupError, match="is no file"):
            restore(each, tmp_path / "home")


def test_a_backup_does_not_lie_in_what_it_is_of(made: TinyInstallation) -> None:
    for target in (made.settings.home, made.settings.home / "backups" / "b.zip"):
        with pytest.raises(BackupError, match="it would be lost with it"):
            back_up(made.installation, target)


def test_a_home_without_a_database_is_nothing_to_back_up(made: TinyInstallation, tmp_path: Path) -> None:
    nothing = Installation(replace(made.settings, home=tmp_path / "typo"))
    with pytest.raises(BackupError, match=r"nothing in .*typo"):
        back_up(nothing, tmp_path / "b.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("why", "next_step"),
    [
        (errno.ENOSPC, "Free some disk space"),
        (errno.EDQUOT, "Free some disk space"),
        (errno.EFBIG, r"Let files be larger \(ulimit -f\), or use a disk that takes larger ones"),
    ],
)
def test_a_full_disk_leaves_no_half_of_a_backup(
    made: TinyInstallation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: int, next_step: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(why, os.strerror(why))

    monkeypatch.setattr(zipfile.ZipFile, "write", full)
    with pytest.raises(BackupError, match=rf"{os.strerror(why)}\. {next_step}, then try again"):
        back_up(made.installation, tmp_path / "b.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of files")
@pytest.mark.parametrize("most", [4_096, 200_000])
def test_a_limit_on_the_size_of_files_leaves_no_half_of_a_backup(
    made: TinyInstallation, tmp_path: Path, most: int
) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    target = tmp_path / "b.zip"
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        with pytest.raises(
            BackupError, match=rf"^{target}: .*(how much of it this user may|files be larger)"
        ):
            back_up(made.installation, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
    assert back_up(made.installation, target).is_file()


def test_a_disk_that_is_full_on_restoring_leaves_the_home_empty(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(
        BackupError, match=rf"^{tmp_path}/home: No space left on device\. Free some disk space"
    ):
        restore(archive, tmp_path / "home")
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize(
    ("home", "reason"),
    [
        ("a_file/home", r"a_file/home: Not a directory\. Check the path"),
        ("x" * 300, r"x: File name too long\. Check the path"),
        ("/".join(["x" * 200] * 4), r"unable to open database file\. Use a folder with a shorter path"),
    ],
)
def test_a_home_that_cannot_be_made_is_named_not_the_backup(
    archive: Path, tmp_path: Path, home: str, reason: str
) -> None:
    (tmp_path / "a_file").write_text("mine")
    with pytest.raises(BackupError, match=reason) as told:
        restore(archive, tmp_path / home)
    assert str(archive) not in str(told.value)


def test_a_home_that_is_in_use_is_not_touched(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "manualbot.db").write_text("mine")
    with pytest.raises(BackupError, match=r"is not empty: manualbot\.db\. Move it away"):
        restore(archive, tmp_path)
    assert (tmp_path / "manualbot.db").read_text() == "mine"


KILLED = """
import sys, time
from pathlib import Path
from bot import backup
from qa_core.installation import Installation
from qa_core.locks import held
from qa_core.settings import Settings

def hang(*_):
    print("reached", flush=True)
    time.sleep(60)

backup._check_database = hang
home, other = map(Path, sys.argv[2:])
if sys.argv[1] == "backup":
    backup.back_up(Installation(Settings(home=home)), other)
backup.restore(other, home)
"""


def killed(command: str, home: Path, other: Path) -> None:
    """Kill `backup` or `restore` while it is at work."""
    arguments = [sys.executable, "-c", KILLED, command, str(home), str(other)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"reached\n"
        process.kill()


def test_what_a_killed_backup_has_left_goes_with_the_next_one(made: TinyInstallation, tmp_path: Path) -> None:
    killed("backup", made.settings.home, tmp_path)
    [left] = tmp_path.iterdir()
    others = [tmp_path / ".manualbot-archives", tmp_path / ".manualbot-underway"]
    for folder in others:
        folder.mkdir()

    with held(others[1] / "held.lock"):
        written = back_up(made.installation, tmp_path)

    assert left.name.startswith(".manualbot-")
    assert set(tmp_path.iterdir()) == {written, *others}


def test_what_a_killed_restore_has_left_is_not_in_the_way_of_the_next_one(
    archive: Path, tmp_path: Path
) -> None:
    killed("restore", tmp_path, archive)
    assert len(list(tmp_path.iterdir())) == 1

    restore(archive, tmp_path)

    assert (tmp_path / "manualbot.db").is_file()
    assert not list(tmp_path.glob(".manualbot-*"))


def test_a_restore_brings_all_to_the_disk_before_anything_is_put_in_place(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_place: list[list[str]] = []
    sync = durable._sync

    def watch(path: Path) -> None:
        if path.is_file():
            in_place.append([each.name for each in tmp_path.glob("[!.]*")])
        sync(path)

    monkeypatch.setattr(durable, "_sync", watch)
    restore(archive, tmp_path)

    assert len(in_place) > 1
    assert not any(in_place)


Change = Callable[[str, bytes], tuple[str, bytes] | None]


def changed(archive: Path, to: Path, change: Change) -> Path:
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile(to, "w") as after:
        for name in before.namelist():
            if (entry := change(name, before.read(name))) is not None:
                after.writestr(*entry)
    return to


def of_a_newer_one(name: str, content: bytes) -> tuple[str, bytes]:
    if name == "manualbot-backup.json":
        content = json.dumps({**json.loads(content), "format": FORMAT + 1, "version": "9.9"}).encode()
    return name, content


def of_another_program(about: object) -> Change:
    def change(name: str, content: bytes) -> tuple[str, bytes]:
        return name, json.dumps(about).encode() if name == "manualbot-backup.json" else content

    return change


def without_database(name: str, content: bytes) -> tuple[str, bytes] | None:
    return None if name == "manualbot.db" else (name, content)


def with_a_damaged_database(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content[:5000] + b"\xff" * 4000 + content[9000:] if name == "manualbot.db" else content


def with_an_empty_database(name: str, content: bytes) -> tuple[str, bytes]:
    return name, b"" if name == "manualbot.db" else content


def beside_the_home(name: str, content: bytes) -> tuple[str, bytes]:
    return "../" + name if name.startswith("releases/") else name, content


def at_the_root(name: str, content: bytes) -> tuple[str, bytes]:
    return "/tmp/manualbot/" + name if name.startswith("releases/") else name, content


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (of_a_newer_one, r"made by a newer manualbot \(9\.9\)"),
        (of_another_program([]), r"is no backup of manualbot: manualbot-backup\.json in it is another file"),
        (of_another_program({"format": "x"}), r"is no backup of manualbot: .* in it is another file"),
        (of_another_program({"format": FORMAT}), r"is no backup of manualbot: .* in it is another file"),
        (without_database, r"is no backup of manualbot: .*manualbot\.db is not in it"),
        (with_a_damaged_database, "The database is damaged"),
        (with_an_empty_database, r"The database is damaged \(it is empty\)"),
        (beside_the_home, "which is no file of a home"),
        (at_the_root, "which is no file of a home"),
    ],
)
def test_what_is_no_sound_backup_is_refused_and_leaves_nothing(
    archive: Path, tmp_path: Path, change: Change, reason: str
) -> None:
    with pytest.raises(BackupError, match=reason):
        restore(changed(archive, tmp_path / "changed.zip", change), tmp_path / "home")
    assert {path.name for path in tmp_path.rglob("*")} <= {"changed.zip", "home"}


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("the length of an entry's comment", "entries were written, and"),
        ("how an entry is packed", "Invalid data stream"),
        ("where the list begins", "Invalid argument|Bad magic number"),
    ],
)
def test_a_byte_of_the_list_of_entries_that_is_another_one_is_damage(
    archive: Path, tmp_path: Path, at: str, reason: str
) -> None:
    content = bytearray(archive.read_bytes())
    end = content.rindex(b"PK\x05\x06")
    last = content.rindex(b"PK\x01\x02", 0, end)
    before_last = content.rindex(b"PK\x01\x02", 0, last)
    if at == "where the list begins":
        content[end + 19] = 0x7F
    elif at == "how an entry is packed":
        content[before_last + 10] = zipfile.ZIP_BZIP2
    else:
        content[before_last + 32] = (end - last) & 0xFF  # what follows is read as the comment
        content[before_last + 33] = (end - last) >> 8
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(content)

    with pytest.raises(BackupError, match=f"is no backup of manualbot, or damaged: .*({reason})"):
        restore(damaged, tmp_path / "home")


@pytest.mark.parametrize(
    "name", ["..\\x.md", "x\\..\\..\\x.md", "\\x.md", "C:x.md", "C:\\x.md", "\\\\server\\share\\x.md"]
)
def test_no_name_leads_out_of_a_home_on_windows(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("bot.backup.PurePath", PureWindowsPath)
    shutil.copy(archive, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "a") as changed:
        changed.writestr(name, "out")
    with pytest.raises(BackupError, match="which is no file of a home"):
        restore(tmp_path / "b.zip", tmp_path / "home")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_manuals_in_the_home_come_back_under_whichever_name_they_have(
    made: TinyInstallation, tmp_path: Path
) -> None:
    manual = made.settings.home / "manuals" / "Guide: set\\up.md"
    manual.parent.mkdir()
    manual.write_text("# Guide", encoding="utf-8")
    path = back_up(made.installation, tmp_path)
    shutil.rmtree(manual.parent)
    restore(path, tmp_path / "home")
    assert (tmp_path / "home" / "manuals" / manual.name).read_text(encoding="utf-8") == "# Guide"


@pytest.mark.skipif(sys.platform != "linux", reason="Other systems have no such names")
def test_a_name_that_is_no_text_is_named(made: TinyInstallation, tmp_path: Path) -> None:
    manual = made.settings.home / "uploads" / os.fsdecode(b"l\xe4mp.md")
    manual.write_text("# Lamp", encoding="utf-8")
    with pytest.raises(BackupError, match=r"The name of .*mp\.md is not valid UTF-8\. Rename it"):
        back_up(made.installation, tmp_path / "b.zip")
    manual.unlink()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["text", "truncated", "flipped", "missing"])
def test_what_cannot_be_read_is_refused(archive: Path, tmp_path: Path, damage: str) -> None:
    content = archive.read_bytes()
    path = tmp_path / "b.zip"
    if damage == "text":
        path.write_text("not a zip")
    elif damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        path.write_bytes(content[:2000] + bytes(255 - byte for byte in content[2000:2100]) + content[2100:])
    with pytest.raises(BackupError, match=r"b\.zip"):
        restore(path, tmp_path / "home")
    assert {path.name for path in tmp_path.rglob("*")} <= {"b.zip", "home"}


def test_the_commands_say_what_they_did(
    made: TinyInstallation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MANUALBOT_HOME", str(made.settings.home))
    assert main(["backup", "b.zip"]) == 0
    assert capsys.readouterr().out.startswith("Written: b.zip (")
    assert main(["restore", "b.zip"]) == 1
    assert "is not empty" in capsys.readouterr().err
    monkeypatch.setenv("MANUALBOT_HOME", str(tmp_path / "again"))
    assert main(["restore", "b.zip"]) == 0
    assert f"{made.base} answers" in capsys.readouterr().out
    assert (tmp_path / "again" / "indexes").is_dir()
