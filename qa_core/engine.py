"""A question in, an answer with its place in the manuals out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa_core.errors import DataError
from qa_core.excerpt import grow
from qa_core.reader import WindowLogits
from qa_core.types import Answer, Hit, Reading

if TYPE_CHECKING:
    from qa_core.confidence import Calibrator
    from qa_core.encoder import Encoder
    from qa_core.index import Index
    from qa_core.reader import Reader
    from qa_core.settings import Settings
    from qa_core.trace import Trace

N_HITS = 10  # passages that an answer carries
N_READ = 8  # of them, the best by retrieval, are read
MAX_QUESTION_CHARS = 2_000  # what is longer is a text, not a question: the rest is not looked at


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

    def ask(self, question: str, product: str | None = None, decline: bool = True) -> Answer:
        """The answer from the manuals of `product`, or of all.

        With `decline` off the best span is given however improbable. Raises DataError for an empty
        question, IndexingError for a product that no manual has.
        """
        started = time.perf_counter()
        hits, rest = self._find(question, product)
        readings = self.models.reader.read(_asked(question), hits)
        return self.decide(question, readings, rest, decline=decline, started=started)

    def trace(self, question: str, product: str | None = None) -> Trace:
        """The answer with the three layers of its prediction."""
        from qa_core.trace import make_trace  # noqa: PLC0415 - only here

        started = time.perf_counter()
        hits, rest = self._find(question, product)
        logits: Sequence[WindowLogits] = self.models.reader.logits(_asked(question), hits)
        readings = self.models.reader.readings(hits, logits)
        answer = self.decide(question, readings, rest, decline=True, started=started)
        return make_trace(answer, readings, logits, self.models.reader.windower)

    def _find(self, question: str, product: str | None) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
        """The hits to read, and those after them."""
        asked = _asked(question)
        if not asked:
            raise DataError("The question is empty. Ask something, for example: How do I reset it?")
        vector = self.models.encoder.encode_question(asked)
        hits = self.models.index.search(asked, vector, N_HITS, product)
        return hits[:N_READ], hits[N_READ:]

    def decide(
        self,
        question: str,
        readings: Sequence[Reading],
        rest: Sequence[Hit],
        *,
        decline: bool,
        started: float,
    ) -> Answer:
        """The answer from what was read: rank, confidence, span, excerpt.

        `rest` are hits that were not read; `started` is the time.perf_counter() that latency counts from.
        """
        ranked = self.models.calibrator.rank(readings)
        confidence = self.models.calibrator.confidence(_asked(question), ranked)
        has_span = bool(ranked) and bool(ranked[0].spans)
        answered = has_span and (confidence >= self.threshold or not decline)
        span = ranked[0].spans[0] if answered else None
        return Answer(
            question=question,
            span=span,
            shown=grow(ranked[0].hit.passage, span) if span else None,
            confidence=confidence,
            threshold=self.threshold,
            hits=tuple(reading.hit for reading in ranked) + tuple(rest),
            release=self.models.release,
            latency_ms=(time.perf_counter() - started) * 1000,
            readings=ranked,
        )


def _asked(question: str) -> str:
    return " ".join(question[:MAX_QUESTION_CHARS].split())
