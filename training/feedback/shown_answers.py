"""What the answers showed that people voted on, kept masked: each is read once."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from qa_core.answers import Answers, Leading
from qa_core.store import Store, among
from training.feedback.claims import Claim, Place, Shown, place_of, question_key, short_hash
from training.feedback.masking import mask

_BATCH = 500  # answers read at once
_VOTED = "SELECT answer_id FROM signals UNION SELECT answer_id FROM corrections"


def keep_shown(store: Store) -> None:
    """Keep what those answers showed that nobody had voted on before."""
    rows = store.rows(f"{_VOTED} EXCEPT SELECT answer_id FROM shown_answers")  # noqa: S608 - ours
    answer_ids = [row["answer_id"] for row in rows]
    answers = Answers(store)
    for at in range(0, len(answer_ids), _BATCH):
        leading = answers.leading(answer_ids[at : at + _BATCH])
        with store.transaction() as db:
            for each in leading:
                _keep(db, each)


def read_shown(store: Store, answer_ids: Collection[str] | None = None) -> dict[str, Shown]:
    """What is kept, by answer; of these answers alone if they are given."""
    of, parameters = among("answer_id", answer_ids)
    in_use = f"SELECT * FROM triplet_places WHERE key IN (SELECT place FROM shown_answers WHERE {of})"  # noqa: S608
    places = {row["key"]: _place(row) for row in store.rows(in_use, parameters)}
    claims: dict[tuple[str, int | None, int | None], Claim] = {}  # one object each: half the time to derive
    shown = {}
    for row in store.rows(f"SELECT * FROM shown_answers WHERE {of}", parameters):  # noqa: S608
        claim = None
        if row["place"] is not None:
            key = (row["place"], row["span_start"], row["span_end"])
            claim = claims.get(key) or claims.setdefault(key, Claim(places[key[0]], key[1], key[2]))
        shown[row["answer_id"]] = Shown(
            row["answer_id"], row["question"], row["question_key"], row["product"], claim, row["excerpt"]
        )
    return shown


def _place(row: dict[str, Any]) -> Place:
    return Place(
        row["passage_id"],
        row["text"],
        tuple(json.loads(row["heading_path"])),
        row["manual"],
        row["manual_version"],
    )


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
