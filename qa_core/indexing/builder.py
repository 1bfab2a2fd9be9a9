"""From what was read to the current index: passages, vectors, a folder, and the switch to it.

The switch is one transaction of the database, once the folder is on the disk under its final name:
whatever stops an indexing, the index that was current stays current.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlite_utils import Database

from qa_core.durable import make_folder, move_folder
from qa_core.errors import IndexingError, NothingIndexedError
from qa_core.index_manifest import is_whole
from qa_core.indexing.intake import Progress
from qa_core.indexing.readings import (
    forget_unused,
    load_passages,
    load_reading,
    load_vectors,
    save_passages,
    save_vectors,
    text_hash,
)
from qa_core.indexing.sources import Catalog, load_catalog, save_catalog
from qa_core.inference.text_encoder import CountTokens, TextEncoder, Vectors
from qa_core.store import Store
from qa_core.types import ParsedManual, Passage

if TYPE_CHECKING:
    from qa_core.index import Index

log = logging.getLogger(__name__)

N_KEPT = 2  # indexes of an encoder: the current one, and the one that others may still have open
_N_AT_ONCE = 512  # texts that are embedded before their vectors are saved


@dataclass(frozen=True, slots=True)
class Indexing:
    """How passages and the index are made. `version` changes when the same manuals would give others."""

    version: str
    split: Callable[[ParsedManual, CountTokens], tuple[Passage, ...]]
    embedding_text: Callable[[Passage], str]
    write: Callable[[Sequence[Passage], Vectors, Path], object]  # an index, its manifest last
    open: Callable[[Path], Index]


@dataclass(frozen=True, slots=True)
class IndexSize:
    """How much an index holds."""

    n_manuals: int = 0
    n_sections: int = 0
    n_passages: int = 0


class IndexBuilder:
    """Builds, switches, opens and prunes the indexes of one encoder."""

    def __init__(self, folder: Path, store: Store, encoder: TextEncoder, indexing: Indexing) -> None:
        """`folder` holds the indexes of all encoders."""
        self._folder, self._store, self._encoder, self._indexing = folder, store, encoder, indexing
        self._splitter = f"{indexing.version}/{encoder.digest}"

    def switch(self, catalog: Catalog, progress: Progress, now: str) -> IndexSize:
        """Make `catalog` and its index the current ones; what is unchanged is not made again."""
        if not catalog.readings:
            return self._clear(catalog)
        name = self._name(catalog)
        current = self._current()
        if current is not None and current[0] == name and is_whole(self._folder / name):
            with self._store.transaction() as db:
                save_catalog(db, catalog)
            return current[1]
        try:
            return self._build(catalog, name, progress, now)
        except OSError as error:
            raise IndexingError(
                f"The index could not be written to {self._folder}: {error.strerror or error}. "
                "What was current stays current; free some space or check the folder, then index again"
            ) from error

    def open_current(self) -> Index:
        """The current index. Raises IndexingError if there is none or its folder is damaged."""
        catalog, current = load_catalog(self._store), self._current()
        if current is None:
            raise self._why_none(catalog)
        folder = self._folder / current[0]
        if current[0] != self._name(catalog):
            log.warning("The index is older than the manuals. Bring it up to date: manualbot index")
        return self._indexing.open(folder)

    def is_current(self) -> bool:
        """Whether the index is one of today's manuals, split as this version splits them."""
        current = self._current()
        return current is not None and current[0] == self._name(load_catalog(self._store))

    def passage_counts(self) -> dict[str, int]:
        """The number of passages of each reading that was split for this encoder."""
        rows = self._store.rows(
            "SELECT reading, json_array_length(passages) AS n FROM splits WHERE splitter = ?",
            [self._splitter],
        )
        return {row["reading"]: row["n"] for row in rows}

    def forget_encoders(self, keep: Sequence[str]) -> None:
        """Drop the indexes and vectors of all other encoders."""
        marks = ", ".join("?" * len(keep))
        with self._store.transaction() as db:
            db.execute(f"DELETE FROM indexes WHERE encoder NOT IN ({marks})", list(keep))  # noqa: S608
            db.execute(f"DELETE FROM vectors WHERE encoder NOT IN ({marks})", list(keep))  # noqa: S608
        self._prune_folders()

    def _name(self, catalog: Catalog) -> str:
        parts = json.dumps([self._splitter, catalog.readings])
        return hashlib.sha256(parts.encode()).hexdigest()[:16]

    def _current(self) -> tuple[str, IndexSize] | None:
        rows = self._store.rows(
            "SELECT name, n_manuals, n_sections, n_passages FROM indexes WHERE encoder = ? "
            "ORDER BY id DESC LIMIT 1",
            [self._encoder.digest],
        )
        return (rows[0].pop("name"), IndexSize(**rows[0])) if rows else None

    def _build(self, catalog: Catalog, name: str, progress: Progress, now: str) -> IndexSize:
        self._prune_folders()  # what an indexing that was killed left behind
        passages, n_sections = self._passages(catalog, progress)
        if not passages:
            raise IndexingError("Nothing could be indexed: the manuals hold no text. All stays as it was")
        hashes = [text_hash(text) for text in map(self._indexing.embedding_text, passages)]
        vectors = self._vectors(passages, hashes, progress)
        progress("indexing", 0, 1)
        if not is_whole(self._folder / name):
            self._write(name, passages, vectors)
        size = IndexSize(len(catalog.readings), n_sections, len(passages))
        with self._store.transaction() as db:
            save_catalog(db, catalog)
            db.execute("DELETE FROM indexes WHERE name = ?", [name])
            db.execute(
                "INSERT INTO indexes (encoder, name, n_manuals, n_sections, n_passages, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [self._encoder.digest, name, size.n_manuals, size.n_sections, size.n_passages, now],
            )
            _forget_old_indexes(db, self._encoder.digest)
            forget_unused(db, catalog, self._encoder.digest, hashes)
        self._prune_folders()
        progress("indexing", 1, 1)
        return size

    def _passages(self, catalog: Catalog, progress: Progress) -> tuple[list[Passage], int]:
        passages: list[Passage] = []
        n_sections = 0
        keys = catalog.readings
        for i, key in enumerate(keys):
            progress("splitting", i, len(keys))
            parsed = load_reading(self._store, key)
            split = load_passages(self._store, key, self._splitter, parsed)
            if split is None:
                split = self._indexing.split(parsed, self._encoder.count_tokens)
                save_passages(self._store, key, self._splitter, parsed, split)
            passages.extend(split)
            n_sections += len(parsed.sections)
        progress("splitting", len(keys), len(keys))
        return passages, n_sections

    def _vectors(self, passages: Sequence[Passage], hashes: Sequence[bytes], progress: Progress) -> Vectors:
        made = load_vectors(self._store, self._encoder.digest, hashes)
        texts = dict(zip(hashes, map(self._indexing.embedding_text, passages), strict=True))
        missing = sorted((h for h in texts if h not in made), key=lambda h: (len(texts[h]), h))
        for start in range(0, len(missing), _N_AT_ONCE):
            batch = missing[start : start + _N_AT_ONCE]

            def report(done: int, _total: int, before: int = start) -> None:
                progress("embedding", before + done, len(missing))

            vectors = self._encoder.encode([texts[h] for h in batch], report)
            save_vectors(self._store, self._encoder.digest, batch, vectors)
            made |= dict(zip(batch, vectors, strict=True))
        return np.stack([made[h] for h in hashes])

    def _write(self, name: str, passages: Sequence[Passage], vectors: Vectors) -> None:
        place = self._folder / name
        if place.exists():
            shutil.rmtree(place)  # a damaged one
        make_folder(self._folder)
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=self._folder))
        try:
            self._indexing.write(passages, vectors, made)
            move_folder(made, place)
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _clear(self, catalog: Catalog) -> IndexSize:
        """The last manual was taken out on purpose."""
        with self._store.transaction() as db:
            save_catalog(db, catalog)
            db.execute("DELETE FROM indexes")
            forget_unused(db, catalog, self._encoder.digest, ())
        self._prune_folders()
        return IndexSize()

    def _why_none(self, catalog: Catalog) -> IndexingError:
        """Why this encoder has no index, with the next step."""
        if catalog.readings:
            return IndexingError(
                "The manuals are indexed, but for another encoder or runtime than the one that is set. "
                "Index them for this one too: manualbot index"
            )
        if any(self._folder.glob("[!.]*")) and not self._store.rows("SELECT 1 FROM vectors LIMIT 1"):
            return NothingIndexedError(
                "The database has lost its manuals, questions and votes: it knows nothing of the index in "
                f"{self._folder}. Restore a backup, or begin anew: manualbot index PATH"
            )
        return NothingIndexedError("No manuals are indexed yet. Add some: manualbot index PATH")

    def _prune_folders(self) -> None:
        """Remove the folders that no row names; only under the lock of indexing."""
        wanted = {row["name"] for row in self._store.rows("SELECT name FROM indexes")}
        for folder in self._folder.glob("*"):
            if folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)


def _forget_old_indexes(db: Database, encoder: str) -> None:
    db.execute(
        "DELETE FROM indexes WHERE encoder = ? AND id NOT IN "
        "(SELECT id FROM indexes WHERE encoder = ? ORDER BY id DESC LIMIT ?)",
        [encoder, encoder, N_KEPT],
    )
