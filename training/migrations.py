"""The tables of `training`, as named migrations: applied in order, once, and never edited afterwards."""

from __future__ import annotations

import json
import re

from sqlite_utils import Database, Migrations

TRAINING = Migrations("training")


@TRAINING()
def m001_votes(db: Database) -> None:
    """Signals as they happened, and the votes that follow from them."""
    db.execute(
        """CREATE TABLE signals (
            arrival INTEGER PRIMARY KEY,
            event_id TEXT NOT NULL UNIQUE, -- of the delivery; a second one with it changes nothing
            answer_id TEXT NOT NULL,
            person TEXT NOT NULL,
            key TEXT NOT NULL,          -- what was touched: a button, or one reaction on one message
            value INTEGER NOT NULL CHECK (value IN (-1, 0, 1)), -- 0: taken back
            at REAL NOT NULL,           -- when it happened, in seconds since 1970
            UNIQUE (answer_id, person, key, at, value)
        )"""
    )
    db.execute(
        """CREATE VIEW votes AS
        WITH latest AS (                -- of each key, what happened to it last
            SELECT *, row_number() OVER (
                PARTITION BY answer_id, person, key ORDER BY at DESC, arrival DESC) AS age
            FROM signals),
        present AS (
            SELECT *, row_number() OVER (
                PARTITION BY answer_id, person ORDER BY at DESC, arrival DESC) AS age_of_present
            FROM latest WHERE age = 1 AND value <> 0)
        SELECT answer_id, person, value, at FROM present WHERE age_of_present = 1"""
    )
    db.execute(
        """CREATE TABLE examples (      -- numbers that people were told
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            answer_id TEXT NOT NULL UNIQUE
        )"""
    )


@TRAINING()
def m002_corrections(db: Database) -> None:
    """What people said would have been right."""
    db.execute(
        """CREATE TABLE corrections (
            arrival INTEGER PRIMARY KEY,
            event_id TEXT NOT NULL UNIQUE,
            answer_id TEXT NOT NULL,
            person TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('span', 'pasted', 'not_in_manuals')),
            passage_id TEXT,            -- NULL where the manuals do not say, as are the next three
            passage_text TEXT,          -- the words that the offsets count in
            span_start INTEGER,
            span_end INTEGER,
            release_id TEXT NOT NULL,   -- that gave the answer
            at REAL NOT NULL            -- seconds since 1970
        )"""
    )
    db.execute("CREATE INDEX corrections_by_answer ON corrections (answer_id, person, at)")
    db.execute("CREATE INDEX corrections_by_person ON corrections (person)")
    db.execute("CREATE INDEX signals_by_person ON signals (person)")


@TRAINING()
def m003_triplets(db: Database) -> None:
    """What votes are about, what admins decided and imported, and the triplets that follow from it all."""
    db.execute(
        """CREATE TABLE triplet_places (
            key TEXT PRIMARY KEY,       -- hash of passage and text
            passage_id TEXT NOT NULL,
            text TEXT NOT NULL,
            heading_path TEXT NOT NULL, -- JSON
            manual TEXT,
            manual_version TEXT
        )"""
    )
    db.execute(
        """CREATE TABLE shown_answers ( -- what answers with votes showed: read from them once
            answer_id TEXT PRIMARY KEY,
            question TEXT NOT NULL,     -- personal data is masked
            question_key TEXT NOT NULL,
            product TEXT,
            place TEXT REFERENCES triplet_places (key), -- NULL: no passage was found
            span_start INTEGER,         -- NULL: the bot declined
            span_end INTEGER,
            excerpt TEXT
        )"""
    )
    db.execute(
        """CREATE TABLE triplet_decisions (
            key TEXT PRIMARY KEY,       -- of the claim that was decided about
            status TEXT NOT NULL CHECK (status IN ('approved', 'rejected')),
            edit TEXT,                  -- JSON: what an admin put in its place
            revision INTEGER NOT NULL UNIQUE
        )"""
    )
    db.execute(
        """CREATE TABLE imported_triplets (
            arrival INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE,   -- of question, claim and kind: importing again changes nothing
            content TEXT NOT NULL       -- JSON
        )"""
    )
    db.execute(
        """CREATE TABLE triplets (      -- derived; deleting the rows loses nothing
            id TEXT PRIMARY KEY,
            status TEXT NOT NULL,
            content TEXT NOT NULL       -- JSON
        ) WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX triplets_by_status ON triplets (status)")
    db.execute(
        """CREATE TABLE triplet_state ( -- one row: the facts that `triplets` was derived from
            only INTEGER PRIMARY KEY CHECK (only = 1),
            facts TEXT NOT NULL
        )"""
    )
    db.execute(
        """CREATE TABLE dataset_parts ( -- which questions were trained on or held out, once and for all
            question_key TEXT PRIMARY KEY,
            part TEXT NOT NULL CHECK (part IN ('training', 'held_out')),
            at REAL NOT NULL            -- seconds since 1970: when it was first in a data set
        ) WITHOUT ROWID"""
    )


@TRAINING()
def m010_jobs(db: Database) -> None:
    """Retrainings: at most one of them is under way, whoever starts it."""
    db.execute(
        """CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            under_way INTEGER UNIQUE CHECK (under_way = 1), -- NULL once it has ended
            state TEXT NOT NULL,        -- waiting, running; promoted, kept, checked, cancelled, failed
            request TEXT NOT NULL,      -- JSON: what was asked for, by whom, and where
            created_at TEXT NOT NULL,   -- ISO 8601, UTC
            ended_at TEXT,
            owner TEXT,                 -- the process that runs it
            host TEXT,
            pid INTEGER,
            beat_at REAL,               -- seconds since 1970: its last sign of life
            n_starts INTEGER NOT NULL DEFAULT 0,
            cancelled INTEGER NOT NULL DEFAULT 0, -- whether somebody wants it to end
            stage TEXT NOT NULL DEFAULT '',
            share REAL NOT NULL DEFAULT 0, -- of the whole job that is done, 0 to 1
            loss REAL,
            left_s REAL,                -- seconds until its end, as far as can be told
            message TEXT NOT NULL DEFAULT '', -- how it ended, in words
            release_id TEXT,            -- that it made
            dataset TEXT                -- digest of what was trained on
        )"""
    )


@TRAINING()
def m011_triplets_of_jobs(db: Database) -> None:
    """How many triplets there were when a retraining was begun: "after N new ones" counts from there."""
    db.execute("ALTER TABLE jobs ADD COLUMN n_triplets INTEGER NOT NULL DEFAULT 0")


@TRAINING()
def m012_gone_answers(db: Database) -> None:
    """Answers whose question was forgotten: no file may bring it back."""
    db.execute(
        """CREATE TABLE gone_answers (  -- nothing but their ids: no text, no person
            arrival INTEGER PRIMARY KEY,
            answer_id TEXT NOT NULL UNIQUE
        )"""
    )


@TRAINING()
def m013_jobs_that_give_way(db: Database) -> None:
    """Whether a retraining gets little of the processor, because others need it."""
    db.execute("ALTER TABLE jobs ADD COLUMN gives_way INTEGER NOT NULL DEFAULT 0")


@TRAINING()
def m014_what_decisions_and_parts_are_about(db: Database) -> None:
    """A claim decided about is known again in a passage that changed, and a question in other words."""
    db.execute("ALTER TABLE triplet_decisions ADD COLUMN about TEXT")  # JSON: question, claim, negative
    for column in ("question TEXT", "passage_id TEXT", "span_start INTEGER", "span_end INTEGER"):
        db.execute(f"ALTER TABLE dataset_parts ADD COLUMN {column}")  # NULL in rows of before


@TRAINING()
def m015_what_cannot_be_derived_from(db: Database) -> None:
    """Half characters and counts beyond 64 bits, which were let in: no triplet could be derived any more."""
    for table, column in (
        ("imported_triplets", "content"),
        ("triplet_decisions", "edit"),
        ("triplet_decisions", "about"),
    ):
        rows = db.execute(f"SELECT rowid, {column} FROM {table} WHERE {column} NOT NULL").fetchall()  # noqa: S608
        for rowid, text in rows:
            whole = json.dumps(json.loads(text), ensure_ascii=False).encode(errors="replace")
            content = json.loads(whole)
            content |= {n: min(content[n], 2**63 - 1) for n in ("n_up", "n_down") if n in content}
            if content != json.loads(text):
                db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", [json.dumps(content), rowid])  # noqa: S608


@TRAINING()
def m016_when_processes_of_jobs_began(db: Database) -> None:
    """A process is known by its number and its beginning: numbers are given anew."""
    db.execute("ALTER TABLE jobs ADD COLUMN pid_began_at INTEGER")  # see `processes.began_at`


@TRAINING()
def m017_why_releases_were_promoted(db: Database) -> None:
    """Which release answers is no part of how a job ended: it was stored, and another one may since."""
    rows = db.execute(
        "SELECT id, release_id, message FROM jobs WHERE state = 'promoted' AND release_id NOT NULL"
    ).fetchall()
    for job_id, release, message in rows:
        why = re.sub(
            rf"^{re.escape(release)} (answers now|was promoted(; \S+ has become current since)?)\. ?",
            "",
            message,
        )
        db.execute("UPDATE jobs SET message = ? WHERE id = ?", [why, job_id])


@TRAINING()
def m018_claims_short_of_people(db: Database) -> None:
    """How many claims wait for more people follows from the same facts as the triplets, and with them."""
    db.execute("DELETE FROM triplet_state")
    db.execute("ALTER TABLE triplet_state ADD COLUMN n_short INTEGER NOT NULL DEFAULT 0")


@TRAINING()
def m019_triplets_by_question(db: Database) -> None:
    """Only the triplets of questions that new facts bear on are derived again."""
    for table, key in (
        ("shown_answers", "question_key"),
        ("triplets", "json_extract(content, '$.triplet.question_key')"),
        ("imported_triplets", "json_extract(content, '$.question_key')"),
        ("triplet_decisions", "json_extract(about, '$.question_key')"),
    ):
        db.execute(f"CREATE INDEX {table}_by_question ON {table} ({key})")
    db.execute("DROP TABLE triplet_state")
    db.execute(
        """CREATE TABLE triplet_state ( -- one row: what `triplets` was derived from
            only INTEGER PRIMARY KEY CHECK (only = 1),
            manuals_and_rules TEXT NOT NULL, -- hash
            facts TEXT NOT NULL         -- JSON: their fingerprint
        )"""
    )
    db.execute(
        """CREATE TABLE short_of_people ( -- claims that too few people make yet; derived, with `triplets`
            question_key TEXT PRIMARY KEY,
            n INTEGER NOT NULL
        ) WITHOUT ROWID"""
    )
