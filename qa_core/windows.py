"""(question, passage) → model inputs with offsets: the one encoding that serving and training share.

A passage is read behind its heading path, which the model sees and no span may touch. What is longer
than a window is read in windows that overlap. Works on the `tokenizers` library alone, so that
answering needs neither torch nor transformers, and on any family whose fast tokenizer adds its own
special tokens (BERT, RoBERTa, DeBERTa).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from qa_core.errors import ModelError

HEADING_SEPARATOR = " > "


@dataclass(frozen=True, slots=True)
class Context:
    """What is read for an answer: a text, and the headings above it."""

    text: str
    heading_path: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """What stands in front of the text: the heading path and a line break, or nothing."""
        return HEADING_SEPARATOR.join(self.heading_path) + "\n" if self.heading_path else ""


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """Sizes in tokens."""

    max_tokens: int = 384  # question, context and special tokens together
    stride: int = 96  # tokens that two neighbouring windows share
    max_question_tokens: int = 64

    def fitted(self) -> WindowSettings:
        """For small windows: a third of them at most for the question, a quarter shared."""
        stride = min(self.stride, self.max_tokens // 4)
        return replace(
            self, stride=stride, max_question_tokens=min(self.max_question_tokens, self.max_tokens // 3)
        )


@dataclass(frozen=True, slots=True)
class Window:
    """One model input. Spans may start and end in the tokens `[first, last)`."""

    context_index: int
    input_ids: npt.NDArray[np.int64]  # [n_tokens]
    type_ids: npt.NDArray[np.int64]  # [n_tokens]
    offsets: npt.NDArray[np.int64]  # [n_tokens, 2], characters of the context's text
    first: int
    last: int
    null_token: int  # where the model points when the answer is not in this window


class Windower:
    """Cuts (question, context) pairs into windows; threads may share one."""

    def __init__(self, tokenizer: Tokenizer, settings: WindowSettings | None = None) -> None:
        self.settings = (settings or WindowSettings()).fitted()
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        # Set once: threads share it. Questions are too short to be the longer part that is cut.
        self._tokenizer.enable_truncation(
            self.settings.max_tokens, stride=self.settings.stride, strategy="longest_first"
        )
        pair = tokenizer.encode("a", "b")
        self._null_token = _null_token(pair)

    @classmethod
    def open(cls, model_dir: Path, settings: WindowSettings | None = None) -> Windower:
        """The windower of a model folder; raises ModelError without a usable `tokenizer.json`."""
        path = model_dir / "tokenizer.json"
        try:
            return cls(Tokenizer.from_file(str(path)), settings)
        except Exception as error:  # the library raises a bare Exception
            raise ModelError(
                f"{path} is not a fast tokenizer ({error}). Save the model with its tokenizer.json"
            ) from error

    def windows(self, question: str, contexts: Sequence[Context]) -> list[Window]:
        """The windows of all contexts, in order; a context without words gives none."""
        question = self._shorten(question)
        encodings = self._tokenizer.encode_batch([(question, c.heading + c.text) for c in contexts])
        windows = []
        for index, (context, encoding) in enumerate(zip(contexts, encodings, strict=True)):
            for part in (encoding, *encoding.overflowing):
                window = self._window(part, index, context)
                if window is not None:
                    windows.append(window)
        return windows

    def tokens(self, window: Window) -> list[str]:
        """The window's tokens as the model's vocabulary writes them."""
        return [self._tokenizer.id_to_token(int(i)) or "" for i in window.input_ids]

    def _shorten(self, question: str) -> str:
        encoding = self._tokenizer.encode(question, add_special_tokens=False)
        limit = self.settings.max_question_tokens
        if len(encoding) <= limit:
            return question
        return question[: encoding.offsets[limit - 1][1]]

    def _window(self, encoding: Encoding, context_index: int, context: Context) -> Window | None:
        in_context = np.array([s == 1 for s in encoding.sequence_ids])
        offsets = _without_spaces(encoding.offsets, in_context, context.heading + context.text)
        offsets -= len(context.heading)
        spannable = np.flatnonzero(in_context & (offsets[:, 0] >= 0) & (offsets[:, 1] > 0))
        if not len(spannable):
            return None
        offsets[~in_context] = 0
        return Window(
            context_index=context_index,
            input_ids=np.array(encoding.ids, dtype=np.int64),
            type_ids=np.array(encoding.type_ids, dtype=np.int64),
            offsets=np.maximum(offsets, 0),
            first=int(spannable[0]),
            last=int(spannable[-1]) + 1,
            null_token=self._null_token,
        )


def _without_spaces(
    offsets: Sequence[tuple[int, int]], in_context: npt.NDArray[np.bool_], text: str
) -> npt.NDArray[np.int64]:
    """Offsets that begin at a word: byte-level and unigram tokenizers count the space before it in."""
    trimmed = np.array(offsets, dtype=np.int64)
    for row in np.flatnonzero(in_context):
        start, end = offsets[int(row)]
        while start < end and text[start].isspace():
            start += 1
        trimmed[row, 0] = start
    return trimmed


def _null_token(pair: Encoding) -> int:
    """The position of the leading special token ([CLS], <s>)."""
    if not pair.special_tokens_mask[0]:
        raise ModelError("The tokenizer puts no special token first; a reader needs one to say 'no answer'")
    return 0


def pad(
    windows: Sequence[Window], pad_id: int = 0, multiple: int = 1, most: int | None = None
) -> dict[str, npt.NDArray[np.int64]]:
    """The windows as one batch: `input_ids`, `attention_mask`, `token_type_ids`, each [batch, tokens].

    The length is rounded up to a multiple of `multiple`, so that kernels tuned for a shape are reused, but
    not beyond `most` tokens.
    """
    longest = max(len(w.input_ids) for w in windows)
    length = -(-longest // multiple) * multiple
    if most is not None:
        length = max(longest, min(length, most))
    shape = (len(windows), length)
    input_ids = np.full(shape, pad_id, dtype=np.int64)
    attention_mask = np.zeros(shape, dtype=np.int64)
    type_ids = np.zeros(shape, dtype=np.int64)
    for row, window in enumerate(windows):
        n = len(window.input_ids)
        input_ids[row, :n] = window.input_ids
        attention_mask[row, :n] = 1
        type_ids[row, :n] = window.type_ids
    return {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": type_ids}
