"""From JSON back to the dataclasses: what `dataclasses.asdict` made of manuals, passages and hits.

Each raises KeyError or TypeError where the record is of another shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from qa_core.types import Hit, Manual, PageStart, ParsedManual, Passage, Section, Span

Record = Mapping[str, Any]


def parsed_manual_from(record: Record) -> ParsedManual:
    """A file as it was read."""
    sections = tuple(map(_section_from, record["sections"]))
    return ParsedManual(Manual(**record["manual"]), sections, record.get("n_left_out", 0))


def passage_from(record: Record) -> Passage:
    """A passage with a section of its own."""
    return Passage(
        record["id"],
        Manual(**record["manual"]),
        _section_from(record["section"]),
        record["start"],
        record["end"],
    )


def hit_from(record: Record) -> Hit:
    """A hit with a passage of its own; what its release remembers is left out."""
    hit = Hit(passage_from(record["passage"]), record["score"], record["dense"], record["lexical"])
    return replace(hit, models=tuple(record.get("models", ())), has_model=record.get("has_model", False))


def spans_from(records: list[Record]) -> tuple[Span, ...]:
    """The spans of a reading."""
    return tuple(Span(**record) for record in records)


def _section_from(record: Record) -> Section:
    pages = tuple(PageStart(**page) for page in record["pages"])
    return Section(tuple(record["heading_path"]), record["text"], pages)
