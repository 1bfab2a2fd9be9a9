"""The forward pass: the format of numbers that a model runs in."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import tiny_readers
import torch
from transformers import DebertaForQuestionAnswering

from qa_core.errors import ModelError
from qa_core.reader import window_settings
from qa_core.windows import Windower
from training.features import Feature, make_features
from training.reader import QAModel
from training.reading import span_forward
from training.reading.fine_tune_settings import FineTuneSettings
from training.reading.fine_tuning import Watch
from training.reading.interruption import Interrupted
from training.reading.loading import load_triplets
from training.reading.model_folder import load_model
from training.reading.span_forward import SpanForward
from training.reading.span_training import TrainingProgress


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


@pytest.mark.parametrize("fastest", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("n_frozen_layers", [0, 1])
def test_a_model_that_cannot_read_text_alone_is_told_in_one_line(
    fastest: torch.dtype, n_frozen_layers: int, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forward(*_: object, input_ids: object, attention_mask: object) -> None:
        raise ValueError(f"`visual_feats` cannot be `None`\n{(input_ids, attention_mask)}")

    monkeypatch.setattr(span_forward, "fastest_dtype", lambda _device: fastest)
    monkeypatch.setattr(DebertaForQuestionAnswering, "forward", forward)
    with pytest.raises(ModelError, match=r"context \(`visual_feats` cannot be `None`\)\. Use a model .*$"):
        QAModel.load(base).fine_tune(tiny_readers.TRIPLETS, FineTuneSettings(n_frozen_layers=n_frozen_layers))


def test_frozen_layers_of_a_model_that_settles_how_it_attends_in_its_first_pass_are_run_once(
    tmp_path: Path,
) -> None:
    """BigBird gives its sparse attention up for short texts, which its encoder alone does not survive."""
    folder = tiny_readers.write_big_bird(tmp_path / "big_bird")
    forward = SpanForward(load_model(folder), "float32")
    assert forward.keep_below(1, features_for(folder))


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
            raise Interrupted("step 3 of 4", None)

    with pytest.raises(Interrupted):
        tune(tmp_path / "stopped", Watch(on_progress=stop_at_three))
    whole, resumed = tune(tmp_path / "whole", Watch()), tune(tmp_path / "stopped", Watch())
    assert all(torch.equal(tensor, resumed[name]) for name, tensor in whole.items())
