"""Frozen layers of an encoder: which those are, and what they make of windows, kept for all epochs."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import tiny_readers
import torch
from tiny_models import write_base_reader
from transformers import AutoModelForQuestionAnswering, PreTrainedModel

from qa_core.errors import ModelError
from qa_core.reader import window_settings
from qa_core.windows import Windower
from training.features import Feature, make_features
from training.reading import span_forward
from training.reading.fine_tune_settings import FineTuneSettings
from training.reading.fine_tuning import settled
from training.reading.layers import SplitModel, frozen_names, most_layers
from training.reading.loading import load_triplets
from training.reading.model_folder import TokenizerFiles, load_model
from training.reading.span_forward import SpanForward, span_loss
from training.reading.span_training import SpanTrainingSettings, make_optimizer

FAMILIES = {
    "BERT": write_base_reader,
    "DistilBERT": tiny_readers.write_distilbert,
    "RoBERTa": tiny_readers.write_roberta,
    "DeBERTa": tiny_readers.write_deberta,
}


def deeper(folder: Path) -> PreTrainedModel:
    """A model of three layers in the family of the folder's."""
    config = load_model(folder).config
    config.num_hidden_layers = 3
    return AutoModelForQuestionAnswering.from_config(config)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_lowest_layers_are_frozen_with_all_that_layers_share(family: str, tmp_path: Path) -> None:
    model = deeper(FAMILIES[family](tmp_path))
    settings = SpanTrainingSettings(embedding_rate=1.0, n_frozen_layers=2)
    optimizer = make_optimizer(model, settings)
    layers = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert {re.sub(r".*layer\.(\d)\..*", r"layer \1", name) for name in layers} == {
        "layer 2",
        "qa_outputs.weight",
        "qa_outputs.bias",
    }
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(layers)
    make_optimizer(model, replace(settings, n_frozen_layers=0))
    assert all(parameter.requires_grad for parameter in model.parameters()), "frozen for one run alone"


def test_all_layers_can_be_frozen_and_no_more(tmp_path: Path) -> None:
    model = deeper(write_base_reader(tmp_path))
    assert {n for n, _ in model.named_parameters()} - frozen_names(model, 3) == {
        "qa_outputs.weight",
        "qa_outputs.bias",
    }
    with pytest.raises(ModelError, match="4 layers cannot be frozen: the model has 3"):
        frozen_names(model, 4)


def test_a_model_whose_layers_cannot_be_told_is_only_trained_whole(tmp_path: Path) -> None:
    model = deeper(write_base_reader(tmp_path))
    model.config.num_hidden_layers = 7
    assert frozen_names(model, 0) == frozenset()
    with pytest.raises(ModelError, match="layers of BertForQuestionAnswering cannot be told apart"):
        frozen_names(model, 1)


def test_no_layers_of_a_model_with_a_decoder_are_frozen(tmp_path: Path) -> None:
    model = load_model(tiny_readers.write_bart(tmp_path, n_decoder_layers=2))
    assert most_layers(model) == 0
    with pytest.raises(ModelError, match="cannot be told apart"):
        frozen_names(model, 1)


@pytest.mark.parametrize(
    ("write", "embeddings"),
    [
        (write_base_reader, r".*\.embeddings\..*"),
        (tiny_readers.write_bart, r"model\.shared\..*|.*\.(embed_positions|layernorm_embedding)\..*"),
        (tiny_readers.write_gpt2, r".*\.(wte|wpe)\..*"),
    ],
    ids=["BERT", "BART", "GPT-2"],
)
def test_the_embeddings_of_every_family_are_frozen_or_have_their_own_rate(
    write: Callable[[Path], Path], embeddings: str, tmp_path: Path
) -> None:
    model = load_model(write(tmp_path))
    settings = SpanTrainingSettings(learning_rate=1e-3, embedding_rate=0.0, n_frozen_layers=0)
    make_optimizer(model, settings)
    names = [name for name, _ in model.named_parameters()]
    frozen = [name for name, parameter in model.named_parameters() if not parameter.requires_grad]
    assert frozen == [name for name in names if re.fullmatch(embeddings, name)] != []
    optimizer = make_optimizer(model, replace(settings, embedding_rate=0.5))
    slow = [group["params"] for group in optimizer.param_groups if group["lr"] == 5e-4]
    assert {id(each) for own in slow for each in own} == {id(model.get_parameter(name)) for name in frozen}


def features_for(folder: Path, model: PreTrainedModel) -> list[Feature]:
    windower = Windower(TokenizerFiles.open(folder).tokenizer, window_settings(model.config.to_dict()))
    return make_features(load_triplets(tiny_readers.TRIPLETS).examples, windower)


def set_up(folder: Path, family: str = "BERT") -> tuple[SpanForward, list[Feature]]:
    """A model of three layers whose lower two are frozen, and what it is trained on."""
    torch.manual_seed(0)
    model = deeper(FAMILIES[family](folder)).train(False)
    make_optimizer(model, SpanTrainingSettings(n_frozen_layers=2))
    return SpanForward(model, "float32"), features_for(folder, model)


def loss_and_gradient(forward: SpanForward, batch: list[Feature]) -> tuple[float, torch.Tensor]:
    """Of the head's weights and of the topmost layer's."""
    forward.model.zero_grad()
    loss = span_loss(forward(batch), batch)
    loss.backward()  # type: ignore[no-untyped-call]
    own = [p.grad.flatten() for p in forward.model.parameters() if p.grad is not None]
    return loss.item(), torch.cat(own)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_frozen_layers_made_once_gives_the_same_loss_and_gradients(family: str, tmp_path: Path) -> None:
    forward, features = set_up(tmp_path, family)
    batch = [features[0], features[-1], features[5]]
    loss, gradient = loss_and_gradient(forward, batch)
    ran: list[int] = []
    [layers] = [m for m in forward.model.modules() if isinstance(m, torch.nn.ModuleList) and len(m) == 3]
    for number, layer in enumerate(layers):
        layer.register_forward_hook(lambda *_, n=number: ran.append(n))
    assert forward.keep_below(2, features)
    ran.clear()
    kept_loss, kept_gradient = loss_and_gradient(forward, batch)
    assert ran == [2]
    assert kept_loss == pytest.approx(loss, rel=1e-5)
    assert torch.allclose(kept_gradient, gradient, rtol=1e-3, atol=1e-6)
    assert len(layers) == 3


def test_other_features_run_through_all_layers(tmp_path: Path) -> None:
    forward, features = set_up(tmp_path)
    whole = forward(features[:4])
    assert forward.keep_below(2, features[:2])
    for one, other in zip(whole, forward(features[:4]), strict=True):
        assert torch.equal(one, other)


def test_a_model_that_cannot_be_run_in_parts_is_run_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    forward, features = set_up(tmp_path)
    whole = forward(features[:4])
    right = SplitModel.above

    def off(self: SplitModel, inputs: dict[str, torch.Tensor], hidden: torch.Tensor) -> object:
        return right(self, inputs, -hidden)

    def broken(*_: object) -> object:
        raise AssertionError("no such layer")

    for above, why in ((off, "in two parts BertForQuestionAnswering is off by"), (broken, "no such layer")):
        monkeypatch.setattr(SplitModel, "above", above)
        with caplog.at_level(logging.INFO):
            assert not forward.keep_below(2, features)
        assert why in caplog.text
        for one, other in zip(whole, forward(features[:4]), strict=True):
            assert torch.equal(one, other)


def test_nothing_is_kept_beyond_the_memory_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forward, features = set_up(tmp_path)
    n_bytes = sum(len(each.window.input_ids) for each in features) * forward.model.config.hidden_size * 4
    monkeypatch.setattr(span_forward, "MAX_KEPT_BYTES", n_bytes - 1)
    assert not forward.keep_below(2, features)
    monkeypatch.setattr(span_forward, "MAX_KEPT_BYTES", n_bytes)
    assert not forward.keep_below(0, features)
    assert not forward.keep_below(2, [])
    assert forward.keep_below(2, features)


@pytest.mark.parametrize(
    ("settings", "fresh_head", "n_frozen", "rate"),
    [
        (FineTuneSettings(), False, 2, 8e-5),
        (FineTuneSettings(), True, 0, 3e-4),
        (FineTuneSettings(embedding_rate=0.5), False, 0, 3e-5),
        (FineTuneSettings(n_frozen_layers=0), False, 0, 3e-5),
        (FineTuneSettings(n_frozen_layers=1, learning_rate=1e-3), True, 1, 1e-3),
    ],
)
def test_a_trained_reader_keeps_its_lower_layers_unless_told_otherwise(
    settings: FineTuneSettings, fresh_head: bool, n_frozen: int, rate: float, tmp_path: Path
) -> None:
    model = deeper(write_base_reader(tmp_path))
    how = settled(settings, model, fresh_head=fresh_head)
    assert (how.n_frozen_layers, how.learning_rate) == (n_frozen, rate)
    model.config.num_hidden_layers = 7  # its layers cannot be told
    assert settled(FineTuneSettings(), model, fresh_head=False).n_frozen_layers == 0
