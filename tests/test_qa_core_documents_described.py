"""What somebody said of a file counts more than what the file says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_core.documents.blocks import Metadata
from qa_core.documents.described import as_described, describe, description_of
from qa_core.indexing.discovery import discover

SAID_ITSELF = Metadata("Guide", "Folio", "9", "https://example.com/guide")


@pytest.mark.parametrize("version", ["2.1", None])
def test_product_and_version_are_as_described_and_the_rest_as_the_file_says(
    tmp_path: Path, version: str | None
) -> None:
    describe(tmp_path / "guide.md", "Meridio 300", version)

    read = as_described(tmp_path / "guide.md", SAID_ITSELF)

    assert read == Metadata("Guide", "Meridio 300", version or "9", "https://example.com/guide")


@pytest.mark.parametrize("about", [None, "", "[]", '{"product": 7, "version": " "}', "\udce4"])
def test_what_is_no_description_changes_nothing(tmp_path: Path, about: str | None) -> None:
    if about is not None:
        description_of(tmp_path / "guide.md").write_bytes(about.encode("utf-8", "surrogateescape"))

    assert as_described(tmp_path / "guide.md", SAID_ITSELF) == SAID_ITSELF


def test_a_description_is_no_manual(tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text("Press OK.")
    describe(tmp_path / "guide.md", "Meridio 300", None)

    assert discover(tmp_path).files == (tmp_path / "guide.md",)
