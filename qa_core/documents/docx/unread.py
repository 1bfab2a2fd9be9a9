"""What mammoth passes over in a Word file, as plain runs and paragraphs: fields, formulas, boxes, symbols.

So are words with their reading above them (ruby), and those that are set to run in one direction.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from qa_core.documents.docx.xml import PARSER, TEXTS, Element, W, find, with_parts
from qa_core.documents.formulas import joined, rooted

_MARKS = (b"fldSimple", b"oMath", b"txbxContent", b":cr", b'"Symbol"', b":ruby", b":dir ", b":bdo ")
_SYMBOL_FONT = "Symbol"
_SYMBOLS = re.compile(r"([\uf000-\uf0ff])")  # letters of such a font
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_JOINED = {f"{_M}f": "/", f"{_M}sSup": "^", f"{_M}sSub": "_"}  # fractions, powers, indices


def with_unread(data: bytes) -> bytes:
    """The Word file with what would be passed over in a form that is read."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in TEXTS if name in archive.namelist()}
    found = {name: part for name, part in parts.items() if any(mark in part for mark in _MARKS)}
    return with_parts(data, {name: _plain(part) for name, part in found.items()}) if found else data


def _plain(part: bytes) -> bytes:
    root = etree.fromstring(part, PARSER)
    for box in list(root.iter(f"{W}txbxContent")):
        if not _is_read(box):
            _move_behind(box)
    for carriage_return in root.iter(f"{W}cr"):
        carriage_return.tag = f"{W}br"
    for around in list(root.iter(f"{W}fldSimple", f"{W}dir", f"{W}bdo")):
        _replace(around, list(around))
    for base in list(root.iterfind(f".//{W}r/{W}ruby/{W}rubyBase")):
        _replace(next(base.iterancestors(f"{W}r")), list(base))
    for formula in list(root.iter(f"{_M}oMath")):
        run = etree.Element(f"{W}r")
        etree.SubElement(run, f"{W}t").text = _linear(formula)
        _replace(formula, [run])
    for paragraph in list(root.iter(f"{_M}oMathPara")):
        _replace(paragraph, list(paragraph.iterchildren(f"{W}r")))
    for run in list(root.iter(f"{W}r")):
        if _font(run) == _SYMBOL_FONT:
            _say_symbols(run)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _is_read(box: Element) -> bool:
    """Whether a text box is written in the older form as well, which mammoth reads."""
    alternatives = next(box.iterancestors(f"{_MC}AlternateContent"), None)
    if alternatives is None:
        return next(box.iterancestors(f"{W}drawing"), None) is None
    return alternatives.find(f"{_MC}Fallback//{W}txbxContent") is not None


def _move_behind(box: Element) -> None:
    """Put a box's paragraphs behind the one that it hangs on."""
    anchor = next(box.iterancestors(f"{W}p"), None)
    if anchor is not None:
        for block in reversed(list(box)):
            anchor.addnext(block)


def _font(run: Element) -> str:
    fonts = find(run, "rPr/rFonts")
    return "" if fonts is None else fonts.get(f"{W}ascii") or ""


def _say_symbols(run: Element) -> None:
    """Write the letters of a symbol font as symbols, whose meaning is known."""
    for text in run.findall(f"{W}t"):
        for part in _SYMBOLS.split(text.text or ""):
            if _SYMBOLS.fullmatch(part):
                said = etree.Element(f"{W}sym")
                said.set(f"{W}font", _SYMBOL_FONT)
                said.set(f"{W}char", f"{ord(part):04X}")
            else:
                said = etree.Element(f"{W}t")
                said.text = part
            text.addprevious(said)
        run.remove(text)


def _replace(element: Element, others: list[Element]) -> None:
    for other in others:
        element.addprevious(other)
    above = element.getparent()
    if above is not None:
        above.remove(element)


def _linear(element: Element) -> str:
    """A formula of Word's on one line."""
    if element.tag == f"{_M}t":
        return element.text or ""
    return joined(_parts(element), _JOINED.get(str(element.tag), ""))


def _parts(element: Element) -> Iterator[str]:
    for child in element.iterchildren("{*}*"):
        is_radicand = element.tag == f"{_M}rad" and child.tag == f"{_M}e"
        yield rooted(_linear(child)) if is_radicand else _linear(child)
