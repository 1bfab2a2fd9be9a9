"""Passages on disk: manuals and sections once, passages as offsets into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import orjson

from qa_core.errors import IndexingError, is_of_memory
from qa_core.index_manifest import too_little_memory
from qa_core.types import Manual, PageStart, Passage, Section


def write_passages(path: Path, passages: Sequence[Passage]) -> None:
    """Write the passages; those of one section share it again when they are read."""
    manuals: dict[Manual, int] = {}
    sections: dict[Section, int] = {}
    rows = [
        (
            passage.id,
            manuals.setdefault(passage.manual, len(manuals)),
            sections.setdefault(passage.section, len(sections)),
            passage.start,
            passage.end,
        )
        for passage in passages
    ]
    record = {
        "manuals": [asdict(manual) for manual in manuals],
        "sections": [
            (section.heading_path, section.text, [(start.offset, start.page) for start in section.pages])
            for section in sections
        ],
        "passages": rows,
    }
    path.write_bytes(orjson.dumps(record))


def read_passages(path: Path) -> tuple[Passage, ...]:
    """Read what `write_passages` wrote; raises IndexingError if it is missing or damaged."""
    try:
        record = orjson.loads(path.read_bytes())
        manuals = [Manual(**manual) for manual in record["manuals"]]
        sections = [
            Section(tuple(headings), text, tuple(PageStart(*start) for start in pages))
            for headings, text, pages in record["sections"]
        ]
        return tuple(
            Passage(id_, manuals[manual], sections[section], start, end)
            for id_, manual, section, start, end in record["passages"]
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        if is_of_memory(error):
            raise too_little_memory(path.parent, error) from error
        raise IndexingError(f"{path} is damaged ({error}). Build the index again: manualbot index") from error
