"""What was made of files, kept in the database: sections, passages and vectors, each made only once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import numpy as np
from sqlite_utils import Database

from qa_core.indexing.sources import Catalog, File
from qa_core.inference.text_encoder import Vectors
from qa_core.records import parsed_manual_from
from qa_core.store import Store
from qa_core.types import ParsedManual, Passage

_BATCH = 500  # parameters of one statement


def reading_key(file: File, parser: str) -> str:
    """Names what a version of the parser makes of a file: its title and product may lie in its path."""
    parts = json.dumps([file.source, file.path, file.digest, parser])
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def has_reading(store: Store, key: str) -> bool:
    """Whether a file was read before."""
    return bool(store.rows("SELECT 1 FROM readings WHERE key = ?", [key]))


def save_reading(store: Store, key: str, parsed: ParsedManual) -> None:
    """Keep what was read."""
    with store.transaction() as db:
        db.execute(
            "INSERT OR REPLACE INTO readings (key, content, n_left_out) VALUES (?, ?, ?)",
            [key, json.dumps(asdict(parsed)), parsed.n_left_out],
        )


def load_reading(store: Store, key: str) -> ParsedManual:
    """What was read, equal to what was saved."""
    [row] = store.rows("SELECT content FROM readings WHERE key = ?", [key])
    return parsed_manual_from(json.loads(row["content"]))


def left_out(store: Store) -> dict[str, int]:
    """Of how many characters of data the readings are without, by key; those without any are not named."""
    rows = store.rows("SELECT key, n_left_out FROM readings WHERE n_left_out > 0")
    return {row["key"]: row["n_left_out"] for row in rows}


def save_passages(
    store: Store, key: str, splitter: str, parsed: ParsedManual, passages: Sequence[Passage]
) -> None:
    """Keep how a reading was split."""
    positions = {id(section): i for i, section in enumerate(parsed.sections)}
    rows = [[p.id, positions[id(p.section)], p.start, p.end] for p in passages]
    with store.transaction() as db:
        db.execute("INSERT OR REPLACE INTO splits VALUES (?, ?, ?)", [key, splitter, json.dumps(rows)])


def load_passages(store: Store, key: str, splitter: str, parsed: ParsedManual) -> tuple[Passage, ...] | None:
    """How a reading was split, or None if it was not yet."""
    rows = store.rows("SELECT passages FROM splits WHERE reading = ? AND splitter = ?", [key, splitter])
    if not rows:
        return None
    return tuple(
        Passage(id_, parsed.manual, parsed.sections[section], start, end)
        for id_, section, start, end in json.loads(rows[0]["passages"])
    )


def text_hash(text: str) -> bytes:
    """Names a text in the cache of vectors."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def load_vectors(store: Store, encoder: str, hashes: Sequence[bytes]) -> dict[bytes, Vectors]:
    """The vectors that an encoder has already made, by the hash of their text."""
    found: dict[bytes, Vectors] = {}
    for start in range(0, len(hashes), _BATCH):
        batch = hashes[start : start + _BATCH]
        marks = ", ".join("?" * len(batch))
        rows = store.rows(
            f"SELECT text_hash, vector FROM vectors WHERE encoder = ? AND text_hash IN ({marks})",  # noqa: S608
            [encoder, *batch],
        )
        found |= {row["text_hash"]: np.frombuffer(row["vector"], dtype="<f4") for row in rows}
    return found


def save_vectors(store: Store, encoder: str, hashes: Sequence[bytes], vectors: Vectors) -> None:
    """Keep the vectors that an encoder made."""
    rows = [(encoder, h, v.astype("<f4").tobytes()) for h, v in zip(hashes, vectors, strict=True)]
    with store.transaction() as db:
        db.conn.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)


def forget_unused(db: Database, catalog: Catalog, encoder: str, hashes: Iterable[bytes]) -> None:
    """Drop the readings that no file needs and this encoder's vectors other than `hashes`."""
    db.execute("CREATE TEMP TABLE used (key PRIMARY KEY)")
    db.conn.executemany("INSERT OR IGNORE INTO used VALUES (?)", [(key,) for key in catalog.readings])
    db.execute("DELETE FROM readings WHERE key NOT IN (SELECT key FROM used)")
    db.execute("DELETE FROM used")
    db.conn.executemany("INSERT OR IGNORE INTO used VALUES (?)", [(h,) for h in hashes])
    db.execute("DELETE FROM vectors WHERE encoder = ? AND text_hash NOT IN (SELECT key FROM used)", [encoder])
    db.execute("DROP TABLE used")
