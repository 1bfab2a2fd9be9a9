"""The facts that triplets are derived from, read from the store."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from qa_core.answers import Answers, Leading
from qa_core.forgotten import ForgottenQuestions
from qa_core.store import Store
from training.claims import (
    About,
    Claim,
    Decision,
    Edit,
    Facts,
    Place,
    Shown,
    place_of,
    question_key,
    short_hash,
)
from training.masking import mask
from training.support import claim_of
from training.triplet import Triplet
from training.triplets import Derived
from training.votes import Votes

_BATCH = 500  # answers read at once
_IS_OF_GONE = (
    "EXISTS (SELECT 1 FROM json_each(content, '{}.answer_ids')"
    " WHERE value IN (SELECT answer_id FROM gone_answers))"
)
_WORDS_OF_GONE = (  # in which triplets, and what admins wrote, ask the same
    "SELECT json_extract(content, '$.question') FROM imported_triplets"  # noqa: S608
    f" WHERE {_IS_OF_GONE.format('$')}"
    " UNION SELECT json_extract(content, '$.triplet.question') FROM triplets"
    " WHERE json_extract(content, '$.triplet.question_key') IN (SELECT key FROM gone_questions)"
    f" OR {_IS_OF_GONE.format('$.triplet')}"
    " UNION SELECT question FROM dataset_parts"
    " WHERE question NOT NULL AND question_key IN (SELECT key FROM gone_questions)"
    " UNION SELECT json_extract(edit, '$.question') FROM triplet_decisions"
    " WHERE json_extract(edit, '$.question') NOT NULL"
    " AND json_extract(about, '$.question_key') IN (SELECT key FROM gone_questions)"
)
_FORGET_IMPORTED = f"DELETE FROM imported_triplets WHERE {_IS_OF_GONE.format('$')}"  # noqa: S608
_FORGET_DERIVED = (  # the others stay, so that they can be counted until all are derived again
    "DELETE FROM triplets WHERE json_extract(content, '$.triplet.question_key') IN"  # noqa: S608
    f" (SELECT key FROM gone_questions) OR {_IS_OF_GONE.format('$.triplet')}"
)
_FORGET_WORDING = (
    "UPDATE dataset_parts SET question = NULL WHERE question_key IN (SELECT key FROM gone_questions)"
)
_FORGET_WRITTEN = (  # what an admin made of such a question
    "DELETE FROM triplet_decisions WHERE json_extract(edit, '$.question') NOT NULL"
    " AND json_extract(about, '$.question_key') IN (SELECT key FROM gone_questions)"
)
_VOTED = "SELECT answer_id FROM signals UNION SELECT answer_id FROM corrections"


def read_facts(store: Store) -> Facts:
    """Everything there is now. What answers showed is kept, masked, so that each is read once."""
    _keep_shown(store)
    votes = Votes(store)
    return Facts(
        shown=_shown(store),
        votes=votes.since(0.0),
        corrections=votes.all_corrections(),
        first_said=_first_said(store),
        last_signals=_last_signals(store),
        imported=_imported(store),
        decisions=_decisions(store),
        forgotten=frozenset(row["answer_id"] for row in store.rows("SELECT answer_id FROM gone_answers")),
    )


def fingerprint(store: Store) -> str:
    """Changes whenever a fact does; quick to compute."""
    counts = [
        store.rows(f"SELECT count(*), max({number}), total({number}), total({other}) FROM {table}")  # noqa: S608
        for table, number, other in (
            ("signals", "arrival", "at"),
            ("corrections", "arrival", "at"),
            ("triplet_decisions", "revision", "revision"),
            ("imported_triplets", "arrival", "arrival"),
            ("gone_answers", "arrival", "arrival"),
        )
    ]
    return short_hash(json.dumps(counts))


def forget_what_is_gone(store: Store) -> int:
    """Drop what is kept of answers that were forgotten, and all that was derived or imported from it.

    Their ids are kept, so that no file brings them back, and hashes of their questions, so that no release
    remembers them. Returns how many answers that were.
    """
    gone = "FROM shown_answers WHERE answer_id NOT IN (SELECT id FROM answers)"
    if not store.rows(f"SELECT 1 {gone} LIMIT 1"):
        return 0
    with store.transaction() as db:
        db.execute(f"INSERT OR IGNORE INTO gone_answers (answer_id) SELECT answer_id {gone}")
        db.execute(f"CREATE TEMP TABLE gone_questions AS SELECT DISTINCT question_key AS key {gone}")
        words = {row[0] for row in db.execute(f"SELECT question {gone} UNION {_WORDS_OF_GONE}")}
        n_gone = db.execute(f"DELETE {gone}").rowcount
        ForgottenQuestions(store).add(words - questions_voted_on(store))
        db.execute(_FORGET_IMPORTED)
        db.execute(_FORGET_DERIVED)
        db.execute("DELETE FROM gone_questions WHERE key IN (SELECT question_key FROM shown_answers)")
        db.execute(_FORGET_WORDING)
        db.execute(_FORGET_WRITTEN)
        db.execute("DROP TABLE gone_questions")
        db.execute("DELETE FROM triplet_state")
        return int(n_gone)


def questions_voted_on(store: Store) -> set[str]:
    """The questions of answers that people voted on, as they were asked, without personal data."""
    return {row["question"] for row in store.rows("SELECT DISTINCT question FROM shown_answers")}


def save_decision(db: Database, decided: Derived, status: str, edit: Edit | None = None) -> None:
    """Decide about the claims of a triplet; an edit stays until another takes its place."""
    triplet = decided.triplet
    content = None if edit is None else json.dumps(asdict(edit))
    about = About(triplet.question_key, claim_of(triplet), triplet.kind == "negative")
    for key in decided.decision_keys:
        db.execute(
            "INSERT INTO triplet_decisions (key, status, edit, revision, about)"
            " VALUES (?, ?, ?, (SELECT coalesce(max(revision), 0) + 1 FROM triplet_decisions), ?)"
            " ON CONFLICT (key) DO UPDATE SET status = excluded.status, revision = excluded.revision,"
            " edit = coalesce(excluded.edit, edit), about = excluded.about",
            [key, status, content, json.dumps(asdict(about))],
        )


def save_imported(store: Store, triplets: Iterable[Triplet]) -> int:
    """Store imported triplets, all or none; returns how many were not there before, just so."""
    n_new = 0
    with store.transaction() as db:
        for triplet in triplets:
            sign = "-" if triplet.kind == "negative" else "+"
            key = short_hash(triplet.question_key, sign, triplet.passage_id, triplet.start, triplet.end)
            content = json.dumps(asdict(triplet))
            known = db.execute("SELECT content FROM imported_triplets WHERE key = ?", [key]).fetchone()
            if known is None or known[0] != content:
                db.execute(
                    "INSERT OR REPLACE INTO imported_triplets (key, content) VALUES (?, ?)", [key, content]
                )
                n_new += 1
    return n_new


def triplet_of(content: dict[str, Any]) -> Triplet:
    """The triplet that JSON was made of."""
    lists = {name: tuple(content[name]) for name in ("heading_path", "answer_ids")}
    return Triplet(**{**content, **lists})


def _keep_shown(store: Store) -> None:
    rows = store.rows(f"{_VOTED} EXCEPT SELECT answer_id FROM shown_answers")  # noqa: S608 - ours
    answer_ids = [row["answer_id"] for row in rows]
    answers = Answers(store)
    for at in range(0, len(answer_ids), _BATCH):
        leading = answers.leading(answer_ids[at : at + _BATCH])
        with store.transaction() as db:
            for each in leading:
                _keep(db, each)


def _keep(db: Database, leading: Leading) -> None:
    question, key = mask(leading.question), None
    if leading.passage is not None and not leading.is_open:
        place = place_of(leading.passage)
        key = short_hash(*asdict(place).values())
        values = [key, place.passage_id, place.text, json.dumps(place.heading_path)]
        db.execute(
            "INSERT OR IGNORE INTO triplet_places VALUES (?, ?, ?, ?, ?, ?)",
            [*values, place.manual, place.manual_version],
        )
    span = leading.span
    db.execute(
        "INSERT OR IGNORE INTO shown_answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            leading.id,
            question,
            question_key(question, leading.product),
            leading.product,
            key,
            span and span.start,
            span and span.end,
            leading.shown_text,
        ],
    )


def _shown(store: Store) -> dict[str, Shown]:
    places = {
        row["key"]: Place(
            row["passage_id"],
            row["text"],
            tuple(json.loads(row["heading_path"])),
            row["manual"],
            row["manual_version"],
        )
        for row in store.rows("SELECT * FROM triplet_places")
    }
    claims: dict[tuple[str, int | None, int | None], Claim] = {}  # one object each: half the time to derive
    shown = {}
    for row in store.rows("SELECT * FROM shown_answers"):
        claim = None
        if row["place"] is not None:
            key = (row["place"], row["span_start"], row["span_end"])
            claim = claims.get(key) or claims.setdefault(key, Claim(places[key[0]], key[1], key[2]))
        shown[row["answer_id"]] = Shown(
            row["answer_id"], row["question"], row["question_key"], row["product"], claim, row["excerpt"]
        )
    return shown


def _first_said(store: Store) -> dict[tuple[str, str], float]:
    """When a person first said anything of an answer, whatever became of that."""
    rows = store.rows(
        "SELECT answer_id, person, min(at) AS at FROM (SELECT answer_id, person, at FROM signals WHERE value"
        " UNION ALL SELECT answer_id, person, at FROM corrections) GROUP BY answer_id, person"
    )
    return {(row["answer_id"], row["person"]): row["at"] for row in rows}


def _last_signals(store: Store) -> dict[tuple[str, str], float]:
    rows = store.rows(
        "SELECT answer_id, person, max(at) AS at FROM signals WHERE (answer_id, person) IN"
        " (SELECT answer_id, person FROM corrections) GROUP BY answer_id, person"
    )
    return {(row["answer_id"], row["person"]): row["at"] for row in rows}


def _imported(store: Store) -> tuple[Triplet, ...]:
    rows = store.rows("SELECT content FROM imported_triplets ORDER BY arrival")
    return tuple(triplet_of(json.loads(row["content"])) for row in rows)


def _decisions(store: Store) -> dict[str, Decision]:
    rows = store.rows("SELECT * FROM triplet_decisions")
    return {
        row["key"]: Decision(row["status"], row["revision"], _edit(row["edit"]), _about(row["about"]))
        for row in rows
    }


def _edit(content: str | None) -> Edit | None:
    if content is None:
        return None
    edit = json.loads(content)
    return Edit(edit["question"], _claim(edit["claim"]))


def _about(content: str | None) -> About | None:
    if content is None:
        return None
    about = json.loads(content)
    return About(about["question_key"], _claim(about["claim"]), about["negative"])


def _claim(content: dict[str, Any]) -> Claim:
    place = content["place"]
    return Claim(
        Place(**{**place, "heading_path": tuple(place["heading_path"])}), content["start"], content["end"]
    )
