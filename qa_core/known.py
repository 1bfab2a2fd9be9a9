"""Known questions: what people found right, or wrong, of what was asked before.

A question that is like a known one lifts the known passage by `RIGHT_WEIGHT · (likeness - LEAST_LIKENESS)`,
or lowers it where people voted it down; what they found right in it is shown; and where it came nearest and
people said that no manual answers, it is no answer. Likeness is the geometric mean of the cosine of both
questions' vectors and of the share of words that they have in common. Questions that differ in a number, a
code or a sign ("E-4", "▲"), or in a word and its opposite, are not alike.

It is document expansion by queries (Nogueira et al. 2019, doc2query), with the queries that people really
asked, kept apart from the passage: so it goes with its release, and comes back with it. How the numbers were
chosen: training/recipes/known_questions.py.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa_core.durable import write_file
from qa_core.errors import ReleaseError
from qa_core.tokens import is_sign, tokenize
from qa_core.types import KnownAnswer

Floats = NDArray[np.float32]

LEAST_LIKENESS = 0.65  # below it two questions have nothing to do with each other
RIGHT_WEIGHT = 8.0  # what was asked before comes first: the scores of passages lie some tenths apart
WRONG_WEIGHT = 1.5  # a thumbs-down may be about the words shown, in a passage that is right
_OPPOSITES = """
on off|up down|open close|enable disable|activate deactivate|increase decrease|raise lower|start stop
lock unlock|connect disconnect|mute unmute|install uninstall|show hide|add remove|insert remove|attach detach
left right|front back|front rear|first last|hot cold|upload download|import export|fill empty|save delete
"""


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question and a passage that answers it, or does not."""

    question: str
    passage_id: str
    is_right: bool = True
    start: int | None = None  # where in the passage's text the answer stands; None where that is not known
    end: int | None = None
    is_unanswerable: bool = False  # no manual says it: the passage is the one that came nearest


def _opposites() -> dict[str, frozenset[str]]:
    """The words that say the opposite of a word, as tokens."""
    found: dict[str, frozenset[str]] = {}
    for pair in _OPPOSITES.strip().replace("\n", "|").split("|"):
        tokens = tokenize(pair)
        for token in tokens:
            found[token] = found.get(token, frozenset()) | (frozenset(tokens) - {token})
    return found


_OPPOSITES_OF = _opposites()


@dataclass(frozen=True, slots=True)
class Wording:
    """What of two questions is compared beside their vectors."""

    words: frozenset[str]
    exact: frozenset[str]  # numbers, codes and signs: one question's have to be the other's

    @classmethod
    def of(cls, question: str) -> Wording:
        """The wording of a question."""
        words = frozenset(tokenize(question))
        codes = (word for word in words if any(char.isdigit() for char in word))
        return cls(words, frozenset((*codes, *filter(is_sign, question))))

    def overlap(self, other: Wording) -> float:
        """The share of all their words that both have, 0 to 1."""
        if not self.words or self.exact != other.exact or self._contradicts(other):
            return 0.0
        return len(self.words & other.words) / len(self.words | other.words)

    def _contradicts(self, other: Wording) -> bool:
        """Whether a word that only one has is the opposite of one that only the other has."""
        theirs = other.words - self.words
        return any(theirs & _OPPOSITES_OF.get(word, frozenset()) for word in self.words - other.words)


def likeness(cosine: float, one: Wording, other: Wording) -> float:
    """How alike two questions are, 0 to 1; `cosine` is that of their vectors."""
    return math.sqrt(max(cosine, 0.0) * one.overlap(other))


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is remembered of questions like the one that is asked."""

    bonus: Floats  # [rows]: what is added to the score of each row, 0 for most
    answers: Mapping[int, KnownAnswer] = field(default_factory=dict)  # by row

    def within(self, rows: NDArray[np.int64]) -> Recalled:
        """The same of these rows, and nothing of others."""
        inside = np.zeros(len(self.bonus), dtype=bool)
        inside[rows] = True
        return Recalled(self.bonus * inside, {row: a for row, a in self.answers.items() if inside[row]})


class Memory:
    """The known questions of a release whose passages are in an index."""

    def __init__(self, known: Sequence[KnownQuestion], vectors: Floats, row_of: Mapping[str, int]) -> None:
        """`vectors` are the questions' unit vectors `[len(known), dim]`; `row_of` is each passage's row."""
        there = [n for n, each in enumerate(known) if each.passage_id in row_of]
        self._known = [known[n] for n in there]
        self._vectors = vectors[there]
        self._wordings = [Wording.of(each.question) for each in self._known]
        self._rows = [row_of[each.passage_id] for each in self._known]

    def recall(self, question: str, vector: Floats, n_rows: int) -> Recalled:
        """What counts for a question with its unit vector `[dim]`.

        Of several known questions on a passage the one that is most alike counts, votes against it apart.
        """
        lift, fall = np.zeros(n_rows, dtype=np.float32), np.zeros(n_rows, dtype=np.float32)
        answers: dict[int, KnownAnswer] = {}
        for beyond, known, row in self._alike(question, vector):  # the most alike last
            if not (known.is_right or known.is_unanswerable):
                fall[row] = WRONG_WEIGHT * beyond
                continue
            lift[row] = RIGHT_WEIGHT * beyond if known.is_right else 0.0
            answers.pop(row, None)
            found = (0, 0) if known.is_unanswerable else (known.start, known.end)
            if found[0] is not None and found[1] is not None:
                answers[row] = KnownAnswer(found[0], found[1], beyond / (1 - LEAST_LIKENESS))
        return Recalled(lift - fall, answers)

    def _alike(self, question: str, vector: Floats) -> list[tuple[float, KnownQuestion, int]]:
        """How far beyond the least likeness, what is known, and its row; the most alike last, of equals the
        first that was known."""
        asked, cosines = Wording.of(question), self._vectors @ vector
        near = np.flatnonzero(cosines >= LEAST_LIKENESS**2)  # less cannot be alike enough
        likenesses = [(likeness(float(cosines[n]), asked, self._wordings[n]), -int(n)) for n in near]
        return [
            (each - LEAST_LIKENESS, self._known[-n], self._rows[-n])
            for each, n in sorted(likenesses)
            if each > LEAST_LIKENESS
        ]


def read_known(path: Path) -> tuple[KnownQuestion, ...]:
    """What `write_known` wrote; ReleaseError for another file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return tuple(KnownQuestion(**record) for record in content["known_questions"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(
            f"{path} is not a file of known questions: {error}. Use another release"
        ) from error


def write_known(path: Path, known: Sequence[KnownQuestion]) -> None:
    """Write a release's part; equal questions give equal bytes."""
    records = sorted((asdict(each) for each in known), key=lambda r: (r["question"], r["passage_id"]))
    write_file(path, json.dumps({"known_questions": records}, indent=0, ensure_ascii=False) + "\n")
