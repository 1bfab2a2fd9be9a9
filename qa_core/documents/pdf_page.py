"""What stands on one page of a PDF: words with their places and type, and ruled lines."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

_SOFT_HYPHENS = frozenset([0x2, 0xAD, 0xFFFE])  # how pdfium gives a hyphen that only divides a word
_ODD_HYPHENS = frozenset([0x2010, 0x2011])
_THICKEST_RULE = 2.5
_MAX_RULES = 2_000  # a drawing, not tables
_PRIVATE = range(0xE000, 0xF900)  # where fonts put signs that Unicode does not have
_ICONS = (b"awesome", b"icon")
_BOLD = (b"bold", b"black", b"heavy")
_FIXED = (b"mono", b"courier", b"consol", b"typewriter")
_FIXED_PITCH = 1  # the first flag of a font's description
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


def read_page(page: pdfium.PdfPage, number: int) -> Page:
    """The words and rules of an open page."""
    textpage = page.get_textpage()
    try:
        words = tuple(_words(textpage))
    finally:
        textpage.close()
    rules = tuple(_rules(page)) if words else ()
    return Page(number, page.get_height(), words, () if len(rules) > _MAX_RULES else rules)


class _Letters:
    """pdfium's letters of a page, with the buffers that its functions fill."""

    def __init__(self, textpage: pdfium.PdfTextPage) -> None:
        self.raw = textpage.raw
        self.n = textpage.count_chars()
        self._box = [ctypes.c_double() for _ in range(4)]
        self._origin = [ctypes.c_double() for _ in range(2)]
        self._matrix = pdfium_c.FS_MATRIX()
        self._name = ctypes.create_string_buffer(256)
        self._flags = ctypes.c_int()

    def code(self, i: int) -> int:
        return int(pdfium_c.FPDFText_GetUnicode(self.raw, i))

    def sides(self, i: int) -> tuple[float, float]:
        """Left and right."""
        pdfium_c.FPDFText_GetCharBox(self.raw, i, *self._box)
        return self._box[0].value, self._box[1].value

    def baseline(self, i: int) -> float:
        pdfium_c.FPDFText_GetCharOrigin(self.raw, i, *self._origin)
        return self._origin[1].value

    def size(self, i: int) -> float:
        pdfium_c.FPDFText_GetMatrix(self.raw, i, self._matrix)
        scale = math.hypot(self._matrix.c, self._matrix.d) or 1.0
        return round(float(pdfium_c.FPDFText_GetFontSize(self.raw, i)) * scale, 1)

    def type(self, i: int) -> tuple[bool, bool]:
        """Whether it is bold, and whether its font is one of fixed width."""
        name = self._font(i)
        is_bold = pdfium_c.FPDFText_GetFontWeight(self.raw, i) >= 600 or any(sign in name for sign in _BOLD)
        return is_bold, bool(self._flags.value & _FIXED_PITCH) or any(sign in name for sign in _FIXED)

    def is_icon(self, i: int) -> bool:
        """Whether its font has nothing but icons, as for links and notes."""
        name = self._font(i)
        return any(sign in name for sign in _ICONS)

    def _font(self, i: int) -> bytes:
        """The font's name in small letters; its flags are kept."""
        pdfium_c.FPDFText_GetFontInfo(self.raw, i, self._name, 256, self._flags)
        return self._name.value.lower()


def _words(textpage: pdfium.PdfTextPage) -> Iterator[Word]:
    letters = _Letters(textpage)
    start, text, x0, x1, y, size = -1, "", 0.0, 0.0, 0.0, 0.0
    for i in range(letters.n):
        code = letters.code(i)
        char = HYPHEN if code in _SOFT_HYPHENS else "-" if code in _ODD_HYPHENS else chr(code)
        if char.isspace() or code == 0 or (code in _PRIVATE and letters.is_icon(i)):
            if text:
                yield Word(_joined(text), x0, x1, y, size, *letters.type(start))
            text = ""
            continue
        left, right = letters.sides(i)
        if text and (left - x1 > size * 0.6 or left < x0 - size or abs(letters.baseline(i) - y) > size):
            yield Word(_joined(text), x0, x1, y, size, *letters.type(start))
            text = ""
        if not text:
            start, x0, x1, y, size = i, left, right, letters.baseline(i), letters.size(i)
        text += char
        x1 = max(x1, right)
    if text:
        yield Word(_joined(text), x0, x1, y, size, *letters.type(start))


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
