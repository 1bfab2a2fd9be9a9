"""The tables of `bot`, as named migrations: applied in order, once, and never edited afterwards.

Times are seconds since 1970; `ts` and `thread_ts` are Slack's, as text.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

BOT = Migrations("bot")


@BOT()
def m001_inbox(db: Database) -> None:
    """What Slack has sent. A row outlives its work, so that what Slack sends again is known."""
    db.execute(
        """CREATE TABLE inbox (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,   -- of the delivery: the same when Slack sends it again
            subject TEXT UNIQUE,        -- of the question: the same in every form in which Slack sends it
            thread TEXT,                 -- the thread that it belongs to: one after the other is answered
            route TEXT NOT NULL,        -- what it is: a key of the table of listeners
            lane TEXT NOT NULL,         -- which workers take it
            body TEXT NOT NULL,         -- JSON; emptied when the work is done
            person TEXT,
            state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done', 'failed')),
            received_at REAL NOT NULL,
            not_before REAL NOT NULL DEFAULT 0,
            owner TEXT,                 -- the process that works on it
            lease_until REAL NOT NULL DEFAULT 0,
            n_attempts INTEGER NOT NULL DEFAULT 0,
            answer_id TEXT,             -- once the question is answered
            doubtful INTEGER NOT NULL DEFAULT 0, -- whether a message may have been posted for it
            error_id TEXT,
            finished_at REAL
        )"""
    )
    db.execute("CREATE INDEX inbox_waiting ON inbox (lane, id) WHERE state = 'new'")
    db.execute("CREATE INDEX inbox_threads ON inbox (thread, id) WHERE state = 'new'")
    db.execute(
        """CREATE VIEW waiting AS       -- what is asked in a thread waits for what was asked there before
        SELECT * FROM inbox AS own WHERE state = 'new' AND NOT EXISTS (
            SELECT 1 FROM inbox AS earlier
            WHERE earlier.state = 'new' AND earlier.thread = own.thread AND earlier.id < own.id)"""
    )
    db.execute("CREATE INDEX inbox_finished ON inbox (finished_at) WHERE state <> 'new'")


@BOT()
def m002_conversations(db: Database) -> None:
    """What was posted where, the threads it began, and what is set for channels."""
    db.execute(
        """CREATE TABLE posts (
            channel TEXT NOT NULL,
            ts TEXT NOT NULL,
            team TEXT,
            thread_ts TEXT,
            answer_id TEXT NOT NULL,
            posted_at REAL NOT NULL,
            PRIMARY KEY (channel, ts)
        ) WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX posts_by_answer ON posts (answer_id)")
    db.execute(
        """CREATE TABLE threads (
            channel TEXT NOT NULL,
            thread_ts TEXT NOT NULL,
            asked_by TEXT NOT NULL,
            question TEXT NOT NULL,     -- the latest, as it was asked of the engine
            product TEXT,               -- that is talked about
            handed_to TEXT,             -- the person or user group who was asked
            handed_at REAL,
            resolved_by TEXT,
            resolved_at REAL,
            PRIMARY KEY (channel, thread_ts)
        ) WITHOUT ROWID"""
    )
    db.execute(
        """CREATE TABLE channels (
            channel TEXT PRIMARY KEY,
            products TEXT NOT NULL,     -- JSON list; empty: all
            threshold REAL,             -- NULL: the release's
            auto_answer INTEGER NOT NULL,
            follow_ups INTEGER NOT NULL,
            person TEXT,                -- id of a person or user group to ask
            changed_by TEXT,
            changed_at REAL NOT NULL
        ) WITHOUT ROWID"""
    )


@BOT()
def m003_receipts(db: Database) -> None:
    """What people were told about an answer, and what was done with it, so that it happens once."""
    db.execute(
        """CREATE TABLE receipts (
            answer_id TEXT NOT NULL,
            person TEXT NOT NULL,       -- or the channel
            kind TEXT NOT NULL,
            task TEXT NOT NULL,         -- key of the delivery that it happened for
            PRIMARY KEY (answer_id, person, kind)
        ) WITHOUT ROWID"""
    )


@BOT()
def m004_retraining(db: Database) -> None:
    """The messages that tell how retrainings go, and who is told that a release learned from their votes."""
    db.execute(
        """CREATE TABLE job_messages (
            task TEXT PRIMARY KEY,      -- key of the delivery that the message is for
            channel TEXT NOT NULL,
            ts TEXT NOT NULL,
            shown TEXT NOT NULL         -- its text as it was last edited
        ) WITHOUT ROWID"""
    )
    db.execute(
        """CREATE TABLE thanks (
            job INTEGER NOT NULL,
            person TEXT NOT NULL,
            answer_id TEXT NOT NULL,    -- the latest of those that they spoke about
            n_answers INTEGER NOT NULL,
            channel TEXT,               -- NULL: in direct messages
            thread_ts TEXT,
            told_at REAL,               -- NULL: not yet
            PRIMARY KEY (job, person)
        ) WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX thanks_by_person ON thanks (person)")


@BOT()
def m005_settled(db: Database) -> None:
    """From when on a message that may have been sent is in its thread, or will never be."""
    db.execute("ALTER TABLE inbox ADD COLUMN settled_at REAL NOT NULL DEFAULT 0")
    db.execute(
        "UPDATE inbox SET settled_at = strftime('%s', 'now') + 30 WHERE state = 'new' AND doubtful > 0"
    )


@BOT()
def m006_messages_that_are_gone(db: Database) -> None:
    """How often a message about a retraining could not be edited, as somebody had deleted it."""
    db.execute("ALTER TABLE job_messages ADD COLUMN n_gone INTEGER NOT NULL DEFAULT 0")


@BOT()
def m007_workspaces(db: Database) -> None:
    """Bots of several workspaces may share a home, one of which may be that in the browser."""
    db.execute("ALTER TABLE inbox ADD COLUMN workspace TEXT")  # NULL in rows of before


@BOT()
def m008_thanks_of_workspaces(db: Database) -> None:
    """Each workspace's bot tells its own people that a release has learned from what they said."""
    db.execute("ALTER TABLE thanks ADD COLUMN workspace TEXT")  # NULL in rows of before
