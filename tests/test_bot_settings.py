"""Slack's settings, and how the bot is started by them."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

import bot.settings
import qa_core.settings
import training.settings
from bot.cli import main
from bot.settings import NAMES, SLACK_API_URL, SlackSettings
from qa_core.errors import SettingsError

BOT = {"SLACK_BOT_TOKEN": "xoxb-1"}


def load(**env: str) -> SlackSettings:
    return SlackSettings.load(env, dotenv=None)


def test_without_anything_it_is_the_local_workspace() -> None:
    settings = load()

    assert settings.mode == "sandbox"
    assert (settings.api_url, settings.port, settings.admins) == (SLACK_API_URL, 3000, ())


@pytest.mark.parametrize(
    ("env", "mode"),
    [
        ({"SLACK_APP_TOKEN": "xapp-1"}, "socket"),
        ({"SLACK_SIGNING_SECRET": "s"}, "http"),
        ({"SLACK_APP_TOKEN": "xapp-1", "SLACK_SIGNING_SECRET": "s"}, "socket"),
        ({"SLACK_APP_TOKEN": " ", "SLACK_SIGNING_SECRET": "s"}, "http"),
    ],
    ids=str,
)
def test_an_app_token_means_socket_mode_and_a_secret_alone_http(env: dict[str, str], mode: str) -> None:
    assert load(**BOT, **env).mode == mode


@pytest.mark.parametrize(
    ("env", "missing"),
    [
        (BOT, "SLACK_APP_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_SIGNING_SECRET": "s"}, "SLACK_BOT_TOKEN is not set"),
    ],
    ids=str,
)
def test_half_of_the_tokens_are_too_few(env: dict[str, str], missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        _ = load(**env).mode


@pytest.mark.parametrize("token", ["xoxb-…", "xoxb-secret and more", "xoxb-secret\tmore"])
def test_what_is_no_token_is_told_without_showing_it(token: str) -> None:
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN has a character") as refused:
        load(SLACK_BOT_TOKEN=token)

    assert "secret" not in str(refused.value)


def test_values_come_from_the_file_too(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "SLACK_BOT_TOKEN=xoxb-7\nMANUALBOT_PORT=80\nMANUALBOT_HOME=/state\nMANUALBOT_WORKERS=9\n"
    )

    settings = SlackSettings.load({"MANUALBOT_PORT": "81", "MANUALBOT_ADMINS": "U1, U2 U3"}, dotenv)

    assert (settings.bot_token, settings.port, settings.n_workers) == ("xoxb-7", 81, 9)
    assert settings.admins == ("U1", "U2", "U3")
    assert settings.base.home == Path("/state")


def test_what_is_no_setting_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("MANUALBOT_TRESHOLD=0.3\nmanualbot_threads=2\nOTHER=1\n")

    settings = SlackSettings.load({"MANUALBOT_COLOUR": "red", "MANUALBOT_PORT": "80"}, dotenv)

    assert settings.misspelt == (
        "MANUALBOT_TRESHOLD is no setting (is it MANUALBOT_THRESHOLD?), "
        "manualbot_threads is no setting (is it MANUALBOT_THREADS?). Correct the name, or take it out"
    )
    assert load(MANUALBOT_PORT="80", MANUALBOT_COLOUR="red").misspelt is None


def test_every_setting_is_known_and_documented() -> None:
    modules = (qa_core.settings, training.settings, bot.settings)
    read = {name for each in modules for name in re.findall(r'values, "(MANUALBOT_\w+)"', flat_source(each))}
    documented = set(re.findall(r"`(MANUALBOT_\w+)`", Path("README.md").read_text(encoding="utf-8")))

    assert read == documented == NAMES


def flat_source(module: ModuleType) -> str:
    return " ".join(inspect.getsource(module).split()).replace("( ", "(")


def test_each_command_begins_with_what_is_no_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("MANUALBOT_HOM=elsewhere\nMANUALBOT_COLOUR=red\n", encoding="utf-8")

    assert main(["sources"]) == 0

    assert capsys.readouterr().err == (
        "manualbot: MANUALBOT_COLOUR is no setting, MANUALBOT_HOM is no setting (is it MANUALBOT_HOME?). "
        "Correct the name, or take it out\n"
    )


def test_commands_that_need_no_settings_run_beside_a_file_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_bytes(b"MANUALBOT_HOM=\xff")

    assert main(["manifest"]) == 0

    assert capsys.readouterr().err == ""


def test_the_api_url_ends_with_a_slash() -> None:
    assert load(SLACK_API_URL="http://127.0.0.1:9/api").api_url == "http://127.0.0.1:9/api/"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MANUALBOT_PORT", "70000"),
        ("SLACK_API_URL", "slack.com"),
        ("MANUALBOT_WORKERS", "0"),
        ("MANUALBOT_WORKERS", "1001"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}='{value}' cannot be used"):
        load(**{name: value})


def test_tokens_are_not_printed() -> None:
    settings = load(
        SLACK_BOT_TOKEN="xoxb-secret", SLACK_APP_TOKEN="xapp-secret", SLACK_SIGNING_SECRET="secret"
    )

    assert "secret" not in repr(settings).replace("signing_secret", "")
