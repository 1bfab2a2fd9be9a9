"""The frozen dataclasses that every module speaks.

Offsets are in characters and half-open, `[start, end)`. A passage's offsets lie in its section's
text, a span's in its passage's text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qa_core.footnotes import footnotes_of

HEADING_SEPARATOR = " › "  # between the headings of a path, as a person reads it


@dataclass(frozen=True, slots=True)
class Manual:
    """What is known of a manual besides its text."""

    id: str  # 16 hex digits, from the source and the path: stable while the file stays where it is
    source: str  # absolute path of the source (a folder or a file) that it was found under
    path: str  # POSIX path relative to the source's folder; names the manual in answers
    title: str
    product: str
    version: str | None
    url: str | None  # where a person can open it, when front matter or metadata says so
    digest: str  # sha256 of the file's bytes


@dataclass(frozen=True, slots=True)
class PageStart:
    """From `offset` in a section's text on, the text stands on `page` (counted from 1)."""

    offset: int
    page: int


@dataclass(frozen=True, slots=True)
class Section:
    """The text under one heading, one block a line.

    The line grammar, which `units.py` reads back: a paragraph is one line; a numbered step starts
    with `1. `, or as the manual counts with `b) `, `(iv) `, `1.2. `; a bullet with `- `; two leading
    spaces a level nest either; a table row is one line, its cells joined by ` | `, each cell led by
    its column's name and a colon where the table has a header (`Code: E-4 | Meaning: Paper jam`).
    Nothing else is added to the manual's words.
    """

    heading_path: tuple[str, ...]  # outermost first; never empty: the manual's title at least
    text: str
    pages: tuple[PageStart, ...] = ()  # empty where the format has no pages

    def page_at(self, offset: int) -> int | None:
        """The page on which the character at `offset` stands, or None without pages."""
        page = None
        for page_start in self.pages:
            if page_start.offset > offset:
                break
            page = page_start.page
        return page


@dataclass(frozen=True, slots=True)
class ParsedManual:
    """A manual with its sections, as `qa_core.documents` reads it from one file."""

    manual: Manual
    sections: tuple[Section, ...]
    n_left_out: int = 0  # characters that are data, as of a picture, and no words


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a section: the unit that is retrieved and read."""

    id: str  # 16 hex digits: hash of manual id, heading path and text
    manual: Manual
    section: Section
    start: int
    end: int

    @property
    def text(self) -> str:
        """The passage's own words."""
        return self.section.text[self.start : self.end]

    @property
    def heading(self) -> str:
        """The heading path as a person reads it: `Setup › Paper › Loading envelopes`."""
        return HEADING_SEPARATOR.join(self.section.heading_path)

    @property
    def headed_text(self) -> str:
        """The heading path, and on the next line the passage's own words."""
        return f"{self.heading}\n{self.text}"

    @property
    def page(self) -> int | None:
        """The page on which the passage begins."""
        return self.section.page_at(self.start)


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """What people said of a passage when a question like the one that is asked was put."""

    start: int  # [start, end) in the passage's text is right; it may go on beyond the passage
    end: int  # the start where people said that the passage does not answer, nor any other one
    strength: float  # how alike the questions are: 0 hardly, 1 the same

    @property
    def is_none(self) -> bool:
        """Whether people said that no manual answers."""
        return self.end <= self.start


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its retrieval scores; hits come sorted by `score`, best first."""

    passage: Passage
    score: float  # fused
    dense: float  # cosine similarity of question and passage, -1 to 1
    lexical: float  # BM25, as a share of what a text with every word of the question could reach
    known: KnownAnswer | None = None  # what its release remembers of it; not kept with an answer
    models: tuple[str, ...] = ()  # tokens of the models of its product that are named; not kept either
    has_model: bool = False  # whether it tells of one of them

    @property
    def known_right(self) -> KnownAnswer | None:
        """What people found right in it; None also where they said that no manual answers."""
        return None if self.known is None or self.known.is_none else self.known


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a passage, `passage.text[start:end]`."""

    start: int
    end: int
    score: float  # start logit + end logit; comparable across the passages of one question


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader found in one hit."""

    hit: Hit
    spans: tuple[Span, ...]  # n-best, best first; empty if no span is allowed (an empty passage)
    null_score: float  # the score of "the answer is not in this passage", on the spans' scale


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a person is shown as the answer: whole sentences or steps, `section.text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One question's answer; `span` and `shown` are None when the bot declines.

    `hits` keep the order in which they answer the question best: the first one holds the span.
    """

    question: str
    span: Span | None
    shown: Excerpt | None
    confidence: float  # calibrated probability that what is shown answers the question, 0 to 1
    threshold: float  # below it the bot declines
    hits: tuple[Hit, ...]
    release: str
    latency_ms: float
    readings: tuple[Reading, ...] = field(default=(), repr=False)
    also: tuple[str, ...] = ()  # other products whose manuals say as much, where the question names none
    # Of the keyboard, and models that were cut short: words, and those that were read in their place.
    slips: tuple[tuple[str, str], ...] = ()

    @property
    def products(self) -> tuple[str, ...]:
        """The products that the question may be about, where the bot declines because it names none."""
        return () if self.answered or not self.also else (self.hits[0].passage.manual.product, *self.also)

    @property
    def answered(self) -> bool:
        """Whether the manuals answer the question, as far as the bot can tell."""
        return self.span is not None

    @property
    def span_text(self) -> str | None:
        """The exact words of the span."""
        return None if self.span is None else self.hits[0].passage.text[self.span.start : self.span.end]

    @property
    def shown_text(self) -> str | None:
        """The exact words of the excerpt, and behind it, a line each, the footnotes that it refers to."""
        if self.shown is None:
            return None
        words = self.hits[0].passage.section.text[self.shown.start : self.shown.end]
        return "\n".join((words, *self.footnotes))

    @property
    def footnotes(self) -> tuple[str, ...]:
        """The footnotes that the excerpt refers to and does not have itself."""
        if self.shown is None:
            return ()
        text = self.hits[0].passage.section.text
        return tuple(text[start:end] for start, end in footnotes_of(text, self.shown.start, self.shown.end))
