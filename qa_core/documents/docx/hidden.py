"""Word's hidden text and rows, and what is struck out twice: taken out, as mammoth reads them as others."""

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
    is_on,
    value_of,
    with_parts,
)

_SWITCHES = (b"vanish", b":hidden", b"dstrike")  # text, rows of tables, and text with two lines through it
_KEPT = frozenset([f"{W}rPr", f"{W}fldChar", f"{W}instrText"])  # fields must still end that begin


def without_hidden(data: bytes) -> bytes:
    """The Word file without the text that Word hides, be it by itself, by its style or by its table's row."""
    with zipfile.ZipFile(BytesIO(data)) as old:
        parts = {name: old.read(name) for name in (*TEXTS, STYLES) if name in old.namelist()}
        if not any(switch in part for part in parts.values() for switch in _SWITCHES):
            return data
        hidden = _hidden_by(parts[STYLES]) if STYLES in parts else {}
    return with_parts(data, {name: _shown(part, hidden) for name, part in parts.items() if name in TEXTS})


def _shown(part: bytes, hidden: Mapping[str, bool]) -> bytes:
    """One part of the file without hidden rows and runs, and the paragraphs that hold nothing else."""
    root = etree.fromstring(part, PARSER)
    _remove_rows(root)
    for paragraph in list(root.iter(f"{W}p")):
        is_hidden = hidden.get(value_of(paragraph, "pPr/pStyle") or "", False)
        for run in paragraph.iter(f"{W}r"):
            if _is_hidden(run, "rPr", hidden, above=is_hidden) or is_on(run, "rPr/dstrike"):
                _empty(run)
        has_text = any(text.text for text in paragraph.iter(f"{W}t"))
        if not has_text and _is_hidden(paragraph, "pPr/rPr", hidden, above=is_hidden):
            _remove(paragraph)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _remove_rows(root: Element) -> None:
    for row in list(root.iter(f"{W}tr")):
        table = row.getparent()
        if table is not None and is_on(row, "trPr/hidden"):
            table.remove(row)
            if table.find(f".//{W}tr") is None and (above := table.getparent()) is not None:
                above.remove(table)


def _is_hidden(element: Element, properties: str, hidden: Mapping[str, bool], *, above: bool) -> bool:
    """What an element says itself, else its character style, else the paragraph's style."""
    own = is_on(element, f"{properties}/vanish")
    if own is not None:
        return own
    return hidden.get(value_of(element, f"{properties}/rStyle") or "", above)


def _empty(run: Element) -> None:
    for child in list(run):
        if child.tag not in _KEPT:
            run.remove(child)


def _remove(paragraph: Element) -> None:
    """Take a paragraph out where nothing depends on it: a list's number, but no cell or section."""
    above = paragraph.getparent()
    is_needed = paragraph.find(f"{W}pPr/{W}sectPr") is not None
    if above is not None and above.tag == f"{W}body" and not is_needed:
        above.remove(paragraph)


def _hidden_by(styles: bytes) -> dict[str, bool]:
    """Whether each style that says so hides its text."""
    return by_style(etree.fromstring(styles, PARSER), lambda style: is_on(style, "rPr/vanish"))
