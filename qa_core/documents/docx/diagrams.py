"""The words in a Word file's diagrams (SmartArt), which are parts of their own: paragraphs behind them."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO

from lxml import etree

from qa_core.documents.docx.xml import PARSER, TEXTS, Element, W, with_parts

_DOCUMENT = TEXTS[0]
_RELATIONS = "word/_rels/document.xml.rels"
_OFFICE = "http://schemas.openxmlformats.org"
_DIAGRAM = f"{{{_OFFICE}/drawingml/2006/diagram}}"
_A = f"{{{_OFFICE}/drawingml/2006/main}}"
_DATA = f"{{{_OFFICE}/officeDocument/2006/relationships}}dm"
_LENIENT = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
_MARK = b"drawingml/2006/diagram"


def with_diagrams(data: bytes) -> bytes:
    """The Word file with the words of each diagram in paragraphs behind the one that it hangs on."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = set(archive.namelist())
        document = archive.read(_DOCUMENT) if _DOCUMENT in names else b""
        if _MARK not in document or _RELATIONS not in names:
            return data
        root = etree.fromstring(document, PARSER)
        targets = _targets(archive.read(_RELATIONS))
        for diagram in list(root.iter(f"{_DIAGRAM}relIds")):
            part = targets.get(diagram.get(_DATA, ""), "")
            anchor = next(diagram.iterancestors(f"{W}p"), None)
            if anchor is not None and part in names:
                for text in reversed(list(_texts(archive.read(part)))):
                    anchor.addnext(_paragraph(text))
    return with_parts(data, {_DOCUMENT: etree.tostring(root, xml_declaration=True, encoding="UTF-8")})


def _targets(relations: bytes) -> Mapping[str, str]:
    """The names of parts by the ids that the document has for them."""
    found = etree.fromstring(relations, PARSER)
    return {
        each.get("Id", ""): posixpath.normpath(posixpath.join("/word", each.get("Target", "")))[1:]
        for each in found
    }


def _texts(part: bytes) -> Iterator[str]:
    """What stands in each shape of a diagram, line by line; not the hints for empty ones."""
    model = etree.fromstring(part, _LENIENT)
    for point in () if model is None else model.iter(f"{_DIAGRAM}pt"):
        if point.get("type", "node") == "node":
            for paragraph in point.iterfind(f"{_DIAGRAM}t/{_A}p"):
                if text := "".join(run.text or "" for run in paragraph.iter(f"{_A}t")).strip():
                    yield text


def _paragraph(text: str) -> Element:
    paragraph = etree.Element(f"{W}p")
    etree.SubElement(etree.SubElement(paragraph, f"{W}r"), f"{W}t").text = text
    return paragraph
