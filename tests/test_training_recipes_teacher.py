"""The teacher reads the reader's word pieces, and says of a text what it said before."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_models import WORDS, write_model
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from transformers import MPNetConfig, MPNetModel

from qa_core.errors import ModelError
from training.reading.model_folder import load_model
from training.recipes.teacher import make_teacher, vocabulary_map

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "[UNK]", *reversed(WORDS), "<mask>"]


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    folder = tmp_path / "encoder"
    torch.manual_seed(0)
    config = MPNetConfig(
        vocab_size=len(PIECES),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    MPNetModel(config).save_pretrained(folder)
    numbers = {piece: number for number, piece in enumerate(PIECES)}
    Tokenizer(WordPiece(numbers, unk_token="[UNK]")).save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    return write_model(tmp_path / "reader", "read")


def test_the_teacher_takes_the_readers_numbers_for_the_same_word_pieces(
    encoder: Path, reader: Path, tmp_path: Path
) -> None:
    teacher = make_teacher(encoder, reader, tmp_path / "teacher")
    theirs = Tokenizer.from_file(str(teacher / "tokenizer.json")).get_vocab()
    pieces = ["<s>", "press", "the", "menu", "</s>", "clock", "</s>"]
    own = [PIECES.index(piece) for piece in pieces]
    names = {"<s>": "[CLS]", "</s>": "[SEP]"}
    new = [theirs[names.get(piece, piece)] for piece in pieces]
    with torch.inference_mode():
        before = load_model(encoder).base_model(input_ids=torch.tensor([own])).last_hidden_state
        after = load_model(teacher).base_model(input_ids=torch.tensor([new])).last_hidden_state
    assert own != new
    assert torch.allclose(before, after, atol=5e-3)  # its weights are saved as fp16


def test_a_teacher_is_made_once(encoder: Path, reader: Path, tmp_path: Path) -> None:
    teacher = make_teacher(encoder, reader, tmp_path / "teacher")
    made = (teacher / "model.safetensors").stat().st_mtime_ns
    assert make_teacher(tmp_path / "gone", reader, teacher) == teacher
    assert (teacher / "model.safetensors").stat().st_mtime_ns == made


def test_an_encoder_without_a_word_piece_is_no_teacher(encoder: Path, reader: Path) -> None:
    own, other = (Tokenizer.from_file(str(folder / "tokenizer.json")) for folder in (reader, encoder))
    own.add_tokens(["kettle"])
    with pytest.raises(ModelError, match="lacks 1 word pieces of the reader, 'kettle' first"):
        vocabulary_map(own, other)
