"""Word's tables whose style sets the first row apart: it is marked as their head, for mammoth."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

from lxml import etree

from qa_core.documents.docx.xml import (
    PARSER,
    STYLES,
    TEXTS,
    Element,
    W,
    by_style,
    find,
    is_on,
    text_of,
    value_of,
    with_parts,
)

_FIRST_ROW = 0x20  # in the bits of a table's look


def with_heads(data: bytes) -> bytes:
    """The Word file with the first row of each table marked as its head where the table's style shows so."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = archive.namelist()
        shown = _shown_by(archive.read(STYLES)) if STYLES in names else {}
        if not any(shown.values()):
            return data
        parts = {name: archive.read(name) for name in TEXTS if name in names}
    return with_parts(
        data, {name: _marked(part, shown) for name, part in parts.items() if b":tblLook" in part}
    )


def _shown_by(styles: bytes) -> dict[str, bool]:
    """Whether each style of tables that says so sets the first row apart: in bold, shaded or with rules."""
    return by_style(etree.fromstring(styles, PARSER), _says_of_first_row)


def _says_of_first_row(style: Element) -> bool | None:
    said = style.find(f"{W}tblStylePr[@{W}type='firstRow']")
    if said is None:
        return None
    is_framed = any(find(said, f"tcPr/{name}") is not None for name in ("shd", "tcBorders"))
    return is_framed or bool(is_on(said, "rPr/b"))


def _marked(part: bytes, shown: Mapping[str, bool]) -> bytes:
    root = etree.fromstring(part, PARSER)
    for table in root.iter(f"{W}tbl"):
        first = table.find(f"{W}tr")
        if first is not None and shown.get(value_of(table, "tblPr/tblStyle") or "") and _has_look(table):
            _mark(first)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _has_look(table: Element) -> bool:
    """Whether the first row looks as the style has it, and is no name with its value, as `Weight | 5 kg`."""
    look = find(table, "tblPr/tblLook")
    if look is None:
        return False
    switch = look.get(f"{W}firstRow")
    bits = int(look.get(f"{W}val", "0"), 16)
    is_shown = bool(bits & _FIRST_ROW) if switch is None else switch in ("1", "true", "on")
    cells = [text_of(cell) for cell in table.iterfind(f"{W}tr[1]/{W}tc")]
    return is_shown and not (len(cells) == 2 and cells[1][:1].isdigit())


def _mark(row: Element) -> None:
    properties = find(row, "trPr")
    if properties is None:
        properties = etree.Element(f"{W}trPr")
        before = find(row, "tblPrEx")
        row.insert(0 if before is None else row.index(before) + 1, properties)
    if find(properties, "tblHeader") is None:
        etree.SubElement(properties, f"{W}tblHeader")
