"""What stands on one page of a PDF: words with their places and type, and ruled lines."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qa_core.documents.pdf_letters import Letters
from qa_core.documents.pdf_turn import upright

_SOFT_HYPHENS = frozenset([0x2, 0xAD, 0xFFFE])  # how pdfium gives a hyphen that only divides a word
_ODD_HYPHENS = frozenset([0x2010, 0x2011])
_THICKEST_RULE = 2.5
_MAX_RULES = 2_000  # a drawing, not tables
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


@dataclass(frozen=True, slots=True)
class Page:
    """A page, counted from 1."""

    number: int
    height: float
    words: tuple[Word, ...]
    rules: tuple[Rule, ...]
    turned: tuple[Word, ...] = ()  # lines that run up or down beside the text, or in the head of a table


def read_page(page: pdfium.PdfPage, number: int) -> Page:
    """The words and rules of an open page, turned so that most of its text is upright."""
    _, _, width, height = page.get_mediabox()
    textpage = page.get_textpage()
    try:
        placed = list(_words(Letters(textpage, width, height)))
    finally:
        textpage.close()
    most = _usual_turn(placed)
    words = tuple(word for turned, word in placed if turned == most)
    rules = tuple(_turned_back(rule, most, width, height) for rule in _rules(page)) if words else ()
    beside = tuple(_beside(placed, width, height)) if most == 0 else ()
    page_height = width if most % 2 else page.get_height()
    return Page(number, page_height, words, () if len(rules) > _MAX_RULES else rules, beside)


def _usual_turn(placed: Sequence[tuple[int, Word]]) -> int:
    n_letters = Counter({0: 0})
    for turned, word in placed:
        n_letters[turned] += len(word.text)
    return n_letters.most_common(1)[0][0]


def _turned_back(rule: Rule, turned: int, width: float, height: float) -> Rule:
    return Rule(*upright((rule.x0, rule.y0, rule.x1, rule.y1), turned, width, height))


def _beside(placed: Sequence[tuple[int, Word]], width: float, height: float) -> Iterator[Word]:
    """The lines that run up or down an upright page, as one word each, which stands where they begin."""
    lines = groupby(placed, key=lambda pair: (pair[0], round(pair[1].y)))
    for (turned, _), line in lines:
        words = [word for _, word in line]
        if turned % 2:
            box = (words[0].x0, words[0].y, words[-1].x1, words[0].y + words[0].size)
            x0, y0, x1, _ = upright(box, 4 - turned, height, width)
            text = " ".join(word.text for word in words)
            yield Word(text, x0, x1, y0, words[0].size, words[0].is_bold)


def _words(letters: Letters) -> Iterator[tuple[int, Word]]:
    """The words with how they are turned, in the order of the file; none of those that lie askew."""
    start, text, turned, x0, x1, y, size = -1, "", 0, 0.0, 0.0, 0.0, 0.0
    for i in range(letters.n):
        code = letters.code(i)
        char = HYPHEN if code in _SOFT_HYPHENS else "-" if code in _ODD_HYPHENS else chr(code)
        turn = None if char.isspace() or code == 0 or letters.is_icon(i) else letters.turn(i)
        if turn is None:
            if text:
                yield turned, Word(_joined(text), x0, x1, y, size, *letters.type(start))
            text = ""
            continue
        left, right = letters.sides(i, turn)
        is_near = left - x1 <= size * 0.6 and left >= x0 - size and turn == turned
        if text and not (is_near and abs(letters.baseline(i, turn) - y) <= size):
            yield turned, Word(_joined(text), x0, x1, y, size, *letters.type(start))
            text = ""
        if not text:
            start, turned, size = i, turn, letters.size(i)
            x0, x1, y = left, right, letters.baseline(i, turn)
        text += char
        x1 = max(x1, right)
    if text:
        yield turned, Word(_joined(text), x0, x1, y, size, *letters.type(start))


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
    for i in range(min(pdfium_c.FPDFPath_CountSegments(path.raw), _MAX_RULES)):
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
