"""The reader's stage of a retraining."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import tiny_readers
import torch
from safetensors.torch import load_file

from training.reading.fine_tune_settings import FineTuneSettings
from training.reading.loading import load_triplets
from training.retraining.reader_stage import ReaderTask, train_reader
from training.retrieval.interpolation import Shares


def test_a_trained_epoch_is_mixed_in_even_where_none_is_better_than_before(tmp_path: Path) -> None:
    """How much of it is good is told by the share, so the old weights must not come in twice."""
    base = tiny_readers.write_distilbert(tmp_path / "base")
    examples = load_triplets(tiny_readers.TRIPLETS).examples
    answered = [each for each in examples if each.answer is not None]
    silent = [replace(each, start=None, end=None) for each in answered[24:]]  # what training makes worse
    task = ReaderTask(base, answered[:24], silent, (), tmp_path / "work", tmp_path / "out")
    settings = FineTuneSettings(n_epochs=2, learning_rate=0.01, patience=1, warmup=0.0, dtype="float32")
    outcome = train_reader(task, settings, Shares(untold=0.5), lambda _: None)
    losses = [each.epoch.loss or 0.0 for each in outcome.report.epochs]
    assert losses[0] < min(losses[1:])
    assert outcome.report.best > 0
    old, new = (load_file(folder / "model.safetensors") for folder in (base, tmp_path / "out"))
    assert not torch.equal(old["qa_outputs.weight"].half(), new["qa_outputs.weight"])
