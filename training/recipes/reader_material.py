"""What the stages of the shipped reader's training are made from.

The reserve (1,000 questions for the fine-tuning table, 2,000 for calibration) is drawn by context with
seed 0 and trains nothing here; its ids are in `reserve.json` beside this file.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import bm25s
from tokenizers import Tokenizer

from qa_core.types import Passage
from training.features import contexts_of
from training.reading.augment import among_others, some, with_another_name, with_opposite, without_answer
from training.reading.examples import Example
from training.reading.loading import load_squad
from training.recipes import manual_questions
from training.recipes.reserve_manual import RESERVE_FILE

logger = logging.getLogger(__name__)

N_TABLE, N_CALIBRATION = 1_000, 2_000
MAX_NEIGHBOURS = 6  # sentences that one of QAMR's is read among


Kind = Literal["plain", "qamr", "nearest", "renamed", "opposite", "cut", "manual"]
_KIND_OF_SUFFIX: dict[str, Kind] = {
    "negative": "nearest", "name": "renamed", "opposite": "opposite", "cut": "cut",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ingredients:
    """How much of what goes into a stage."""

    share_with_heading: float = 0.5  # of the contexts that are read behind their article's title
    n_negatives: int = 5_000  # the BM25-nearest context without the answer
    n_renamed: int = 8_000  # a name or number of the question exchanged
    n_opposite: int = 6_000  # a word of the question exchanged for its opposite
    n_cut: int = 6_000  # questions on a part of their context that does not answer them
    crop_chars: int = 900  # of such parts, at most
    n_units: int = 4_000  # questions on single sentences, steps and bullets of manuals
    negatives_per_question: int = 2  # passages of manuals that retrieval takes for the answer
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Reserve:
    """Ids of questions that train no shipped weights."""

    table: frozenset[str]
    calibration: frozenset[str]


def draw_reserve(examples: Sequence[Example], seed: int = 0) -> Reserve:
    """Whole contexts until 1,000, then 2,000 questions are reached."""
    by_context: dict[str, list[str]] = {}
    for example in examples:
        by_context.setdefault(example.context, []).append(example.id)
    contexts = list(by_context)
    random.Random(seed).shuffle(contexts)  # noqa: S311 - reproducible, not secret
    drawn: list[list[str]] = []
    for size in (N_TABLE, N_CALIBRATION):
        ids: list[str] = []
        while len(ids) < size:
            ids += by_context[contexts.pop()]
        drawn.append(ids)
    return Reserve(frozenset(drawn[0]), frozenset(drawn[1]))


def kept_reserve(examples: Sequence[Example], path: Path) -> Reserve:
    """The reserve whose ids the file has; drawn, and written there, where there is none."""
    if path.is_file():
        ids = json.loads(path.read_text(encoding="utf-8"))
        return Reserve(frozenset(ids["table"]), frozenset(ids["calibration"]))
    reserve = draw_reserve(examples)
    ids = {"table": sorted(reserve.table), "calibration": sorted(reserve.calibration)}
    path.write_text(json.dumps(ids, indent=0) + "\n", encoding="utf-8")
    return reserve


def hard_negatives(examples: Sequence[Example], n: int, seed: int) -> list[Example]:
    """`n` questions, each with the best-ranked context that does not hold its answer."""
    contexts = contexts_of(examples)
    heading = {e.context: e.heading_path for e in examples}
    retriever = bm25s.BM25()
    retriever.index(bm25s.tokenize(contexts, show_progress=False), show_progress=False)
    asked = random.Random(seed).sample([e for e in examples if e.answer], n)  # noqa: S311
    queries = bm25s.tokenize([e.question for e in asked], show_progress=False)
    found, _ = retriever.retrieve(queries, k=8, show_progress=False)
    negatives = []
    for example, indexes in zip(asked, found, strict=True):
        answer = (example.answer or "").casefold()
        wrong = [contexts[i] for i in indexes if answer not in contexts[i].casefold()]
        if wrong:
            negatives.append(
                Example(f"{example.id}-negative", example.question, wrong[0], None, None, heading[wrong[0]])
            )
    return negatives


@dataclass(frozen=True, slots=True)
class Sources:
    """What the stages are made from, the reserve left out."""

    squad_like: tuple[Example, ...]
    qamr: tuple[Example, ...]

    @classmethod
    def read(cls, data: Path) -> Sources:
        """Read `qa/`."""
        squad_like = load_squad(data / "qa" / "squad-like-train.json")
        reserve = kept_reserve(squad_like, RESERVE_FILE)
        reserved = reserve.table | reserve.calibration
        qamr = load_squad(data / "qa" / "qamr-train.json")
        return cls(
            tuple(e for e in squad_like if e.id not in reserved),
            tuple(replace(e, heading_path=()) for e in qamr),
        )


def lesson(data: Path, base: Path, sources: Sources, ingredients: Ingredients) -> list[Example]:
    """One pass's examples; another seed gives other negatives, cuts, neighbours and wordings.

    Every question on its whole context, QAMR's on their sentence among others, questions that their context
    nearly answers, and questions made from manuals, with the passages that retrieval takes for their answers.
    """
    rng = random.Random(ingredients.seed)  # noqa: S311 - reproducible, not secret
    sentences = contexts_of(sources.qamr)
    joined = [among_others(e, sentences, rng.randint(0, MAX_NEIGHBOURS), rng) for e in sources.qamr]
    drawn = rng.sample(sources.squad_like, len(sources.squad_like))
    articles = _with_some_headings(
        [
            *sources.squad_like,
            *joined,
            *hard_negatives(sources.squad_like, ingredients.n_negatives, ingredients.seed),
            *some((with_another_name(e, rng) for e in drawn), ingredients.n_renamed),
            *some((with_opposite(e, rng) for e in reversed(drawn)), ingredients.n_opposite),
            *some((without_answer(e, ingredients.crop_chars, rng) for e in drawn), ingredients.n_cut),
        ],
        ingredients,
        rng,
    )
    return [*articles, *manuals(data, base, ingredients)]


def kind_of(example_id: str) -> Kind:
    """What an example of a lesson is, by its id."""
    if example_id.startswith("manual-"):
        return "manual"
    made = _KIND_OF_SUFFIX.get(example_id.rpartition("-")[2])
    return made or ("qamr" if example_id.startswith("qamr") else "plain")


def _with_some_headings(
    examples: Sequence[Example], ingredients: Ingredients, rng: random.Random
) -> list[Example]:
    return [
        e if rng.random() < ingredients.share_with_heading else replace(e, heading_path=()) for e in examples
    ]


def manuals(data: Path, base: Path, ingredients: Ingredients) -> list[Example]:
    """Questions made from manuals, with the passages that retrieval takes for their answers."""
    rng = random.Random(ingredients.seed)  # noqa: S311
    passages, chosen = questions_on_manuals(data, base, ingredients, rng)
    negatives = manual_questions.negatives(chosen, passages, ingredients.negatives_per_question)
    return [*manual_questions.positives(chosen, rng), *negatives]


def questions_on_manuals(
    data: Path, base: Path, ingredients: Ingredients, rng: random.Random
) -> tuple[list[Passage], list[manual_questions.Asked]]:
    """The manuals' passages, and all questions on headings and openings with some on single units."""
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_truncation()

    def count_tokens(texts: Sequence[str]) -> list[int]:
        return [len(each.ids) for each in tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    passages = manual_questions.read_passages(data / "galaxy-manuals", count_tokens)
    asked = list(manual_questions.ask(passages, rng))
    long = [a for a in asked if a.kind != "unit"]
    units = rng.sample([a for a in asked if a.kind == "unit"], ingredients.n_units)
    logger.info("%d questions on manuals, %d on headings and openings", len(long) + len(units), len(long))
    return passages, [*long, *units]
