"""The parts of releases (model folders, calibrations): stored once, named by digest, checked."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from qa_core.durable import make_folder, move_folder, write_file
from qa_core.errors import ModelError, ReleaseError
from qa_core.inference.checkpoint import PICKLED, Checkpoint, file_sha256

log = logging.getLogger(__name__)


class Parts:
    """A folder of parts, each in `KIND-DIGEST/`; parts that come with the project stay where they are."""

    def __init__(self, folder: Path, shipped: Mapping[str, Path]) -> None:
        """`shipped` names, by kind, what comes with the project."""
        self._folder = folder
        self._shipped = shipped

    def digest(self, path: Path, fresh: bool = False) -> str:
        """16 hex digits over what a part does: of a model folder its `Checkpoint`'s, else of the bytes.

        Files whose sizes and times are those of the last look are not read again, unless `fresh`.
        Raises ReleaseError if the part is missing or corrupt.
        """
        try:
            signature = _signature(path)
            seen = self._seen().get(str(path))
            if not fresh and seen is not None and seen["files"] == signature:
                return str(seen["digest"])
            digest = Checkpoint.open(path).digest if path.is_dir() else file_sha256(path)[:16]
        except (OSError, ModelError) as error:
            raise ReleaseError(f"{path} cannot be used: {error}") from error
        self._remember(path, signature, digest)
        return digest

    def add(self, kind: str, path: Path) -> str:
        """Store a model folder or a file; returns its digest. What is stored already is not copied.

        What comes with the project is: the next version may bring another one in its place.
        """
        digest = self.digest(path, fresh=True)
        if self._stored(kind, digest, fresh=True) is not None:
            return digest
        make_folder(self._folder)
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=self._folder))
        try:
            copy = _copy(path, made)
            if self.digest(copy, fresh=True) != digest:
                raise ReleaseError(f"{path} changed while it was copied. Try again when nothing writes to it")
            place = self._place(kind, digest)
            shutil.rmtree(place, ignore_errors=True)  # a damaged one
            move_folder(made, place)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return digest

    def path(self, kind: str, digest: str, fresh: bool = False) -> Path:
        """Where a part lies. Raises ReleaseError if it is missing or damaged.

        Without `fresh` damage shows by sizes and times; with it every byte is read.
        """
        found = self._find(kind, digest, fresh)
        if found is None:
            state = "damaged" if self._place(kind, digest).exists() else "missing"
            raise ReleaseError(
                f"The {kind} {digest} is {state} in {self._folder}. Restore that folder from a backup, "
                "or switch to another release: manualbot releases"
            )
        return found

    def prune(self, keep: Collection[tuple[str, str]]) -> None:
        """Remove all parts but these (kind, digest), and what an interrupted `add` left behind."""
        wanted = {self._place(kind, digest).name for kind, digest in keep}
        for folder in self._folder.glob("*"):
            if folder.is_dir() and folder.name not in wanted:
                log.info("Removing %s", folder)
                shutil.rmtree(folder, ignore_errors=True)

    def _find(self, kind: str, digest: str, fresh: bool = False) -> Path | None:
        shipped = self._shipped.get(kind)
        if shipped is not None and self._is(shipped, digest, fresh):
            return shipped
        return self._stored(kind, digest, fresh)

    def _stored(self, kind: str, digest: str, fresh: bool = False) -> Path | None:
        path = _content(self._place(kind, digest))
        return path if self._is(path, digest, fresh) else None

    def _is(self, path: Path, digest: str, fresh: bool) -> bool:
        """Whether a part is there, whole, and of this digest."""
        if not path.exists():
            return False
        try:
            return self.digest(path, fresh) == digest
        except ReleaseError as error:
            log.warning("%s", error)
            return False

    def _place(self, kind: str, digest: str) -> Path:
        return self._folder / f"{kind}-{digest}"

    def _seen(self) -> dict[str, Any]:
        try:
            seen = json.loads((self._folder / "seen.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return seen if isinstance(seen, dict) else {}

    def _remember(self, path: Path, signature: list[list[Any]], digest: str) -> None:
        seen = {name: value for name, value in self._seen().items() if Path(name).exists()}
        if ".new-" in str(path) or seen.get(str(path)) == (entry := {"files": signature, "digest": digest}):
            return
        try:
            write_file(self._folder / "seen.json", json.dumps(seen | {str(path): entry}, indent=1))
        except OSError as error:  # the part is looked through again next time, no more
            log.info("%s: %s", self._folder / "seen.json", error.strerror or error)


def _signature(path: Path) -> list[list[Any]]:
    """Name, size and time of each file of a part."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    stats = [
        (file.name if file == path else file.relative_to(path).as_posix(), file.stat()) for file in files
    ]
    return [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats]


def _copy(path: Path, folder: Path) -> Path:
    if path.is_file():
        return Path(shutil.copy(path, folder / path.name))
    shutil.copytree(path, folder, ignore=shutil.ignore_patterns(*PICKLED), dirs_exist_ok=True)
    return folder


def _content(place: Path) -> Path:
    """A stored model is its folder; any other part is the one file in its folder."""
    files = list(place.glob("*")) if place.is_dir() else []
    return files[0] if len(files) == 1 and files[0].is_file() else place
