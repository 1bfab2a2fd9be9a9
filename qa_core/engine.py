"""A question in, an answer with its place in the manuals out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qa_core.asked.code_rows import asks_for_its_number
from qa_core.doubts import Candidate, as_known, doubted, surer
from qa_core.errors import DataError
from qa_core.excerpt import Shown, show
from qa_core.excerpt_blocks import Block, blocks_of
from qa_core.inference.text_encoder import Vectors
from qa_core.named.ambiguity import by_product, product_of, rivals
from qa_core.named.products import product_key
from qa_core.types import Answer, Hit, Passage, Reading

if TYPE_CHECKING:
    from qa_core.confidence import Calibrator
    from qa_core.encoder import Encoder
    from qa_core.index import Index
    from qa_core.named.products import Wanted
    from qa_core.ranking import RankWeights
    from qa_core.reader import Reader
    from qa_core.settings import Settings
    from qa_core.trace import Trace

N_HITS = 10  # passages that an answer carries
N_READ = 8  # of them, the best by retrieval, are read
MAX_QUESTION_CHARS = 2_000  # what is longer is a text, not a question: the rest is not looked at


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question. `hits` and `readings` are in the order of retrieval."""

    question: str  # as it was given
    asked: str  # as it is read: spaces folded, not too long, with the manuals' words for codes and measures
    vector: Vectors  # [dim], of its topic: without the models that it names
    hits: tuple[Hit, ...]
    readings: tuple[Reading, ...] = ()  # of the first hits
    open_to: tuple[str, ...] = ()  # the products that it may be about, where it names none
    named: tuple[str, ...] = ()  # the products that it names
    slips: tuple[tuple[str, str], ...] = ()  # see `Answer.slips`
    whole: Vectors | None = None  # that of all of it, where it names models


@dataclass(frozen=True, slots=True)
class _Look:
    """The blocks of the first passage, and how similar each is to the question."""

    blocks: tuple[Block, ...]
    similarities: Vectors  # [blocks]


@dataclass(frozen=True, slots=True)
class Models:
    """What a release and the index give: everything that answering needs."""

    encoder: Encoder
    index: Index
    reader: Reader
    calibrator: Calibrator
    release: str
    threshold: float | None = None  # in place of the calibrator's


class Engine:
    """Answers questions. Holds no state but its models: one engine serves many threads."""

    def __init__(self, models: Models) -> None:
        self.models = models

    @classmethod
    def load(cls, settings: Settings | None = None) -> Engine:
        """The engine of the current release and index.

        Settings come from the environment unless they are given. Raises IndexingError where nothing was
        indexed yet, ModelError or ReleaseError where a part cannot be used; each names the next step.
        """
        from qa_core.installation import open_installation  # noqa: PLC0415 - imports this module
        from qa_core.settings import Settings  # noqa: PLC0415

        return cls(open_installation(settings or Settings.load()).models())

    @property
    def threshold(self) -> float:
        """The confidence below which the bot declines."""
        given = self.models.threshold
        return self.models.calibrator.threshold if given is None else given

    @property
    def ranking(self) -> RankWeights:
        """How much each thing that speaks for a passage counts."""
        return self.models.calibrator.ranking

    @property
    def products(self) -> tuple[str, ...]:
        """The products whose manuals are indexed, sorted."""
        return self.models.index.products

    @property
    def release(self) -> str:
        """The id of the release whose models answer."""
        return self.models.release

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All passages that are indexed."""
        return self.models.index.passages

    def ask(self, question: str, product: Wanted = None, decline: bool = True) -> Answer:
        """The answer from the manuals of `product` (one, or any of several), or of all.

        With `decline` off the best span is given however improbable. Raises DataError for an empty
        question, IndexingError for a product that no manual has.
        """
        started = time.perf_counter()
        found = self._search(question, product)
        readings = self.models.reader.read(found.asked, found.hits[:N_READ])
        return self.decide(replace(found, readings=readings), decline=decline, started=started)

    def trace(self, question: str, product: Wanted = None) -> Trace:
        """The answer with the three layers of its prediction."""
        from qa_core.trace import make_trace  # noqa: PLC0415 - only here

        started = time.perf_counter()
        found = self._search(question, product)
        reader, hits = self.models.reader, found.hits[:N_READ]
        logits = reader.logits(found.asked, hits)
        readings = reader.readings(hits, logits)
        answer = self.decide(replace(found, readings=readings), decline=True, started=started)
        return make_trace(answer, readings, logits, reader.windower)

    def find(self, question: str, product: Wanted = None) -> Found:
        """What search and reader find, before anything is decided."""
        found = self._search(question, product)
        return replace(found, readings=self.models.reader.read(found.asked, found.hits[:N_READ]))

    def decide(self, found: Found, *, decline: bool, started: float | None = None) -> Answer:
        """The answer from what was found: rank, confidence, span, excerpt.

        `started` is the time.perf_counter() that latency counts from.
        """
        started = time.perf_counter() if started is None else started
        ranked = self.models.calibrator.rank(found.asked, found.readings)
        looked = self._look(found, ranked[0]) if ranked and ranked[0].spans else None
        confidence = self._confidence(found, ranked, looked) if looked else 0.0
        answered = looked is not None and (confidence >= self.threshold or not decline)
        shown = self._shown(found, ranked[0], looked) if looked and answered else None
        return Answer(
            question=found.question,
            span=shown.span if shown else None,
            shown=shown.excerpt if shown else None,
            confidence=confidence,
            threshold=self.threshold,
            hits=tuple(reading.hit for reading in ranked) + found.hits[len(ranked) :],
            release=self.models.release,
            latency_ms=(time.perf_counter() - started) * 1000,
            readings=ranked,
            also=self._also(found, ranked, shown is not None),
            slips=found.slips,
        )

    def features(self, found: Found) -> tuple[float, ...] | None:
        """What confidence is computed from, see `confidence.FEATURES`; None where nothing was read."""
        ranked = self.models.calibrator.rank(found.asked, found.readings)
        if not ranked or not ranked[0].spans:
            return None
        best_block = float(self._look(found, ranked[0]).similarities.max())
        return self.models.calibrator.features(found.asked, ranked, best_block)

    def _search(self, question: str, product: Wanted) -> Found:
        asked = " ".join(question[:MAX_QUESTION_CHARS].split())
        if not asked:
            raise DataError("The question is empty. Ask something, for example: How do I reset it?")
        index = self.models.index
        slips, asked = index.slips(asked), index.corrected(asked)
        topic, encode = index.topic(asked, product), self.models.encoder.encode_question
        vector = encode(topic)
        whole = None if topic == asked else encode(asked)
        hits = index.search(asked, vector, N_HITS, product, whole)
        return Found(
            question,
            index.spell_out(asked, product),
            vector,
            hits,
            open_to=index.open_to(asked, product),
            named=index.named(asked, product),
            slips=slips,
            whole=whole,
        )

    def _look(self, found: Found, reading: Reading) -> _Look:
        passage = reading.hit.passage
        blocks = blocks_of(passage, self.models.calibrator.excerpt.max_words)
        vectors = self.models.encoder.encode([passage.section.text[b.start : b.end] for b in blocks])
        whole = found.whole if reading.hit.has_model else None
        return _Look(blocks, vectors @ (found.vector if whole is None else whole))

    def _confidence(self, found: Found, ranked: tuple[Reading, ...], looked: _Look) -> float:
        values = self.models.calibrator.features(found.asked, ranked, float(looked.similarities.max()))
        confidence = self.models.calibrator.confidence(values)
        first = self._candidate(found, ranked[0], looked)
        lifted = confidence if first.lacks_code else surer(confidence, first)
        if lifted > confidence and not self._rivals(found, ranked):
            confidence = lifted
        return as_known(doubted(confidence, first), ranked[0].hit.known)

    def _candidate(self, found: Found, first: Reading, looked: _Look) -> Candidate:
        index, passage = self.models.index, first.hit.passage
        names = index.names_beside_title(passage)
        is_number = asks_for_its_number(found.asked, passage, names)  # "ofenta 404", which is no model
        return Candidate(
            found.asked,
            first,
            tuple((block.start, block.end) for block in looked.blocks if block.is_row),
            names,
            lacks_code=not is_number and index.lacks(found.asked, passage),
            is_of_another=self._is_of_another(found, first),
        )

    def _is_of_another(self, found: Found, first: Reading) -> bool:
        """Whether the question names products or manuals, and the first passage is of none of them."""
        if found.named and product_key(product_of(first)) not in map(product_key, found.named):
            return True
        return self.models.index.is_of_sister(found.asked, first.hit.passage)

    def _also(self, found: Found, ranked: tuple[Reading, ...], answered: bool) -> tuple[str, ...]:
        """The other products whose manuals say as much; see `Answer.also`."""
        if not found.open_to or not ranked:
            return ()
        others = [own for own in self._rivals(found, ranked) if self._is_sure(found, own)]
        products = dict.fromkeys(product_of(own[0]) for own in others)
        if answered:
            near = self.models.index.also_in(ranked[0].hit.passage)
            return tuple(products | dict.fromkeys(each for each in near if each in found.open_to))
        return tuple(products) if products and self._is_sure(found, by_product(ranked)[0]) else ()

    def _rivals(self, found: Found, ranked: tuple[Reading, ...]) -> tuple[tuple[Reading, ...], ...]:
        return rivals(found.asked, ranked, self.ranking) if found.open_to else ()

    def _is_sure(self, found: Found, readings: tuple[Reading, ...]) -> bool:
        """Whether the first of these would be an answer if there were no others than these."""
        if not readings[0].spans:
            return False
        return self._confidence(found, readings, self._look(found, readings[0])) >= self.threshold

    def _shown(self, found: Found, reading: Reading, looked: _Look) -> Shown:
        settings = self.models.calibrator.excerpt
        return show(found.asked, reading, looked.blocks, looked.similarities, settings)
