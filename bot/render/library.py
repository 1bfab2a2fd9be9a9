"""What the library and the releases report → lines for a person, and → JSON. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.render.words import count, on_this_clock
from qa_core.indexing.file_names import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa_core.indexing.library import IndexReport, LeftOut, SourceSummary
    from qa_core.release_manifests import Release


def index_report_json(report: IndexReport) -> dict[str, Any]:
    """One indexing as one JSON object."""
    return {
        "manuals": report.n_manuals,
        "sections": report.n_sections,
        "passages": report.n_passages,
        "new": report.n_new,
        "unchanged": report.n_unchanged,
        "removed": report.n_removed,
        "seconds": round(report.seconds, 2),
        "failures": [{"path": failure.path, "reason": failure.reason} for failure in report.failures],
        "duplicates": [{"path": duplicate.path, "of": duplicate.of} for duplicate in report.duplicates],
        "left_out": _left_out_json(report.left_out),
    }


def index_report_lines(report: IndexReport) -> list[str]:
    """What is in the index, what changed, and the files that are copies of others."""
    size = ", ".join(
        (
            count(report.n_manuals, "manual"),
            count(report.n_sections, "section"),
            count(report.n_passages, "passage"),
        )
    )
    changes = f"{report.n_new} new or changed, {report.n_unchanged} unchanged, {report.n_removed} removed"
    copies = [
        f"Left out as a copy: {printable(copy.path)} (of {printable(copy.of)})" for copy in report.duplicates
    ]
    return [f"{size}; {report.seconds:.1f} seconds", changes, *copies, *left_out_lines(report.left_out)]


def left_out_lines(left_out: Sequence[LeftOut]) -> list[str]:
    """The manuals of which something was left out, and how much."""
    return [
        f"Left out as data, such as a picture as base64: {count(each.n_characters, 'character')} of "
        f"{printable(each.path)}"
        for each in left_out
    ]


def source_row(source: SourceSummary) -> tuple[str | int | None, ...]:
    """One line of the list; nothing was indexed yet of a source without a time."""
    indexed = on_this_clock(source.indexed_at) if source.indexed_at else None
    return printable(source.path), source.n_manuals, source.n_passages, indexed


def source_json(source: SourceSummary) -> dict[str, Any]:
    """One source as one JSON object."""
    return {
        "path": source.path,
        "kind": source.kind,
        "manuals": source.n_manuals,
        "passages": source.n_passages,
        "indexed_at": source.indexed_at or None,
        "left_out": _left_out_json(source.left_out),
    }


def _left_out_json(left_out: Sequence[LeftOut]) -> list[dict[str, Any]]:
    return [{"path": each.path, "characters": each.n_characters} for each in left_out]


def release_json(release: Release, current: str) -> dict[str, Any]:
    """One release as one JSON object."""
    return {
        "id": release.id,
        "current": release.id == current,
        "created_at": release.created_at,
        "runtime": release.runtime,
        "encoder": release.encoder,
        "reader": release.reader,
        "calibration": release.calibration,
        "figures": dict(release.figures),
        "note": release.note,
    }


def release_row(release: Release, current: str) -> tuple[str, ...]:
    """One line of the list; a star leads the current release."""
    star = "*" if release.id == current else ""
    figures = ", ".join(f"{name} {_figure(value)}" for name, value in release.figures.items())
    return (star, release.id, on_this_clock(release.created_at), release.runtime, figures, release.note)


def _figure(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
