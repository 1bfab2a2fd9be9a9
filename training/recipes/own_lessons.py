"""Questions on the project's own manuals as lessons: each on the passage that answers and on look-alikes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa_core.engine import Engine
from qa_core.types import Hit, Passage
from training.feedback.locating import locate
from training.measuring.questions import is_in_gold_section
from training.reading.examples import Example
from training.reading.passage_training import N_PASSAGES, PassageGroup
from training.recipes.own_manuals import OwnQuestion

_DEPTH = 10  # hits of which the look-alikes are the first
# What cosine and keywords say in log-odds, in a conditional logit of all that ranking knows (ranking_fit.py),
# on questions about a television, a phone and invented products.
_DENSE, _LEXICAL = 11.7, 4.2
_BEHIND = 1.0  # so far behind the last hit a passage is taken to be that was not found

_MARKS = re.compile(r"[*_`]|\[([^\]]*)\]\([^)]*\)")
_SHORT_KINDS = ("table", "code")  # their key is marked, as in every row; of other kinds the whole answer


def own_lessons(engine: Engine, questions: Sequence[OwnQuestion]) -> Iterator[PassageGroup]:
    """A group for every question whose answer is found word for word and that has look-alikes enough.

    Look-alikes are what the engine's index finds in other sections.
    """
    index = engine.models.index
    for own in questions:
        asked = own.question.text
        hits = index.search(asked, engine.models.encoder.encode_question(asked), _DEPTH)
        answering = answer_of(own, index.passages) if own.question.answerable else None
        if own.question.answerable and answering is None:
            continue
        examples, scores = [], []
        if answering is not None:
            passage, start, end = answering
            examples.append(_example(asked, passage, start, end))
            scores.append(_score_of(passage, hits))
        for hit in hits:
            if len(examples) < N_PASSAGES and not is_in_gold_section(hit.passage, own.question):
                examples.append(_example(asked, hit.passage))
                scores.append(_score(hit))
        if len(examples) == N_PASSAGES:
            yield PassageGroup(tuple(examples), tuple(scores))


def answer_of(own: OwnQuestion, passages: Sequence[Passage]) -> tuple[Passage, int, int] | None:
    """The passage of the gold section that has the answer, and where in its text; None if none has it."""
    gold, key = (_MARKS.sub(r"\1", text) for text in (own.question.answers[0], own.key))
    for passage in passages:
        if not is_in_gold_section(passage, own.question):
            continue
        is_row = "|" in gold
        found = _row(passage.text, gold) if is_row else _prose(passage, gold)
        if found is None:
            continue
        start, end = found
        if (is_row or own.kind in _SHORT_KINDS) and (inner := _place(passage.text[start:end], key)):
            start, end = start + inner[0], start + inner[1]
        return passage, start, end
    return None


def _prose(passage: Passage, gold: str) -> tuple[int, int] | None:
    located = locate(gold, [passage])
    if located is None:
        return None
    start, end = located.start - passage.start, located.end - passage.start
    return (start, end) if 0 <= start < end <= len(passage.text) else None


def _row(text: str, gold: str) -> tuple[int, int] | None:
    """The line that has all cells of a table's row."""
    cells = [cell for each in gold.split("|") if (cell := each.strip())]
    at = 0
    for line in text.split("\n"):
        if all(_place(line, cell) for cell in cells):
            return at, at + len(line)
        at += len(line) + 1
    return None


def _place(text: str, words: str) -> tuple[int, int] | None:
    """Where the letters and digits of `words` stand in the text, whatever stands between them."""
    kept = [place for place, character in enumerate(text) if character.isalnum()]
    wanted = "".join(character for character in words.lower() if character.isalnum())
    at = "".join(text[place].lower()[:1] for place in kept).find(wanted) if wanted else -1
    return None if at < 0 else (kept[at], kept[at + len(wanted) - 1] + 1)


def _example(question: str, passage: Passage, start: int | None = None, end: int | None = None) -> Example:
    return Example(passage.id, question, passage.text, start, end, passage.section.heading_path)


def _score(hit: Hit) -> float:
    return _DENSE * hit.dense + _LEXICAL * hit.lexical


def _score_of(passage: Passage, hits: Sequence[Hit]) -> float:
    own = [_score(hit) for hit in hits if hit.passage.id == passage.id]
    return own[0] if own else min(map(_score, hits), default=0.0) - _BEHIND
