"""Fine-tuning the encoder: batches that make sense, a loss that falls, folders that can be served."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_models import write_model, write_pooling

from qa_core.encoder import Encoder
from qa_core.errors import ModelError
from training.retraining.lessons import EncoderPair
from training.retrieval.encoder_batches import batches_of, columns_of
from training.retrieval.interpolation import interpolate
from training.retrieval.ranking import RankingCase, rank_of_right
from training.retriever import Retriever, RetrieverProgress, RetrieverSettings

PAIRS = (
    EncoderPair("press a", "menu button", ("rinse filter",)),
    EncoderPair("press b", "paper jam", ("water under",)),
    EncoderPair("set the clock", "error code", ("menu button",)),
)
FAST = RetrieverSettings(n_epochs=12, learning_rate=5e-3, batch_size=4)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    write_model(folder, "encode")
    write_pooling(folder, "mean_tokens", "Normalize")
    return folder


def test_no_batch_holds_a_passage_twice_and_every_pair_comes_once() -> None:
    batches = batches_of(PAIRS, 4, seed=0)
    for batch in batches:
        texts = [text for pair in batch for text in (pair.question, pair.positive, *pair.negatives)]
        assert len(texts) == len(set(texts))
    assert sorted(pair.question for batch in batches for pair in batch) == [
        "press a",
        "press b",
        "set the clock",
    ]
    assert sorted(map(len, batches)) == [1, 2]


def test_the_order_of_batches_follows_from_the_seed() -> None:
    many = [EncoderPair(f"q{n}", f"p{n}") for n in range(30)]
    assert batches_of(many, 8, 1) == batches_of(many, 8, 1)
    assert batches_of(many, 8, 1) != batches_of(many, 8, 2)


def test_tens_of_thousands_of_pairs_are_put_into_batches_within_seconds() -> None:
    many = [EncoderPair(f"q{n}", f"p{n}", (f"n{n}",)) for n in range(20_000)]
    began = time.process_time()
    assert len(batches_of(many, 16, 1)) == 1_250
    assert time.process_time() - began < 3


def test_a_pair_alone_without_negatives_teaches_nothing_and_is_left_out() -> None:
    assert batches_of([EncoderPair("q", "p")], 4, 0) == []
    assert batches_of([EncoderPair("q", "p", ("n",))], 4, 0) == [[EncoderPair("q", "p", ("n",))]]


def test_a_batch_has_the_negatives_that_all_its_pairs_have() -> None:
    batch = [EncoderPair("q1", "p1", ("n1", "m1")), EncoderPair("q2", "p2", ("n2",))]
    assert list(columns_of(batch)) == [
        (["q1", "q2"], "query"),
        (["p1", "p2"], "document"),
        (["n1", "n2"], "document"),
    ]


def test_equal_scores_rank_against_the_right_passage() -> None:
    scores = np.array([0.5, 0.7, 0.5, 0.1], dtype=np.float32)
    assert rank_of_right(scores, (True, False, False, False)) == 3
    assert rank_of_right(scores, (True, True, False, False)) == 1


def test_training_brings_questions_to_their_passages(base: Path) -> None:
    retriever = Retriever(base)
    told: list[RetrieverProgress] = []
    cases = [
        RankingCase(pair.question, (pair.positive, *pair.negatives), (0.0, 0.0), (True, False))
        for pair in PAIRS
    ]
    trained = retriever.train(PAIRS, FAST, told.append, cases)
    epochs = trained.epochs
    assert [epoch.number for epoch in epochs] == list(range(13))
    assert epochs[0].train_loss is None
    assert epochs[-1].train_loss is not None
    assert epochs[1].train_loss is not None
    assert epochs[-1].train_loss < epochs[1].train_loss / 2
    assert epochs[-1].mrr == 1.0
    assert epochs[0].mrr == trained.ranks_before.mean() < 1.0
    assert trained.ranks_after.tolist() == [1.0] * len(cases)
    assert (told[-1].step, told[-1].left_s) == (told[-1].n_steps, 0.0)


def test_words_keep_their_embeddings_and_lower_layers_their_weights(base: Path) -> None:
    retriever = Retriever(base)
    retriever.train(PAIRS, FAST)
    changed = {
        match[0]
        for name, tensor in retriever.weights.items()
        if not torch.equal(tensor, retriever.base_weights[name])
        and (match := re.search(r"embeddings|layer\.\d|pooler", name))
    }
    assert changed == {"layer.1"}


def test_what_is_saved_is_what_was_trained_and_can_be_served(base: Path, tmp_path: Path) -> None:
    retriever = Retriever(base)
    retriever.train(PAIRS, FAST)
    retriever.save(tmp_path / "trained")
    served = Encoder.open(tmp_path / "trained", "torch-fp32", tmp_path / "cache", 1)
    before = Encoder.open(base, "torch-fp32", tmp_path / "cache", 1)
    assert served.digest != before.digest
    question, right, wrong = (served.encode([t])[0] for t in ("press a", "menu button", "rinse filter"))
    assert question @ right > question @ wrong
    expected = retriever._encode(["press a"], "query")[0]
    assert np.allclose(question, expected, atol=0.02)


def test_a_loss_that_is_not_finite_ends_the_training(base: Path) -> None:
    retriever = Retriever(base)
    weights = retriever.weights
    name = next(name for name in weights if name.endswith("attention.self.query.weight"))
    weights[name] = torch.full_like(weights[name], float("nan"))
    retriever.use(weights)
    with pytest.raises(ModelError, match="The encoder's loss is nan at step"):
        retriever.train(PAIRS, FAST)


def test_interpolation_goes_in_a_straight_line_and_takes_integers_as_they_are() -> None:
    old = {"w": torch.tensor([0.0, 2.0]), "ids": torch.tensor([1])}
    new = {"w": torch.tensor([1.0, 4.0]), "ids": torch.tensor([7])}
    assert interpolate(old, new, 0.25)["w"].tolist() == [0.25, 2.5]
    assert interpolate(old, new, 0.0)["w"].tolist() == [0.0, 2.0]
    assert interpolate(old, new, 0.5)["ids"].tolist() == [7]
