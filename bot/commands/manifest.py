"""`manualbot manifest`: what Slack asks for when an app is created."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer


def manifest(
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            metavar="https://HOST",
            help="Where Slack reaches the bot over HTTP; without it the app uses Socket Mode.",
        ),
    ] = None,
) -> None:
    """Print the manifest to create the Slack app from (JSON)."""
    from bot.manifest import build_manifest
    from bot.render.terminal import print_json

    if url is not None:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.netloc or parts.query or parts.fragment:
            raise typer.BadParameter(
                f"{url!r} is not an address that Slack can call, such as https://bot.example.com",
                param_hint="--url",
            )
    print_json(build_manifest(url))
