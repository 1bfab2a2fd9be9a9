"""What an installation holds besides its releases goes with the release that needed it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import pytest
from tiny_models import write_model

from qa_core.indexing.library import Library
from qa_core.installation import WEIGHTS, open_installation, shipped_release
from qa_core.release_manifests import Release
from qa_core.releases import Candidate
from qa_core.settings import Settings


def test_pruning_removes_a_release_with_its_parts_and_exports(tmp_path: Path) -> None:
    installation = open_installation(Settings(home=tmp_path / "var"))
    encoder, reader = (write_model(tmp_path / task, task) for task in ("encode", "read"))
    tried = installation.releases.add(
        Candidate(encoder, reader, WEIGHTS / "calibration.json", "onnx-int8", {}, "a try")
    )
    installation.releases.add(shipped_release())  # the youngest is kept
    exports = tmp_path / "var" / "runtimes"
    for digest in (tried.encoder, tried.reader):
        (exports / f"{digest}-export").mkdir(parents=True)

    removed = installation.prune(keep=1)

    assert [release.id for release in removed] == [tried.id]
    assert [release.id for release in installation.releases.list()] == ["shipped-0.1.0", "r2"]
    assert list(exports.iterdir()) == []


def test_a_release_that_is_added_while_others_are_pruned_keeps_its_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = open_installation(Settings(home=tmp_path / "var"))
    encoder, reader = (write_model(tmp_path / task, task) for task in ("encode", "read"))
    made = Candidate(encoder, reader, WEIGHTS / "calibration.json", "onnx-int8", {}, "made meanwhile")
    release: list[Release] = []
    kept: list[str] = []

    def add() -> None:
        release.append(open_installation(installation.settings).releases.add(made))

    adding = Thread(target=add)

    def forget(_library: Library, keep: Sequence[str]) -> None:
        adding.start()
        adding.join(timeout=1)
        assert not release, "nobody may add a release while it is decided what the releases need"
        kept.extend(keep)

    monkeypatch.setattr(Library, "forget_encoders", forget)
    installation.prune(keep=1)
    adding.join()

    assert [each.note for each in release] == ["made meanwhile"]
    assert kept
