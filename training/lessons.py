"""What a retraining learns from triplets: examples for the reader, pairs for the encoder."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa_core.index import embedding_text
from qa_core.known import KnownQuestion
from qa_core.types import Hit, Passage
from training.examples import Example
from training.metrics import normalize_squad
from training.triplet import Triplet

N_READER_NEGATIVES = 2  # passages without the answer that the reader sees of each question
N_HARD_NEGATIVES = 2  # passages without the answer that the encoder is held against

Search = Callable[[str, str | None], Sequence[Hit]]  # (question, product) → hits, best first


@dataclass(frozen=True, slots=True)
class EncoderPair:
    """A question, the passage that it belongs to, and passages that only look like it."""

    question: str
    positive: str
    negatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """Triplets to train on, and triplets to choose settings by; no group is in both."""

    train: tuple[Triplet, ...]
    choosing: tuple[Triplet, ...]


def split_triplets(triplets: Sequence[Triplet], groups: Mapping[str, str], share: float, seed: int) -> Parts:
    """Whole groups, drawn with `seed`, until `share` of the triplets are set aside to choose by.

    `groups` names the group of each triplet, by its id. The order of groups is that of a hash: what was set
    aside in one round is so in the next, and the release that is retrained has not been trained on it.
    """
    sizes = Counter(groups[triplet.id] for triplet in triplets)
    names = sorted(sizes, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).digest())
    drawn, n_drawn, n_wanted = set[str](), 0, round(share * len(triplets))
    for name in names:
        if n_drawn + sizes[name] <= n_wanted:
            drawn.add(name)
            n_drawn += sizes[name]
    return Parts(
        tuple(triplet for triplet in triplets if groups[triplet.id] not in drawn),
        tuple(triplet for triplet in triplets if groups[triplet.id] in drawn),
    )


def reader_examples(triplets: Iterable[Triplet], search: Search) -> list[Example]:
    """Each answer in its context; of each question the best passages that do not answer it.

    A context that was voted down, or that came nearest to what no manual says, is one that does not answer.
    """
    examples = []
    for triplet in triplets:
        start, end = (triplet.start, triplet.end) if triplet.kind == "answer" else (None, None)
        examples.append(
            Example(triplet.id, triplet.question, triplet.context, start, end, triplet.heading_path)
        )
        if triplet.kind == "negative":
            continue
        silent = without_answer(triplet, search(triplet.question, triplet.product))
        examples += [
            Example(f"{triplet.id}-{n}", triplet.question, p.text, None, None, p.section.heading_path)
            for n, p in enumerate(silent[:N_READER_NEGATIVES], start=1)
        ]
    return examples


def encoder_pairs(
    triplets: Iterable[Triplet], passages: Mapping[str, Passage], search: Search
) -> list[EncoderPair]:
    """Each answered question with its passage, and with hard negatives: what is found for it and is wrong.

    `passages` are those of the index, by id. A passage that was voted down for the question comes first
    among the negatives.
    """
    triplets = list(triplets)
    voted_down: dict[str, list[str]] = {}
    for triplet in triplets:
        passage = passages.get(triplet.passage_id or "")
        if triplet.kind == "negative" and passage is not None:
            voted_down.setdefault(triplet.question_key, []).append(embedding_text(passage))
    pairs = []
    for triplet in triplets:
        passage = passages.get(triplet.passage_id or "")
        if triplet.kind != "answer" or passage is None:
            continue
        positive = embedding_text(passage)
        found = without_answer(triplet, search(triplet.question, triplet.product))
        down = [text for text in voted_down.get(triplet.question_key, ()) if text != positive]
        negatives = dict.fromkeys([*down, *map(embedding_text, found)])
        pairs.append(EncoderPair(triplet.question, positive, tuple(negatives)[:N_HARD_NEGATIVES]))
    return pairs


def questions_to_remember(triplets: Iterable[Triplet]) -> tuple[KnownQuestion, ...]:
    """What a release shall know of the questions of the triplets: the passage that answers, or does not.

    Where it answers: what people saw and found right in it, or else the triplet's span.
    """
    return tuple(
        _known(triplet, triplet.passage_id) for triplet in triplets if triplet.passage_id is not None
    )


def _known(triplet: Triplet, passage_id: str) -> KnownQuestion:
    if triplet.kind == "answer":
        return KnownQuestion(triplet.question, passage_id, True, *_found_right(triplet))
    is_unanswerable = triplet.kind == "unanswerable"
    return KnownQuestion(triplet.question, passage_id, is_right=False, is_unanswerable=is_unanswerable)


def _found_right(triplet: Triplet) -> tuple[int | None, int | None]:
    """Where in its context that begins and ends."""
    at = triplet.context.find(triplet.shown) if triplet.shown else -1
    return (at, at + len(triplet.shown or "")) if at >= 0 else (triplet.start, triplet.end)


def without_answer(triplet: Triplet, hits: Iterable[Hit]) -> list[Passage]:
    """The passages among the hits that stand in another section and do not hold the answer's words.

    For a question that no manual answers these are all passages but its context.
    """
    answer = normalize_squad(triplet.answer or "") if triplet.kind == "answer" else ""
    found = []
    for hit in hits:
        passage = hit.passage
        same = passage.id == triplet.passage_id or passage.text == triplet.context
        in_section = triplet.kind == "answer" and triplet.is_in_section(passage)
        holds = bool(answer) and answer in normalize_squad(passage.text)
        if not (same or in_section or holds):
            found.append(passage)
    return found
