"""What commands work on, opened with the settings: the engine and the library."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from qa_core.indexing.intake import Progress
    from qa_core.indexing.library import Library
    from qa_core.reader import Reader
    from qa_core.release_manifests import Release
    from qa_core.releases import Releases
    from qa_core.settings import Settings
    from qa_core.trace import Trace
    from qa_core.types import Answer, Passage
    from training.feedback.triage import Triage
    from training.feedback.triplet_store import Triplets


class Answerer(Protocol):
    """What answers questions: `qa_core.engine.Engine`, or a test's fake."""

    def ask(self, question: str, product: str | None = None, decline: bool = True) -> Answer:
        """The answer from the manuals of `product`, or of all."""

    def trace(self, question: str, product: str | None = None) -> Trace:
        """The answer with what led to it."""


def open_settings() -> Settings:
    """The settings; from here on the log speaks at the level that they name."""
    from qa_core.settings import Settings

    settings = Settings.load()
    root = logging.getLogger()
    root.setLevel(settings.log_level)
    for handler in root.handlers:  # libraries that set their own loggers' levels are held to it too
        handler.setLevel(settings.log_level)
    return settings


def open_engine(settings: Settings | None = None) -> Answerer:
    """The engine of the current release, ready to answer."""
    from bot.terminal.progress import show_waiting

    with show_waiting("Loading the models"):
        from qa_core.engine import Engine

        return Engine.load(settings or open_settings())


def open_reader(model: Path | None = None, runtime: str | None = None) -> Reader:
    """The reader of the current release, or of the folder `model`; needs no index."""
    from bot.terminal.progress import show_waiting

    with show_waiting("Loading the reader"):
        from qa_core.installation import open_installation

        settings = open_settings()
        settings = replace(settings, reader=model or settings.reader, runtime=runtime or settings.runtime)
        return open_installation(settings).open_reader()


def open_library() -> Library:
    """The sources and their index, for the encoder of the current release."""
    from qa_core.installation import open_installation

    return open_installation(open_settings()).open_library()


def open_releases() -> Releases:
    """The releases of this installation."""
    from qa_core.installation import open_installation

    return open_installation(open_settings()).releases


def use_release(release_id: str, progress: Progress) -> Release:
    """Make a release the current one, with an index of today's manuals ready for it."""
    from qa_core.installation import open_installation

    return open_installation(open_settings()).use(release_id, progress)


def prune_releases(keep: int) -> tuple[Release, ...]:
    """Remove old releases and everything made for them alone.

    Raises DataError while a retraining is under way: what its candidate needs no release needs yet.
    """
    from bot.learning.retraining import open_jobs
    from qa_core.errors import DataError
    from qa_core.installation import open_installation

    settings = open_settings()
    job = open_jobs(settings).under_way()
    if job is not None:
        raise DataError(
            f"Job {job.id} is under way, and what it has made so far would be removed. Wait for its end, "
            f"or cancel it: manualbot jobs cancel {job.id}"
        )
    return open_installation(settings).prune(keep)


def open_triplets() -> Triplets:
    """The triplets of this installation; without an index none of them stands in a manual."""
    from qa_core.migrations import QA_CORE
    from qa_core.store import Store
    from training.feedback.triplet_store import Triplets
    from training.migrations import TRAINING
    from training.settings import TrainingSettings

    settings = open_settings()
    return Triplets(
        Store(settings.database, (QA_CORE, TRAINING)), _todays_passages(), TrainingSettings.load().rules
    )


def open_triage() -> Triage:
    """What an admin decides triplets with."""
    from training.feedback.triage import Triage

    return Triage(open_triplets())


def _todays_passages() -> tuple[Passage, ...]:
    from qa_core.errors import IndexingError

    try:
        return open_library().open_index().passages
    except IndexingError as error:
        logging.getLogger(__name__).info("Triplets stand in no manual: %s", error)
        return ()
