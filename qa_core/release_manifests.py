"""The manifests of releases, a small file each, and the file that names the current release."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from qa_core.durable import room_wanted, write_file
from qa_core.errors import ReleaseError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Release:
    """A manifest: what answers, each part by its digest, and the figures that justified it."""

    id: str
    created_at: str  # ISO 8601, UTC
    encoder: str
    reader: str
    calibration: str
    runtime: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    known: str | None = None  # the questions that it remembers

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Its parts as (kind, digest)."""
        models = (("encoder", self.encoder), ("reader", self.reader), ("calibration", self.calibration))
        return models if self.known is None else (*models, ("known", self.known))

    @property
    def refused(self) -> bool:
        """Whether a retraining made it, and it has never answered: see `use`."""
        return self.figures.get("promoted") is False


class DamagedManifestError(ReleaseError):
    """A manifest that says nothing of a release."""


class Manifests:
    """A folder of manifests, `ID.json`, and the choice of one of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.choice = folder / "current"

    def list(self) -> tuple[Release, ...]:
        """All releases, oldest first, those with numbers in their order; a manifest that cannot be read is
        logged and left out.
        """
        found, _ = self._read_all()
        by_time = sorted(found, key=lambda release: (release.created_at, _natural(release.id)))
        numbered = (release for release in by_time if _number(release.id) is not None)
        by_number = iter(sorted(numbered, key=lambda release: _natural(release.id)))  # clocks may be set back
        return tuple(each if _number(each.id) is None else next(by_number) for each in by_time)

    def unreadable(self) -> tuple[str, ...]:
        """The ids of those releases whose manifests cannot be read, sorted."""
        return tuple(sorted(self._read_all()[1]))

    def get(self, release_id: str) -> Release:
        """One release. Raises ReleaseError with those that there are if there is no such one."""
        path = self.path(release_id)
        if not _is_there(path):
            raise ReleaseError(f"No release {release_id!r} in {self.folder}. There are: {self.names()}")
        return _read(path)

    def holds(self, release_id: str) -> bool:
        """Whether there is a manifest of that id, readable or not."""
        return _is_id(release_id) and _is_there(self.path(release_id))

    def has_others_than(self, prefix: str) -> bool:
        """Whether there are manifests whose ids begin in another way."""
        return any(not path.stem.startswith(prefix) for path in self._paths())

    def names(self) -> str:
        """The ids of all releases, as a person reads them."""
        return ", ".join(release.id for release in self.list()) or "none"

    def next_id(self) -> str:
        """An id that no release has: `r` and a number."""
        numbers = [number for path in self._paths() if (number := _number(path.stem)) is not None]
        return f"r{max(numbers, default=0) + 1}"

    def path(self, release_id: str) -> Path:
        """Where a manifest lies. Raises ReleaseError for what is no id."""
        if not _is_id(release_id):
            raise ReleaseError(
                f"{release_id!r} is no id of a release: letters, digits, '.', '_' and '-' only"
            )
        return self.folder / f"{release_id}.json"

    def write(self, release: Release) -> None:
        """Write a manifest, in the place of an earlier one."""
        _write_file(self.path(release.id), json.dumps(asdict(release), indent=2) + "\n")

    def chosen(self) -> str | None:
        """What was chosen to be current, whether there is such a release or not; None where nothing was."""
        try:
            return self.choice.read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _failed(self.choice, "read", error) from error

    def choose(self, release: Release) -> None:
        """Make a release the current one."""
        _write_file(self.choice, release.id + "\n")
        log.info("The current release is %s", release.id)

    def _read_all(self) -> tuple[tuple[Release, ...], tuple[str, ...]]:
        """The releases, and the ids of those whose manifests cannot be read, which is logged."""
        found, unreadable = [], []
        for path in self._paths():
            try:
                found.append(_read(path))
            except ReleaseError as error:
                log.warning("%s", error)
                unreadable.append(path.stem)
        return tuple(found), tuple(unreadable)

    def _paths(self) -> tuple[Path, ...]:
        """Those of all manifests, damaged ones too."""
        return tuple(self.folder.glob("*.json"))


def _write_file(path: Path, text: str) -> None:
    try:
        write_file(path, text)
    except OSError as error:
        raise _failed(path, "written", error) from error


def _read(path: Path) -> Release:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        _refuse_newer(path, record)
        release = Release(**record)
    except OSError as error:
        raise _failed(path, "read", error) from error
    except (ValueError, TypeError) as error:
        raise DamagedManifestError(
            f"{path} is not a release's manifest ({error}). Restore it from a backup, or delete it"
        ) from error
    if release.id != path.stem:
        raise ReleaseError(f"{path} holds the release {release.id!r}. Rename it to {release.id}.json")
    return release


def _is_id(release_id: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", release_id) is not None


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise _failed(path, "read", error) from error


def _failed(path: Path, done: str, error: OSError) -> ReleaseError:
    """What a disk says, which is no fault of the file."""
    next_step = room_wanted(error) or "Check the disk"
    if isinstance(error, PermissionError):
        next_step = "Give this user MANUALBOT_HOME and what is in it"
    if isinstance(error, IsADirectoryError):
        next_step = "Move that folder away"
    return ReleaseError(f"{path} cannot be {done}: {error.strerror or error}. {next_step}, then try again")


def _refuse_newer(path: Path, record: object) -> None:
    """Raises ReleaseError for what a manifest of this version does not say."""
    known = {each.name for each in fields(Release)}
    if isinstance(record, dict) and (unknown := sorted(record.keys() - known)):
        names = ", ".join(unknown)
        raise ReleaseError(
            f"{path} was written by a newer manualbot (unknown here: {names}). Update manualbot"
        )


def _number(release_id: str) -> int | None:
    """That of a release that was given one when it was added."""
    return int(release_id[1:]) if re.fullmatch(r"r[0-9]+", release_id) else None


def _natural(release_id: str) -> list[tuple[int, str]]:
    """Sorts r9 before r10."""
    return [(int(digits or -1), text) for digits, text in re.findall(r"([0-9]+)|([^0-9]+)", release_id)]
