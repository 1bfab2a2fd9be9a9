"""The facts that triplets are derived from, read from the store."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from qa_core.store import Store, among
from training.feedback.claims import (
    About,
    Claim,
    Decision,
    Edit,
    Facts,
    Place,
    short_hash,
)
from training.feedback.new_facts import answers_bearing_on
from training.feedback.shown_answers import keep_shown, read_shown
from training.feedback.support import claim_of
from training.feedback.triplet import Triplet
from training.triplets import Derived
from training.votes import Votes


def read_facts(store: Store, questions: frozenset[str] | None = None) -> Facts:
    """All there are now, or all that bear on these questions. What answers showed is kept, masked."""
    keep_shown(store)
    votes = Votes(store)
    answer_ids = None if questions is None else answers_bearing_on(store, questions)
    return Facts(
        shown=read_shown(store, answer_ids),
        votes=votes.since(0.0) if answer_ids is None else votes.on_answers(answer_ids),
        corrections=votes.all_corrections() if answer_ids is None else votes.corrections_of(answer_ids),
        first_said=_first_said(store, answer_ids),
        last_signals=_last_signals(store, answer_ids),
        imported=_imported(store, questions),
        decisions=_decisions(store, questions),
        forgotten=frozenset(row["answer_id"] for row in store.rows("SELECT answer_id FROM gone_answers")),
        questions=questions,
    )


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


def _first_said(store: Store, answer_ids: Collection[str] | None) -> dict[tuple[str, str], float]:
    """When a person first said anything of an answer, whatever became of that."""
    of, parameters = among("answer_id", answer_ids)
    rows = store.rows(
        "SELECT answer_id, person, min(at) AS at FROM"  # noqa: S608
        f" (SELECT answer_id, person, at FROM signals WHERE value AND {of}"
        f" UNION ALL SELECT answer_id, person, at FROM corrections WHERE {of}) GROUP BY answer_id, person",
        parameters,
    )
    return {(row["answer_id"], row["person"]): row["at"] for row in rows}


def _last_signals(store: Store, answer_ids: Collection[str] | None) -> dict[tuple[str, str], float]:
    of, parameters = among("answer_id", answer_ids)
    rows = store.rows(
        "SELECT answer_id, person, max(at) AS at FROM signals WHERE (answer_id, person) IN"  # noqa: S608
        f" (SELECT answer_id, person FROM corrections WHERE {of}) GROUP BY answer_id, person",
        parameters,
    )
    return {(row["answer_id"], row["person"]): row["at"] for row in rows}


def _imported(store: Store, questions: Collection[str] | None) -> tuple[Triplet, ...]:
    of, parameters = among("json_extract(content, '$.question_key')", questions)
    sql = f"SELECT content FROM imported_triplets WHERE {of} ORDER BY arrival"  # noqa: S608
    return tuple(triplet_of(json.loads(row["content"])) for row in store.rows(sql, parameters))


def _decisions(store: Store, questions: Collection[str] | None) -> dict[str, Decision]:
    """What was decided; the words that admins wrote tell imported triplets of any question."""
    of, parameters = among("json_extract(about, '$.question_key')", questions)
    rows = store.rows(
        f"SELECT * FROM triplet_decisions WHERE {of} OR about IS NULL"  # noqa: S608
        " OR json_extract(edit, '$.question') NOT NULL",
        parameters,
    )
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
