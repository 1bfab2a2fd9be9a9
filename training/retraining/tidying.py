"""Removes what retrainings leave behind: folders of jobs that have ended, parts that no release needs."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from qa_core.errors import ManualbotError
from training.retraining.job_folder import JobFolder

if TYPE_CHECKING:
    from qa_core.settings import Settings

log = logging.getLogger(__name__)

_TIMEOUT_S = 10.0  # an indexing may take far longer: then the next job removes what this one left


def prune(settings: Settings) -> None:
    """Remove what was made for a candidate alone, and old releases; what goes wrong is only logged.

    Only the process of the job that is under way may do so: it must not take away another one's candidate.
    """
    try:
        from qa_core.installation import Installation  # noqa: PLC0415 - slow

        Installation(settings).prune(timeout_s=_TIMEOUT_S)
    except Exception as error:  # how a job ended does not depend on it
        log.warning(
            "No release needs some of what is stored, and it could not be removed: %s",
            error,
            exc_info=not isinstance(error, ManualbotError),
        )


def clear_folders(home: Path, job_ids: Iterable[int]) -> None:
    """Remove checkpoints and models of jobs that have ended; what goes wrong is only logged."""
    for job_id in job_ids:
        folder = JobFolder.of(home, job_id)
        try:
            folder.clear()
        except OSError as error:
            log.warning("%s could not be cleared: %s", folder.path, error)
