"""pdfium's letters of a page: their places once the text is upright, and their type."""

from __future__ import annotations

import ctypes
import math
import re

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qa_core.documents.pdf.turn import Box, quarters, upright

_PRIVATE = range(0xE000, 0xF900)  # where fonts put signs that Unicode does not have
_ICONS = (b"awesome", b"icon")
_BOLD = (b"bold", b"black", b"heavy")
_FIXED = re.compile(rb"mono(?!type|line)|courier|consol|typewriter")
_FIXED_PITCH = 1  # the first flag of a font's description


class Letters:
    """The letters by position, with the buffers that pdfium's functions fill.

    Places are measured from the lower left corner of the page's box, which need not lie at (0, 0).
    """

    def __init__(self, textpage: pdfium.PdfTextPage, page: Box) -> None:
        self.raw = textpage.raw
        self.n = textpage.count_chars()
        self.x, self.y, right, top = page
        self.width, self.height = right - self.x, top - self.y
        self._box = [ctypes.c_double() for _ in range(4)]
        self._origin = [ctypes.c_double() for _ in range(2)]
        self._matrix = pdfium_c.FS_MATRIX()
        self._name = ctypes.create_string_buffer(256)
        self._flags = ctypes.c_int()

    def code(self, i: int) -> int:
        """Its code in Unicode."""
        return int(pdfium_c.FPDFText_GetUnicode(self.raw, i))

    def turn(self, i: int) -> int | None:
        """How many quarters its baseline is turned clockwise; None if that lies askew.

        pdfium's own angle takes letters that only slant for turned ones.
        """
        pdfium_c.FPDFText_GetMatrix(self.raw, i, self._matrix)
        return quarters(-math.atan2(self._matrix.b, self._matrix.a))

    def sides(self, i: int, turned: int) -> tuple[float, float]:
        """Its left and right, turned back."""
        pdfium_c.FPDFText_GetCharBox(self.raw, i, *self._box)
        left, right, bottom, top = (side.value for side in self._box)
        x0, _, x1, _ = self._upright((left, bottom, right, top), turned)
        return x0, x1

    def baseline(self, i: int, turned: int) -> float:
        """How high it stands, turned back."""
        pdfium_c.FPDFText_GetCharOrigin(self.raw, i, *self._origin)
        x, y = (at.value for at in self._origin)
        return self._upright((x, y, x, y), turned)[1]

    def size(self, i: int) -> float:
        """Its size on the page."""
        pdfium_c.FPDFText_GetMatrix(self.raw, i, self._matrix)
        scale = math.hypot(self._matrix.c, self._matrix.d) or 1.0
        return round(float(pdfium_c.FPDFText_GetFontSize(self.raw, i)) * scale, 1)

    def type(self, i: int) -> tuple[bool, bool]:
        """Whether it is bold, and whether its font is one of fixed width."""
        name, flags = self._font(i)
        is_bold = pdfium_c.FPDFText_GetFontWeight(self.raw, i) >= 600 or any(sign in name for sign in _BOLD)
        return is_bold, bool(flags & _FIXED_PITCH) or _FIXED.search(name) is not None

    def is_icon(self, i: int) -> bool:
        """Whether it is a sign of no alphabet, from a font that is named for its icons."""
        return self.code(i) in _PRIVATE and any(sign in self._font(i)[0] for sign in _ICONS)

    def _upright(self, box: Box, turned: int) -> Box:
        x0, y0, x1, y1 = box
        on_page = (x0 - self.x, y0 - self.y, x1 - self.x, y1 - self.y)
        return upright(on_page, turned, self.width, self.height)

    def _font(self, i: int) -> tuple[bytes, int]:
        """The font's name in small letters, and its flags."""
        pdfium_c.FPDFText_GetFontInfo(self.raw, i, self._name, 256, self._flags)
        return self._name.value.lower(), self._flags.value
