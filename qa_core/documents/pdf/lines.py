"""Words of a PDF page → rows and lines, and the text that lines make together."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa_core.documents.blocks import clean
from qa_core.documents.pdf.page import HYPHEN, Word

LARGER = 1.12  # than the text: a heading
AS_LARGE = 0.98  # as the text: a heading where it is bold

_LETTER, _WIDEST_LETTER = 0.9, 2.0  # of a usual one
_ADDRESS = re.compile(r"\w+://|www\.")
_EDGES = re.compile(r"^\W+|\W+$")
_SAME_LINE = 0.45  # of the type size
_WIDE_GAP = 1.6  # of the type size: more than a space, even in a justified line


@dataclass(frozen=True, slots=True)
class TextLine:
    """Words on one baseline of one column, left to right."""

    words: tuple[Word, ...]
    page: int
    column: tuple[float, float]  # left and right edge of the text column

    @property
    def text(self) -> str:
        """The words with spaces between."""
        return clean(" ".join(word.text for word in self.words).replace(HYPHEN, "-"))

    @property
    def x0(self) -> float:
        """The left end."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """The right end."""
        return self.words[-1].x1

    @property
    def y(self) -> float:
        """The baseline."""
        return self.words[0].y

    @property
    def size(self) -> float:
        """The type size that most letters have."""
        sizes: dict[float, int] = {}
        for word in self.words:
            sizes[word.size] = sizes.get(word.size, 0) + len(word.text)
        return max(sizes, key=lambda size: sizes[size])

    @property
    def is_bold(self) -> bool:
        """Whether every word is."""
        return all(word.is_bold for word in self.words)

    @property
    def is_code(self) -> bool:
        """Whether every word is in a font of fixed width."""
        return all(word.is_fixed for word in self.words)

    @property
    def is_full(self) -> bool:
        """Whether it reaches the right edge of its column, give or take a word."""
        left, right = self.column
        return self.x1 > right - 0.2 * (right - left)

    def parts(self) -> list[list[Word]]:
        """The words, parted at gaps wider than any space."""
        parts = [[self.words[0]]]
        for before, word in zip(self.words, self.words[1:], strict=False):
            if word.x0 - before.x1 > _WIDE_GAP * max(word.size, before.size):
                parts.append([])
            parts[-1].append(word)
        return parts


def joined_text(
    words: Sequence[Word], right: float = math.inf, counts: Mapping[str, int] | None = None
) -> str:
    """The text of words in a box that ends at `right`, line by line, hyphens at line ends taken out.

    A word too long for the box is broken where not one letter more would fit; it is made whole. As a word
    alone may fill its line by chance, the document tells them apart: `counts` has its words (see `counted`).
    """
    text = ""
    before: list[Word] = []
    for row in rows_of(words):
        line = " ".join(word.text for word in row)
        room = (right - before[0].x1) / _letter_width(row[0]) if len(before) == 1 else math.inf
        is_broken = room < _WIDEST_LETTER and _is_one(before[0].text, row[0].text, counts or {}, room)
        text = text + line if is_broken else join_lines(text, line, keep_hyphen=False)
        before = row
    return clean(text.replace(HYPHEN, "-"))


def counted(words: Iterable[Word]) -> Counter[str]:
    """How often a document has each word, without signs around it and whatever its case."""
    return Counter(_folded(word.text) for word in words)


def _is_one(first: str, second: str, counts: Mapping[str, int], room: float) -> bool:
    """Whether two pieces are one word: the document has it, or has neither of them but here.

    The `room` for letters behind the first is less than one then, unless the document has the word. An
    address goes on where there is none.
    """
    if counts.get(_folded(first + second)):
        return True
    if room >= _LETTER:
        return False
    is_rest = first[-1].islower() and second[0].islower()
    is_rare = counts.get(_folded(first), 0) <= 1 and counts.get(_folded(second), 0) <= 1
    return _ADDRESS.match(first) is not None or (is_rest and is_rare)


def _folded(text: str) -> str:
    return _EDGES.sub("", text.casefold())


def join_lines(text: str, following: str, *, keep_hyphen: bool) -> str:
    """Two lines as one; a hyphen that divides a word at the line's end goes unless it is to be kept.

    pdfium gives hyphens at line ends as soft ones, whether they were written or not: one between
    anything but small letters, as in `HD-7710`, was written.
    """
    if not text.endswith((HYPHEN, "-")) or text[-2:-1].isspace() or len(text) == 1:
        return f"{text} {following}"
    divides = text[-2].islower() and following[:1].islower()
    return text[:-1] + ("" if divides and not keep_hyphen else "-") + following


def _letter_width(word: Word) -> float:
    return (word.x1 - word.x0) / len(word.text)


def rows_of(words: Sequence[Word]) -> list[list[Word]]:
    """Words grouped by baseline, top to bottom, each row left to right."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (-word.y, word.x0)):
        if rows and abs(rows[-1][0].y - word.y) < _SAME_LINE * max(word.size, rows[-1][0].size):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.x0) for row in rows]


def body_size(texts: Iterable[tuple[float, str]]) -> float:
    """The type size of most of the text; `texts` are pieces of it with their sizes."""
    sizes: Counter[float] = Counter()
    for size, text in texts:
        sizes[size] += len(text)
    return sizes.most_common(1)[0][0] if sizes else 0.0
