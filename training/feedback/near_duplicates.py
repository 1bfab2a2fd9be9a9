"""Which questions ask nearly the same: by the words that they share, and by meaning. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qa_core.tokens import tokenize
from training.feedback.claims import fold
from training.retraining.steps import OnStep, untold

Floats = NDArray[np.float32]
Pair = tuple[int, int]

LEAST_OVERLAP = 0.6  # Jaccard similarity of the questions' words from which they are near-duplicates
LEAST_COSINE = 0.85  # of their vectors
_BLOCK = 256  # questions compared with all others at once


def near_duplicates(
    questions: Sequence[str], vectors: Floats | None = None, on_step: OnStep = untold
) -> set[Pair]:
    """Pairs `(i, j)`, i < j, that ask nearly the same: all of them.

    By the words that they share and, where unit vectors `[len(questions), dim]` are given, by meaning; equal
    questions have equal vectors.
    """
    rows: dict[str, list[int]] = {}
    for i, question in enumerate(questions):
        rows.setdefault(question, []).append(i)
    own = list(rows.values())
    pairs = {pair for each in own for pair in combinations(each, 2)}
    firsts = None if vectors is None else vectors[[each[0] for each in own]]
    [words] = _in_words(list(rows))
    distinct = _Side(*words, firsts)
    for one, other in _near(distinct, distinct, on_step):
        pairs.update((min(i, j), max(i, j)) for i, j in product(own[one], own[other]))
    return pairs


def near_any(
    questions: Sequence[str],
    vectors: Floats,
    others: Sequence[str],
    other_vectors: Floats,
    on_step: OnStep = untold,
) -> tuple[bool, ...]:
    """Of each question whether it is a near-duplicate of one of the others; see `near_duplicates`.

    `vectors` `[len(questions), dim]` and `other_vectors` `[len(others), dim]` are unit vectors.
    """
    own, theirs = _in_words(questions, others)
    near = {i for i, _ in _near(_Side(*own, vectors), _Side(*theirs, other_vectors), on_step)}
    return tuple(i in near for i in range(len(questions)))


@dataclass(frozen=True, slots=True)
class _Side:
    """Questions as they are compared."""

    words: csr_array  # [questions, words of both sides]: 1 for each word of a question
    rarest: csr_array  # the same with those alone of which similar questions share one
    vectors: Floats | None

    def __len__(self) -> int:
        return int(self.words.shape[0])


def _near(one: _Side, other: _Side, on_step: OnStep) -> Iterator[Pair]:
    """The pairs of near-duplicates, some of them twice; of a side with itself each pair i < j."""
    for at in range(0, len(one), _BLOCK):
        rows = slice(at, at + _BLOCK)
        least = at if one is other else 0  # what comes before was compared already
        for row, column in chain(_by_words(one, rows, other), _by_vectors(one, rows, other, least)):
            if one is not other or row < column:
                yield row, column
        on_step(min(at + _BLOCK, len(one)), len(one))


def _by_words(one: _Side, rows: slice, other: _Side) -> Iterator[Pair]:
    """Prefix filtering: sets that overlap enough share one of their rarest words (Chaudhuri et al. 2006)."""
    candidates = csr_array(one.rarest[rows] @ other.rarest.T)
    row = rows.start + np.repeat(np.arange(candidates.shape[0]), np.diff(candidates.indptr))
    column = candidates.indices
    if one is other:
        row, column = row[row < column], column[row < column]
    n_shared = one.words[row].multiply(other.words[column]).sum(axis=1)
    n_words = one.words[row].sum(axis=1) + other.words[column].sum(axis=1)
    is_near = n_shared >= LEAST_OVERLAP * (n_words - n_shared)
    yield from zip(row[is_near].tolist(), column[is_near].tolist(), strict=True)


def _by_vectors(one: _Side, rows: slice, other: _Side, least: int) -> Iterator[Pair]:
    if one.vectors is not None and other.vectors is not None:
        near = one.vectors[rows] @ other.vectors[least:].T >= LEAST_COSINE
        for row, column in np.argwhere(near).tolist():
            yield rows.start + row, least + column


def _in_words(*sides: Sequence[str]) -> list[tuple[csr_array, csr_array]]:
    """Of each side its words and the rarest of them, as `_Side` has them."""
    found = [list(map(_words, side)) for side in sides]
    n_texts = Counter(word for side in found for words in side for word in words)
    number = {word: n for n, word in enumerate(sorted(n_texts, key=lambda word: (n_texts[word], word)))}
    tables = []
    for side in found:
        rarest_first = [sorted(number[word] for word in words) for words in side]
        prefixes = [each[: len(each) - math.ceil(LEAST_OVERLAP * len(each)) + 1] for each in rarest_first]
        tables.append((_table(rarest_first, len(number)), _table(prefixes, len(number))))
    return tables


def _table(rows: Sequence[Sequence[int]], n_columns: int) -> csr_array:
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter(chain.from_iterable(rows), dtype=np.int32, count=int(ends[-1]))
    return csr_array((np.ones(len(columns), np.int32), columns, ends), shape=(len(rows), n_columns))


def _words(question: str) -> frozenset[str]:
    return frozenset(tokenize(question) or fold(question).split() or [""])
