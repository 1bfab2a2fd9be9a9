"""How dense and lexical scores are fused: the study behind `qa_core/index.py`.

    python -m training.recipes.fusion DATA [--distractors] [--sentences] [--runtime onnx-int8]

Section Hit@k on TV-Remote over the questions whose section is a heading of the manual. Half A
chooses, half B reports; every figure is the mean over seeds 0, 1 and 2, with B's spread for Hit@1.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa_core.documents import read_document
from qa_core.encoder import Encoder, shipped_encoder_dir
from qa_core.index import Index
from qa_core.index_files import embedding_text, lexical_text
from qa_core.lexical import Lexical
from qa_core.passages import split_passages
from qa_core.types import Passage
from qa_core.units import split_units
from training.measuring.questions import is_in_gold_section
from training.recipes.halves import SEEDS, split_halves
from training.recipes.tv_remote import TvQuestion, manual_path, read_tv_questions

Scores = NDArray[np.float32]  # [questions, passages]

CUTS = (1, 3, 5, 10)
PAIR_WEIGHTS = (0.0, 0.15, 0.3)
_NOT_FOUND = 10**6
LEXICAL_WEIGHTS = (0.4, 0.6, 0.8, 1.0, 1.3, 1.7, 2.5)


@dataclass(frozen=True, slots=True)
class Study:
    """The questions with a known section, and which passages are right for each."""

    questions: tuple[TvQuestion, ...]
    passages: tuple[Passage, ...]
    gold: NDArray[np.bool_]  # [questions, passages]
    halves: tuple[tuple[list[int], list[int]], ...]  # rows of A and B, by seed


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder with tv-remote/ and galaxy-manuals/")
    parser.add_argument(
        "--distractors", action="store_true", help="also search with all other manuals indexed"
    )
    parser.add_argument("--sentences", action="store_true", help="also try vectors of single sentences")
    parser.add_argument("--runtime", default="onnx-int8")
    parser.add_argument("--cache", type=Path, default=Path("var/cache"), help="for exported models")
    arguments = parser.parse_args()
    threads = len(os.sched_getaffinity(0))
    encoder = Encoder.open(shipped_encoder_dir(), arguments.runtime, arguments.cache, threads)
    study = read_study(arguments.data, encoder)
    print(f"{len(study.questions)} questions, {len(study.passages)} passages, {arguments.runtime}")
    print(f"{'':34}" + "".join(f"{name:^24}" for name in ("half A", "half B")))
    print(f"{'Hit@':34}" + "".join(f"{cut:>6}" for cut in CUTS * 2))
    print_fusions(study, encoder, sentences=arguments.sentences)
    print_searches(study, encoder, arguments.data, distractors=arguments.distractors)


def read_study(data: Path, encoder: Encoder) -> Study:
    """TV-Remote, split as the library splits it."""
    every = read_tv_questions(data)
    known = [row for row, each in enumerate(every) if each.question.section is not None]
    place = {row: i for i, row in enumerate(known)}
    halves = [split_halves([each.group for each in every], seed) for seed in SEEDS]
    questions = tuple(every[row] for row in known)
    passages = split_passages(read_document(manual_path(data), manual_path(data)), encoder.count_tokens)
    return Study(
        questions,
        passages,
        np.array([[is_in_gold_section(each, q.question) for each in passages] for q in questions]),
        tuple(([place[i] for i in h.a if i in place], [place[i] for i in h.b if i in place]) for h in halves),
    )


def print_fusions(study: Study, encoder: Encoder, *, sentences: bool) -> None:
    """Every fusion over every passage: no candidates are cut off."""
    texts = [each.question.text for each in study.questions]
    questions = np.stack([encoder.encode_question(text) for text in texts])
    dense = questions @ encoder.encode([embedding_text(passage) for passage in study.passages]).T
    lexical = Lexical.build([lexical_text(passage) for passage in study.passages])
    denses = {"dense": dense}
    if sentences:
        denses["sentences"] = sentence_scores(study.passages, questions, encoder)
        denses["dense+sentences"] = (dense + denses["sentences"]) / 2
    for name, scores in denses.items():
        print_row(study, name, ranks(scores, study.gold))
    for pair_weight in PAIR_WEIGHTS:
        lexical.pair_weight = pair_weight
        shares = np.stack([lexical.scores(text) for text in texts])
        print_row(study, f"BM25, pairs {pair_weight}", ranks(shares, study.gold))
        for name, scores in denses.items():
            for label, fuse in fusions().items():
                row = ranks(fuse(scores, shares), study.gold)
                print_row(study, f"{name} {label}, pairs {pair_weight}", row)


def fusions() -> dict[str, Callable[[Scores, Scores], Scores]]:
    """The ways to fuse, by name; each takes dense and lexical scores."""
    ways: dict[str, Callable[[Scores, Scores], Scores]] = {}
    for depth in (10, 60):
        ways[f"RRF {depth}"] = lambda d, s, k=depth: reciprocal(d, k) + reciprocal(s, k)  # type: ignore[misc]
    for weight in (0.3, 0.5, 0.7):
        ways[f"z {weight}"] = lambda d, s, w=weight: w * z(d) + (1 - w) * z(s)  # type: ignore[misc]
    for weight in LEXICAL_WEIGHTS:
        ways[f"+ {weight} share"] = lambda d, s, w=weight: d + w * s  # type: ignore[misc]
    return ways


def reciprocal(scores: Scores, k: int) -> Scores:
    """Reciprocal rank of each passage (Cormack, Clarke & Büttcher, SIGIR 2009)."""
    order = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    return np.asarray(1 / (k + 1 + order), dtype=np.float32)


def z(scores: Scores) -> Scores:
    """Standardised within each question."""
    spread = scores.std(axis=1, keepdims=True) + 1e-6
    return np.asarray((scores - scores.mean(axis=1, keepdims=True)) / spread, dtype=np.float32)


def sentence_scores(passages: Sequence[Passage], questions: Scores, encoder: Encoder) -> Scores:
    """The best cosine of a sentence, step or heading of each passage (max-sim)."""
    texts, owners = [], []
    for row, passage in enumerate(passages):
        units = [passage.text[unit.start : unit.end] for unit in split_units(passage.text)]
        leaf = passage.section.heading_path[-1]
        pieces = [passage.heading, *(f"{leaf}: {unit}" for unit in units if len(unit.split()) > 2)]
        texts += pieces
        owners += [row] * len(pieces)
    best = np.full((len(passages), len(questions)), -1, dtype=np.float32)
    np.maximum.at(best, np.array(owners), encoder.encode(texts) @ questions.T)
    return best.T


def ranks(scores: Scores, gold: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The rank of the first right passage, from 0; a large number where no passage is right."""
    order = np.argsort(-scores, axis=1, kind="stable")
    first = np.take_along_axis(gold, order, axis=1).argmax(axis=1)
    return np.where(gold.any(axis=1), first, _NOT_FOUND)


def print_row(study: Study, name: str, found: NDArray[np.int64]) -> None:
    """Hit@k of both halves."""
    cells = []
    for half in (0, 1):
        hits = np.array([[np.mean(found[rows[half]] < cut) for cut in CUTS] for rows in study.halves])
        cells += [f"{value:6.3f}" for value in hits.mean(axis=0)]
    first = [np.mean(found[rows[1]] < 1) for rows in study.halves]
    print(f"{name:34}{''.join(cells)}   B@1 {min(first):.3f} to {max(first):.3f}")


def print_searches(study: Study, encoder: Encoder, data: Path, *, distractors: bool) -> None:
    """What `Index.search` itself finds, alone and among other manuals."""
    print_row(study, "Index.search", searched(study, study.passages, encoder))
    if distractors:
        folder = data / "galaxy-manuals"
        others = [read_document(path, folder) for path in sorted(folder.glob("*.html"))]
        more = [passage for each in others for passage in split_passages(each, encoder.count_tokens)]
        found = searched(study, (*study.passages, *more), encoder)
        print_row(study, f"with {len(others)} other manuals", found)


def searched(study: Study, passages: Sequence[Passage], encoder: Encoder) -> NDArray[np.int64]:
    """The rank of the first right hit, from 0; a large number where the first ten have none."""
    ours = {passage.id for passage in study.passages}
    vectors = encoder.encode([embedding_text(passage) for passage in passages])
    found = []
    with tempfile.TemporaryDirectory() as folder:
        index = Index.build(passages, vectors, Path(folder))
        for each in study.questions:
            asked = each.question
            hits = index.search(asked.text, encoder.encode_question(asked.text), max(CUTS))
            right = [hit.passage.id in ours and is_in_gold_section(hit.passage, asked) for hit in hits]
            found.append(right.index(True) if True in right else _NOT_FOUND)
    return np.array(found, dtype=np.int64)


if __name__ == "__main__":
    main()
