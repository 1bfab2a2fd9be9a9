"""A shop floor in small: manuals, answers that were given from them, and people who vote."""

from __future__ import annotations

import hashlib
from pathlib import Path

from qa_core.answers import Answers
from qa_core.migrations import QA_CORE
from qa_core.store import Store
from qa_core.types import Answer, Excerpt, Hit, Manual, Passage, Section, Span
from training.feedback.triplet import Rules, Triplet
from training.feedback.triplet_store import Triplets
from training.migrations import TRAINING
from training.votes import Correction, Signal, Votes

DESCALE = "Descale the machine every 200 cups. Empty the tank first. Put in one tablet."
FILTER = "Change the water filter every two months. Order filters from the shop."
LIGHT = "A red light means that the tank is empty. A blue light means that it heats up."


def manual(path: str = "meridio.md", version: str | None = "1.0") -> Manual:
    return Manual("m" + path, "/manuals", path, "Meridio", "Meridio 300", version, None, "d" * 64)


def passage(
    text: str, heading: str = "Care", path: str = "meridio.md", section: str | None = None
) -> Passage:
    """The passage `text` of a section that is the same, or holds it."""
    whole = Section(("Meridio", heading), section or text)
    start = whole.text.index(text)
    digest = hashlib.sha256(f"{path}/{heading}/{text}".encode()).hexdigest()[:16]
    return Passage(digest, manual(path), whole, start, start + len(text))


CARE, WATER, LAMPS = passage(DESCALE), passage(FILTER, "Water"), passage(LIGHT, "Lights")


class Shop:
    """Facts are added; `triplets()` are derived from them through the real store."""

    def __init__(self, folder: Path, rules: Rules = Rules(), passages: tuple[Passage, ...] | None = None):  # noqa: B008
        self.store = Store(folder / "manualbot.db", (QA_CORE, TRAINING))
        self.answers, self.votes = Answers(self.store), Votes(self.store)
        self.rules = rules
        self.passages = (CARE, WATER, LAMPS) if passages is None else passages
        self._n_events = 0

    def ask(  # noqa: PLR0917 - a test names what matters to it
        self,
        question: str = "How often must I descale?",
        span: str | None = "every 200 cups",
        of: Passage = CARE,
        product: str | None = None,
        asked_by: str = "U0",
        also: tuple[str, ...] = (),
    ) -> str:
        """An answer that shows `span` of a passage, or declines; its id."""
        hits = tuple(Hit(each, 1.0, 0.5, 0.5) for each in (of, CARE, WATER, LAMPS))
        found = shown = None
        if span is not None:
            start = of.text.index(span)
            found = Span(start, start + len(span), 9.0)
            shown = Excerpt(of.start, of.end)
        answer = Answer(question, found, shown, 0.8, 0.5, hits, "r1", 10.0, also=also)
        return self.answers.add(answer, asked_by, product)

    def up(self, answer_id: str, person: str = "U1", at: float | None = None) -> None:
        self.votes.add_signal(self.signal(answer_id, person, 1, at))

    def down(self, answer_id: str, person: str = "U1", at: float | None = None) -> None:
        self.votes.add_signal(self.signal(answer_id, person, -1, at))

    def take_back(self, answer_id: str, person: str = "U1", at: float | None = None) -> None:
        signal = self.signal(answer_id, person, 1, at)
        self.votes.remove_signal(signal.event_id, signal)

    def correct(
        self,
        answer_id: str,
        words: str | None,
        of: Passage = CARE,
        person: str = "U1",
        at: float | None = None,
    ) -> None:
        """The right words, or None: the manuals don't say."""
        self._n_events += 1
        at = float(self._n_events) if at is None else at
        event = f"V{self._n_events}"
        if words is None:
            correction = Correction(event, answer_id, person, "not_in_manuals", "r1", at)
        else:
            start = of.text.index(words)
            correction = Correction(
                event, answer_id, person, "span", "r1", at, of.id, of.text, start, start + len(words)
            )
        self.votes.correct(correction)

    def signal(self, answer_id: str, person: str, value: int, at: float | None = None) -> Signal:
        """By one button, so that a later one takes the place of an earlier."""
        self._n_events += 1
        at = float(self._n_events) if at is None else at
        return Signal(f"Ev{self._n_events}", answer_id, person, "button", value, at)

    def open(self) -> Triplets:
        return Triplets(self.store, self.passages, self.rules)

    def triplets(self) -> tuple[Triplet, ...]:
        return self.open().list()

    def only(self) -> Triplet:
        [triplet] = self.triplets()
        return triplet
