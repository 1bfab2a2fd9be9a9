"""Fine-tuning the reader: it learns, it resumes to the same result, it refuses what it must not load."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copyfile
from typing import Literal

import pytest
import torch
from tiny_models import write_base_reader

from qa_core.encoder import shipped_encoder_dir
from qa_core.errors import ModelError
from qa_core.reader import Reader
from qa_core.types import Hit, Manual, Passage, Section
from qa_core.windows import Windower, WindowSettings
from training.features import Feature, make_features
from training.reading import training_speed
from training.reading.examples import Example
from training.reading.model_folder import load_model, save_weights
from training.reading.span_forward import SpanForward, batches_of
from training.reading.span_training import (
    ReaderTraining,
    SpanTrainingSettings,
    TrainingData,
    TrainingProgress,
)

SETTINGS = SpanTrainingSettings(
    learning_rate=5e-3,
    embedding_rate=1.0,
    batch_size=4,
    checkpoint_every=5,
    average_from=2.0,
    dtype="float32",
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base_reader(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def features() -> list[Feature]:
    colours = ("red", "green", "blue", "white", "black", "yellow", "brown", "pink")
    examples = []
    for i, colour in enumerate(colours * 5):
        context = f"The lamp turns {colour} when it is ready."
        start = context.index(colour)
        examples.append(Example(str(i), "Which colour?", context, start, start + len(colour)))
    return make_features(examples, Windower.open(shipped_encoder_dir(), WindowSettings(max_tokens=48)))


def training(base: Path, features: list[Feature], folder: Path, n_epochs: int = 1) -> ReaderTraining:
    return ReaderTraining(load_model(base), TrainingData([features] * n_epochs), SETTINGS, folder)


def losses_into(losses: list[float]) -> Callable[[TrainingProgress], None]:
    return lambda progress: losses.append(progress.loss)


def test_the_loss_falls_and_the_reader_finds_what_it_was_taught(
    base: Path, features: list[Feature], tmp_path: Path
) -> None:
    losses: list[float] = []
    run = training(base, features, tmp_path, n_epochs=12)
    run.run(losses_into(losses))
    assert losses[-1] < losses[0] / 3
    save_weights(run.model, tmp_path / "taught")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        copyfile(base / name, tmp_path / "taught" / name)
    reader = Reader.open(tmp_path / "taught", "torch-fp32", tmp_path / "cache", 1)
    text = "The lamp turns green when it is ready."
    manual = Manual("m", "/m", "a.md", "A", "A", None, None, "d")
    hit = Hit(Passage("p", manual, Section((), text), 0, len(text)), 0.0, 0.0, 0.0)
    [reading] = reader.read("Which colour?", [hit])
    best = reading.spans[0]
    assert text[best.start : best.end] == "green"


def test_a_killed_run_goes_on_to_the_same_result(base: Path, features: list[Feature], tmp_path: Path) -> None:
    whole = training(base, features, tmp_path / "whole")
    whole.run()

    def kill_at_seven(progress: TrainingProgress) -> None:
        if progress.step == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training(base, features, tmp_path / "killed").run(kill_at_seven)
    steps: list[int] = []
    resumed = training(base, features, tmp_path / "killed")
    resumed.run(lambda progress: steps.append(progress.step))
    assert steps == [6, 7, 8, 9, 10]
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(tensor, resumed.model.state_dict()[name]), name


def test_near_the_end_of_an_epoch_only_that_writes_a_checkpoint(
    base: Path, features: list[Feature], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    monkeypatch.setattr(ReaderTraining, "checkpoint", lambda run: written.append(run.step))
    settings = replace(SETTINGS, batch_size=1)
    run = ReaderTraining(load_model(base), TrainingData([features] * 2), settings, tmp_path)
    run.run(on_epoch=lambda _epoch, _loss: True)
    assert written == [5, 10, 15, 20, 25, 30, 40, 50, 55, 60, 65, 70, 80]


@pytest.fixture
def measured_anew() -> Iterator[None]:
    """What was measured before is forgotten, and afterwards what a fake measured."""
    training_speed.fastest_dtype.cache_clear()
    yield
    training_speed.fastest_dtype.cache_clear()


@pytest.mark.usefixtures("measured_anew")
@pytest.mark.parametrize(
    ("seconds", "fastest", "n_measured"),
    [
        ({torch.float32: 0.1, torch.bfloat16: 0.9}, torch.float32, 1),
        ({torch.float32: 0.1, torch.bfloat16: 0.04}, torch.bfloat16, 1),
        ({torch.float32: 0.1, torch.bfloat16: 0.08}, torch.bfloat16, 12),
    ],
)
def test_a_format_that_is_clearly_faster_is_measured_once(
    seconds: dict[torch.dtype, float],
    fastest: torch.dtype,
    n_measured: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured: list[tuple[torch.dtype, int]] = []

    def product_s(dtype: torch.dtype, n_rows: int) -> float:
        measured.append((dtype, n_rows))
        return seconds[dtype]

    monkeypatch.setattr(training_speed, "_product_s", product_s)
    assert training_speed.fastest_dtype(torch.device("cpu")) == fastest
    assert measured.count((torch.float32, 2048)) == n_measured
    assert training_speed.fastest_dtype(torch.device("cpu")) == fastest
    assert measured.count((torch.float32, 2048)) == n_measured, "once a process"


@pytest.mark.usefixtures("measured_anew")
@pytest.mark.parametrize(("has_it", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_a_gpu_that_would_emulate_bfloat16_gets_float32(
    has_it: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_supported(including_emulation: bool = True) -> bool:
        return has_it or including_emulation

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", is_supported)
    assert training_speed.fastest_dtype(torch.device("cuda")) == dtype


@pytest.mark.parametrize(("dtype", "length"), [("float32", 24), ("bfloat16", 32)])
def test_lengths_are_rounded_up_for_the_format_of_numbers(
    dtype: Literal["float32", "bfloat16"], length: int, base: Path
) -> None:
    windower = Windower.open(shipped_encoder_dir(), WindowSettings(max_tokens=48))
    example = Example("0", "Which colour?", "The lamp turns red when it is ready and warm.", 15, 18)
    [feature] = make_features([example], windower)
    assert len(feature.window.input_ids) == 17
    assert SpanForward(load_model(base), dtype)([feature])[0].shape == (1, length)


def test_what_only_figures_of_confidence_need_is_not_loaded_to_fine_tune() -> None:
    code = "import sys, training.reader; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_checkpoint_of_other_settings_is_not_gone_on_with(
    base: Path, features: list[Feature], tmp_path: Path
) -> None:
    training(base, features, tmp_path).checkpoint()
    settings = replace(SETTINGS, seed=7)
    other = ReaderTraining(load_model(base), TrainingData([features]), settings, tmp_path)
    with pytest.raises(ModelError, match="belongs to other data, another model or other settings"):
        other.run()


def test_a_loss_that_is_not_finite_ends_the_run(base: Path, features: list[Feature], tmp_path: Path) -> None:
    run = training(base, features, tmp_path)
    with torch.no_grad():
        next(run.model.parameters()).fill_(float("nan"))
    with pytest.raises(ModelError, match="The loss is nan"):
        run.run()


def test_every_feature_is_in_one_batch_and_the_order_is_drawn_from_the_seed(features: list[Feature]) -> None:
    batches = batches_of(features, 4, seed=1)
    assert sorted(i for batch in batches for i in batch) == list(range(len(features)))
    assert batches == batches_of(features, 4, seed=1)
    assert batches != batches_of(features, 4, seed=2)


def test_weights_are_kept_in_half_precision_and_loaded_in_full(base: Path) -> None:
    assert {p.dtype for p in load_model(base).parameters()} == {torch.float32}
    assert (base / "model.safetensors").stat().st_size < 1.2 * 2 * sum(
        p.numel() for p in load_model(base).parameters()
    )


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="pickled"):
        load_model(tmp_path)
