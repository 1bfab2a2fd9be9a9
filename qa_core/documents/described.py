"""What somebody said of a file that they added: product and version, kept beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from qa_core.documents.blocks import Metadata, clean
from qa_core.durable import write_file


def description_of(path: Path) -> Path:
    """Where the description of a file lies: under a name that is not looked at for manuals."""
    return path.with_name(f"_{path.name}.about.json")


def describe(path: Path, product: str, version: str | None) -> None:
    """Keep what a file is about, for `as_described`. Raises OSError."""
    about = {"product": product, "version": version}
    write_file(description_of(path), json.dumps(about, ensure_ascii=False))


def as_described(path: Path, metadata: Metadata) -> Metadata:
    """The metadata of a file with what somebody said of it in place of what it says itself."""
    try:
        about = json.loads(description_of(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return metadata
    if not isinstance(about, dict):
        return metadata
    said = {key: clean(text) for key in ("product", "version") if isinstance(text := about.get(key), str)}
    return replace(metadata, **{key: text for key, text in said.items() if text})
