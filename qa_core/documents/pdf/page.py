"""What stands on one page of a PDF: words with their places and type, and ruled lines."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qa_core.documents.blocks import RAISED
from qa_core.documents.pdf.letters import Letters

_SOFT_HYPHENS = frozenset([0x2, 0xAD, 0xFFFE])  # how pdfium gives a hyphen that only divides a word
_ODD_HYPHENS = frozenset([0x2010, 0x2011])
_SMALLER, _RAISED_BY = 0.85, 0.15  # of the type size before it: an exponent
_THICKEST_RULE = 2.5
_MAX_SEGMENTS = 2_000  # of a path; more are a drawing
HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class Word:
    """A word; y grows upwards, as on the page, and is that of the baseline. Lengths are in points."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    is_bold: bool
    is_fixed: bool = False  # whether all letters of its font have one width, as in code


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line, horizontal or vertical."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def is_horizontal(self) -> bool:
        """Whether it is wider than high."""
        return self.x1 - self.x0 > self.y1 - self.y0

    def moved(self, x: float, y: float) -> Rule:
        """The same line elsewhere."""
        return Rule(self.x0 + x, self.y0 + y, self.x1 + x, self.y1 + y)


@dataclass(frozen=True, slots=True)
class Page:
    """A page, counted from 1."""

    number: int
    height: float
    words: tuple[Word, ...]
    rules: tuple[Rule, ...]
    turned: tuple[Word, ...] = ()  # lines that run up or down in a table, as one word each


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written on a page, counted from 1; its lower left corner is at (0, 0)."""

    number: int
    width: float
    height: float
    words: tuple[tuple[Word, ...], ...]  # by how many quarters they are turned clockwise; turned back
    rules: tuple[Rule, ...]


def read_page(page: pdfium.PdfPage, number: int) -> Sheet:
    """The words and rules of an open page."""
    box = page.get_bbox()
    left, bottom, right, top = box
    textpage = page.get_textpage()
    try:
        placed = list(_words(Letters(textpage, box)))
    finally:
        textpage.close()
    words = tuple(tuple(word for turned, word in placed if turned == turn) for turn in range(4))
    rules = tuple(rule.moved(-left, -bottom) for rule in _rules(page)) if placed else ()
    return Sheet(number, right - left, top - bottom, words, rules)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter at a position of the page's text, turned back."""

    i: int
    char: str
    turned: int
    x0: float
    x1: float
    y: float
    size: float


def _words(letters: Letters) -> Iterator[tuple[int, Word]]:
    """The words with how they are turned, in the order of the file; none of those that lie askew."""
    word: list[_Letter] = []
    for i in range(letters.n + 1):
        letter = _letter(letters, i) if i < letters.n else None
        if word and (letter is None or not _goes_on(word, letter)):
            yield word[0].turned, _word(word, letters)
            word = []
        if letter is not None:
            word.append(letter)


def _letter(letters: Letters, i: int) -> _Letter | None:
    """None for a space, an icon, or what lies askew."""
    code = letters.code(i)
    char = HYPHEN if code in _SOFT_HYPHENS else "-" if code in _ODD_HYPHENS else chr(code)
    turned = None if char.isspace() or code == 0 or letters.is_icon(i) else letters.turn(i)
    if turned is None:
        return None
    return _Letter(i, char, turned, *letters.sides(i, turned), letters.baseline(i, turned), letters.size(i))


def _goes_on(word: Sequence[_Letter], letter: _Letter) -> bool:
    first, x1 = word[0], max(before.x1 for before in word)
    is_near = letter.x0 - x1 <= first.size * 0.6 and letter.x0 >= first.x0 - first.size
    return is_near and letter.turned == first.turned and abs(letter.y - first.y) <= first.size


def _word(word: Sequence[_Letter], letters: Letters) -> Word:
    first, x1 = word[0], max(letter.x1 for letter in word)
    text = _joined("".join(_raised(letter, first) for letter in word))
    return Word(text, first.x0, x1, first.y, first.size, *letters.type(first.i))


def _raised(letter: _Letter, first: _Letter) -> str:
    """The character; that of an exponent behind what it belongs to: `10` with a raised `5` is not `105`."""
    is_raised = letter.size <= _SMALLER * first.size and _RAISED_BY * first.size <= letter.y - first.y
    return letter.char.translate(RAISED) if is_raised else letter.char


def _joined(text: str) -> str:
    """Letters beyond the basic plane come in two halves."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _rules(page: pdfium.PdfPage) -> Iterator[Rule]:
    for path in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH]):
        x0, y0, x1, y1 = path.get_bounds()
        if min(x1 - x0, y1 - y0) <= _THICKEST_RULE:
            yield Rule(x0, y0, x1, y1)
        else:
            yield from _strokes(path)


def _strokes(path: pdfium.PdfObject) -> Iterator[Rule]:
    """The straight lines of a path: a frame has four, a grid drawn at once has many."""
    matrix = path.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    previous = first = (0.0, 0.0)
    for i in range(min(pdfium_c.FPDFPath_CountSegments(path.raw), _MAX_SEGMENTS)):
        segment = pdfium_c.FPDFPath_GetPathSegment(path.raw, i)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.on_point(x.value, y.value)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == pdfium_c.FPDF_SEGMENT_LINETO:
            yield from _straight(previous, point)
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            yield from _straight(point, first)
        previous = point


def _straight(a: tuple[float, float], b: tuple[float, float]) -> Iterator[Rule]:
    (ax, ay), (bx, by) = a, b
    if min(abs(ax - bx), abs(ay - by)) < 0.5 and max(abs(ax - bx), abs(ay - by)) > 3:
        yield Rule(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
