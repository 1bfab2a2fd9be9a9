"""The answers that were given, each with the texts that it was given from."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from qa_core.clock import stamp, utc_now
from qa_core.footnotes import footnotes_of
from qa_core.records import hit_from, passage_from, spans_from
from qa_core.store import Store
from qa_core.types import Answer, Excerpt, Hit, PageStart, Passage, Reading, Section, Span

N_SPANS = 5  # of each reading that are kept, best first


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer as somebody got it.

    Sections are cut to what was shown of them: `passage.section.text` is the passage's text, and of the
    first hit the excerpt's too. Passages keep their ids; texts, pages and offsets fit each other.
    """

    id: str  # 32 hex digits
    answer: Answer
    asked_by: str
    product: str | None  # whose manuals were asked; None: all
    created_at: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that no manual answered."""

    id: str
    question: str
    product: str | None
    created_at: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as it was asked."""

    text: str
    product: str | None  # whose manuals were asked; None: all


@dataclass(frozen=True, slots=True)
class Leading:
    """What an answer showed first, without the rest: much faster to read than the whole answer."""

    id: str
    question: str
    product: str | None
    passage: Passage | None  # of the first hit; its section is cut as in GivenAnswer
    span: Span | None  # None: the bot declined
    shown_text: str | None  # the excerpt
    is_open: bool  # declined because several products may be meant: nothing is claimed


class Answers:
    """The answers in the store; safe to use from any thread and process."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, answer: Answer, asked_by: str, product: str | None = None) -> str:
        """Store an answer; returns its id."""
        answer_id = uuid.uuid4().hex
        values = [
            answer_id,
            asked_by,
            product,
            answer.question,
            json.dumps(_to_json(answer)),
            answer.release,
            float(answer.confidence),
            not answer.answered,
            stamp(utc_now()),
        ]
        with self._store.transaction() as db:
            db.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        return answer_id

    def get(self, answer_id: str) -> GivenAnswer | None:
        """One answer; None if there is none, or if it was forgotten."""
        rows = self._store.rows("SELECT * FROM answers WHERE id = ?", [answer_id])
        return _given(rows[0]) if rows else None

    def leading(self, answer_ids: Iterable[str]) -> tuple[Leading, ...]:
        """What these answers showed first; those that are not there, or were forgotten, are left out."""
        rows = self._store.rows(
            "SELECT id, question, product, json_extract(answer, '$.hits[0].passage', '$.span', '$.shown',"
            " '$.also') AS first FROM answers WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            [json.dumps(list(answer_ids))],
        )
        return tuple(map(_leading, rows))

    def since(self, moment: datetime) -> tuple[GivenAnswer, ...]:
        """The answers that were given from `moment` on, oldest first."""
        rows = self._store.rows(
            "SELECT * FROM answers WHERE created_at >= ? ORDER BY created_at, id",
            [stamp(moment)],
        )
        return tuple(map(_given, rows))

    def count_since(self, moment: datetime) -> tuple[int, int]:
        """How many questions were asked from `moment` on, and how many of them were answered."""
        [row] = self._store.rows(
            "SELECT count(*) AS n, count(*) - coalesce(sum(declined), 0) AS n_answered FROM answers "
            "WHERE created_at >= ?",
            [stamp(moment)],
        )
        return int(row["n"]), int(row["n_answered"])

    def unanswered_since(self, moment: datetime, limit: int) -> tuple[Unanswered, ...]:
        """The latest questions from `moment` on that no manual answered, latest first."""
        rows = self._store.rows(
            "SELECT id, question, product, created_at FROM answers WHERE declined AND created_at >= ? "
            "ORDER BY created_at DESC, id LIMIT ?",
            [stamp(moment), limit],
        )
        return tuple(Unanswered(**row) for row in rows)

    def latest_questions(self, limit: int) -> tuple[AskedQuestion, ...]:
        """The questions that were asked last, latest first, without their answers: quick to read."""
        rows = self._store.rows(
            "SELECT question AS text, product FROM answers ORDER BY created_at DESC, id DESC LIMIT ?", [limit]
        )
        return tuple(AskedQuestion(**row) for row in rows)

    def forget(self, person: str, most: int = -1) -> tuple[str, ...]:
        """Delete the questions of a person with their answers; returns the questions.

        No more than `most`, where there is such a bound: what is left goes when it is called again.
        """
        with self._store.transaction() as db:
            gone = db.execute(
                "DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE asked_by = ? LIMIT ?)"
                " RETURNING question",
                [person, most],
            ).fetchall()
        return tuple(question for (question,) in gone)


def _to_json(answer: Answer) -> dict[str, Any]:
    """The answer without its question and release, which have columns of their own."""
    hits = [_trimmed(hit, answer.shown if i == 0 else None) for i, hit in enumerate(answer.hits)]
    shift = answer.hits[0].passage.start - hits[0].passage.start if hits else 0
    shown = answer.shown and Excerpt(answer.shown.start - shift, answer.shown.end - shift)
    return {
        "span": answer.span and _span_json(answer.span),
        "shown": shown and asdict(shown),
        "threshold": float(answer.threshold),
        "latency_ms": float(answer.latency_ms),
        "hits": [_hit_json(hit) for hit in hits],
        "readings": [_reading_json(reading, answer.hits) for reading in answer.readings],
        "also": answer.also,
        "slips": answer.slips,
    }


def _trimmed(hit: Hit, shown: Excerpt | None) -> Hit:
    """The hit with a section that holds its passage, and what was shown, as far as its footnotes."""
    passage = hit.passage
    first = min(passage.start, shown.start) if shown else passage.start
    notes = footnotes_of(passage.section.text, shown.start, shown.end) if shown else ()
    last = max(passage.end, shown.end if shown else 0, *(end for _, end in notes))
    page = passage.section.page_at(first)
    pages: tuple[PageStart, ...] = () if page is None else (PageStart(0, page),)
    pages += tuple(
        PageStart(p.offset - first, p.page) for p in passage.section.pages if first < p.offset < last
    )
    section = Section(passage.section.heading_path, passage.section.text[first:last], pages)
    return replace(
        hit, passage=replace(passage, section=section, start=passage.start - first, end=passage.end - first)
    )


def _hit_json(hit: Hit) -> dict[str, Any]:
    return {
        "passage": asdict(hit.passage),
        "score": float(hit.score),
        "dense": float(hit.dense),
        "lexical": float(hit.lexical),
    }


def _reading_json(reading: Reading, hits: tuple[Hit, ...]) -> dict[str, Any]:
    return {
        "hit": hits.index(reading.hit),
        "spans": [_span_json(span) for span in reading.spans[:N_SPANS]],
        "null_score": float(reading.null_score),
    }


def _span_json(span: Span) -> dict[str, Any]:
    return {"start": int(span.start), "end": int(span.end), "score": float(span.score)}


def _given(row: dict[str, Any]) -> GivenAnswer:
    content = json.loads(row["answer"])
    hits = tuple(map(hit_from, content["hits"]))
    answer = Answer(
        question=row["question"],
        span=content["span"] and Span(**content["span"]),
        shown=content["shown"] and Excerpt(**content["shown"]),
        confidence=row["confidence"],
        threshold=content["threshold"],
        hits=hits,
        release=row["release_id"],
        latency_ms=content["latency_ms"],
        readings=tuple(
            Reading(hits[reading["hit"]], spans_from(reading["spans"]), reading["null_score"])
            for reading in content["readings"]
        ),
        also=tuple(content.get("also", ())),  # answers of before it was told lack it, and slips
        slips=tuple((word, other) for word, other in content.get("slips", ())),
    )
    return GivenAnswer(row["id"], answer, row["asked_by"], row["product"], row["created_at"])


def _leading(row: dict[str, Any]) -> Leading:
    first, span, shown, also = json.loads(row["first"])
    passage = first and passage_from(first)
    words = passage.section.text[shown["start"] : shown["end"]] if passage and shown else None
    is_open = not span and bool(also)
    return Leading(row["id"], row["question"], row["product"], passage, span and Span(**span), words, is_open)
