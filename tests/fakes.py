"""Stand-ins for models and slow parts: small, deterministic, and honest about their interfaces."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from qa_core.errors import DocumentError, TransientDocumentError
from qa_core.index_manifest import check_files, write_manifest
from qa_core.indexing.builder import Indexing
from qa_core.indexing.intake import Parsing
from qa_core.indexing.survey import Discovery
from qa_core.indexing.tools import Tools
from qa_core.types import Manual, ParsedManual, Passage, Section


class FakeEncoder:
    """Words hashed into unit vectors: texts that share words lie close together."""

    def __init__(self, digest: str = "fake-encoder", dim: int = 64) -> None:
        self.digest = digest
        self.dim = dim
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> np.ndarray:
        self.encoded += texts
        if progress is not None:
            progress(len(texts), len(texts))
        return np.stack([self._vector(text) for text in texts])

    def encode_question(self, question: str) -> np.ndarray:
        return self._vector(question)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def _vector(self, text: str) -> np.ndarray:
        vector = np.zeros(self.dim, dtype=np.float32)
        for word in [*text.lower().split(), ""]:
            vector[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4]) % self.dim] += 1
        return vector / np.linalg.norm(vector)


class FakeParser:
    """Reads text files: a line is a section's text; a file with BROKEN in it fails, one with CRASH as a
    crashing parser does."""

    def __init__(self) -> None:
        self.read_paths: list[Path] = []
        self.n_opened = 0

    def __enter__(self) -> FakeParser:
        self.n_opened += 1
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, path: Path, root: Path) -> ParsedManual:
        self.read_paths.append(path)
        text = path.read_text(encoding="utf-8")
        if "BROKEN" in text:
            raise DocumentError("broken")
        if "CRASH" in text:
            raise TransientDocumentError("the parser crashed")
        relative = path.relative_to(root.parent if root == path else root).as_posix()
        manual = Manual(
            id=hashlib.sha256(f"{root}/{relative}".encode()).hexdigest()[:16],
            source=str(root),
            path=relative,
            title=path.stem,
            product=path.stem,
            version=None,
            url=None,
            digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        lines = [line for line in text.splitlines() if line]
        n_data = text.count("#")
        return ParsedManual(manual, tuple(Section((path.stem,), line) for line in lines), n_data)


class FakeIndex:
    """The passages of an index and their vectors, read back from its folder."""

    def __init__(self, folder: Path) -> None:
        check_files(folder)
        self.texts: list[str] = json.loads((folder / "passages.json").read_text())
        self.vectors: np.ndarray = np.load(folder / "vectors.npy")

    @staticmethod
    def build(passages: Sequence[Passage], vectors: np.ndarray, folder: Path) -> None:
        (folder / "passages.json").write_text(json.dumps([passage.text for passage in passages]))
        np.save(folder / "vectors.npy", vectors)
        write_manifest(folder)


def fake_split(parsed: ParsedManual, _count: Callable[[Sequence[str]], list[int]]) -> tuple[Passage, ...]:
    """Each section is one passage."""
    return tuple(
        Passage(_passage_id(parsed.manual, section), parsed.manual, section, 0, len(section.text))
        for section in parsed.sections
    )


def fake_discover(root: Path) -> Discovery:
    """Every file, hidden ones left out."""
    if root.is_file():
        return Discovery((root,))
    return Discovery(tuple(sorted(p for p in root.rglob("*") if p.is_file() and p.name[0] != ".")))


def fake_tools(parser: FakeParser, version: str = "1") -> Tools:
    """Tools for the library that read text files with `parser`."""
    return Tools(
        discover=fake_discover,
        parsing=Parsing(version, f"{version}/limits", lambda: parser),
        indexing=Indexing("1", fake_split, lambda passage: passage.text, FakeIndex.build, FakeIndex),
        max_file_bytes=1000,
        lock_timeout_s=0.2,
    )


def write_model(folder: Path, weight: float) -> Path:
    """A model folder that is complete and computes nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"weight": np.full(4, weight, dtype=np.float32)}, folder / "model.safetensors")
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text("{}")
    return folder


def _passage_id(manual: Manual, section: Section) -> str:
    parts = json.dumps([manual.id, asdict(section)])
    return hashlib.sha256(parts.encode()).hexdigest()[:16]
