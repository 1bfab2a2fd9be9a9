"""Models of a few thousand weights, made on the spot: real folders, loaded by the real code."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copyfile

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

WORDS = [
    "press",
    "the",
    "menu",
    "button",
    "to",
    "set",
    "clock",
    "rinse",
    "filter",
    "under",
    "water",
    "error",
    "code",
    "paper",
    "jam",
    "a",
    "b",
    "c",
]


def write_tokenizer(folder: Path) -> None:
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.save(str(folder / "tokenizer.json"))


def write_model(folder: Path, task: str) -> Path:
    """A BERT of two layers, seeded, saved as `task` ("encode" or "read") needs it."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering, BertModel

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=4 + len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,
    )
    model = BertModel(config) if task == "encode" else BertForQuestionAnswering(config)
    model.save_pretrained(folder)
    write_tokenizer(folder)
    tokenizer_config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 48}
    tokenizer_config |= {
        "pad_token": "[PAD]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "unk_token": "[UNK]",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer_config))
    return folder


def write_base_reader(folder: Path) -> Path:
    """A very small span reader with the shipped tokenizer and random weights, seeded."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering

    from qa_core.encoder import shipped_encoder_dir
    from training.reading.model_folder import save_weights

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=30522, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    save_weights(BertForQuestionAnswering(config), folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        copyfile(shipped_encoder_dir() / name, folder / name)
    return folder


def write_pooling(folder: Path, mode: str, *more_modules: str) -> None:
    """Make a plain transformer folder a sentence-transformers one."""
    kinds = ["Transformer", "Pooling", *more_modules]
    paths = ["", "1_Pooling", *(f"{n + 2}_{kind}" for n, kind in enumerate(more_modules))]
    modules = [
        {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for n, (kind, path) in enumerate(zip(kinds, paths, strict=True))
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 32, f"pooling_mode_{mode}": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (folder / "sentence_bert_config.json").write_text(
        json.dumps({"max_seq_length": 48, "do_lower_case": False})
    )
