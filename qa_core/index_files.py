"""The files of an index: passages, vectors and words, which `index.py` searches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from qa_core.errors import IndexingError
from qa_core.index_manifest import write_manifest
from qa_core.lexical import Lexical
from qa_core.passage_file import write_passages
from qa_core.same_text import group_by_text
from qa_core.types import Passage

Floats = NDArray[np.float32]

_N_HEADINGS = 2  # times that BM25 sees the heading path: a word in a heading says more than in the text


def write_index(passages: Sequence[Passage], vectors: Floats, folder: Path) -> None:
    """Write an index into an empty folder, which is made if it is missing.

    `vectors` are the unit vectors `[len(passages), dim]` of the passages' `embedding_text`.
    """
    _check_vectors(passages, vectors)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise IndexingError(f"{folder} is not empty, and an index is never changed. Give a new folder.")
    groups = group_by_text(passages)
    firsts = [group.members[0] for group in groups]
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(np.ascontiguousarray(vectors[firsts], dtype=np.float32))
    write_passages(folder / "passages.json", passages)
    faiss.write_index(flat, str(folder / "vectors.faiss"))
    Lexical.build(lexical_text(passages[i]) for i in firsts).save(folder / "lexical")
    write_manifest(folder)


def embedding_text(passage: Passage) -> str:
    """What the encoder sees of a passage: the heading path, then the text.

    The manual's title is not in it, so that equal texts have equal vectors in every manual.
    """
    return passage.headed_text


def lexical_text(passage: Passage) -> str:
    """What BM25 sees of a passage."""
    return "\n".join([passage.heading] * _N_HEADINGS + [passage.text])


def _check_vectors(passages: Sequence[Passage], vectors: Floats) -> None:
    if vectors.ndim != 2 or len(vectors) != len(passages):
        raise IndexingError(
            f"{len(passages)} passages but vectors of shape {vectors.shape}. Embed each passage once."
        )
    if not np.isfinite(vectors).all():
        raise IndexingError("A passage's vector is not finite. Embed the passages again.")
