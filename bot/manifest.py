"""The Slack app's manifest: everything the bot asks of a workspace, for now and for what comes soon.

A scope that is added later makes every workspace authorise the app again, so the list is whole from
the start. https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from typing import Any

from bot.actions import COMMAND, SHORTCUT_ANSWER

EVENTS_PATH = "/slack/events"

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "metadata.message:read",
    "mpim:history",
    "mpim:read",
    "reactions:read",
    "reactions:write",
    "usergroups:read",
    "users:read",
)

EVENTS = (
    "app_home_opened",
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "reaction_removed",
)

SUGGESTED_PROMPTS = (  # of any product: whoever installs the app has manuals of their own
    ("An error code", "What does the error code on the display mean?"),
    ("Reset", "How do I reset it to the factory settings?"),
    ("Cleaning", "How often must it be cleaned, and how?"),
)


def build_manifest(url: str | None = None) -> dict[str, Any]:
    """The manifest for Socket Mode, or for HTTP where the bot is reached under `url`.

    `url` is the public address of `manualbot run` without the path: `https://bot.example.com`.
    """
    request_url = None if url is None else url.rstrip("/") + EVENTS_PATH
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "manualbot",
            "description": "Answers questions with the exact words of the product manuals",
            "background_color": "#1d4e4a",
        },
        "features": _features(request_url),
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": _settings(request_url),
    }


def _features(request_url: str | None) -> dict[str, Any]:
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "agent_view": {
            "agent_description": "Ask about a product; the answer is quoted from its manual, with the page.",
            "suggested_prompts": [
                {"title": title, "message": message} for title, message in SUGGESTED_PROMPTS
            ],
        },
        "bot_user": {"display_name": "manualbot", "always_online": True},
        "slash_commands": [
            {
                "command": COMMAND,
                "description": "Answer from the product manuals",
                "usage_hint": "ask <question> | status | sources | config | retrain | rollback | forget-me",
                "should_escape": False,
                **_with("url", request_url),
            }
        ],
        "shortcuts": [
            {
                "name": "Answer from the manuals",
                "type": "message",
                "callback_id": SHORTCUT_ANSWER,
                "description": "Look up what this message asks in the manuals",
            }
        ],
    }


def _settings(request_url: str | None) -> dict[str, Any]:
    return {
        "event_subscriptions": {**_with("request_url", request_url), "bot_events": list(EVENTS)},
        "interactivity": {"is_enabled": True, **_with("request_url", request_url)},
        "org_deploy_enabled": False,
        "socket_mode_enabled": request_url is None,
        "token_rotation_enabled": False,
    }


def _with(key: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {key: value}
