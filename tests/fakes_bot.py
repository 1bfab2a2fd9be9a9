"""Answers, and what gives them, for the tests of what a person sees."""

from __future__ import annotations

from dataclasses import dataclass, field

from qa_core.answers import GivenAnswer
from qa_core.errors import ManualbotError
from qa_core.types import Answer, Excerpt, Hit, Manual, PageStart, Passage, Section, Span

TEXT = (
    "Descale the machine every 200 cups. Use the descaling tablets only.\n"
    "1. Empty the tank.\n"
    "2. Put in one tablet.\n"
    "Rinse twice afterwards."
)


def hit(
    text: str = TEXT, path: str = "meridio/manual.html", score: float = 1.0, page: int | None = 12
) -> Hit:
    manual = Manual("m" * 16, "/manuals", path, "Meridio", "Meridio 300", None, None, "d" * 64)
    pages = () if page is None else (PageStart(0, page), PageStart(text.find("\n") + 1, page + 1))
    section = Section(("Care", "Descaling"), text, pages)
    return Hit(Passage("p" * 16, manual, section, 0, len(text)), score, 0.5, 3.0)


def answer(
    span: str = "every 200 cups", shown: str | None = None, text: str = TEXT, question: str = "q"
) -> Answer:
    shown = shown or "Descale the machine every 200 cups."
    start, shown_start = text.index(span), text.index(shown)
    return Answer(
        question,
        Span(start, start + len(span), 9.5),
        Excerpt(shown_start, shown_start + len(shown)),
        confidence=0.87,
        threshold=0.5,
        hits=(hit(text), hit("Clean the tray.", "other.md", 0.25, page=None)),
        release="r1",
        latency_ms=12.345,
    )


def declined(question: str = "q", n_hits: int = 4) -> Answer:
    hits = tuple(hit(f"Passage {n}.", f"manual-{n}.md", 1.0 / n, page=None) for n in range(1, n_hits + 1))
    return Answer(question, None, None, 0.12, 0.5, hits, "r1", 8.0)


def as_given(answer: Answer, product: str | None = None) -> GivenAnswer:
    """The answer as somebody got it, of that product's manuals or of all."""
    return GivenAnswer("0123456789abcdef" * 2, answer, "U1", product, "2026-11-01T10:00:00.000+00:00")


@dataclass
class FakeEngine:
    """Answers what it is told to, and remembers what it was asked."""

    answers: dict[str, Answer | Exception] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def ask(self, question: str, product: str | None = None, decline: bool = True) -> Answer:  # noqa: ARG002
        self.asked.append((question, product))
        found = self.answers.get(question) or answer(question=question)
        if isinstance(found, BaseException):
            raise found
        return found


NO_INDEX = ManualbotError("No index in var. Build one: manualbot index manuals/")
