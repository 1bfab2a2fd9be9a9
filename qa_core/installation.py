"""What one installation holds, opened from its settings: releases, library, reader, models."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from qa_core.errors import ReleaseError
from qa_core.forgotten import ForgottenQuestions
from qa_core.indexing.library import Library, quiet
from qa_core.indexing.tools import standard_tools
from qa_core.inference.checkpoint import Checkpoint
from qa_core.inference.runtime import RUNTIMES, prune_exports
from qa_core.inference.text_encoder import LazyEncoder
from qa_core.known import KnownQuestion, read_known
from qa_core.release_manifests import Release
from qa_core.releases import LOCK_TIMEOUT_S, N_KEPT, Candidate, Releases
from qa_core.store import Store

if TYPE_CHECKING:
    from qa_core.encoder import Encoder
    from qa_core.engine import Models
    from qa_core.index import Index
    from qa_core.indexing.intake import Progress
    from qa_core.reader import Reader
    from qa_core.settings import Settings

WEIGHTS = Path(str(files("qa_core"))) / "weights"


class Installation:
    """Everything under MANUALBOT_HOME, and what comes with the project."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._cache = settings.home / "runtimes"  # models exported for a runtime

    @cached_property
    def releases(self) -> Releases:
        """The releases; the shipped one is registered."""
        releases = Releases(self.settings.home, shipped_release(), version("manualbot"))
        releases.ensure_shipped()
        return releases

    @cached_property
    def store(self) -> Store:
        """The database."""
        return Store(self.settings.database)

    def encoder_digest(self, release: Release) -> str:
        """Names the vectors of a release's encoder, and the indexes that are made of them."""
        return self._encoder(release).digest

    def open_library(self, release: Release | None = None) -> Library:
        """The sources and their index for a release's encoder; the current release's by default."""
        encoder = self._encoder(release or self.releases.current())
        return Library(self.settings.home, self.store, encoder, standard_tools(self.settings))

    def open_reader(self) -> Reader:
        """The reader of the current release, or the one that the settings put in its place."""
        return self._reader(self.releases.current())

    def models(self, reader: Reader | None = None) -> Models:
        """All that answering needs, with `reader` in place of the release's if it is given.

        Raises IndexingError where no manuals are indexed yet.
        """
        from qa_core.confidence import Calibrator  # noqa: PLC0415
        from qa_core.engine import Models  # noqa: PLC0415 - engine.py imports this module

        release = self.releases.current()
        encoder = self._encoder(release)
        library = Library(self.settings.home, self.store, encoder, standard_tools(self.settings))
        return Models(
            index=remembering(library.open_index(), encoder.opened, self.known_questions(release)),
            encoder=encoder.opened,
            reader=reader or self._reader(release),
            calibrator=Calibrator.open(self.releases.path(release, "calibration")),
            release=release.id,
            threshold=self.settings.threshold,
        )

    def known_questions(self, release: Release) -> tuple[KnownQuestion, ...]:
        """The questions that a release remembers, but for those that were forgotten since."""
        known = () if release.known is None else read_known(self.releases.path(release, "known"))
        return without_forgotten(known, self.store)

    def use(self, release_id: str, progress: Progress = quiet) -> Release:
        """Make a release the current one; today's manuals are indexed for its encoder before the switch."""
        return self.releases.use(release_id, lambda r: self.open_library(r).ensure_index(progress))

    def prune(self, keep: int = N_KEPT, timeout_s: float = LOCK_TIMEOUT_S) -> tuple[Release, ...]:
        """Remove all but the last `keep` releases and the current one, and everything made for them alone:
        parts, vectors, indexes and exported models.

        Raises ManualbotError where others change the releases or index for longer than `timeout_s`.
        """
        removed = self.releases.prune(keep, timeout_s)
        tools = replace(standard_tools(self.settings), lock_timeout_s=timeout_s)
        library = Library(self.settings.home, self.store, self._encoder(self.releases.current()), tools)
        with self.releases.unchanging(timeout_s):  # one that came meanwhile would lose its index
            self._forget_unneeded(self.releases.list(), library)
        return removed

    def _forget_unneeded(self, kept: Sequence[Release], library: Library) -> None:
        """Remove vectors, indexes and exported models that none of these releases needs."""
        overrides = {Checkpoint.open(f).digest for f in (self.settings.encoder, self.settings.reader) if f}
        encoders = {release.encoder for release in kept}
        on_any = {f"{digest}-{runtime}" for digest in encoders | overrides for runtime in RUNTIMES}
        library.forget_encoders(sorted(on_any))
        prune_exports(self._cache, encoders | {release.reader for release in kept} | overrides)

    def _encoder(self, release: Release) -> LazyEncoder:
        given = self.settings.encoder
        folder = given or self.releases.path(release, "encoder")
        digest = Checkpoint.open(given).digest if given else release.encoder
        return LazyEncoder(folder, digest, self._runtime(release), self._cache, self.settings.n_threads)

    def _reader(self, release: Release) -> Reader:
        from qa_core.reader import Reader  # noqa: PLC0415 - loads the runtime

        folder = self.settings.reader or self.releases.path(release, "reader")
        return Reader.open(folder, self._runtime(release), self._cache, self.settings.n_threads)

    def _runtime(self, release: Release) -> str:
        return release.runtime if self.settings.runtime == "auto" else self.settings.runtime


def without_forgotten(known: Sequence[KnownQuestion], store: Store) -> tuple[KnownQuestion, ...]:
    """The known questions that nobody wanted to be forgotten."""
    forgotten = ForgottenQuestions(store).among(each.question for each in known)
    return tuple(each for each in known if each.question not in forgotten)


def remembering(
    index: Index,
    encoder: Encoder,
    known: Sequence[KnownQuestion],
    progress: Callable[[int, int], None] | None = None,
) -> Index:
    """The index that remembers these questions, and no others; `progress` is called after each."""
    known = [replace(each, question=index.corrected(each.question)) for each in known]
    vectors = encoder.encode_questions([each.question for each in known], progress)
    return index.with_known(known, vectors)


def open_installation(settings: Settings) -> Installation:
    """The installation that the settings describe; nothing is opened before it is needed."""
    return Installation(settings)


def shipped_release() -> Candidate:
    """What comes with the project; raises ReleaseError where the package is incomplete."""
    from qa_core.encoder import shipped_encoder_dir  # noqa: PLC0415

    path = WEIGHTS / "release.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return Candidate(
            encoder=shipped_encoder_dir(),
            reader=WEIGHTS / "reader",
            calibration=WEIGHTS / "calibration.json",
            runtime=manifest["runtime"],
            figures=manifest["figures"],
            note=manifest["note"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{path} cannot be read ({error!r}). Install manualbot again") from error
