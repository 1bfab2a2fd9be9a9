"""Releases: which encoder, reader, calibration and runtime answer, and the switch between them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qa_core.clock import stamp, utc_now
from qa_core.errors import ManualbotError, ReleaseError
from qa_core.locks import one_at_a_time
from qa_core.parts import Parts
from qa_core.release_manifests import DamagedManifestError, Manifests, Release

log = logging.getLogger(__name__)

N_KEPT = 5
_SHIPPED = "shipped-"
LOCK_TIMEOUT_S = 3600.0  # as long as the index of another encoder may take


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a release is made from: two model folders and up to two files, wherever they lie."""

    encoder: Path
    reader: Path
    calibration: Path
    runtime: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    known: Path | None = None  # see known.py

    @property
    def paths(self) -> dict[str, Path]:
        """Its parts by kind."""
        models = {"encoder": self.encoder, "reader": self.reader, "calibration": self.calibration}
        return models if self.known is None else {**models, "known": self.known}


class Releases:
    """The releases of one installation and which of them is current."""

    def __init__(self, home: Path, shipped: Candidate, version: str) -> None:
        """`shipped` is what comes with this `version` of the project; it is used in place."""
        self._manifests = Manifests(home / "releases")
        self._shipped = shipped
        self._version = version
        self._parts = Parts(home / "parts", shipped.paths)

    def list(self) -> tuple[Release, ...]:
        """All releases, oldest first, those with numbers in their order; a manifest that cannot be read is
        logged and left out.
        """
        return self._manifests.list()

    def get(self, release_id: str) -> Release:
        """One release. Raises ReleaseError with those that there are if there is no such one."""
        return self._manifests.get(release_id)

    def current_id(self) -> str | None:
        """The id of the current release: one small file, cheap enough to look at before each answer.

        Where that is damaged, or gone although there are releases to choose from, it is the id of none.
        """
        chosen = self._manifests.chosen()
        return "" if chosen is None and self._manifests.has_others_than(_SHIPPED) else chosen

    def current(self) -> Release:
        """The release that answers; the shipped one where none was chosen yet.

        Raises ReleaseError where the chosen one is not there.
        """
        release_id = self.current_id()
        if release_id is None:
            return self.ensure_shipped()
        if not self._manifests.holds(release_id):
            named = f"{release_id!r}, and there is no such release" if release_id else "no release any more"
            raise ReleaseError(
                f"{self._manifests.choice} names {named}. "
                f"Choose one: manualbot releases use ID. There are: {self._manifests.names()}"
            )
        return self.get(release_id)

    def path(self, release: Release, kind: str) -> Path:
        """Where a part of a release lies: a model folder, or the calibration file.

        Raises ReleaseError if it is missing or damaged, as far as sizes and times tell.
        """
        return self._parts.path(kind, dict(release.parts)[kind])

    def add(self, candidate: Candidate, release_id: str | None = None) -> Release:
        """Store a candidate's parts and its manifest; it does not become current by that."""
        with self._alone():
            parts = {kind: self._parts.add(kind, path) for kind, path in candidate.paths.items()}
            release = Release(
                id=release_id or self._manifests.next_id(),
                created_at=stamp(utc_now()),
                runtime=candidate.runtime,
                figures=candidate.figures,
                note=candidate.note,
                **parts,
            )
            if self._manifests.path(release.id).exists():
                raise ReleaseError(f"There is a release {release.id!r} already. Choose another id")
            self._manifests.write(release)
        return release

    def amend(self, release_id: str, figures: Mapping[str, Any], note: str) -> Release:
        """Put these figures beside the release's own, and the note in the place of its own."""
        with self._alone():
            known = self.get(release_id)
            release = replace(known, figures={**known.figures, **figures}, note=note)
            self._manifests.write(release)
        return release

    def use(self, release_id: str, prepare: Callable[[Release], object] = lambda _: None) -> Release:
        """Make a release the current one, once every byte of its parts is checked.

        `prepare` makes ready what the release needs (its index) before the switch, and again after
        it: for manuals that were indexed meanwhile. If it raises before the switch, the current release
        stays; what it raises after it is logged: the release answers already. Whoever chose it, it is no
        refused one any more.
        """
        with self._alone():
            release = self.get(release_id)
            for kind, digest in release.parts:
                self._parts.path(kind, digest, fresh=True)
            prepare(release)
            self._manifests.choose(release)
            if release.refused:
                release = replace(release, figures={**release.figures, "promoted": True})
                self._manifests.write(release)
        try:
            prepare(release)
        except Exception as error:  # whatever it was, it does not undo the switch
            log.warning(
                "%s answers; manuals that were indexed meanwhile may be missing from it: %s. "
                "To index them: manualbot index",
                release.id,
                error,
                exc_info=not isinstance(error, ManualbotError),
            )
        return release

    def prune(self, keep: int = N_KEPT, timeout_s: float = LOCK_TIMEOUT_S) -> tuple[Release, ...]:
        """Remove all but the last `keep` releases, the current one and the last refused one, and the parts
        that only they had. Refused ones do not count: they must not push out what one can go back to. What
        this version ships stays: it takes no room, and would come back as the youngest. Where a manifest
        cannot be read all parts stay: it may be a newer version's, or come back from a backup.

        Raises ManualbotError where somebody else changes the releases for longer than `timeout_s`.
        """
        with self._alone(timeout_s):
            releases = self.list()
            last = [r for r in releases if not r.refused][-keep:] + [r for r in releases if r.refused][-1:]
            always = (self.current_id(), self._shipped_id)
            kept = [r for r in releases if r in last or r.id in always]
            removed = tuple(release for release in releases if release not in kept)
            for release in removed:
                self._manifests.path(release.id).unlink()
            if unreadable := self._manifests.unreadable():
                log.warning(
                    "All parts of releases stay: which ones %s needs is not known. "
                    "Restore its manifest from a backup, or delete it",
                    ", ".join(unreadable),
                )
            else:
                self._parts.prune({part for release in kept for part in release.parts})
        return removed

    def unchanging(self, timeout_s: float = LOCK_TIMEOUT_S) -> AbstractContextManager[None]:
        """While this lasts nobody adds, removes or switches releases; for what has to fit them.

        Raises ManualbotError where somebody else changes them for longer than `timeout_s`.
        """
        return self._alone(timeout_s)

    def ensure_shipped(self) -> Release:
        """Register what comes with the project; it is current until another release is chosen.

        After an upgrade the new shipped release takes the place of an older shipped one whose
        weights have gone with the upgrade.
        """
        shipped = self._shipped_release()
        if self._is_registered(shipped) and not self._must_switch():
            return self.get(shipped.id)
        with self._alone():
            if not self._is_registered(shipped):
                self._manifests.write(shipped)
            if self._must_switch():
                self._manifests.choose(shipped)
        return self.get(shipped.id)

    def _shipped_release(self) -> Release:
        candidate = self._shipped
        parts = {kind: self._parts.digest(path) for kind, path in candidate.paths.items()}
        return Release(
            id=self._shipped_id,
            created_at=stamp(utc_now()),
            runtime=candidate.runtime,
            figures=candidate.figures,
            note=candidate.note,
            **parts,
        )

    @property
    def _shipped_id(self) -> str:
        return f"{_SHIPPED}{self._version}"

    def _is_registered(self, shipped: Release) -> bool:
        """Whether its manifest is there; a damaged one is written anew."""
        if not self._manifests.holds(shipped.id):
            return False
        try:
            known = self.get(shipped.id)
        except DamagedManifestError as error:
            log.info("%s is written anew: %s", self._manifests.path(shipped.id), error)
            return False
        return replace(known, created_at=shipped.created_at) == shipped

    def _must_switch(self) -> bool:
        """Whether nothing was chosen yet, or a shipped release whose weights are no longer there."""
        current_id = self.current_id()
        if current_id is None:
            return True
        if not current_id.startswith(_SHIPPED):
            return False
        try:
            for kind, digest in self.get(current_id).parts:
                self._parts.path(kind, digest)
        except ReleaseError as error:
            log.warning("The release %s cannot answer any more: %s", current_id, error)
            return True
        return False

    def _alone(self, timeout_s: float = LOCK_TIMEOUT_S) -> AbstractContextManager[None]:
        return one_at_a_time(self._manifests.folder / "releases.lock", "Changing the releases", timeout_s)
