"""Sources that lie elsewhere now: what was read of them stays, with the ids of their manuals and passages.

An id follows from where a manual lay when it was read. It outlasts a move, so that what refers to a passage
still does; a file that changes, or that a new version reads again, gets the ids of its new place.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlite_utils import Database

from qa_core.documents import PARSER_VERSION
from qa_core.indexing.readings import reading_key
from qa_core.indexing.sources import Catalog, File, load_catalog, save_catalog
from qa_core.store import Store


def move_sources(store: Store, old: Sequence[Path], new: Path) -> None:
    """Let the sources that lay in the folder `old`, by any of its names, lie in `new`."""

    def moved(path: str) -> str:
        for folder in old:
            if Path(path).is_relative_to(folder):
                return str(new / Path(path).relative_to(folder))
        return path

    catalog = load_catalog(store)
    sources = sorted((replace(s, path=moved(s.path)) for s in catalog.sources), key=lambda s: s.path)
    with store.transaction() as db:
        files = [_moved(db, file, moved(file.source)) for file in catalog.files]
        files = [replace(f, duplicate_of=f.duplicate_of and moved(f.duplicate_of)) for f in files]
        save_catalog(db, Catalog(tuple(sources), tuple(files)))


def _moved(db: Database, file: File, source: str) -> File:
    there = replace(file, source=source)
    if source == file.source or file.reading is None or file.reading_digest is None:
        return there
    if file.reading != reading_key(replace(file, digest=file.reading_digest), PARSER_VERSION):
        return there  # another version's: it is read again
    key = reading_key(replace(there, digest=file.reading_digest), PARSER_VERSION)
    row = db.execute("SELECT content FROM readings WHERE key = ?", [file.reading]).fetchone()
    if row is None:
        return there
    content = json.loads(row[0])
    content["manual"]["source"] = source
    db.execute(
        "INSERT OR REPLACE INTO readings SELECT ?, ?, n_left_out FROM readings WHERE key = ?",
        [key, json.dumps(content), file.reading],
    )
    db.execute("UPDATE OR REPLACE splits SET reading = ? WHERE reading = ?", [key, file.reading])
    db.execute("DELETE FROM readings WHERE key = ?", [file.reading])
    return replace(there, reading=key)
