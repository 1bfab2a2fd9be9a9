"""Hybrid search: FAISS over unit vectors and BM25 over words, fused.

    score = cosine + 1.0 · lexical share (+ 0.3 where the question names the passage's product, as much where
            it names its manual or its version, more a code that the passage has a row of)

and what is known of questions like this one (known.py). The fusion was chosen with
training/recipes/fusion.py.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from qa_core.asked.code_rows import AskedCodes
from qa_core.asked.letter_codes import LetterRows
from qa_core.asked.told_codes import with_told_elsewhere
from qa_core.errors import IndexingError
from qa_core.index_files import write_index
from qa_core.index_manifest import check_files
from qa_core.known import KnownQuestion, Memory, Recalled
from qa_core.lexical import Lexical
from qa_core.named.names import NamedIn, Names
from qa_core.named.products import Wanted, product_key
from qa_core.passage_file import read_passages
from qa_core.same_text import NEAR, group_by_text, versions_last
from qa_core.spelling import Slip
from qa_core.types import Hit, Passage

Floats = NDArray[np.float32]
Positions = NDArray[np.int64]

LEXICAL_WEIGHT = 1.0
NAMED_PRODUCT_BONUS = 0.3
NAMED_VERSION_BONUS = 0.3
NAMED_MANUAL_BONUS = 0.3  # of one of several manuals of a product
_DEPTH = 200  # candidates from each of the two searches
_N_RANKED = 8  # times k that are looked through for texts that are no versions of one another


_NOWHERE: Positions = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Query:
    vector: Floats  # of its topic: without models
    whole: Floats  # of all of it
    lexical: Floats  # of every group
    recalled: Recalled  # what is known of questions like this one; its rows are groups
    named: NamedIn
    codes: AskedCodes
    rows: Positions  # the groups with rows of its codes of letters


class Index:
    """A searchable set of passages; its folder never changes once it is written."""

    def __init__(self, passages: tuple[Passage, ...], vectors: faiss.Index, lexical: Lexical) -> None:
        self.passages = passages
        self._vectors, self._lexical = vectors, lexical
        self._groups = group_by_text(passages)
        self._row_of = {passages[i].id: row for row, group in enumerate(self._groups) for i in group.members}
        self._names = Names(passages)
        self._product_keys = [product_key(passage.manual.product) for passage in passages]
        self._groups_of_product = self._positions_by_product()
        firsts = (passages[group.members[0]] for group in self._groups)
        self._letter_rows = LetterRows((each.heading, each.text) for each in firsts)
        self._memory: Memory | None = None

    @classmethod
    def build(cls, passages: Sequence[Passage], vectors: Floats, folder: Path) -> Index:
        """Write an index as `write_index` does, and open it."""
        write_index(passages, vectors, folder)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Index:
        """Open what `write_index` wrote; raises IndexingError if it is missing or damaged."""
        check_files(folder)
        vectors = faiss.read_index(str(folder / "vectors.faiss"))
        index = cls(read_passages(folder / "passages.json"), vectors, Lexical.open(folder / "lexical"))
        if not vectors.ntotal == len(index._lexical) == len(index._groups):
            raise IndexingError(
                f"The parts of the index in {folder} do not fit together. Build it again: manualbot index"
            )
        return index

    def with_known(self, known: Sequence[KnownQuestion], vectors: Floats) -> Index:
        """The same index, which remembers these questions; `vectors` are their `[len(known), dim]`."""
        index = copy.copy(self)  # its folder and arrays are shared
        index._memory = Memory(known, vectors, self._row_of) if known else None
        return index

    @property
    def products(self) -> tuple[str, ...]:
        """The products whose manuals are in the index, sorted."""
        return self._names.products

    def named(self, question: str, product: Wanted = None) -> tuple[str, ...]:
        """The products that a question names, of those whose manuals are asked, sorted."""
        return self._names.products_in(question, product)

    def open_to(self, question: str, product: Wanted = None) -> tuple[str, ...]:
        """The products that a question may be about, sorted; none where it names one or asks one alone."""
        return self._names.open_to(question, product)

    def also_in(self, passage: Passage) -> tuple[str, ...]:
        """The other products that have this passage, or nearly this one, likest first."""
        vector = self._vectors.reconstruct(self._row_of[passage.id])[None]
        with _one_thread():
            likeness, rows = self._vectors.search(vector, min(_DEPTH, len(self._groups)))
        own = product_key(passage.manual.product)
        near = (row for row, cosine in zip(rows[0], likeness[0], strict=True) if cosine >= NEAR)
        members = [i for row in near for i in self._groups[row].members if self._product_keys[i] != own]
        return tuple(dict.fromkeys(self.passages[i].manual.product for i in members))

    def names_beside_title(self, passage: Passage) -> frozenset[str]:
        """The tokens of what a passage's manual is called in its first heading, if that has its title."""
        return self._names.beside_title(passage)

    def lacks(self, question: str, passage: Passage) -> bool:
        """Whether the question names a model, code or version that the passage's product does not have."""
        return self._names.lacks(question, passage)

    def is_of_sister(self, question: str, passage: Passage) -> bool:
        """Whether the question names, by their titles, other manuals of the passage's product alone."""
        return self._names.is_of_sister(question, passage)

    def corrected(self, question: str) -> str:
        """The question with the manuals' words for its shorthand, its slips and models that it cuts short."""
        return self._names.corrected(question)

    def slips(self, question: str) -> tuple[Slip, ...]:
        """The question's words that are read as others: slips of the keyboard, and models cut short."""
        return self._names.slips(question)

    def topic(self, question: str, product: Wanted = None) -> str:
        """The question without the models that it names: what most passages say, they say of all models."""
        return self._names.topic(question, product)

    def spell_out(self, question: str, product: Wanted = None) -> str:
        """The question as its words are searched: with its codes and measures as the manuals write them."""
        return self._names.spell_out(question, product)

    def search(
        self, question: str, vector: Floats, k: int, product: Wanted = None, whole: Floats | None = None
    ) -> tuple[Hit, ...]:
        """The `k` best hits, best first; fewer only if there are no more different texts.

        A text that several manuals share is one hit: in the manual of `product`, else of a product that the
        question names, else in the first manual, of several versions in the one that it names; `also_in`
        tells the others. Near-equal versions of a text in other manuals are passed over while there is
        anything else. With `product` (or several), only those manuals are searched; an unknown one raises
        IndexingError.

        `vector` is that of the question's `topic`, `whole` that of all of it where this is another: with it
        are compared what tells of the model, what is of other products, and known questions.
        """
        if vector.shape != (self._vectors.d,):
            raise IndexingError(
                f"The question's vector has shape {vector.shape}, the index {self._vectors.d} dimensions. "
                "Index the manuals with this encoder: manualbot index"
            )
        unit = vector.astype(np.float32)
        query = self._query(question, unit, product, unit if whole is None else whole.astype(np.float32))
        within, scope = self._within(query.named.wanted), query.named.scope
        if scope:
            inside = within if scope == query.named.wanted else self._within(scope)
            return self._best(self._candidates(query, inside), query, k)
        everywhere = np.arange(len(self._groups), dtype=np.int64)
        found = np.union1d(self._candidates(query, everywhere), self._candidates(query, within))
        return self._best(found, query, k)

    def _query(self, question: str, unit: Floats, product: Wanted, whole: Floats) -> _Query:
        """What is asked, as it is searched; `unit` is the vector of its topic, `whole` that of all of it."""
        named = self._names.read(question, product)
        everywhere = np.arange(len(self._groups), dtype=np.int64)
        within = self._within(named.wanted) if named.wanted else everywhere
        recalled = self._recalled(question, whole)
        if named.wanted:  # of other products' passages nothing is known
            recalled = recalled.within(within)
        letters = self._letter_rows.of(question, within)
        return _Query(
            vector=unit,
            whole=whole,
            lexical=self._lexical_scores(named),
            recalled=recalled,
            named=named,
            codes=AskedCodes.of(named.spelled, letters),
            rows=np.concatenate([_NOWHERE, *letters.values()]),
        )

    def _lexical_scores(self, named: NamedIn) -> Floats:
        """By all of the question; for passages of products whose models it names, by its topic."""
        scores = self._lexical.scores(named.spelled, named.words)
        if named.models:
            own = self._within(frozenset(named.models))
            topic = self._names.without_models(named.spelled, named.models)
            scores[own] = self._lexical.scores(topic, named.words)[own]
        return scores

    def _candidates(self, query: _Query, within: Positions) -> Positions:
        """Of the groups `within`, those near the top of one of the two searches, or with a row of a code."""
        if not len(within):
            return _NOWHERE
        parameters = None
        if len(within) < len(self._groups):
            parameters = faiss.SearchParameters()
            parameters.sel = faiss.IDSelectorBatch(within)
        n_dense = min(_DEPTH, len(within))
        with _one_thread():
            dense = self._vectors.search(query.vector[None], n_dense, params=parameters)[1][0]
        matching = within[query.lexical[within] > 0]
        if len(matching) > _DEPTH:
            matching = matching[np.argpartition(-query.lexical[matching], _DEPTH)[:_DEPTH]]
        known = within[query.recalled.bonus[within] > 0]
        rows = np.intersect1d(query.rows, within)
        return np.unique(np.concatenate([dense[dense >= 0], matching, known, rows]))

    def _recalled(self, question: str, vector: Floats) -> Recalled:
        n_groups = len(self._groups)
        if self._memory is None:
            return Recalled(np.zeros(n_groups, dtype=np.float32))
        return self._memory.recall(question, vector, n_groups)

    def _best(self, found: Positions, query: _Query, k: int) -> tuple[Hit, ...]:
        """Equal scores, to six digits, are ordered by the passages' ids."""
        if not len(found):
            return ()
        vectors = self._vectors.reconstruct_batch(found)
        lexical = query.lexical[found]
        members = [self._representative(group, query) for group in found]
        passages = [self.passages[member] for member in members]
        models = [query.named.models.get(self._product_keys[member]) for member in members]
        has_model = np.array(
            [own is not None and own.are_in(each) for each, own in zip(passages, models, strict=True)]
        )
        dense = vectors @ query.vector
        is_own, whole = np.array([own is not None for own in models]), vectors @ query.whole
        dense = np.where(has_model, np.maximum(dense, whole), np.where(is_own, dense, whole))
        named = np.array([self._product_keys[member] in query.named.wanted for member in members])
        fused = dense + LEXICAL_WEIGHT * lexical + NAMED_PRODUCT_BONUS * named + query.recalled.bonus[found]
        fused += NAMED_VERSION_BONUS * np.array([self._is_of_version(member, query) for member in members])
        if query.named.manuals:
            fused += NAMED_MANUAL_BONUS * np.array(
                [each.manual.id in query.named.manuals for each in passages]
            )
        if query.codes.codes:
            its = named | (not query.named.wanted)
            bonuses = [
                query.codes.bonus(each, is_its, self.names_beside_title(each))
                for each, is_its in zip(passages, its.tolist(), strict=True)
            ]
            fused += with_told_elsewhere(query.codes, passages, bonuses)
        fused = np.round(fused, 6)
        order = sorted(range(len(found)), key=lambda row: (-fused[row], passages[row].id))[: _N_RANKED * k]
        manuals = [self._manuals(found[row]) for row in order]
        rows = [order[row] for row in versions_last(vectors[order], manuals, k)]
        known = query.recalled.answers
        return tuple(
            Hit(
                passages[i],
                float(fused[i]),
                float(dense[i]),
                float(lexical[i]),
                known.get(int(found[i])),
                own.tokens if (own := models[i]) else (),
                bool(has_model[i]),
            )
            for i in rows
        )

    def _representative(self, group: int, query: _Query) -> int:
        members = self._groups[group].members
        if query.named.versions:
            members = tuple(sorted(members, key=lambda each: not self._is_of_version(each, query)))
        for keys in (query.named.wanted, query.named.scope):
            for member in members:
                if self._product_keys[member] in keys:
                    return member
        return members[0]

    def _is_of_version(self, member: int, query: _Query) -> bool:
        return self._names.is_of_version(self.passages[member].manual, query.named.versions)

    def _within(self, keys: frozenset[str]) -> Positions:
        """The groups of these products, in order; one that several of them share stands there once."""
        return np.unique(np.concatenate([_NOWHERE, *(self._groups_of_product[key] for key in keys)]))

    def _manuals(self, group: int) -> frozenset[str]:
        return frozenset(self.passages[i].manual.id for i in self._groups[group].members)

    def _positions_by_product(self) -> dict[str, Positions]:
        positions: dict[str, dict[int, None]] = {}
        for position, group in enumerate(self._groups):
            for i in group.members:
                positions.setdefault(self._product_keys[i], {})[position] = None
        return {key: np.array(list(each), dtype=np.int64) for key, each in positions.items()}


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let FAISS search with one thread: several questions at a time would wait for each other.

    OpenMP keeps the number for each thread that calls it, and torch goes by the same one: it is put back, or
    a retraining would train on one core.
    """
    n_before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(n_before)
