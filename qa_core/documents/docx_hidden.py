"""Word's hidden text, which mammoth reads as any other: taken out before mammoth sees the file."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STYLES = "word/styles.xml"
_TEXTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
_KEPT = frozenset([f"{_W}rPr", f"{_W}fldChar", f"{_W}instrText"])  # fields must still end that begin
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)

Element = etree._Element


def without_hidden(data: bytes) -> bytes:
    """The Word file without the text that Word hides, be it by itself or by its style."""
    with zipfile.ZipFile(BytesIO(data)) as old:
        parts = {name: old.read(name) for name in (*_TEXTS, _STYLES) if name in old.namelist()}
        if not any(b"vanish" in part for part in parts.values()):
            return data
        hidden = _hidden_styles(etree.fromstring(parts[_STYLES], _PARSER)) if _STYLES in parts else {}
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w") as new:
            for info in old.infolist():
                is_text = info.filename in _TEXTS
                content = _shown(parts[info.filename], hidden) if is_text else old.read(info)
                new.writestr(info.filename, content)
    return buffer.getvalue()


def _shown(part: bytes, hidden: Mapping[str, bool]) -> bytes:
    """One part of the file without the words of hidden runs, and the paragraphs that hold nothing else."""
    root = etree.fromstring(part, _PARSER)
    for paragraph in list(root.iter(f"{_W}p")):
        is_hidden = hidden.get(_value(paragraph, "pPr/pStyle") or "", False)
        for run in paragraph.iter(f"{_W}r"):
            if _is_hidden(run, "rPr", hidden, above=is_hidden):
                _empty(run)
        has_text = any(text.text for text in paragraph.iter(f"{_W}t"))
        if not has_text and _is_hidden(paragraph, "pPr/rPr", hidden, above=is_hidden):
            _remove(paragraph)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _is_hidden(element: Element, properties: str, hidden: Mapping[str, bool], *, above: bool) -> bool:
    """What an element says itself, else its character style, else the paragraph's style."""
    own = _switch(element, f"{properties}/vanish")
    if own is not None:
        return own
    return hidden.get(_value(element, f"{properties}/rStyle") or "", above)


def _empty(run: Element) -> None:
    for child in list(run):
        if child.tag not in _KEPT:
            run.remove(child)


def _remove(paragraph: Element) -> None:
    """Take a paragraph out where nothing depends on it: a list's number, but no cell or section."""
    above = paragraph.getparent()
    is_needed = paragraph.find(f"{_W}pPr/{_W}sectPr") is not None
    if above is not None and above.tag == f"{_W}body" and not is_needed:
        above.remove(paragraph)


def _hidden_styles(root: Element) -> dict[str, bool]:
    """Whether each style that says so, be it by the style it rests on, hides its text."""
    elements = {style.get(f"{_W}styleId", ""): style for style in root.iterfind(f"{_W}style")}
    found: dict[str, bool] = {}
    for name in elements:
        above: str | None = name
        passed: set[str] = set()
        while above in elements and above not in passed:
            passed.add(above)
            is_hidden = _switch(elements[above], "rPr/vanish")
            if is_hidden is not None:
                found[name] = is_hidden
                break
            above = _value(elements[above], "basedOn")
    return found


def _find(element: Element, path: str) -> Element | None:
    return element.find("/".join(_W + step for step in path.split("/")))


def _switch(element: Element, path: str) -> bool | None:
    """A property that is on or off, or None where it is not there."""
    found = _find(element, path)
    return None if found is None else found.get(f"{_W}val", "true") in ("true", "1", "on")


def _value(element: Element, path: str) -> str | None:
    found = _find(element, path)
    return None if found is None else found.get(f"{_W}val")
