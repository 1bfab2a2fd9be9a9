"""Word's headings by outline level, whatever their style is called, and type that is bold by its style."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO

from lxml import etree

from qa_core.documents.docx_xml import (
    PARSER,
    STYLES,
    TEXTS,
    Element,
    W,
    by_style,
    find,
    is_on,
    value_of,
    with_parts,
)

HEADING_STYLES = tuple(f"outline-level-{level}" for level in range(1, 7))  # ids, by rank

_DOCUMENT = TEXTS[0]
_READ = re.compile(
    r"heading(?: [1-6])?|title|subtitle|header|footer|caption|toc\b.*", re.IGNORECASE
)  # by their name
_LONGEST = 120
_BODY = 9  # the outline level of text


def with_headings(data: bytes) -> bytes:
    """The Word file with each heading in a style that is read as one, and bold type bold by itself."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        if STYLES not in archive.namelist():
            return data
        styles = etree.fromstring(archive.read(STYLES), PARSER)
        root = etree.fromstring(archive.read(_DOCUMENT), PARSER)
    names = by_style(styles, lambda style: value_of(style, "name"))
    levels = by_style(styles, _level)
    bold = by_style(styles, lambda style: is_on(style, "rPr/b"))
    for paragraph in root.iter(f"{W}p"):
        if not _READ.fullmatch(names.get(value_of(paragraph, "pPr/pStyle") or "", "")):
            _mark(paragraph, levels, bold)
    return with_parts(data, {_DOCUMENT: etree.tostring(root, xml_declaration=True, encoding="UTF-8")})


def _level(element: Element) -> int | None:
    """The outline level that a style or paragraph gives itself, 0 the outermost."""
    level = value_of(element, "pPr/outlineLvl")
    return int(level) if level and level.isdecimal() else None


def _mark(paragraph: Element, levels: Mapping[str, int], bold: Mapping[str, bool]) -> None:
    style = value_of(paragraph, "pPr/pStyle") or ""
    own = _level(paragraph)
    level = levels.get(style, _BODY) if own is None else own
    text = "".join(part.text or "" for part in paragraph.iter(f"{W}t")).strip()
    if level < _BODY and 0 < len(text) <= _LONGEST:
        _set_style(paragraph, HEADING_STYLES[min(level, len(HEADING_STYLES) - 1)])
        return
    for run in paragraph.iter(f"{W}r"):
        is_bold = bold.get(value_of(run, "rPr/rStyle") or "", bold.get(style, False))
        if is_bold and is_on(run, "rPr/b") is None:
            _set_bold(run)


def _set_style(paragraph: Element, name: str) -> None:
    properties = find(paragraph, "pPr")
    if properties is None:
        properties = etree.Element(f"{W}pPr")
        paragraph.insert(0, properties)
    for old in properties.findall(f"{W}pStyle"):
        properties.remove(old)
    style = etree.Element(f"{W}pStyle")
    style.set(f"{W}val", name)
    properties.insert(0, style)


def _set_bold(run: Element) -> None:
    properties = find(run, "rPr")
    if properties is None:
        properties = etree.Element(f"{W}rPr")
        run.insert(0, properties)
    etree.SubElement(properties, f"{W}b")
