"""Passages of a question learned together: which of them answers."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_models import write_base_reader

from qa_core.ranking import squashed_odds as ranked_odds
from qa_core.reader import WindowLogits, best_spans
from qa_core.windows import Windower, WindowSettings
from training.reading.distillation import Beliefs
from training.reading.examples import Example
from training.reading.model_folder import load_model
from training.reading.passage_training import (
    N_PASSAGES,
    GroupedFeatures,
    PassageGroup,
    PassageTraining,
    answers_of,
    passage_loss,
    squashed_odds,
)
from training.reading.span_forward import SpanForward
from training.reading.span_training import SpanTrainingSettings, TrainingData

COLOURS = ("red", "green", "blue", "white", "black", "yellow", "brown", "pink")
SETTINGS = SpanTrainingSettings(
    learning_rate=5e-3,
    embedding_rate=1.0,
    batch_size=2 * N_PASSAGES,
    checkpoint_every=3,
    average_from=2.0,
    dtype="float32",
)


def group(colour: str, answering: int = 0) -> PassageGroup:
    """A question on the passage of its colour, at `answering`, and on those of others."""
    others = [f"The lamp is {each} in summer." for each in COLOURS if each != colour]
    texts = others[:N_PASSAGES]
    texts[answering] = f"The lamp is {colour} in winter."
    examples = tuple(
        Example(
            f"{colour}-{n}",
            f"When {colour}?",
            text,
            *((text.index("winter"), len(text) - 1) if n == answering else (None, None)),
        )
        for n, text in enumerate(texts)
    )
    return PassageGroup(examples, (0.0,) * N_PASSAGES)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base_reader(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def windower(base: Path) -> Windower:
    return Windower.open(base, WindowSettings(max_tokens=48, stride=8))


def training(
    base: Path,
    grouped: GroupedFeatures,
    folder: Path,
    n_epochs: int,
    settings: SpanTrainingSettings = SETTINGS,
) -> PassageTraining:
    model = load_model(base)
    beliefs = Beliefs.of(SpanForward(model, "float32"), grouped.rehearsed_features)
    data = TrainingData([grouped.features] * n_epochs, "", [beliefs] * n_epochs)
    return PassageTraining(model, data, grouped, settings, folder)


def ranks_of_right(run: PassageTraining, grouped: GroupedFeatures) -> list[int]:
    run.model.train(False)
    with torch.inference_mode():
        odds = squashed_odds(run.forward(grouped.features), grouped.features).view(-1, N_PASSAGES)
    right = answers_of(grouped.features).view(-1, N_PASSAGES).int().argmax(dim=1)
    return [int((row > row[at]).sum()) for row, at in zip(odds, right, strict=True)]


def test_it_learns_which_passage_answers(base: Path, windower: Windower, tmp_path: Path) -> None:
    groups = [group(colour, n % N_PASSAGES) for n, colour in enumerate(COLOURS)]
    grouped = GroupedFeatures.of(groups, windower)
    run = training(base, grouped, tmp_path, n_epochs=25)
    assert sum(ranks_of_right(run, grouped)) > 0
    run.run()
    assert ranks_of_right(run, grouped) == [0] * len(COLOURS)


def test_batches_hold_whole_questions_each_once(base: Path, windower: Windower, tmp_path: Path) -> None:
    grouped = GroupedFeatures.of([group(colour) for colour in COLOURS[:5]], windower)
    run = training(base, grouped, tmp_path, n_epochs=1)
    batches = run._batches(grouped.features, seed=0)
    assert sorted(map(len, batches)) == [N_PASSAGES, 2 * N_PASSAGES, 2 * N_PASSAGES]
    assert sorted(index for batch in batches for index in batch) == list(range(5 * N_PASSAGES))
    for batch in batches:
        assert [i % N_PASSAGES for i in batch] == list(range(N_PASSAGES)) * (len(batch) // N_PASSAGES)


def test_a_killed_run_goes_on_to_the_same_weights(base: Path, windower: Windower, tmp_path: Path) -> None:
    grouped = GroupedFeatures.of([group(colour) for colour in COLOURS], windower)
    whole = training(base, grouped, tmp_path / "whole", n_epochs=2)
    whole.run()
    cut = training(base, grouped, tmp_path / "cut", n_epochs=2)

    def die(_progress: object) -> None:
        if cut.step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut.run(die)
    again = training(base, grouped, tmp_path / "cut", n_epochs=2)
    again.run()
    for one, other in zip(whole.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_what_is_rehearsed_is_drawn_towards_what_was_believed(
    base: Path, windower: Windower, tmp_path: Path
) -> None:
    learned = [group(colour) for colour in COLOURS[:4]]
    other = replace(
        group("pink"), examples=tuple(replace(e, question="Why?") for e in group("pink").examples)
    )

    def change(rehearsed: bool) -> float:
        grouped = GroupedFeatures.of([*learned, replace(other, rehearsed=rehearsed)], windower)
        run = training(base, grouped, tmp_path / str(rehearsed), n_epochs=6)
        rows = grouped.features[-N_PASSAGES:]
        run.model.train(False)
        with torch.inference_mode():
            before = squashed_odds(run.forward(rows), rows)
        run.run()
        run.model.train(False)
        with torch.inference_mode():
            return float((squashed_odds(run.forward(rows), rows) - before).abs().mean())

    assert change(rehearsed=True) < change(rehearsed=False)


def test_the_odds_are_those_that_ranking_sees_with_more_spans(base: Path, windower: Windower) -> None:
    grouped = GroupedFeatures.of([group("red")], windower)
    forward = SpanForward(load_model(base), "float32")
    forward.model.train(False)
    feature = grouped.features[0]
    with torch.inference_mode():
        logits = forward([feature])
    [odds] = squashed_odds(logits, [feature]).tolist()
    start, end = (each[0].float().numpy() for each in logits)
    read = WindowLogits(feature.window, start, end)
    spans = [span.score for span in best_spans(read, n_best=10_000)]
    assert (
        ranked_odds(spans, read.null_score) <= odds + 1e-4
    )  # ranking leaves out spans that end before they start
    assert odds == pytest.approx(ranked_odds(spans, read.null_score), abs=1.0)


def test_the_loss_is_that_of_the_passages_that_answer() -> None:
    scores = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0], [5.0, 0.0, 0.0]])
    answers = torch.tensor([[True, False, False], [True, True, False], [False, False, False]])
    first, second = math.log(math.exp(2) + 2) - 2, math.log(3) - math.log(2)
    assert passage_loss(scores, answers).item() == pytest.approx((first + second) / 2)


@pytest.mark.parametrize("answer", [True, False])
def test_questions_that_all_passages_or_none_answer_tell_nothing(answer: bool) -> None:
    scores = torch.tensor([[2.0, 0.0]], requires_grad=True)
    loss = passage_loss(scores, torch.full((1, 2), answer))
    loss.backward()
    assert (loss.item(), scores.grad.abs().sum().item()) == (0.0, 0.0) if scores.grad is not None else False


def test_a_question_whose_answer_no_window_holds_is_left_out(windower: Windower) -> None:
    long = "The lamp is red in the winter of every year and " * 12
    cut = Example("long", "When?", long, 0, len(long))
    groups = [PassageGroup((cut, *group("red").examples[1:]), (0.0,) * N_PASSAGES), group("blue")]
    grouped = GroupedFeatures.of(groups, windower)
    assert len(grouped.features) == N_PASSAGES
    assert grouped.rehearsed == (False,)
    assert all("blue" in each.question for each in groups[1].examples)
