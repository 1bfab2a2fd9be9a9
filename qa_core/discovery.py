"""Which files under a source may be manuals."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_OTHER_ENDINGS_TEXT = """
    .json .jsonl .ndjson .csv .tsv .xml .yaml .yml .toml .ini .cfg .conf .env .lock .log .db .sqlite .sqlite3
    .py .pyc .pyi .ipynb .js .mjs .ts .css .scss .map .sh .bat .ps1 .c .h .cpp .java .go .rs .rb .php .sql
    .png .jpg .jpeg .gif .svg .webp .bmp .ico .tif .tiff .heic .psd .ai .eps .mp3 .mp4 .wav .avi .mov .mkv .webm
    .zip .gz .tgz .tar .bz2 .xz .7z .rar .whl .jar .exe .dll .so .dylib .bin .iso .img .dmg .msi .apk
    .ttf .otf .woff .woff2 .eot .npy .npz .pt .onnx .safetensors .faiss .parquet .tmp .bak .swp .part .crdownload
"""
_OTHER_ENDINGS = frozenset(_OTHER_ENDINGS_TEXT.split())


def discover(root: Path, on_error: Callable[[OSError], None] | None = None) -> tuple[Path, ...]:
    """The files that may be manuals under a folder, sorted; a file is its own only candidate.

    Left out are names that begin with `.`, `_` or `~$` and endings that no manual has. Links are
    followed, but no folder is entered twice, so that a loop of links ends. `on_error` is called
    with what cannot be listed (its `filename` says where); without it such folders are left out.
    """
    if not root.is_dir():
        return (root,) if root.exists() else ()
    walk = _Walk(on_error)
    walk.enter(root)
    return tuple(sorted(walk.files))


@dataclass(slots=True)
class _Walk:
    on_error: Callable[[OSError], None] | None
    files: list[Path] = field(default_factory=list)
    entered: set[tuple[int, int]] = field(default_factory=set)  # device and inode of the folders

    def enter(self, root: Path) -> None:
        """Collect the files below a folder, breadth first: a folder keeps its shortest name."""
        folders = [root]
        while folders:
            deeper: list[Path] = []
            for folder in folders:
                deeper += self._list(folder)
            folders = deeper

    def _list(self, folder: Path) -> list[Path]:
        """Collect a folder's files; returns the folders in it."""
        folders: list[Path] = []
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in self.entered:
                return []
            self.entered.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries)
        except OSError as error:
            if self.on_error:
                self.on_error(error)
            return []
        for name in names:
            path = folder / name
            if name.startswith((".", "_", "~$")):
                continue
            if path.is_dir():
                folders.append(path)
            elif path.suffix.lower() not in _OTHER_ENDINGS and (path.is_file() or path.is_symlink()):
                self.files.append(path)
        return folders
