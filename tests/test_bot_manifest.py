"""The Slack app's manifest: what `manualbot manifest` prints."""

from __future__ import annotations

import json

import pytest

from bot.actions import COMMAND, SHORTCUT_ANSWER
from bot.cli import main
from bot.manifest import SCOPES, build_manifest


def test_for_socket_mode_no_address_is_named() -> None:
    manifest = build_manifest()

    assert manifest["settings"]["socket_mode_enabled"] is True
    assert "https://" not in json.dumps(manifest)


def test_for_http_every_request_goes_to_the_same_path() -> None:
    manifest = build_manifest("https://bot.example.com/")

    address = "https://bot.example.com/slack/events"
    assert manifest["settings"]["socket_mode_enabled"] is False
    assert manifest["settings"]["event_subscriptions"]["request_url"] == address
    assert manifest["settings"]["interactivity"] == {"is_enabled": True, "request_url": address}
    assert manifest["features"]["slash_commands"][0]["url"] == address


def test_it_names_every_way_to_ask() -> None:
    features = build_manifest()["features"]

    assert features["slash_commands"][0]["command"] == COMMAND
    assert [(s["type"], s["callback_id"]) for s in features["shortcuts"]] == [("message", SHORTCUT_ANSWER)]
    assert features["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }
    assert set(features["agent_view"]) == {"agent_description", "suggested_prompts"}


EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}


def test_each_event_has_the_scope_that_it_needs() -> None:
    events = build_manifest()["settings"]["event_subscriptions"]["bot_events"]

    assert sorted(events) == sorted([*EVENT_SCOPES, "app_home_opened"])
    assert {EVENT_SCOPES[event] for event in EVENT_SCOPES} <= set(SCOPES)


@pytest.mark.parametrize(
    "scope",
    [
        "assistant:write",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "im:write",
        "reactions:write",
        "usergroups:read",
        "users:read",
    ],
)
def test_scopes_are_asked_for_from_the_start(scope: str) -> None:
    assert scope in build_manifest()["oauth_config"]["scopes"]["bot"]


def test_slack_s_limits_on_texts_are_kept() -> None:
    manifest = build_manifest()

    assert len(manifest["display_information"]["name"]) <= 35
    assert len(manifest["display_information"]["description"]) <= 140
    shortcut, command = manifest["features"]["shortcuts"][0], manifest["features"]["slash_commands"][0]
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000


def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifest", "--url", "https://bot.example.com"]) == 0

    assert json.loads(capsys.readouterr().out) == build_manifest("https://bot.example.com")


@pytest.mark.parametrize(
    "url", ["bot.example.com", "http://bot.example.com", "https://", "https://b.example/?x=1"]
)
def test_an_address_that_slack_cannot_call_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifest", "--url", url]) == 2

    assert url in capsys.readouterr().err
