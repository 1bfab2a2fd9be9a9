"""An engine that embeds a text once: recipes decide the same questions again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from qa_core.engine import Engine

if TYPE_CHECKING:
    from qa_core.encoder import Encoder
    from qa_core.inference.text_encoder import Vectors


class RememberingEncoder:
    """The vectors of texts, each computed once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, Vectors] = {}

    @property
    def digest(self) -> str:
        """That of the encoder itself."""
        return self._encoder.digest

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors `[len(texts), dim]`, in order."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if missing:
            self._vectors.update(zip(missing, self._encoder.encode(missing), strict=True))
        return np.stack([self._vectors[text] for text in texts])


def remembering(engine: Engine) -> Engine:
    """The engine, deciding faster."""
    encoder = cast("Encoder", RememberingEncoder(engine.models.encoder))
    return Engine(replace(engine.models, encoder=encoder))
