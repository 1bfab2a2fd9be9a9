"""Word's headings by outline level, whatever their style is called, and type that is bold by its style."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO

from lxml import etree

from qa_core.documents.docx.sizes import Sizes, levels_by_size, read_sizes
from qa_core.documents.docx.xml import (
    PARSER,
    STYLES,
    TEXTS,
    Element,
    W,
    by_style,
    find,
    is_on,
    outside_boxes,
    text_of,
    value_of,
    with_parts,
)

HEADING_STYLES = tuple(f"outline-level-{level}" for level in range(1, 7))  # ids, by rank

_DOCUMENT = TEXTS[0]
_HEADING = re.compile(r"heading(?: [1-6])?", re.IGNORECASE)
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
    paragraphs = list(root.iter(f"{W}p"))
    named = [names.get(value_of(paragraph, "pPr/pStyle") or "", "") for paragraph in paragraphs]
    others = [each for each, name in zip(paragraphs, named, strict=True) if not _READ.fullmatch(name)]
    has_headings = any(map(_HEADING.fullmatch, named))
    for paragraph in others:
        has_headings = _mark(paragraph, levels, bold) or has_headings
    if not has_headings:
        _mark_large(others, read_sizes(styles))
    return with_parts(data, {_DOCUMENT: etree.tostring(root, xml_declaration=True, encoding="UTF-8")})


def _level(element: Element) -> int | None:
    """The outline level that a style or paragraph gives itself, 0 the outermost."""
    level = value_of(element, "pPr/outlineLvl")
    return int(level) if level and level.isdecimal() else None


def _mark(paragraph: Element, levels: Mapping[str, int], bold: Mapping[str, bool]) -> bool:
    """Give a paragraph the style of its outline level, or else bold type; whether it has become a heading."""
    style = value_of(paragraph, "pPr/pStyle") or ""
    own = _level(paragraph)
    level = levels.get(style, _BODY) if own is None else own
    if level < _BODY and 0 < len(text_of(paragraph)) <= _LONGEST:
        _set_heading(paragraph, level)
        return True
    for run in outside_boxes(paragraph, "r"):
        is_bold = bold.get(value_of(run, "rPr/rStyle") or "", bold.get(style, False))
        if is_bold and is_on(run, "rPr/b") is None:
            _set_bold(run)
    return False


def _mark_large(paragraphs: Sequence[Element], sizes: Sizes) -> None:
    """Give those outside of tables that are in larger type than the text the styles of headings."""
    free = [each for each in paragraphs if next(each.iterancestors(f"{W}tbl"), None) is None]
    for at, level in levels_by_size(free, sizes).items():
        if len(text_of(free[at])) <= _LONGEST:
            _set_heading(free[at], level)


def _set_heading(paragraph: Element, level: int) -> None:
    _set_style(paragraph, HEADING_STYLES[min(level, len(HEADING_STYLES) - 1)])


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
