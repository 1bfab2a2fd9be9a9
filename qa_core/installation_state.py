"""What an engine depends on and that changes while it answers, cheap enough to look at all the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_core.errors import ManualbotError

if TYPE_CHECKING:
    from qa_core.installation import Installation


class InstallationState:
    """The current release's id, the number of the youngest index of its encoder, and that of the question
    that was forgotten last: cheap to call.

    Indexes of other encoders, such as that of a candidate while it is compared, change nothing.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._encoders: dict[str | None, str] = {}  # by release: the digest of one from the settings is slow

    def __call__(self) -> tuple[str | None, int | None, int | None]:
        """The state of now."""
        current_id = self._installation.releases.current_id()
        try:
            encoder = self._encoder_of(current_id)
        except ManualbotError:  # loading that release says what is wrong
            return current_id, None, None
        [row] = self._installation.store.rows(
            "SELECT (SELECT max(id) FROM indexes WHERE encoder = ?) AS newest,"
            " (SELECT max(arrival) FROM forgotten_questions) AS forgotten",
            [encoder],
        )
        return current_id, row["newest"], row["forgotten"]

    def _encoder_of(self, current_id: str | None) -> str:
        if current_id not in self._encoders:
            releases = self._installation.releases
            release = releases.current() if current_id is None else releases.get(current_id)
            self._encoders[current_id] = self._installation.encoder_digest(release)
        return self._encoders[current_id]
