"""The tables of `qa_core`, as named migrations: applied in order, once, and never edited afterwards."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

QA_CORE = Migrations("qa_core")


@QA_CORE()
def m001_sources_and_files(db: Database) -> None:
    """What is indexed, and what was last seen of each file."""
    db.execute(
        """CREATE TABLE sources (
            path TEXT PRIMARY KEY,      -- absolute
            kind TEXT NOT NULL CHECK (kind IN ('folder', 'file')),
            indexed_at TEXT NOT NULL    -- ISO 8601, UTC
        )"""
    )
    db.execute(
        """CREATE TABLE files (
            source TEXT NOT NULL REFERENCES sources (path),
            path TEXT NOT NULL,         -- relative to the source's folder, POSIX
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            digest TEXT NOT NULL,       -- sha256 of the bytes; '' where they could not be read
            attempt TEXT NOT NULL,      -- version and limits of the parser that last tried
            reason TEXT,                -- why that failed
            reading TEXT,               -- what the index serves of it: a key of `readings`
            reading_digest TEXT,        -- of the bytes that it was made from
            duplicate_of TEXT,          -- the indexed file with the same bytes, absolute
            PRIMARY KEY (source, path)
        )"""
    )


@QA_CORE()
def m002_readings_and_vectors(db: Database) -> None:
    """What was made of files, so that nothing is done twice."""
    db.execute(
        """CREATE TABLE readings (
            key TEXT PRIMARY KEY,       -- hash of source, path, bytes and parser
            content TEXT NOT NULL       -- JSON: the manual with its sections
        )"""
    )
    db.execute(
        """CREATE TABLE splits (
            reading TEXT NOT NULL REFERENCES readings (key) ON DELETE CASCADE,
            splitter TEXT NOT NULL,     -- version and tokenizer
            passages TEXT NOT NULL,     -- JSON: [[id, section, start, end], …]
            PRIMARY KEY (reading, splitter)
        )"""
    )
    db.execute(
        """CREATE TABLE vectors (
            encoder TEXT NOT NULL,
            text_hash BLOB NOT NULL,    -- sha256 of the embedded text
            vector BLOB NOT NULL,       -- float32, little-endian
            PRIMARY KEY (encoder, text_hash)
        ) WITHOUT ROWID"""
    )


@QA_CORE()
def m003_indexes(db: Database) -> None:
    """The indexes on disk; the youngest of an encoder is its current one."""
    db.execute(
        """CREATE TABLE indexes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            encoder TEXT NOT NULL,
            name TEXT NOT NULL UNIQUE,  -- of its folder: hash of the encoder and of what is in it
            n_manuals INTEGER NOT NULL,
            n_sections INTEGER NOT NULL,
            n_passages INTEGER NOT NULL,
            created_at TEXT NOT NULL    -- ISO 8601, UTC
        )"""
    )


@QA_CORE()
def m004_answers(db: Database) -> None:
    """The answers that were given."""
    db.execute(
        """CREATE TABLE answers (
            id TEXT PRIMARY KEY,
            asked_by TEXT NOT NULL,
            product TEXT,               -- whose manuals were asked; NULL: all
            question TEXT NOT NULL,
            answer TEXT NOT NULL,       -- JSON: span, excerpt, hits with their texts, readings
            release_id TEXT NOT NULL,
            confidence REAL NOT NULL,
            declined INTEGER NOT NULL,
            created_at TEXT NOT NULL    -- ISO 8601, UTC
        )"""
    )
    db.execute("CREATE INDEX answers_by_time ON answers (created_at)")
    db.execute("CREATE INDEX answers_by_person ON answers (asked_by)")


@QA_CORE()
def m005_forgotten_questions(db: Database) -> None:
    """What releases learned and somebody wanted to be forgotten."""
    db.execute(
        """CREATE TABLE forgotten_questions (
            arrival INTEGER PRIMARY KEY AUTOINCREMENT,
            hash TEXT NOT NULL UNIQUE   -- sha256 of its words: no text, no person
        )"""
    )


@QA_CORE()
def m006_left_out(db: Database) -> None:
    """How much of a file was left out as data."""
    db.execute("ALTER TABLE readings ADD COLUMN n_left_out INTEGER NOT NULL DEFAULT 0")  # characters
