"""`manualbot doctor`: what it finds, and what it says to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

import bot.doctor
from bot.cli import main
from bot.doctor import Check, examine
from bot.sandbox.starting import SandboxAddress, start_sandbox
from bot.schedule import next_ring
from bot.services import open_store
from bot.settings import SlackSettings
from qa_core.errors import IndexingError, NothingIndexedError, ReleaseError
from qa_core.settings import Settings
from training.settings import TrainingSettings


@dataclass
class FakeInstallation:
    """An installation with one release and some manuals."""

    folder: Path
    n_manuals: int = 6
    damaged: str | None = None
    index: object = None  # what opening it gives, or raises
    is_old: bool = False
    releases: object = field(init=False)

    def __post_init__(self) -> None:
        self.releases = self

    def current(self) -> SimpleNamespace:
        return SimpleNamespace(id="r7", created_at="2026-01-02", parts=(("reader", "d1"),))

    def path(self, _release: object, kind: str) -> Path:
        if self.damaged == kind:
            raise ReleaseError("The reader of r7 is damaged. Use another: manualbot releases use ID")
        return self.folder

    def open_library(self) -> FakeInstallation:
        return self

    def open_index(self) -> object:
        if not self.n_manuals:
            raise NothingIndexedError("No manuals are indexed yet. Add some: manualbot index PATH")
        if isinstance(self.index, IndexingError):
            raise self.index
        return self.index

    def is_current(self) -> bool:
        return not self.is_old

    def sources(self) -> list[SimpleNamespace]:
        source = SimpleNamespace(path=str(self.folder), n_manuals=self.n_manuals, n_passages=40)
        return [source] if self.n_manuals else []


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxAddress]:
    address = start_sandbox(port=0)
    yield address
    address.stop()


@pytest.fixture
def settings(tmp_path: Path, sandbox: SandboxAddress) -> SlackSettings:
    base = SlackSettings(base=Settings(home=tmp_path / "var"))
    return base.in_sandbox(sandbox.api_url, sandbox.bot_token, sandbox.app_token)


def checks(settings: SlackSettings, installation: FakeInstallation) -> dict[str, Check]:
    return {check.name: check for check in examine(settings, installation)}


def test_a_whole_installation_passes_every_check(settings: SlackSettings, tmp_path: Path) -> None:
    found = checks(settings, FakeInstallation(tmp_path))

    assert {check.state for check in found.values()} == {"ok"}
    assert list(found) == [
        "settings",
        "tokens",
        "scopes",
        "connection",
        "disk",
        "release",
        "manuals",
        "database",
        "schedule",
    ]
    assert found["tokens"].found == "manualbot in Workshop, over Socket Mode"
    assert found["manuals"].found == "6 manuals, 40 passages"


def test_without_tokens_slack_is_left_out(tmp_path: Path) -> None:
    settings = SlackSettings(base=Settings(home=tmp_path))

    found = checks(settings, FakeInstallation(tmp_path))

    assert [name for name, check in found.items() if check.state == "skipped"] == [
        "tokens",
        "scopes",
        "connection",
    ]
    assert "manualbot run starts the local workspace" in found["tokens"].found


@pytest.mark.parametrize(
    ("change", "check", "said"),
    [
        ({"bot_token": "xoxb-wrong"}, "tokens", "Slack says invalid_auth. Copy the token again"),
        ({"bot_token": "xapp-1"}, "tokens", "SLACK_BOT_TOKEN begins with 'xapp-', not with 'xoxb-'"),
        ({"bot_token": None}, "tokens", "SLACK_BOT_TOKEN is not set"),
        ({"app_token": "xapp-wrong"}, "connection", "Slack says invalid_auth"),
        ({"app_token": None, "signing_secret": "abc"}, "connection", "SLACK_SIGNING_SECRET is not 32"),
        ({"api_url": "http://127.0.0.1:9/api/"}, "tokens", "http://127.0.0.1:9/api/ cannot be reached"),
    ],
)
def test_a_token_that_slack_does_not_take_is_explained(
    settings: SlackSettings, tmp_path: Path, change: dict[str, str | None], check: str, said: str
) -> None:
    found = checks(replace(settings, **change), FakeInstallation(tmp_path))

    assert found[check].state == "failed"
    assert said in found[check].found


def test_a_misspelt_setting_fails(settings: SlackSettings, tmp_path: Path) -> None:
    found = checks(replace(settings, unknown=("MANUALBOT_TRESHOLD",)), FakeInstallation(tmp_path))["settings"]

    assert found == Check(
        "settings",
        "failed",
        "MANUALBOT_TRESHOLD is no setting (is it MANUALBOT_THRESHOLD?). Correct the name, or take it out",
    )


def test_a_name_like_no_setting_s_is_told_and_may_stay(settings: SlackSettings, tmp_path: Path) -> None:
    found = checks(replace(settings, unknown=("MANUALBOT_COLOUR",)), FakeInstallation(tmp_path))["settings"]
    assert (found.state, found.found) == ("ok", "not used: MANUALBOT_COLOUR")


def test_scopes_that_miss_are_named_with_the_fix(
    settings: SlackSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.doctor, "SCOPES", (*bot.doctor.SCOPES, "pins:read"))

    found = checks(settings, FakeInstallation(tmp_path))["scopes"]

    assert found.state == "failed"
    assert found.found.startswith("Missing: pins:read. Paste the output of manualbot manifest")


def test_a_damaged_release_says_what_to_use_instead(settings: SlackSettings, tmp_path: Path) -> None:
    found = checks(settings, FakeInstallation(tmp_path, damaged="reader"))["release"]

    assert found == Check(
        "release", "failed", "The reader of r7 is damaged. Use another: manualbot releases use ID"
    )


def test_a_reader_that_the_confidence_was_not_fitted_for_is_told(
    settings: SlackSettings, tmp_path: Path
) -> None:
    base = replace(settings.base, reader=tmp_path)

    found = checks(replace(settings, base=base), FakeInstallation(tmp_path))["release"]

    assert found == Check("release", "ok", f"r7, made 2026-01-02; all parts are there. {base.unfitted}")


def test_without_manuals_it_says_how_to_index_some(settings: SlackSettings, tmp_path: Path) -> None:
    found = checks(settings, FakeInstallation(tmp_path, n_manuals=0))["manuals"]

    assert found == Check("manuals", "failed", "No manuals are indexed yet. Add some: manualbot index PATH")


def test_a_source_that_is_gone_is_named(settings: SlackSettings, tmp_path: Path) -> None:
    gone = tmp_path / "gone"

    found = checks(settings, FakeInstallation(gone))["manuals"]

    assert found.found == f"{gone} is gone. Put it back, or take it out: manualbot sources remove {gone}"


def test_manuals_without_an_index_to_search_fail(settings: SlackSettings, tmp_path: Path) -> None:
    error = IndexingError("The manuals are indexed, but for another encoder. Index them: manualbot index")

    found = checks(settings, FakeInstallation(tmp_path, index=error))["manuals"]

    assert found == Check("manuals", "failed", str(error))


def test_an_index_of_before_an_upgrade_is_to_be_made_again(settings: SlackSettings, tmp_path: Path) -> None:
    found = checks(settings, FakeInstallation(tmp_path, is_old=True))["manuals"]

    assert found == Check(
        "manuals",
        "failed",
        "The index is older than the manuals. Bring it up to date: manualbot index",
    )


def test_a_full_disk_fails(settings: SlackSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=200_000_000))

    found = checks(settings, FakeInstallation(tmp_path))["disk"]

    assert found.state == "failed"
    assert "has 0.2 GB free. Free some until it has 1 GB" in found.found


def test_a_damaged_database_fails(settings: SlackSettings, tmp_path: Path) -> None:
    settings.base.home.mkdir()
    settings.base.database.write_bytes(b"this is no database" * 100)

    found = checks(settings, FakeInstallation(tmp_path))["database"]

    assert found.state == "failed"
    assert "It is damaged: restore it from a backup" in found.found


def test_damage_that_only_a_look_at_every_page_finds_is_told_in_one_line(
    settings: SlackSettings, tmp_path: Path
) -> None:
    store = open_store(settings)
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    root = store.rows("SELECT rootpage FROM sqlite_master WHERE name = 'thanks_by_person'")[0]["rootpage"]
    store.close()
    with settings.base.database.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xa5" * 4096)

    found = checks(settings, FakeInstallation(tmp_path))["database"]

    assert found.state == "failed"
    assert "*** in database" not in found.found
    assert "\n" not in found.found
    assert f"age {root}:" in found.found


def test_it_says_when_the_next_retraining_starts(settings: SlackSettings, tmp_path: Path) -> None:
    training = TrainingSettings(schedule="30 3 29 2 *", after_triplets=50)

    found = checks(replace(settings, training=training), FakeInstallation(tmp_path))["schedule"]

    rings = next_ring("30 3 29 2 *", datetime.now(UTC))
    assert found == Check(
        "schedule",
        "ok",
        f"the next retraining starts on {rings:%Y}-02-29 at 03:30 {rings:%Z}, or after 50 new triplets",
    )


@pytest.mark.parametrize(
    ("training", "found"),
    [
        (TrainingSettings(), "retrainings start when somebody asks for them"),
        (TrainingSettings(after_triplets=50), "retrainings start after 50 new triplets"),
    ],
)
def test_without_a_time_it_says_what_retrainings_start_by(
    settings: SlackSettings, tmp_path: Path, training: TrainingSettings, found: str
) -> None:
    said = checks(replace(settings, training=training), FakeInstallation(tmp_path))["schedule"]

    assert said == Check("schedule", "ok", found)


@pytest.mark.parametrize("schedule", ["99 3 * * sun", "0 3 31 2 *"])
def test_a_time_that_never_comes_fails(settings: SlackSettings, tmp_path: Path, schedule: str) -> None:
    training = TrainingSettings(schedule=schedule)

    found = checks(replace(settings, training=training), FakeInstallation(tmp_path))["schedule"]

    assert found.state == "failed"
    assert found.found.startswith(f"MANUALBOT_RETRAIN_AT={schedule!r} cannot be used: ")


@pytest.mark.parametrize(("n_manuals", "code"), [(6, 0), (0, 1)])
def test_the_command_exits_with_1_where_something_fails(
    n_manuals: int,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "qa_core.installation.open_installation", lambda _: FakeInstallation(tmp_path, n_manuals)
    )

    assert main(["doctor", "--json"]) == code

    states = {check["name"]: check["state"] for check in json.loads(capsys.readouterr().out)}
    assert states["manuals"] == ("ok" if code == 0 else "failed")
    assert states["database"] == "ok"
