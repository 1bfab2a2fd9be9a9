"""The learning stages of a retraining: the candidate's reader and encoder."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qa_core.errors import ModelError
from training.retraining.dataset import remember_as_trained
from training.retraining.job_context import JobContext
from training.retraining.lessons import encoder_pairs, reader_examples, split_triplets
from training.retrieval.encoder_batches import batches_of
from training.retrieval.interpolation import MIN_TO_CHOOSE

if TYPE_CHECKING:
    from qa_core.release_manifests import Release
    from training.retraining.encoder_stage import EncoderOutcome
    from training.retraining.lessons import EncoderPair, Parts
    from training.retraining.material import Frozen
    from training.retraining.reader_stage import ReaderOutcome, ReaderTask
    from training.retraining.rehearsal import Rehearsed
    from training.retrieval.ranking import RankingCase

log = logging.getLogger(__name__)

_CHOOSE_EVERY = 5  # of what is rehearsed, every so many-th question is set aside to choose by


@dataclass(frozen=True, slots=True)
class Lessons:
    """What both models learn from, and what their settings are chosen by."""

    parts: Parts
    rehearsed: tuple[Rehearsed, ...]
    set_aside: tuple[Rehearsed, ...]

    @classmethod
    def of(cls, context: JobContext, frozen: Frozen) -> Lessons:
        """The same lessons each time, for a job that goes on."""
        return cls(
            split_triplets(frozen.training, frozen.groups, context.how.choosing_share),
            tuple(each for n, each in enumerate(frozen.rehearsed) if n % _CHOOSE_EVERY),
            frozen.rehearsed[::_CHOOSE_EVERY],
        )


def learn(context: JobContext, frozen: Frozen) -> None:
    """Train what is not trained yet; `reader.json` and `encoder.json` then tell where the models are.

    What is rehearsed counts as trained on where a release may be made that has learned it.
    """
    lessons = Lessons.of(context, frozen)
    base = context.installation.releases.get(frozen.base)
    context.progress.begin("Training the reader")
    if not context.folder.has("reader"):
        _learn_to_read(context, base, lessons)
    context.progress.begin("Training the encoder")
    if not context.folder.has("encoder"):
        _learn_to_find(context, base, lessons)
    if learns_now(context) and not context.request.dry_run:
        learned = (each.question for each in frozen.rehearsed if each.examples or each.pairs)
        remember_as_trained(context.store, ((each.text, each.product) for each in learned))


def learns_now(context: JobContext) -> bool:
    """Whether this job's candidate takes anything of a model that the job has trained."""
    return any(context.folder.read(model)["share"] > 0 for model in ("reader", "encoder"))


def _learn_to_read(context: JobContext, base: Release, lessons: Lessons) -> None:
    from training.reading.reading_cases import reading_cases  # noqa: PLC0415
    from training.retraining.reader_stage import ReaderTask  # noqa: PLC0415 - torch

    folder = context.installation.releases.path(base, "reader")
    cases = reading_cases(lessons.parts.choosing, context.search)
    if not (context.how.train_reader and _can_choose(context, cases)):
        context.folder.write("reader", _untrained(folder))
        return
    train = reader_examples(lessons.parts.train, context.search)
    train += [example for each in lessons.rehearsed for example in each.examples]
    choosing = reader_examples(lessons.parts.choosing, context.search)
    choosing += [example for each in lessons.set_aside for example in each.examples]
    task = ReaderTask(folder, train, choosing, cases, context.folder.work, context.folder.reader)
    outcome = _train_reader(context, task)
    context.folder.write(
        "reader",
        {
            "folder": str(context.folder.reader if outcome.share else folder),
            "epochs": [asdict(epoch) for epoch in outcome.report.epochs],
            "share": outcome.share,
            "tried": list(outcome.losses.items()),
            "n_examples": len(train),
        },
    )
    shutil.rmtree(context.folder.work, ignore_errors=True)  # last: a job killed before goes on there


def _train_reader(context: JobContext, task: ReaderTask) -> ReaderOutcome:
    """Train it, from the checkpoint of a job that goes on; anew where that was made from other manuals."""
    from training.reading.span_training import OtherTrainingError  # noqa: PLC0415 - torch

    try:
        return _run_reader_training(context, task)
    except OtherTrainingError as error:
        log.warning("The reader is trained anew: %s", error)
        shutil.rmtree(task.work)
        return _run_reader_training(context, task)


def _run_reader_training(context: JobContext, task: ReaderTask) -> ReaderOutcome:
    from training.reading.span_training import OtherTrainingError  # noqa: PLC0415
    from training.retraining.reader_stage import train_reader  # noqa: PLC0415 - torch

    progress = context.progress
    try:
        return train_reader(
            task,
            replace(context.how.reader, seed=context.request.seed),
            context.how.shares,
            lambda step: progress.at(step.step / step.n_steps, step.loss),
        )
    except OtherTrainingError:
        raise
    except ModelError as error:
        raise ModelError(f"Training the reader: {error}") from error


def _can_choose(context: JobContext, cases: Sequence[object]) -> bool:
    """Whether training is of use: nothing of it is taken over that no questions set aside speak for."""
    return len(cases) >= MIN_TO_CHOOSE or context.how.shares.untold > 0


def _learn_to_find(context: JobContext, base: Release, lessons: Lessons) -> None:
    from training.retraining.encoder_stage import ranking_cases  # noqa: PLC0415 - torch

    folder = context.installation.releases.path(base, "encoder")
    pairs = encoder_pairs(lessons.parts.train, context.passages, context.search)
    pairs += [pair for each in lessons.rehearsed for pair in each.pairs]
    cases = ranking_cases(lessons.parts.choosing, lessons.set_aside, context.search)
    batches = batches_of(pairs, context.how.retriever.batch_size, context.request.seed)
    if not (context.how.train_encoder and batches and _can_choose(context, cases)):
        context.folder.write("encoder", _untrained(folder))
        return
    shutil.rmtree(context.folder.encoder, ignore_errors=True)  # a half of one, from before
    outcome = _train_encoder(context, folder, pairs, cases)
    context.folder.write(
        "encoder",
        {
            "folder": str(context.folder.encoder if outcome.share else folder),
            "epochs": [asdict(epoch) for epoch in outcome.epochs],
            "share": outcome.share,
            "tried": list(outcome.ranks.items()),
            "n_examples": len(pairs),
        },
    )


def _train_encoder(
    context: JobContext, folder: Path, pairs: Sequence[EncoderPair], cases: Sequence[RankingCase]
) -> EncoderOutcome:
    from training.retraining.encoder_stage import train_encoder  # noqa: PLC0415 - torch

    progress = context.progress
    return train_encoder(
        folder,
        pairs,
        cases,
        context.folder.encoder,
        replace(context.how.retriever, seed=context.request.seed),
        context.how.shares,
        lambda step: progress.at(step.step / step.n_steps, step.loss),
    )


def _untrained(folder: Path) -> dict[str, object]:
    return {"folder": str(folder), "epochs": [], "share": 0.0, "tried": [], "n_examples": 0}
