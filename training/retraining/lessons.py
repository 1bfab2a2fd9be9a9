"""What a retraining learns from triplets: examples for the reader, pairs for the encoder."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa_core.index_files import embedding_text
from qa_core.known import KnownQuestion
from qa_core.types import Hit, Passage
from training.feedback.triplet import Triplet
from training.measuring.metrics import normalize_squad
from training.reading.examples import Example

LEAST_TO_CHOOSE = 10  # triplets: fewer do not tell settings apart, see `training.retrieval.interpolation`
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


def split_triplets(triplets: Sequence[Triplet], groups: Mapping[str, str], share: float) -> Parts:
    """Whole groups, about `share` of the triplets, are set aside to choose by.

    `groups` names the group of each triplet, by its id. A hash of the name decides, whatever other groups
    there are: what a release was trained on is not set aside when the next one is made of it. Where that
    leaves too few, groups that come next are set aside as well, up to LEAST_TO_CHOOSE triplets or the share;
    with more triplets they are trained on. So is a group that is larger than the share.

    What changes sides all the same: groups of small data sets, below LEAST_TO_CHOOSE / `share` triplets, and
    one that has been joined with an older group.
    """
    sizes = Counter(groups[triplet.id] for triplet in triplets)
    n_most = round(share * len(triplets))
    n_least = min(LEAST_TO_CHOOSE, n_most)
    drawn, n_drawn = set[str](), 0
    for lot, name in sorted((_lot(name), name) for name in sizes):
        if sizes[name] <= n_most and (lot < share or n_drawn + sizes[name] <= n_least):
            drawn.add(name)
            n_drawn += sizes[name]
    return Parts(
        tuple(triplet for triplet in triplets if groups[triplet.id] not in drawn),
        tuple(triplet for triplet in triplets if groups[triplet.id] in drawn),
    )


def _lot(name: str) -> float:
    """From 0 to 1, the same for a name in every round."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / 2**64


def reader_examples(triplets: Iterable[Triplet], search: Search) -> list[Example]:
    """Each answer in its context; of each question the best passages that do not answer it.

    A context that was voted down, or that came nearest to what no manual says, is one that does not answer.
    """
    triplets = list(triplets)
    answers = _answers(triplets)
    examples = []
    for triplet in triplets:
        start, end = (triplet.start, triplet.end) if triplet.kind == "answer" else (None, None)
        examples.append(
            Example(triplet.id, triplet.question, triplet.context, start, end, triplet.heading_path)
        )
        if triplet.kind == "negative":
            continue
        silent = _silent(triplet, answers, search)
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
    answers = _answers(triplets)
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
        found = _silent(triplet, answers, search)
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


def _answers(triplets: Iterable[Triplet]) -> dict[str, list[Triplet]]:
    """Those that answer a question, by its key: several passages may, each in its own words."""
    answers: dict[str, list[Triplet]] = {}
    for triplet in triplets:
        if triplet.kind == "answer":
            answers.setdefault(triplet.question_key, []).append(triplet)
    return answers


def _silent(triplet: Triplet, answers: Mapping[str, Sequence[Triplet]], search: Search) -> list[Passage]:
    """What is found for the triplet's question and is none of its answers, best first."""
    passages = [hit.passage for hit in search(triplet.question, triplet.product)]
    for each in answers.get(triplet.question_key, (triplet,)):
        passages = without_answer(each, passages)
    return passages


def without_answer(triplet: Triplet, passages: Iterable[Passage]) -> list[Passage]:
    """Those of the passages that stand in another section and do not hold the answer's words.

    For a question that no manual answers these are all passages but its context.
    """
    answer = normalize_squad(triplet.answer or "") if triplet.kind == "answer" else ""
    found = []
    for passage in passages:
        same = passage.id == triplet.passage_id or passage.text == triplet.context
        in_section = triplet.kind == "answer" and triplet.is_in_section(passage)
        holds = bool(answer) and answer in normalize_squad(passage.text)
        if not (same or in_section or holds):
            found.append(passage)
    return found
