"""Files that are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_core.durable import write_file


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path, is_there: bool) -> None:
    (tmp_path / "shared").mkdir()
    kept, link = tmp_path / "shared" / "triplets.json", tmp_path / "triplets.json"
    if is_there:
        kept.write_text("old")
    link.symlink_to(Path("shared", "triplets.json"))

    write_file(link, "new")

    assert link.is_symlink()
    assert kept.read_text() == "new"
    assert [path.name for path in kept.parent.iterdir()] == ["triplets.json"]
