"""What a larger model believes of every window, for a smaller one to learn from (Hinton et al. 2015).

A label says where the answer stands; the teacher's logits say as well which other spans come near it, and how
sure one can be that there is none. They are computed once and kept, so that the smaller model may see each
window many times without the teacher.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from qa_core.errors import ModelError
from training.reading.span_forward import Batch, SpanForward, allowed_tokens

BATCH = 128  # windows that the teacher reads at once
_LOWEST = 1e4  # taken from what may not be a start or an end


@dataclass(frozen=True, slots=True)
class Beliefs:
    """The teacher's logits of start and end for the tokens of every window, one window after the other."""

    logits: NDArray[np.float16]  # [2, tokens of all windows]
    offsets: NDArray[np.int64]  # [windows + 1]: where each window's tokens begin

    @classmethod
    def of(cls, teacher: SpanForward, features: Batch) -> Beliefs:
        """Read every window once."""
        lengths = np.array([len(feature.window.input_ids) for feature in features])
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        logits = np.zeros((2, int(offsets[-1])), dtype=np.float16)
        order = np.argsort(lengths, kind="stable")
        teacher.model.train(False)
        with torch.inference_mode():
            for at in range(0, len(order), BATCH):
                rows = order[at : at + BATCH]
                scores = torch.stack(teacher([features[i] for i in rows])).half().cpu().numpy()
                for row, i in enumerate(rows):
                    logits[:, offsets[i] : offsets[i + 1]] = scores[:, row, : lengths[i]]
        return cls(logits, offsets)

    def __len__(self) -> int:
        """How many windows."""
        return len(self.offsets) - 1

    @property
    def digest(self) -> str:
        """The sha256 of the logits: another teacher's are others."""
        return hashlib.sha256(self.logits.tobytes()).hexdigest()

    def of_rows(self, rows: Sequence[int]) -> Beliefs:
        """Those of some windows, in this order."""
        lengths = np.diff(self.offsets)[list(rows)]
        logits = np.concatenate([self.logits[:, self.offsets[i] : self.offsets[i + 1]] for i in rows], axis=1)
        return Beliefs(logits, np.concatenate([[0], np.cumsum(lengths)]))

    def batch(self, rows: Sequence[int], length: int) -> torch.Tensor:
        """The logits of these windows, `float32 [2, windows, length]`, zero beyond a window's end."""
        padded = np.zeros((2, len(rows), length), dtype=np.float32)
        for row, i in enumerate(rows):
            begin, end = self.offsets[i], self.offsets[i + 1]
            padded[:, row, : end - begin] = self.logits[:, begin:end]
        return torch.from_numpy(padded)

    def save(self, path: Path) -> None:
        """Write the file whole or not at all."""
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.savez(file, logits=self.logits, offsets=self.offsets)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path, features: Batch) -> Beliefs:
        """Read what was saved for these windows; raises ModelError where it is of others."""
        with np.load(path, allow_pickle=False) as arrays:
            beliefs = cls(arrays["logits"], arrays["offsets"])
        lengths = [len(feature.window.input_ids) for feature in features]
        if not np.array_equal(np.diff(beliefs.offsets), lengths):
            raise ModelError(f"{path} belongs to other examples. Remove it to have it made anew")
        return beliefs


def distilled_loss(
    logits: tuple[torch.Tensor, torch.Tensor], batch: Batch, believed: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Mean divergence of the model's from the teacher's probabilities, over start and end.

    `believed` is `[2, windows, tokens]`. Both are divided by the temperature first; its square keeps the
    gradients as large as those of labels.
    """
    allowed = allowed_tokens(batch, logits[0].shape[1]).to(logits[0].device)
    scores = torch.stack(logits).float().masked_fill(~allowed, -_LOWEST) / temperature
    wanted = believed.to(scores.device).masked_fill(~allowed, -_LOWEST) / temperature
    divergence = functional.kl_div(
        functional.log_softmax(scores, dim=-1),
        functional.log_softmax(wanted, dim=-1),
        reduction="none",
        log_target=True,
    )
    return divergence.sum(dim=-1).mean() * temperature**2
