"""The engine that asks the indexed manuals with a given reader, kept from one question to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_core.installation import Installation, open_installation
from qa_core.installation_state import InstallationState
from qa_core.settings import Settings

if TYPE_CHECKING:
    from qa_core.engine import Engine
    from qa_core.reader import Reader


class KeptEngine:
    """The engine is opened on first use, and again when settings, current release or indexes have changed."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._installation: Installation | None = None
        self._engine: Engine | None = None
        self._state: InstallationState | None = None
        self._opened: object = None  # its state when the engine was opened

    def current(self) -> Engine:
        """The engine to ask; raises IndexingError where no manuals are indexed."""
        from qa_core.engine import Engine  # noqa: PLC0415 - imports the installation

        settings = Settings.load()
        if self._installation is None or self._state is None or self._installation.settings != settings:
            self._installation, self._engine = open_installation(settings), None
            self._state = InstallationState(self._installation)
        state = self._state()
        if self._engine is None or self._opened != state:
            self._engine, self._opened = Engine(self._installation.models(self._reader)), state
        return self._engine
