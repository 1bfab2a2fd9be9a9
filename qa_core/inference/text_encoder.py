"""What indexing needs of an encoder, and one that is opened only when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from qa_core.encoder import Encoder

Vectors = npt.NDArray[np.float32]
CountTokens = Callable[[Sequence[str]], list[int]]


class TextEncoder(Protocol):
    """Texts → unit vectors: a `LazyEncoder`, or a test's fake."""

    @property
    def digest(self) -> str:
        """Names everything that the vectors depend on."""

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Unit vectors `[len(texts), dim]`; `progress` is told (texts done, texts in all)."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has."""


class LazyEncoder:
    """The encoder of a folder on a runtime, opened on first use.

    An indexing that finds nothing new needs its digest alone, and no model in memory.
    """

    def __init__(self, folder: Path, digest: str, runtime: str, cache: Path, n_threads: int) -> None:
        """`digest` is that of the folder's `Checkpoint`; a release knows it."""
        self.folder, self.runtime = folder, runtime
        self._checkpoint_digest, self._cache, self._n_threads = digest, cache, n_threads

    @property
    def digest(self) -> str:
        """Of the weights and of the runtime: int8 vectors are not those of fp32."""
        return f"{self._checkpoint_digest}-{self.runtime}"

    @cached_property
    def opened(self) -> Encoder:
        """The encoder itself."""
        from qa_core.encoder import Encoder  # noqa: PLC0415 - loads the runtime

        return Encoder.open(self.folder, self.runtime, self._cache, self._n_threads)

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Unit vectors `[len(texts), dim]`; `progress` is told (texts done, texts in all)."""
        return self.opened.encode(texts, progress)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has."""
        return self.opened.count_tokens(texts)
