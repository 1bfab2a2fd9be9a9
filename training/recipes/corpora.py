"""Manuals indexed for one measurement, in a folder of state that is thrown away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from qa_core.engine import Engine
from qa_core.errors import IndexingError
from qa_core.installation import open_installation
from qa_core.settings import Settings


class Corpora:
    """One home after another's manuals: models are exported once, texts embedded once while they stay."""

    def __init__(self, settings: Settings) -> None:
        """`settings.home` is emptied of its sources again and again."""
        self._settings = settings

    def engine(self, manuals: Sequence[Path]) -> Engine:
        """An engine that knows these files and folders only; IndexingError if one cannot be read."""
        library = open_installation(self._settings).open_library()
        report = library.add(manuals)
        if report.failures:
            failures = "; ".join(f"{failure.path}: {failure.reason}" for failure in report.failures)
            raise IndexingError(f"A protocol needs all of its manuals, but not indexed were {failures}")
        wanted = {path.resolve() for path in manuals}
        for source in library.sources():
            if Path(source.path).resolve() not in wanted:
                library.remove(Path(source.path))
        return Engine.load(self._settings)


@contextmanager
def temporary_corpora() -> Iterator[Corpora]:
    """Corpora in a temporary folder, with the settings of the environment otherwise."""
    with TemporaryDirectory(prefix="manualbot-") as home:
        yield Corpora(replace(Settings.load(), home=Path(home)))
