"""The forward pass: the format of numbers that a model runs in."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import tiny_readers
import torch

from qa_core.errors import ModelError
from qa_core.reader import window_settings
from qa_core.windows import Windower
from training import span_forward
from training.features import Feature, make_features
from training.fine_tune_settings import FineTuneSettings
from training.fine_tuning import Watch
from training.interruption import Interrupted
from training.loading import load_triplets
from training.model_folder import load_model
from training.reader import QAModel
from training.span_forward import SpanForward
from training.span_training import TrainingProgress


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reader that cannot be run in bfloat16, where that is the fastest."""
    monkeypatch.setattr(span_forward, "fastest_dtype", lambda _device: torch.bfloat16)
    return tiny_readers.write_deberta_v1(tmp_path / "base")


def features_for(folder: Path) -> list[Feature]:
    windower = Windower.open(folder, window_settings(load_model(folder).config.to_dict()))
    return make_features(load_triplets(tiny_readers.TRIPLETS).examples, windower)


def test_a_model_that_cannot_be_run_in_bfloat16_runs_in_float32(
    base: Path, caplog: pytest.LogCaptureFixture
) -> None:
    features = features_for(base)[:4]
    forward = SpanForward(load_model(base), "auto")
    with caplog.at_level(logging.INFO), torch.no_grad():
        found = forward(features)
        expected = SpanForward(load_model(base), "float32")(features)
    assert forward.dtype == torch.float32
    assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))
    assert "DebertaForQuestionAnswering cannot be run in bfloat16" in caplog.text


def test_bfloat16_that_was_asked_for_and_cannot_be_is_told(base: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot be run in bfloat16 \(.*\)\. Choose float32"):
        SpanForward(load_model(base), "bfloat16")(features_for(base)[:4])


def test_frozen_layers_are_run_once_in_float32_where_bfloat16_cannot_be(base: Path) -> None:
    features = features_for(base)
    forward = SpanForward(load_model(base), "auto")
    assert forward.keep_below(1, features)
    assert forward.dtype == torch.float32


def test_a_fine_tuning_in_float32_for_want_of_bfloat16_goes_on_so(base: Path, tmp_path: Path) -> None:
    settings = FineTuneSettings(n_epochs=2, learning_rate=1e-2, n_frozen_layers=0, keeps_trained=True)

    def tune(folder: Path, watch: Watch) -> dict[str, torch.Tensor]:
        model = QAModel.load(base)
        report = model.fine_tune(tiny_readers.TRIPLETS, settings, work=folder, watch=watch)
        assert report.dtype == "float32"
        return model._model.state_dict()

    def stop_at_three(progress: TrainingProgress) -> None:
        if progress.step == 3:
            raise Interrupted("stopped")

    with pytest.raises(Interrupted):
        tune(tmp_path / "stopped", Watch(on_progress=stop_at_three))
    whole, resumed = tune(tmp_path / "whole", Watch()), tune(tmp_path / "stopped", Watch())
    assert all(torch.equal(tensor, resumed[name]) for name, tensor in whole.items())
