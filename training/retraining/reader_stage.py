"""A retraining's reader: fine-tuned on triplets and rehearsal, then mixed with what it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from transformers import PreTrainedModel

from qa_core.reader import window_settings
from qa_core.windows import Windower
from training.reading.examples import Example
from training.reading.fine_tune_report import FineTuneReport
from training.reading.fine_tune_settings import FineTuneSettings
from training.reading.fine_tuning import FineTuning, Prepared, Watch
from training.reading.model_folder import TokenizerFiles, load_model, save_weights
from training.reading.reading_cases import PreparedCases, ReadingCase, case_losses
from training.reading.span_forward import SpanForward
from training.reading.span_training import TrainingProgress
from training.reading.split import Split
from training.retrieval.interpolation import MIN_TO_CHOOSE, Shares, interpolate, least_share_like_best


@dataclass(frozen=True, slots=True)
class ReaderOutcome:
    """What the fine-tuning brought."""

    report: FineTuneReport
    share: float  # of the new weights in the candidate
    losses: Mapping[float, float]  # mean one of each share that was tried, on the cases set aside


@dataclass(frozen=True, slots=True)
class ReaderTask:
    """What to train, on what, and where."""

    base: Path
    train: Sequence[Example]
    choosing: Sequence[Example]  # not trained on; they tell how each epoch went
    cases: Sequence[ReadingCase]  # of the same questions; they choose the share
    work: Path  # keeps the checkpoint
    out: Path


def train_reader(
    task: ReaderTask,
    settings: FineTuneSettings,
    shares: Shares,
    on_progress: Callable[[TrainingProgress], None],
) -> ReaderOutcome:
    """Fine-tune, choose the mix of old and new weights, and write the reader to `task.out`.

    Nothing is written where the old weights are chosen. Killed, the same task goes on from its checkpoint.
    Raises ModelError for a loss that is not finite.
    """
    model = load_model(task.base)
    tokenizer = TokenizerFiles.open(task.base)
    windower = Windower(tokenizer.tokenizer, window_settings(model.config.to_dict()))
    old = _copy(model)
    data = Prepared(Split(tuple(task.train), tuple(task.choosing)), (), 0)
    settings = replace(settings, keeps_trained=True)  # the old weights come in by their share
    report = FineTuning(model, windower, data, settings, task.work).run(Watch(on_progress))
    new = _copy(model)
    losses = {}
    if len(task.cases) >= MIN_TO_CHOOSE:  # fewer do not tell them apart
        forward, cases = SpanForward(model, settings.dtype), PreparedCases.of(task.cases, windower)
        forward.keep_below(report.settings["n_frozen_layers"], cases.features)
        for each in shares.tried:
            model.load_state_dict(interpolate(old, new, each))
            losses[each] = case_losses(forward, cases)
    share = least_share_like_best(losses) if losses else shares.untold
    if share > 0:
        model.load_state_dict(interpolate(old, new, share))
        save_weights(model, task.out)
        tokenizer.save(task.out)
    return ReaderOutcome(report, share, {each: float(loss.mean()) for each, loss in losses.items()})


def _copy(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
