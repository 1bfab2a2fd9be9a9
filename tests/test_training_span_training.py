"""Fine-tuning the reader: it learns, it resumes to the same result, it refuses what it must not load."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import pytest
import torch
from tiny_models import write_base_reader

from qa_core.encoder import shipped_encoder_dir
from qa_core.errors import ModelError
from qa_core.reader import Reader
from qa_core.types import Hit, Manual, Passage, Section
from qa_core.windows import Windower, WindowSettings
from training.examples import Example
from training.features import Feature, make_features
from training.model_folder import load_model, save_weights
from training.span_forward import batches_of
from training.span_training import Progress, ReaderTraining, TrainingSettings

SETTINGS = TrainingSettings(
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
    return ReaderTraining(load_model(base), [features] * n_epochs, SETTINGS, folder)


def losses_into(losses: list[float]) -> Callable[[Progress], None]:
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

    def kill_at_seven(progress: Progress) -> None:
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


def test_a_checkpoint_of_other_settings_is_not_gone_on_with(
    base: Path, features: list[Feature], tmp_path: Path
) -> None:
    training(base, features, tmp_path).checkpoint()
    other = ReaderTraining(load_model(base), [features], replace(SETTINGS, seed=7), tmp_path)
    with pytest.raises(ModelError, match="belongs to other settings"):
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
