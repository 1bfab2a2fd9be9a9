"""Which questions new facts bear on, so that the triplets of the others need not be derived again.

A triplet follows from what was said, decided and imported about its question, and through the weekly cap
from what else the same people said first in the same weeks. Facts that changed, or are gone, may bear on any.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from qa_core.store import Store
from training.feedback.opinions import WEEK_S

_DECISIONS = "triplet_decisions"
_LAST = 2**63 - 1  # of SQLite's numbers
_TABLES = (  # of facts: how their rows are numbered, and what else tells that one is another
    ("signals", "arrival", "at"),
    ("corrections", "arrival", "at"),
    (_DECISIONS, "revision", "revision"),
    ("imported_triplets", "arrival", "arrival"),
    ("gone_answers", "arrival", "arrival"),
)
_QUESTION = "json_extract(content, '$.question_key')"
_ABOUT = "json_extract(about, '$.question_key')"
_SAID = (
    f"said AS (SELECT *, CAST(at / {WEEK_S} AS INTEGER) AS week FROM"  # noqa: S608
    " (SELECT answer_id, person, at FROM signals UNION ALL SELECT answer_id, person, at FROM corrections))"
)
_IN_SAME_WEEKS = "SELECT answer_id FROM said WHERE (person, week) IN (SELECT person, week FROM {})"
_VOTED_SINCE = (
    "since AS (SELECT answer_id, person FROM signals WHERE arrival > :signals"
    " UNION SELECT answer_id, person FROM corrections WHERE arrival > :corrections)"
)
_SPOKEN_OF = (
    f"WITH {_SAID}, {_VOTED_SINCE},"  # noqa: S608
    " theirs AS (SELECT person, week FROM said WHERE (answer_id, person) IN (SELECT * FROM since))"
    " SELECT question_key FROM shown_answers"
    f" WHERE answer_id IN ({_IN_SAME_WEEKS.format('theirs')})"
    f" UNION SELECT {_QUESTION} FROM imported_triplets, json_each(content, '$.answer_ids') AS made"
    " WHERE made.value IN (SELECT answer_id FROM since)"
    f" UNION SELECT {_QUESTION} FROM imported_triplets WHERE arrival > :imported_triplets"
    f" UNION SELECT {_ABOUT} FROM triplet_decisions WHERE revision > :triplet_decisions"
)
_OF_ANY_QUESTION = (  # an admin's words make imported triplets known as ours, whatever their question
    "SELECT 1 FROM triplet_decisions WHERE revision > :triplet_decisions"
    " AND (about IS NULL OR json_extract(edit, '$.question') NOT NULL)"
    " LIMIT 1"
)
_BEARING_ON = (
    f"WITH {_SAID},"  # noqa: S608
    " asked AS (SELECT answer_id FROM shown_answers"
    " WHERE question_key IN (SELECT value FROM json_each(:questions))),"
    " theirs AS (SELECT person, week FROM said WHERE answer_id IN (SELECT answer_id FROM asked))"
    f" SELECT answer_id FROM asked UNION {_IN_SAME_WEEKS.format('theirs')}"
    " UNION SELECT made.value FROM imported_triplets, json_each(content, '$.answer_ids') AS made"
    f" WHERE {_QUESTION} IN (SELECT value FROM json_each(:questions))"
)

Fingerprint = tuple[tuple[float, ...], ...]  # of each table: how many rows, the last one's number, two sums


def fingerprint(store: Store, upto: Fingerprint | None = None) -> Fingerprint:
    """Changes whenever a fact does; quick to compute. `upto`: of the rows alone that an earlier one saw."""
    latest = [_LAST] * len(_TABLES) if upto is None else [counts[1] for counts in upto]
    return tuple(_counts(store, *table, last) for table, last in zip(_TABLES, latest, strict=True))


def is_only_added_to(store: Store, was: Fingerprint) -> bool:
    """Whether all facts of then are as they were, and nobody was forgotten since.

    A decision that is made again gets another number: it counts as added. Those that are deleted are of
    questions that were forgotten.
    """
    return (
        _but_decisions(fingerprint(store, was)) == _but_decisions(was) and fingerprint(store)[-1] == was[-1]
    )


def _but_decisions(counts: Fingerprint) -> Fingerprint:
    return tuple(own for (table, *_), own in zip(_TABLES, counts, strict=True) if table != _DECISIONS)


def questions_since(store: Store, was: Fingerprint) -> frozenset[str] | None:
    """The keys of the questions that facts which came since bear on; None: it may be any.

    What the answers showed that were voted on was kept, see `keep_shown`.
    """
    if not is_only_added_to(store, was):
        return None
    last = {table: counts[1] for (table, *_), counts in zip(_TABLES, was, strict=True)}
    if store.rows(_OF_ANY_QUESTION, last):
        return None
    return frozenset(row["question_key"] for row in store.rows(_SPOKEN_OF, last))


def answers_bearing_on(store: Store, questions: Collection[str]) -> frozenset[str]:
    """The answers of which something was said that triplets of these questions follow from."""
    rows = store.rows(_BEARING_ON, {"questions": json.dumps(list(questions))})
    return frozenset(row["answer_id"] for row in rows)


def _counts(store: Store, table: str, number: str, other: str, last: float) -> tuple[float, ...]:
    # In the order of the rows, always: sums of times depend on it.
    [row] = store.rows(
        f"SELECT count(*) AS n, coalesce(max({number}), 0) AS last, total({number}) AS a,"  # noqa: S608
        f" total({other}) AS b FROM {table} NOT INDEXED WHERE {number} <= ?",
        [last],
    )
    return row["n"], row["last"], row["a"], row["b"]
