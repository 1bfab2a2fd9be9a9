"""What the stages of a retraining share: the installation, the current release's engine, the job's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from qa_core.engine import Engine
from qa_core.errors import SettingsError
from qa_core.installation import Installation
from qa_core.named.products import if_indexed
from qa_core.settings import Settings
from qa_core.store import Store
from training.retraining.job_folder import JobFolder
from training.retraining.job_progress import JobProgress
from training.retraining.jobs import Request
from training.retraining.retrain_settings import RetrainSettings
from training.retrieval.kept_vectors import KeptVectors

if TYPE_CHECKING:
    from qa_core.types import Hit, Passage
    from training.retraining.lessons import Search

_DEPTH = 30  # hits that negatives are taken from, and that an encoder is judged by


@dataclass(frozen=True)
class JobContext:
    """A job in the process that owns it. `store` was opened with QA_CORE and TRAINING."""

    settings: Settings
    store: Store
    job_id: int
    request: Request
    how: RetrainSettings
    progress: JobProgress

    def __post_init__(self) -> None:
        """Refuse settings under which no release could take over."""
        overrides = {"MANUALBOT_ENCODER": self.settings.encoder, "MANUALBOT_READER": self.settings.reader}
        for name, value in overrides.items():
            if value is not None:
                raise SettingsError(
                    f"{name}={value} stands in place of every release's model, a new one's too. "
                    "Unset it, then retrain"
                )

    @cached_property
    def installation(self) -> Installation:
        """The installation, with its current release."""
        return Installation(self.settings)

    @cached_property
    def folder(self) -> JobFolder:
        """The job's folder, made if it is missing."""
        folder = JobFolder.of(self.settings.home, self.job_id)
        folder.path.mkdir(parents=True, exist_ok=True)
        return folder

    @cached_property
    def current(self) -> Engine:
        """The engine of the release that was current when this process first asked."""
        models = self.installation.models()
        return Engine(replace(models, reader=models.reader.keeping()))

    @cached_property
    def question_vectors(self) -> KeptVectors:
        """The current release's vectors of questions."""
        return KeptVectors(self.current.models.encoder.encode_questions)

    @cached_property
    def passages(self) -> Mapping[str, Passage]:
        """The passages of today's manuals, by id."""
        return {passage.id: passage for passage in self.current.passages}

    @cached_property
    def search(self) -> Search:
        """The current release's search; each question is looked for once.

        What the release remembers of questions is left out: the triplets are the very same questions.
        """
        models = self.current.models
        index = models.index.with_known((), models.encoder.encode_questions([]))
        known: dict[tuple[str, str | None], tuple[Hit, ...]] = {}

        def search(question: str, product: str | None) -> tuple[Hit, ...]:
            key = (question, if_indexed(product, self.current.products))
            if key not in known:
                self.progress.check()  # there may be tens of thousands of triplets
                [vector] = self.question_vectors([index.topic(question, key[1])])
                known[key] = index.search(question, vector, _DEPTH, key[1])
            return known[key]

        return search
