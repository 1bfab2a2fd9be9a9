"""Which files under a source may be manuals."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from qa_core.indexing.survey import Discovery, Failure

_OTHER_ENDINGS_TEXT = """
    .json .jsonl .ndjson .csv .tsv .xml .yaml .yml .toml .ini .cfg .conf .env .lock .log .db .sqlite
    .sqlite3 .py .pyc .pyi .ipynb .js .mjs .ts .css .scss .map .sh .bat .ps1 .c .h .cpp .java .go .rs
    .rb .php .sql .png .jpg .jpeg .gif .svg .webp .bmp .ico .tif .tiff .heic .psd .ai .eps .mp3 .mp4
    .wav .avi .mov .mkv .webm .zip .gz .tgz .tar .bz2 .xz .7z .rar .whl .jar .exe .dll .so .dylib .bin
    .iso .img .dmg .msi .apk .ttf .otf .woff .woff2 .eot .npy .npz .pt .onnx .safetensors .faiss
    .parquet .tmp .bak .swp .part .crdownload
"""
_OTHER_ENDINGS = frozenset(_OTHER_ENDINGS_TEXT.split())


def discover(root: Path) -> Discovery:
    """The files that may be manuals under a folder, sorted; a file is its own only candidate.

    Left out are names that begin with `.`, `_` or `~$`, endings that no manual has, and pipes,
    sockets and devices, which a reader would wait at for ever. Links are followed, but no folder is
    entered twice, so that a loop of links ends.
    """
    root = Path(os.path.abspath(root))
    if root.exists() and not root.is_dir() and not root.is_file():
        return Discovery((), (Failure(str(root), "is neither a file nor a folder; copy it to a file"),))
    if not root.is_dir():
        return Discovery((root,) if root.exists() else ())
    walk = _Walk()
    folders = [root]
    while folders:  # breadth first: a folder that can be reached twice keeps its shortest name
        folders = [deeper for folder in folders for deeper in walk.enter(folder)]
    return Discovery(tuple(sorted(walk.files)), tuple(walk.unreadable))


@dataclass(slots=True)
class _Walk:
    files: list[Path] = field(default_factory=list)
    unreadable: list[Failure] = field(default_factory=list)
    entered: set[tuple[int, int]] = field(default_factory=set)  # device and inode of the folders

    def enter(self, folder: Path) -> list[Path]:
        """Collect a folder's files; returns the folders in it."""
        try:
            status = folder.stat()
            names = sorted(os.listdir(folder))
            os.stat(os.path.join(folder, os.curdir))  # a folder may be listed that may not be entered
        except OSError as error:
            reason = f"folder cannot be listed: {error.strerror or error}; check its permissions"
            self.unreadable.append(Failure(str(folder), reason))
            return []
        if (status.st_dev, status.st_ino) in self.entered:
            return []
        self.entered.add((status.st_dev, status.st_ino))
        folders: list[Path] = []
        for name in names:
            path = folder / name
            if name.startswith((".", "_", "~$")):
                continue
            try:
                if path.is_dir():
                    folders.append(path)
                elif path.suffix.lower() not in _OTHER_ENDINGS and (path.is_file() or _leads_nowhere(path)):
                    self.files.append(path)
            except OSError as error:  # a link into a folder that may not be entered
                self.unreadable.append(Failure(str(path), f"cannot be read: {error.strerror or error}"))
        return folders


def _leads_nowhere(path: Path) -> bool:
    """Whether it is a link to nothing, or to itself: it is reported when it cannot be read."""
    return path.is_symlink() and not path.exists()
