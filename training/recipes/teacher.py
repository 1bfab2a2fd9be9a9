"""The teacher's start: a larger sentence encoder that reads the word pieces of the reader.

all-mpnet-base-v2 and all-MiniLM-L6-v2 have the same word pieces under other numbers. With its embeddings in
the reader's order the larger model takes the same windows, so that both say something of the same tokens.
MPNet holds whatever has number 1 for padding, when it counts positions; in the reader's vocabulary that is
[unused0], which no text has.
"""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn

from qa_core.errors import ModelError
from training.reading.model_folder import TokenizerFiles, load_model, save_weights

_ROLES = {"[PAD]": "<pad>", "[CLS]": "<s>", "[SEP]": "</s>", "[UNK]": "[UNK]", "[MASK]": "<mask>"}


def vocabulary_map(reader: Tokenizer, teacher: Tokenizer) -> list[int]:
    """The teacher's number of each of the reader's word pieces.

    Raises ModelError where the teacher lacks one.
    """
    known = teacher.get_vocab()
    pieces = sorted(reader.get_vocab().items(), key=lambda item: item[1])
    missing = [piece for piece, _ in pieces if _ROLES.get(piece, piece) not in known]
    if missing:
        raise ModelError(f"The teacher lacks {len(missing)} word pieces of the reader, {missing[0]!r} first")
    return [known[_ROLES.get(piece, piece)] for piece, _ in pieces]


def make_teacher(encoder: Path, reader: Path, result: Path) -> Path:
    """The encoder with a new span head and the reader's word pieces, saved to `result`, which is returned."""
    if (result / "tokenizer_config.json").exists():
        return result
    pieces = TokenizerFiles.open(reader)
    numbers = vocabulary_map(pieces.tokenizer, TokenizerFiles.open(encoder).tokenizer)
    model = load_model(encoder)
    embeddings = model.get_input_embeddings()
    assert isinstance(embeddings, nn.Embedding)
    ordered = embeddings.weight.detach()[torch.tensor(numbers)]
    resized = model.resize_token_embeddings(len(numbers))
    with torch.no_grad():
        resized.weight.copy_(ordered)
    save_weights(model, result)
    pieces.save(result)
    return result
