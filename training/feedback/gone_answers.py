"""Answers that were forgotten: what is kept, derived and imported of them goes, too."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlite_utils import Database

from qa_core.forgotten import ForgottenQuestions
from qa_core.store import AT_ONCE, Store

_GONE = "FROM shown_answers WHERE NOT EXISTS (SELECT 1 FROM answers WHERE id = answer_id)"
_IN_GONE = "IN (SELECT value FROM json_each(:answers))"
_OF_GONE = "IN (SELECT value FROM json_each(:questions))"
_IS_OF_GONE = f"EXISTS (SELECT 1 FROM json_each(content, '{{}}.answer_ids') WHERE value {_IN_GONE})"  # noqa: S608
_KEY = "json_extract(content, '$.triplet.question_key')"
_ABOUT = f"json_extract(edit, '$.question') NOT NULL AND json_extract(about, '$.question_key') {_OF_GONE}"
_IMPORTED = (
    "SELECT arrival AS id, json_extract(content, '$.question') AS question FROM imported_triplets"  # noqa: S608
    f" WHERE {_IS_OF_GONE.format('$')}"
)
_DERIVED = (  # the others stay, so that they can be counted until all are derived again
    "SELECT id, json_extract(content, '$.triplet.question') AS question FROM triplets"  # noqa: S608
    f" WHERE {_KEY} {_OF_GONE} OR {_IS_OF_GONE.format('$.triplet')}"
)
_WORDS = (  # what admins wrote, and how data sets have it
    f"SELECT question FROM dataset_parts WHERE question NOT NULL AND question_key {_OF_GONE}"  # noqa: S608
    f" UNION SELECT json_extract(edit, '$.question') FROM triplet_decisions WHERE {_ABOUT}"
)
_STILL_ASKED = f"SELECT DISTINCT question_key AS key FROM shown_answers WHERE question_key {_OF_GONE}"  # noqa: S608
_VOTED_ON = (  # there are answers that are gone and were not dropped yet
    "SELECT DISTINCT shown_answers.question FROM shown_answers JOIN answers ON id = answer_id"
    " WHERE shown_answers.question IN (SELECT value FROM json_each(?))"
)


def forget_what_is_gone(store: Store) -> int:
    """Drop what is kept of answers that were forgotten, and all that was derived or imported from it.

    Their ids are kept, so that no file brings them back, and hashes of their questions, so that no release
    remembers them. Returns how many answers that were. Others write meanwhile: some hundred answers go at a
    time, and what is found of them is looked for before.
    """
    n_gone = 0
    while gone := store.rows(f"SELECT answer_id, question, question_key {_GONE} LIMIT {AT_ONCE}"):
        if n_gone:
            store.give_way()
        _forget(store, gone)
        n_gone += len(gone)
    return n_gone


def questions_voted_on(store: Store, questions: Collection[str]) -> frozenset[str]:
    """Those of these questions, without personal data, to which people voted on an answer that is there."""
    return frozenset(row["question"] for row in store.rows(_VOTED_ON, [json.dumps(list(questions))]))


def _forget(store: Store, gone: Sequence[dict[str, Any]]) -> None:
    keys = {row["question_key"] for row in gone}
    of = {"answers": json.dumps([row["answer_id"] for row in gone]), "questions": json.dumps(list(keys))}
    imported, derived = store.rows(_IMPORTED, of), store.rows(_DERIVED, of)
    with store.transaction() as db:
        db.execute("INSERT OR IGNORE INTO gone_answers (answer_id) SELECT value FROM json_each(:answers)", of)
        db.execute(f"DELETE FROM shown_answers WHERE answer_id {_IN_GONE}", of)  # noqa: S608
        words = {row["question"] for row in (*gone, *imported, *derived, *store.rows(_WORDS, of))}
        ForgottenQuestions(store).add(words - questions_voted_on(store, words))
        _delete(db, "imported_triplets", "arrival", imported)
        _delete(db, "triplets", "id", derived)
        still_asked = {row["key"] for row in store.rows(_STILL_ASKED, of)}
        of["questions"] = json.dumps(list(keys - still_asked))
        db.execute(f"UPDATE dataset_parts SET question = NULL WHERE question_key {_OF_GONE}", of)  # noqa: S608
        db.execute(f"DELETE FROM triplet_decisions WHERE {_ABOUT}", of)  # noqa: S608
        db.execute("DELETE FROM triplet_state")


def _delete(db: Database, table: str, key: str, rows: Sequence[dict[str, Any]]) -> None:
    db.conn.executemany(f"DELETE FROM {table} WHERE {key} = ?", [(row["id"],) for row in rows])  # noqa: S608
