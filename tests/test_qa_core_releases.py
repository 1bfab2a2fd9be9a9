import json
import multiprocessing
import os
import pkgutil
import shutil
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes import write_model
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_core.errors import ReleaseError
from qa_core.release_manifests import Manifests, Release
from qa_core.releases import Candidate, Releases


@pytest.fixture
def shipped(tmp_path):
    return candidate(tmp_path / "installed", 0.0)


@pytest.fixture
def releases(tmp_path, shipped):
    return Releases(tmp_path / "var", shipped, "0.1.0")


def candidate(folder: Path, weight: float) -> Candidate:
    encoder, reader = write_model(folder / "encoder", weight), write_model(folder / "reader", weight + 0.5)
    calibration = folder / "calibration.json"
    calibration.write_text(json.dumps({"threshold": weight}))
    return Candidate(encoder, reader, calibration, "onnx-int8", {"section_hit_at_1": 0.7}, "a note")


def part_folders(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "var" / "parts").glob("*") if path.is_dir()}


def flip_a_byte(path: Path) -> None:
    """Damage that neither the size nor the time of the file shows."""
    stat = path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_the_shipped_release_is_the_first_and_is_used_in_place(releases, shipped, tmp_path):
    release = releases.ensure_shipped()

    assert release.id == "shipped-0.1.0"
    assert (release.runtime, release.figures, release.note) == (
        "onnx-int8",
        {"section_hit_at_1": 0.7},
        "a note",
    )
    assert releases.current() == release
    assert releases.list() == (release,)
    assert releases.path(release, "encoder") == shipped.encoder
    assert releases.path(release, "reader") == shipped.reader
    assert releases.path(release, "calibration") == shipped.calibration
    assert part_folders(tmp_path) == set()


def test_registering_the_shipped_release_again_changes_nothing(releases, tmp_path):
    first = releases.ensure_shipped()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "var").rglob("*")}

    assert releases.ensure_shipped() == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "var").rglob("*")} == before


def test_unchanged_weights_are_not_read_again(releases, monkeypatch):
    releases.ensure_shipped()
    monkeypatch.setattr("qa_core.parts.Checkpoint", None)

    assert releases.path(releases.ensure_shipped(), "encoder").is_dir()


def test_what_was_seen_of_the_weights_need_not_be_written(releases, tmp_path, caplog):
    caplog.set_level("INFO")
    (tmp_path / "var" / "parts" / "seen.json").mkdir(parents=True)

    assert releases.current().id == "shipped-0.1.0"
    assert "seen.json: Is a directory" in caplog.text


def test_a_candidate_is_stored_and_does_not_become_current(releases, tmp_path):
    releases.ensure_shipped()
    made = candidate(tmp_path / "job", 1.0)

    release = releases.add(made)
    shutil.rmtree(tmp_path / "job")

    assert release.id == "r1"
    assert releases.current().id == "shipped-0.1.0"
    assert [each.id for each in releases.list()] == ["shipped-0.1.0", "r1"]
    assert (releases.path(release, "encoder") / "model.safetensors").is_file()
    assert json.loads(releases.path(release, "calibration").read_text()) == {"threshold": 1.0}


def test_parts_are_stored_once_and_those_of_the_shipped_release_not_at_all(releases, shipped, tmp_path):
    releases.ensure_shipped()
    assert part_folders(tmp_path) == set()
    made = replace(candidate(tmp_path / "job", 1.0), encoder=shipped.encoder)

    first, second = releases.add(made), releases.add(made)

    assert (first.id, second.id) == ("r1", "r2")
    assert part_folders(tmp_path) == {f"{kind}-{digest}" for kind, digest in first.parts}
    assert releases.path(second, "encoder") == shipped.encoder


def test_a_release_answers_still_when_an_upgrade_takes_away_what_it_shares(releases, shipped, tmp_path):
    release = releases.add(replace(candidate(tmp_path / "job", 1.0), encoder=shipped.encoder))
    releases.use(release.id)
    upgraded = Releases(tmp_path / "var", candidate(tmp_path / "new", 2.0), "0.2.0")
    upgraded.ensure_shipped()

    assert upgraded.current().id == release.id
    assert upgraded.path(release, "encoder").parent == tmp_path / "var" / "parts"


def test_switching_and_rolling_back(releases, tmp_path):
    releases.ensure_shipped()
    releases.add(candidate(tmp_path / "job", 1.0))

    assert releases.use("r1").id == "r1"
    assert (releases.current_id(), releases.current().id) == ("r1", "r1")
    releases.use("shipped-0.1.0")
    assert releases.current_id() == "shipped-0.1.0"


def test_the_index_is_made_ready_before_the_switch(releases, tmp_path):
    releases.ensure_shipped()
    added = releases.add(candidate(tmp_path / "job", 1.0))
    seen = []

    releases.use("r1", lambda release: seen.append((release, releases.current_id())))

    assert seen == [(added, "shipped-0.1.0"), (added, "r1")]


def test_when_the_index_cannot_be_made_ready_the_current_release_stays(releases, tmp_path):
    releases.ensure_shipped()
    releases.add(candidate(tmp_path / "job", 1.0))

    with pytest.raises(ZeroDivisionError):
        releases.use("r1", lambda _: 1 / 0)

    assert releases.current_id() == "shipped-0.1.0"


@pytest.mark.parametrize("error", [ReleaseError("Indexing is under way"), OSError("full"), RuntimeError()])
def test_what_goes_wrong_after_the_switch_is_logged_and_the_release_answers(
    releases, tmp_path, caplog, error
):
    releases.ensure_shipped()
    releases.add(candidate(tmp_path / "job", 1.0))

    def prepare(release):
        if releases.current_id() == release.id:
            raise error

    assert releases.use("r1", prepare).id == "r1"
    assert releases.current_id() == "r1"
    assert f"r1 answers; manuals that were indexed meanwhile may be missing from it: {error}" in caplog.text


def test_a_release_that_does_not_exist_is_refused_with_those_that_do(releases):
    releases.ensure_shipped()

    with pytest.raises(ReleaseError, match=r"No release 'r9' in .*There are: shipped-0\.1\.0"):
        releases.use("r9")


@pytest.mark.parametrize("bad_id", ["../r1", "", ".r1", "a/b", "r 1"])
def test_an_id_that_is_no_file_name_is_refused(releases, bad_id):
    with pytest.raises(ReleaseError, match="is no id of a release"):
        releases.use(bad_id)


def test_an_id_is_used_once(releases, tmp_path):
    releases.add(candidate(tmp_path / "job", 1.0), "spring")

    with pytest.raises(ReleaseError, match="There is a release 'spring' already"):
        releases.add(candidate(tmp_path / "job", 2.0), "spring")


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_release_with_a_flipped_byte_does_not_become_current(releases, tmp_path, name):
    releases.ensure_shipped()
    release = releases.add(candidate(tmp_path / "job", 1.0))
    flip_a_byte(releases.path(release, "reader") / name)

    with pytest.raises(ReleaseError, match=f"The reader {release.reader} is damaged"):
        releases.use("r1")

    assert releases.current_id() == "shipped-0.1.0"


def test_a_cut_file_shows_without_reading_every_byte(releases, tmp_path):
    release = releases.add(candidate(tmp_path / "job", 1.0))
    weights = releases.path(release, "reader") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])

    with pytest.raises(ReleaseError, match="damaged"):
        releases.path(release, "reader")


def test_a_part_that_is_gone_is_missing(releases, tmp_path):
    release = releases.add(candidate(tmp_path / "job", 1.0))
    shutil.rmtree(tmp_path / "var" / "parts" / f"encoder-{release.encoder}")

    with pytest.raises(ReleaseError, match=f"The encoder {release.encoder} is missing"):
        releases.use("r1")


def test_adding_the_same_model_again_repairs_a_damaged_part(releases, tmp_path):
    made = candidate(tmp_path / "job", 1.0)
    release = releases.add(made)
    (releases.path(release, "reader") / "model.safetensors").write_bytes(b"")

    releases.add(made)

    releases.use("r1")
    assert releases.current_id() == "r1"


def test_a_candidate_without_weights_is_refused_and_leaves_nothing(releases, tmp_path):
    made = candidate(tmp_path / "job", 1.0)
    (made.reader / "model.safetensors").unlink()

    with pytest.raises(ReleaseError, match=r"reader cannot be used: No \*\.safetensors"):
        releases.add(made)

    assert releases.list() == ()


def test_pickles_are_not_taken_into_a_release(releases, tmp_path):
    made = candidate(tmp_path / "job", 1.0)
    (made.reader / "optimizer.pt").write_bytes(b"pickle")

    release = releases.add(made)

    assert sorted(path.name for path in releases.path(release, "reader").iterdir()) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    ]


def test_pruning_keeps_the_last_ones_the_current_one_and_their_parts(releases, shipped, tmp_path):
    releases.ensure_shipped()
    added = [
        releases.add(replace(candidate(tmp_path / "job", n), encoder=shipped.encoder)) for n in range(1, 9)
    ]
    releases.use("r2")

    removed = releases.prune(keep=5)

    assert [release.id for release in removed] == ["r1", "r3"]
    assert [release.id for release in releases.list()] == [
        "shipped-0.1.0",
        "r2",
        "r4",
        "r5",
        "r6",
        "r7",
        "r8",
    ]
    assert releases.ensure_shipped().created_at <= added[0].created_at
    kept = [added[i] for i in (1, 3, 4, 5, 6, 7)]
    assert part_folders(tmp_path) == {f"{kind}-{digest}" for r in kept for kind, digest in r.parts}
    assert releases.use("r4").id == "r4"


def test_an_upgrade_replaces_a_shipped_release_whose_weights_have_gone(releases, shipped, tmp_path):
    releases.ensure_shipped()
    write_model(shipped.reader, 7.0)
    upgraded = Releases(tmp_path / "var", shipped, "0.2.0")

    assert upgraded.ensure_shipped().id == "shipped-0.2.0"
    assert upgraded.current_id() == "shipped-0.2.0"
    with pytest.raises(ReleaseError, match="missing"):
        upgraded.use("shipped-0.1.0")


def test_an_upgrade_leaves_a_release_that_was_chosen(releases, shipped, tmp_path):
    releases.ensure_shipped()
    releases.add(candidate(tmp_path / "job", 1.0))
    releases.use("r1")
    write_model(shipped.reader, 7.0)

    Releases(tmp_path / "var", shipped, "0.2.0").ensure_shipped()

    assert releases.current_id() == "r1"


def test_new_weights_under_the_same_version_are_noticed(releases, shipped):
    old = releases.ensure_shipped()
    write_model(shipped.reader, 7.0)

    new = releases.ensure_shipped()

    assert new.id == old.id
    assert new.reader != old.reader
    assert releases.path(releases.current(), "reader") == shipped.reader


def test_shipped_weights_that_are_missing_are_told(releases, shipped):
    shutil.rmtree(shipped.reader)

    with pytest.raises(ReleaseError, match=f"{shipped.reader} cannot be used"):
        releases.current()


def test_a_damaged_manifest_is_named_and_hides_no_other(releases, tmp_path):
    releases.ensure_shipped()
    path = tmp_path / "var" / "releases" / "r1.json"
    path.write_text("{")

    assert [release.id for release in releases.list()] == ["shipped-0.1.0"]
    with pytest.raises(ReleaseError, match=f"{path} is not a release's manifest"):
        releases.use("r1")


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_damaged_manifest_of_the_shipped_release_is_written_anew(releases, tmp_path, content):
    shipped = releases.ensure_shipped()
    releases.add(candidate(tmp_path / "job", 1.0))
    releases.use("r1")
    (tmp_path / "var" / "releases" / "shipped-0.1.0.json").write_text(content)

    assert releases.ensure_shipped() == replace(shipped, created_at=releases.get(shipped.id).created_at)
    assert releases.current().id == "r1"


@pytest.mark.parametrize("content", [b"r7\n", b"\xff\xfe\n", b"../r1\n", b"", b"\n"])
def test_a_current_release_that_is_not_there_says_how_to_choose_another_one(releases, tmp_path, content):
    releases.ensure_shipped()
    path = tmp_path / "var" / "releases" / "current"
    path.write_bytes(content)

    with pytest.raises(ReleaseError, match=rf"^{path} names .* Choose one: .* There are: shipped-0\.1\.0$"):
        releases.current()

    assert [release.id for release in releases.list()] == ["shipped-0.1.0"]
    assert releases.use("shipped-0.1.0") == releases.current()


def test_where_the_choice_of_a_release_is_lost_none_answers_in_its_place(releases, tmp_path):
    releases.ensure_shipped()
    releases.add(candidate(tmp_path / "job", 1.0))
    releases.use("r1")
    (tmp_path / "var" / "releases" / "current").unlink()

    releases.ensure_shipped()
    with pytest.raises(ReleaseError, match=r"names no release any more\. .* are: shipped-0\.1\.0, r1$"):
        releases.current()

    assert releases.use("r1") == releases.current()


@pytest.mark.parametrize("step", ["read_text", "is_file"])
@pytest.mark.parametrize("refused", ["current", "shipped-0.1.0.json"])
def test_what_belongs_to_another_user_is_not_called_broken(releases, monkeypatch, step, refused):
    releases.ensure_shipped()
    original = getattr(Path, step)

    def refuse(path, *arguments, **named):
        if path.name == refused or step == "is_file":
            raise PermissionError(13, "Permission denied", str(path))
        return original(path, *arguments, **named)

    monkeypatch.setattr(Path, step, refuse)
    with pytest.raises(
        ReleaseError, match=r"/releases/\S+ cannot be read: Permission denied\. Give this user MANUALBOT_HOME"
    ):
        releases.current()


def test_a_manifest_of_a_newer_version_is_told_as_such(releases, tmp_path):
    record = asdict(releases.add(candidate(tmp_path / "new", 1.0)))
    path = tmp_path / "var" / "releases" / "r1.json"
    path.write_text(json.dumps(record | {"judge": "0123456789abcdef"}))

    with pytest.raises(
        ReleaseError,
        match=rf"{path} was written by a newer manualbot \(unknown here: judge\)\. Update manualbot$",
    ):
        releases.get("r1")


@pytest.mark.parametrize("name", ["shipped-0.1.0.json", "current"])
def test_a_folder_in_the_place_of_a_file_is_named_with_the_next_step(releases, tmp_path, name):
    releases.ensure_shipped()
    path = next(tmp_path.rglob(name))
    path.unlink()
    path.mkdir()
    with pytest.raises(ReleaseError, match=rf"{name} cannot be .*: Is a directory\. Move that folder away, "):
        releases.ensure_shipped()


def test_a_release_is_added_beside_a_damaged_manifest(releases, tmp_path):
    releases.ensure_shipped()
    (tmp_path / "var" / "releases" / "r9.json").write_text("{")

    assert releases.add(candidate(tmp_path / "new", 1.0)).id == "r10"


@pytest.mark.parametrize(
    "step", ["qa_core.release_manifests.write_file", "qa_core.durable.os.replace", "qa_core.durable.os.fsync"]
)
def test_a_switch_that_fails_leaves_the_current_release(releases, tmp_path, monkeypatch, step):
    releases.ensure_shipped()
    releases.add(candidate(tmp_path / "job", 1.0))

    with monkeypatch.context() as patch:
        patch.setattr(step, no_space)
        with pytest.raises(ReleaseError, match=r"current cannot be written: No space.*\. Free some disk"):
            releases.use("r1")

    assert releases.current().id == "shipped-0.1.0"
    assert releases.use("r1").id == "r1"


@pytest.mark.parametrize(
    "step",
    ["qa_core.parts.shutil.copytree", "qa_core.parts.move_folder", "qa_core.release_manifests.write_file"],
)
def test_adding_that_fails_leaves_no_release_and_no_half_part(releases, tmp_path, monkeypatch, step):
    made = candidate(tmp_path / "job", 1.0)
    assert pkgutil.resolve_name(step)

    with monkeypatch.context() as patch:
        patch.setattr(step, no_space)
        with pytest.raises((OSError, ReleaseError), match="No space"):
            releases.add(made)

    assert releases.list() == ()
    assert not [name for name in part_folders(tmp_path) if name.startswith(".")]
    assert releases.add(made).id == "r1"


def no_space(*_args, **_kwargs):
    raise OSError(28, "No space left on device")


def add_in_process(tmp_path: Path, weight: float, barrier) -> None:
    barrier.wait()
    shipped = candidate(tmp_path / f"installed-{weight}", 0.0)
    Releases(tmp_path / "var", shipped, "0.1.0").add(candidate(tmp_path / f"job-{weight}", weight))


def test_two_processes_that_add_at_once_get_two_ids(releases, tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    processes = [context.Process(target=add_in_process, args=(tmp_path, n, barrier)) for n in (1.0, 2.0)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0]
    assert [release.id for release in releases.list()] == ["r1", "r2"]


words = st.text(max_size=20)
figures = st.dictionaries(words, st.none() | st.integers() | st.floats(allow_nan=False) | words, max_size=3)


@settings(max_examples=40, deadline=None)
@given(st.builds(Release, st.just("r1"), words, words, words, words, words, figures, words))
def test_a_manifest_comes_back_as_it_was_written(tmp_path_factory, release):
    here = Manifests(tmp_path_factory.mktemp("releases"))

    here.write(release)

    assert here.get("r1") == release


def refused(folder: Path, weight: float) -> Candidate:
    """What a retraining made, and its gate did not let answer."""
    return replace(candidate(folder, weight), figures={"promoted": False})


def test_a_refused_release_that_was_used_by_hand_is_one_to_go_back_to(releases, tmp_path):
    releases.ensure_shipped()
    releases.add(refused(tmp_path / "job", 1.0))
    assert releases.get("r1").refused

    used = releases.use("r1")

    assert (used.refused, used.figures) == (False, {"promoted": True})
    assert releases.get("r1") == used
    releases.use(releases.add(candidate(tmp_path / "job", 2.0)).id)
    releases.add(refused(tmp_path / "job", 3.0))
    assert releases.prune() == ()
    assert [release.id for release in releases.list()] == ["shipped-0.1.0", "r1", "r2", "r3"]


def test_using_a_release_that_no_retraining_made_changes_nothing_about_it(releases, tmp_path):
    added = releases.add(candidate(tmp_path / "job", 1.0))
    assert releases.use(added.id) == added == releases.get(added.id)


def test_of_releases_the_later_number_is_the_younger_one_whatever_the_clock_says(
    releases, tmp_path, monkeypatch
):
    releases.ensure_shipped()
    for weight in range(1, 4):
        releases.add(refused(tmp_path / "job", weight))
    monkeypatch.setattr("qa_core.releases.utc_now", lambda: datetime(2020, 1, 1, tzinfo=UTC))
    releases.add(refused(tmp_path / "job", 4.0))

    numbered = [release.id for release in releases.list() if release.id.startswith("r")]
    assert numbered == ["r1", "r2", "r3", "r4"]
    assert [release.id for release in releases.prune()] == ["r1", "r2", "r3"]


@pytest.mark.parametrize("content", [None, "{"], ids=["of a newer version", "damaged"])
def test_pruning_takes_no_parts_away_from_a_release_whose_manifest_cannot_be_read(
    releases, tmp_path, content, caplog
):
    made = releases.add(candidate(tmp_path / "job", 1.0))
    path = tmp_path / "var" / "releases" / "r1.json"
    as_written = path.read_text()
    path.write_text(content or json.dumps(asdict(made) | {"judge": "0123456789abcdef"}))
    for n in range(2, 9):
        releases.add(candidate(tmp_path / f"job{n}", float(n)))

    removed = releases.prune(keep=2)

    assert [release.id for release in removed] == ["r2", "r3", "r4", "r5", "r6"]
    assert "All parts of releases stay: which ones r1 needs is not known" in caplog.text
    path.write_text(as_written)
    assert releases.use("r1") == made
