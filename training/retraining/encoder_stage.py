"""A retraining's encoder: fine-tuned on triplets and rehearsal, then mixed with what it was.

Where no share of the new weights ranks better than the old ones, the encoder stays the very same: nothing
is embedded again then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from qa_core.index_files import embedding_text
from qa_core.types import Hit
from training.feedback.triplet import Triplet
from training.retraining.lessons import EncoderPair, Search
from training.retraining.rehearsal import Rehearsed
from training.retrieval.interpolation import MIN_TO_CHOOSE, Shares, interpolate, least_share_like_best
from training.retrieval.ranking import RankingCase, ranking_case
from training.retrieval.retriever_epochs import RetrieverEpoch
from training.retriever import Retriever, RetrieverProgress, RetrieverSettings

MAX_CASES = 40  # questions that the share is chosen by
_N_RANKED = 6  # hits of each


@dataclass(frozen=True, slots=True)
class EncoderOutcome:
    """What the fine-tuning brought."""

    epochs: tuple[RetrieverEpoch, ...]
    share: float  # of the new weights in the candidate
    ranks: Mapping[float, float]  # mean reciprocal rank of each share that was tried


def train_encoder(  # noqa: PLR0913, PLR0917 - what to train, on what, where and how
    base: Path,
    pairs: Sequence[EncoderPair],
    cases: Sequence[RankingCase],
    out: Path,
    settings: RetrieverSettings,
    shares: Shares,
    on_progress: Callable[[RetrieverProgress], None],
) -> EncoderOutcome:
    """Fine-tune, choose the mix of old and new weights, and write the encoder to `out`.

    Nothing is written where the old weights are chosen. Raises ModelError for a loss that is not finite.
    """
    retriever = Retriever(base)
    old = retriever.base_weights
    trained = retriever.train(pairs, settings, on_progress, cases)
    new = retriever.weights
    ranks = {}
    if len(cases) >= MIN_TO_CHOOSE:
        measured = {0.0: trained.ranks_before, 1.0: trained.ranks_after}
        for share in shares.tried:
            if share not in measured:
                retriever.use(interpolate(old, new, share))
                measured[share] = retriever.reciprocal_ranks(cases)
            ranks[share] = measured[share]
    losses = {share: -each for share, each in ranks.items()}
    chosen = least_share_like_best(losses) if losses else shares.untold
    if chosen > 0:
        retriever.use(interpolate(old, new, chosen))
        retriever.save(out)
    means = {share: float(each.mean()) for share, each in ranks.items()}
    return EncoderOutcome(trained.epochs, chosen, means)


def ranking_cases(
    triplets: Sequence[Triplet], rehearsed: Sequence[Rehearsed], search: Search
) -> list[RankingCase]:
    """What the encoder's settings are chosen by: answered questions, then what was known of others."""
    answered = (
        _case(triplet.question, search(triplet.question, triplet.product), _in_section_of(triplet))
        for triplet in triplets
        if triplet.kind == "answer"
    )
    known = (
        _case(each.question.text, search(each.question.text, each.question.product), _is_text(pair.positive))
        for each in rehearsed
        for pair in each.pairs
    )
    return list(islice((case for case in chain(answered, known) if case is not None), MAX_CASES))


def _case(question: str, hits: Sequence[Hit], is_right: Callable[[Hit], bool]) -> RankingCase | None:
    hits = hits[:_N_RANKED]
    return ranking_case(question, hits, [embedding_text(hit.passage) for hit in hits], is_right)


def _in_section_of(triplet: Triplet) -> Callable[[Hit], bool]:
    return lambda hit: triplet.is_in_section(hit.passage)


def _is_text(embedded: str) -> Callable[[Hit], bool]:
    return lambda hit: embedding_text(hit.passage) == embedded
