"""Readers of a few thousand weights in the families of tokenizers that there are, untrained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

COLOURS = ("red", "green", "blue", "white", "black", "yellow", "brown", "pink")
TRIPLETS: list[dict[str, Any]] = [
    {
        "context": f"Lamp {n}: it turns {colour} when it is ready.",
        "question": "Which colour?",
        "answer": colour,
    }
    for n, colour in enumerate(COLOURS * 5)
]
_CORPUS = [f"{triplet['context']} {triplet['question']}" for triplet in TRIPLETS] * 3
_SIZES = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}


def write_distilbert(folder: Path) -> Path:
    """WordPiece; the model takes no `token_type_ids`."""
    from transformers import DistilBertConfig, DistilBertForQuestionAnswering

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer.train_from_iterator(
        _CORPUS, trainers.WordPieceTrainer(vocab_size=120, special_tokens=special, show_progress=False)
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    config = DistilBertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        dim=32,
        n_layers=1,
        n_heads=2,
        hidden_dim=64,
        max_position_embeddings=64,
    )
    return _write(folder, DistilBertForQuestionAnswering, config, tokenizer)


def write_roberta(folder: Path, vocabulary_only: bool = False) -> Path:
    """Byte-level BPE whose offsets take the space before a word in; one segment, padding is token 1."""
    from transformers import RobertaConfig, RobertaForQuestionAnswering

    tokenizer = _byte_level()
    config = RobertaConfig(
        vocab_size=tokenizer.get_vocab_size(), max_position_embeddings=66, type_vocab_size=1, **_SIZES
    )
    _write(folder, RobertaForQuestionAnswering, config, tokenizer)
    if vocabulary_only:
        (folder / "tokenizer.json").unlink()
        tokenizer.model.save(str(folder))
        _write_json(folder / "tokenizer_config.json", {"tokenizer_class": "RobertaTokenizer"})
    return folder


def write_deberta_v1(folder: Path) -> Path:
    """A model that masks with float32's lowest number, which bfloat16 does not have."""
    from transformers import DebertaConfig, DebertaForQuestionAnswering

    tokenizer = _byte_level()
    config = DebertaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=64,
        type_vocab_size=0,
        relative_attention=True,
        pos_att_type=["c2p", "p2c"],
        **_SIZES,
    )
    return _write(folder, DebertaForQuestionAnswering, config, tokenizer)


def write_big_bird(folder: Path) -> Path:
    """Sparse attention over blocks, which short texts have too few of."""
    from transformers import BigBirdConfig, BigBirdForQuestionAnswering

    tokenizer = _byte_level()
    config = BigBirdConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=1024,
        pad_token_id=1,
        sep_token_id=2,
        **_SIZES,
    )
    return _write(folder, BigBirdForQuestionAnswering, config, tokenizer)


def write_gpt2(folder: Path) -> Path:
    """A decoder, whose configuration has other names for its sizes."""
    from transformers import GPT2Config, GPT2ForQuestionAnswering

    tokenizer = _byte_level()
    config = GPT2Config(
        vocab_size=tokenizer.get_vocab_size(), n_positions=62, n_embd=32, n_layer=1, n_head=2, pad_token_id=1
    )
    return _write(folder, GPT2ForQuestionAnswering, config, tokenizer)


def write_bart(folder: Path, n_decoder_layers: int = 1) -> Path:
    """An encoder and a decoder that share their embeddings; padding is token 1."""
    from transformers import BartConfig, BartForQuestionAnswering

    tokenizer = _byte_level()
    config = BartConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=64,
        d_model=32,
        encoder_layers=1,
        decoder_layers=n_decoder_layers,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
    )
    return _write(folder, BartForQuestionAnswering, config, tokenizer)


def write_deberta(folder: Path, vocabulary_only: bool = False) -> Path:
    """Unigram pieces that begin with the space before a word; no segments."""
    from transformers import DebertaV2Config, DebertaV2ForQuestionAnswering

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Strip(), normalizers.NFC()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    tokenizer.train_from_iterator(
        _CORPUS,
        trainers.UnigramTrainer(
            vocab_size=200, special_tokens=special, unk_token="[UNK]", show_progress=False
        ),
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    config = DebertaV2Config(
        vocab_size=tokenizer.get_vocab_size() + 1,  # [MASK], which the library adds to a vocabulary
        max_position_embeddings=64,
        type_vocab_size=0,
        relative_attention=True,
        pos_att_type=["c2p", "p2c"],
        **_SIZES,
    )
    _write(folder, DebertaV2ForQuestionAnswering, config, tokenizer)
    if vocabulary_only:
        _write_sentencepiece(folder / "spm.model", tokenizer)
        (folder / "tokenizer.json").unlink()
        _write_json(folder / "tokenizer_config.json", {"tokenizer_class": "DebertaV2Tokenizer"})
    return folder


def _byte_level() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        _CORPUS,
        trainers.BpeTrainer(
            vocab_size=330, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        ),
    )
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=False, add_prefix_space=False
    )
    return tokenizer


def _write(folder: Path, kind: Any, config: Any, tokenizer: Tokenizer) -> Path:
    import torch

    torch.manual_seed(0)
    kind(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    _write_json(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"})
    return folder


def _write_json(path: Path, value: object) -> None:
    import json

    path.write_text(json.dumps(value), encoding="utf-8")


def _write_sentencepiece(path: Path, tokenizer: Tokenizer) -> None:
    import json

    from transformers.convert_slow_tokenizer import import_protobuf

    model = import_protobuf().ModelProto()
    for piece, score in json.loads(tokenizer.to_str())["model"]["vocab"]:
        kind = 3 if piece in ("[PAD]", "[CLS]", "[SEP]") else 2 if piece == "[UNK]" else 1
        model.pieces.add(piece=piece, score=score, type=kind)
    model.trainer_spec.unk_id = 3
    model.trainer_spec.model_type = 1
    path.write_bytes(model.SerializeToString())
