"""BM25 over passages (bm25s): single words, and pairs of neighbouring words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import bm25s
import numpy as np
from numpy.typing import NDArray

from qa_core.errors import IndexingError, is_of_memory
from qa_core.index_manifest import too_little_memory
from qa_core.tokens import tokenize

Floats = NDArray[np.float32]
Hashes = NDArray[np.uint32]

_K1 = 0.9
_B = 0.75
# What a pair of words counts beside a single one. Chosen with training/recipes/fusion.py.
_PAIR_WEIGHT = 0.3


class Lexical:
    """A keyword index. Texts are known by their position."""

    pair_weight = _PAIR_WEIGHT

    def __init__(self, words: _Bm25, pairs: _Bm25) -> None:
        self._words, self._pairs = words, pairs

    @classmethod
    def build(cls, texts: Iterable[str]) -> Lexical:
        """Index the texts; none, or texts without a single word, are allowed."""
        words, pairs = [], []
        for text in texts:  # of each its hashes alone are kept: the pairs of a large library take gigabytes
            tokens = tokenize(text)
            words.append(_hashes(tokens))
            pairs.append(_hashes(_pairs(tokens)))
        return cls(_Bm25.build(words), _Bm25.build(pairs))

    def save(self, folder: Path) -> None:
        """Write the index into a folder, which is created."""
        self._words.save(folder / "words")
        self._pairs.save(folder / "pairs")

    @classmethod
    def open(cls, folder: Path) -> Lexical:
        """Open what `save` wrote; raises IndexingError if it is missing or damaged."""
        try:
            return cls(_Bm25.open(folder / "words"), _Bm25.open(folder / "pairs"))
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            if is_of_memory(error):
                raise too_little_memory(folder, error) from error
            raise IndexingError(
                f"The keyword index in {folder} is damaged ({error}). Build it again: manualbot index"
            ) from error

    def __len__(self) -> int:
        """How many texts there are."""
        return self._words.n_texts

    def scores(self, question: str, names: frozenset[str] = frozenset()) -> Floats:
        """How well each text matches, `[n]`: 0 where no word of the question occurs.

        BM25 as a share of what a text could reach that has every word of the question; those that
        occur nowhere count in full. So a question in other words than the manual's scores low
        everywhere, and leaves the ranking to the vectors. Pairs can lift a score above 1. `names`
        are tokens that do not count, such as the product's: it is named in its manual's title.
        """
        words = tokenize(question)
        tokens = [token for token in words if token not in names] or words
        ceiling = self._words.idf(tokens)
        if ceiling <= 0:
            return np.zeros(len(self), dtype=np.float32)
        scores = self._words.scores(tokens) + self.pair_weight * self._pairs.scores(_pairs(tokens))
        return np.asarray(scores / ceiling, dtype=np.float32)


class _Bm25:
    """bm25s over hashed terms: the vocabulary is a sorted array, not a dictionary of a million pairs.

    Of a million terms about a hundred share a hash of 32 bits with another.
    """

    def __init__(self, terms: NDArray[np.uint32], bm25: bm25s.BM25 | None, n_texts: int) -> None:
        self._terms, self._bm25, self.n_texts = terms, bm25, n_texts

    @classmethod
    def build(cls, hashes: Sequence[Hashes]) -> _Bm25:
        """The index of texts, each given as the hashes of its terms."""
        terms = np.unique(np.concatenate([np.zeros(0, dtype=np.uint32), *hashes]))
        if not len(terms):
            return cls(terms, None, len(hashes))
        ids = [np.searchsorted(terms, each).tolist() for each in hashes]
        bm25 = bm25s.BM25(k1=_K1, b=_B, method="lucene")
        bm25.index((ids, {n: n for n in range(len(terms))}), create_empty_token=False, show_progress=False)
        bm25.vocab_dict = {}
        return cls(terms, bm25, len(hashes))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "terms.npy", self._terms)
        np.save(folder / "n_texts.npy", np.array(self.n_texts))
        if self._bm25 is not None:
            self._bm25.save(folder, show_progress=False)

    @classmethod
    def open(cls, folder: Path) -> _Bm25:
        terms = np.load(folder / "terms.npy", mmap_mode="r")
        n_texts = int(np.load(folder / "n_texts.npy"))
        if not len(terms):
            return cls(terms, None, n_texts)
        return cls(terms, bm25s.BM25.load(folder, mmap=True, load_vocab=False, show_progress=False), n_texts)

    def scores(self, tokens: Sequence[str]) -> Floats:
        found, places = self._look_up(tokens)
        if self._bm25 is None or not found.any():
            return np.zeros(self.n_texts, dtype=np.float32)
        return np.asarray(self._bm25.get_scores_from_ids(places[found].tolist()), dtype=np.float32)

    def idf(self, tokens: Sequence[str]) -> float:
        """The summed inverse document frequencies (Lucene's) of the tokens, unknown ones included."""
        found, places = self._look_up(tokens)
        n_with = np.zeros(len(tokens))
        if self._bm25 is not None:
            starts = self._bm25.scores["indptr"]
            n_with[found] = starts[places[found] + 1] - starts[places[found]]
        return float(np.log(1 + (self.n_texts - n_with + 0.5) / (n_with + 0.5)).sum())

    def _look_up(self, tokens: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        hashes = _hashes(tokens)
        if not len(self._terms):
            return np.zeros(len(tokens), dtype=bool), np.zeros(len(tokens), dtype=np.intp)
        places = np.minimum(np.searchsorted(self._terms, hashes), len(self._terms) - 1)
        return np.asarray(self._terms[places] == hashes), places


def _hashes(terms: Sequence[str]) -> Hashes:
    return np.fromiter(map(_hash, terms), dtype=np.uint32, count=len(terms))


def _hash(term: str) -> int:
    return crc32(term.encode("utf-8", "surrogatepass"))


def _pairs(tokens: Sequence[str]) -> list[str]:
    return [f"{first} {second}" for first, second in pairwise(tokens)]
