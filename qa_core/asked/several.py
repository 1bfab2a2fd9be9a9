"""Several questions in one message: an answer is an excerpt of one section, and hardly ever answers two."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_core.tokens import tokenize
from qa_core.types import Answer

_QUESTION = re.compile(r"[^?]+\?+")
_WORDS = r"(?:how|what|what['’]?s|where|when|which|who|why)\b"
_JOINED = re.compile(rf",? (?:and|but)(?: also)? (?={_WORDS})|, (?:also )?(?={_WORDS})", re.IGNORECASE)
_ASKS = re.compile(rf"\b{_WORDS}|^\W*(?:are|can|could|do|does|is|may|must|should|will)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!])\s+(?=\S)")
# What asks on about the subject of the question before: "how often?", "how do I turn it on?".
_ASKING_ON = frozenset(tokenize("far fast long mean normal often ok quickly safe soon work wrong"))
_REFERS = re.compile(r"\b(?:he|its?|ones?|she|that|their|them|these|they|this|those)\b", re.IGNORECASE)
_OWN = 2  # words of a question with a subject of its own; a code is enough
_ENOUGH = 0.5  # of a question's words in what answers it


def questions_in(message: str) -> tuple[str, ...]:
    """The questions of a message that can each be asked by itself, as they stand there.

    What asks on about the subject of the one before is none: hardly another section answers it.
    """
    first, *others = (part for asked in _QUESTION.findall(message) or [message] for part in _parted(asked))
    return (first, *filter(_has_own_subject, others))


def left_open(answer: Answer) -> tuple[str, ...]:
    """The questions of a message that the answer does not answer; none where it asks but one.

    The answer is that to the one of which it has most; others it answers where it has half of their words.
    """
    asked = questions_in(answer.question)
    if len(asked) < 2 or not answer.answered:
        return asked if len(asked) > 1 else ()
    passage = answer.hits[0].passage
    names = frozenset(tokenize(f"{passage.manual.product} {passage.manual.title}"))
    told = frozenset(tokenize(f"{passage.heading}\n{answer.shown_text}"))
    shares = [_share(frozenset(tokenize(each)) - names, told) for each in asked]
    answered = shares.index(max(shares))
    return tuple(
        each
        for n, (each, share) in enumerate(zip(asked, shares, strict=True))
        if n != answered and share < _ENOUGH
    )


def _parted(asked: str) -> Iterator[str]:
    """The questions that one sentence joins: "How do I clean it and what does E5 mean?"."""
    *_, question = _SENTENCE.split(asked.strip())
    start = 0
    for joint in _JOINED.finditer(question):
        before = question[start : joint.start()]
        if _ASKS.search(before) and _has_subject(before):
            yield before
            start = joint.end()
    yield question[start:]


def _has_subject(question: str) -> bool:
    """Whether a question says what it is about, be it in other words than its own."""
    return not _ASKING_ON.issuperset(tokenize(question))


def _has_own_subject(question: str) -> bool:
    """Whether it can be asked without the one before."""
    words = frozenset(tokenize(question)) - _ASKING_ON
    is_enough = len(words) >= _OWN or any(map(str.isdigit, "".join(words)))
    return is_enough and _REFERS.search(question) is None


def _share(asked: frozenset[str], told: frozenset[str]) -> float:
    return len(asked & told) / max(len(asked), 1)
