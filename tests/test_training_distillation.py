"""A teacher's beliefs: kept for every window as they were, and learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_models import write_base_reader

from qa_core.errors import ModelError
from qa_core.windows import Windower, WindowSettings
from training.features import Feature, make_features
from training.reading.distillation import Beliefs, distilled_loss
from training.reading.examples import Example
from training.reading.model_folder import load_model
from training.reading.span_forward import SpanForward
from training.reading.span_training import ReaderTraining, SpanTrainingSettings, TrainingData

EXAMPLES = [
    Example(str(i), f"Which lamp is {colour}?", f"The lamp of room {i} is {colour}." + " It is on." * i, 0, 8)
    for i, colour in enumerate(("red", "green", "blue", "white", "black"))
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base_reader(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def features(base: Path) -> list[Feature]:
    return make_features(EXAMPLES, Windower.open(base, WindowSettings(max_tokens=48, stride=8)))


@pytest.fixture(scope="module")
def beliefs(base: Path, features: list[Feature]) -> Beliefs:
    return Beliefs.of(SpanForward(load_model(base), "float32"), features)


def test_each_window_has_the_logits_that_the_teacher_gives_it_alone(
    base: Path, features: list[Feature], beliefs: Beliefs
) -> None:
    forward = SpanForward(load_model(base), "float32")
    forward.model.train(False)
    assert len(beliefs) == len(features)
    for row, feature in enumerate(features):
        n = len(feature.window.input_ids)
        with torch.inference_mode():
            alone = torch.stack(forward([feature]))[:, 0, :n]
        assert torch.allclose(beliefs.batch([row], n)[:, 0], alone.cpu(), atol=2e-3)


def test_a_batch_is_padded_with_zeros(features: list[Feature], beliefs: Beliefs) -> None:
    n = len(features[0].window.input_ids)
    batch = beliefs.batch([0, 1], 64)
    assert batch.shape == (2, 2, 64)
    assert torch.equal(batch[:, :1, :n], beliefs.batch([0], n))
    assert not batch[:, 0, n:].any()


def test_some_rows_keep_their_order(beliefs: Beliefs) -> None:
    some = beliefs.of_rows([3, 0, 3])
    assert len(some) == 3
    assert torch.equal(some.batch([0, 1, 2], 64), beliefs.batch([3, 0, 3], 64))


def test_beliefs_are_saved_and_those_of_other_windows_refused(
    tmp_path: Path, features: list[Feature], beliefs: Beliefs
) -> None:
    path = tmp_path / "beliefs.npz"
    beliefs.save(path)
    assert np.array_equal(Beliefs.load(path, features).logits, beliefs.logits)
    assert [file.name for file in tmp_path.iterdir()] == ["beliefs.npz"]
    with pytest.raises(ModelError, match="belongs to other examples"):
        Beliefs.load(path, features[1:])


def test_the_loss_is_nothing_for_who_believes_the_same_and_more_for_who_does_not(
    features: list[Feature], beliefs: Beliefs
) -> None:
    rows = list(range(len(features)))
    length = max(len(f.window.input_ids) for f in features)
    believed = beliefs.batch(rows, length)
    same = (believed[0], believed[1])
    assert distilled_loss(same, features, believed, 2.0).item() == pytest.approx(0.0, abs=1e-5)
    shifted = (believed[0] + 3.0, believed[1] - 1.0)  # the same probabilities
    assert distilled_loss(shifted, features, believed, 2.0).item() == pytest.approx(0.0, abs=1e-5)
    other = (believed[0].flip(1), believed[1])
    assert distilled_loss(other, features, believed, 2.0).item() > 1e-4


def test_a_student_of_another_start_comes_to_believe_what_its_teacher_does(
    base: Path, features: list[Feature], beliefs: Beliefs, tmp_path: Path
) -> None:
    """With no share for labels only the beliefs can have taught it."""
    student = load_model(base)
    with torch.no_grad():
        for parameter in student.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)) * 0.3)
    rows = list(range(len(features)))

    def distance() -> float:
        forward = SpanForward(student, "float32")
        student.train(False)
        with torch.inference_mode():
            logits = forward(features)
        return distilled_loss(logits, features, beliefs.batch(rows, logits[0].shape[1]), 1.0).item()

    before = distance()
    settings = SpanTrainingSettings(
        learning_rate=1e-2, distilled=1.0, temperature=1.0, dtype="float32", average_from=2.0
    )
    data = TrainingData([features] * 30, beliefs=[beliefs] * 30)
    ReaderTraining(student, data, settings, tmp_path).run()
    assert distance() < before / 4
