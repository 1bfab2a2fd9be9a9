"""Word's files: their parts, properties by path, and what styles say, be it by the style they rest on."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import TypeVar

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
TEXTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")  # the parts that hold text
STYLES = "word/styles.xml"

_DOCUMENT = "word/document.xml"
_RELATIONS = "_rels/.rels"
_MAIN = "/officeDocument"  # how the relation to the main part is typed
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")

Element = etree._Element
T = TypeVar("T")


def with_usual_names(data: bytes) -> bytes:
    """A Word file with the usual names of its main part and, if it is a strict one, of its namespaces."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        main = _main_part(old)
        if main == _DOCUMENT and not _STRICT.search(old.read(main)):
            return data
        name = main.rpartition("/")[2]
        for info in old.infolist():
            content = old.read(info)
            if info.filename in (_RELATIONS, "[Content_Types].xml"):
                content = content.replace(f"/{name}".encode(), b"/document.xml")
            if info.filename.endswith((".xml", ".rels")):
                content = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", content)
            new.writestr(info.filename.replace(f"/{name}", "/document.xml"), content)
    return buffer.getvalue()


def _main_part(archive: zipfile.ZipFile) -> str:
    """The name of the part that the package says is the document, if it is there."""
    names = archive.namelist()
    root = etree.fromstring(archive.read(_RELATIONS), PARSER) if _RELATIONS in names else ()
    mains = [each.get("Target", "").lstrip("/") for each in root if each.get("Type", "").endswith(_MAIN)]
    return next((name for name in mains if name in names), _DOCUMENT)


def with_parts(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """A Word file with other contents in the place of some of its parts."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, parts.get(info.filename) or old.read(info))
    return buffer.getvalue()


def find(element: Element, path: str) -> Element | None:
    """What stands below an element under names without their namespace: `pPr/pStyle`."""
    return element.find("/".join(W + step for step in path.split("/")))


def value_of(element: Element, path: str) -> str | None:
    """The value of a property, or None where it is not there."""
    found = find(element, path)
    return None if found is None else found.get(f"{W}val")


def text_of(element: Element) -> str:
    """The text below an element, without that of text boxes and without spaces around it."""
    return "".join(text.text or "" for text in outside_boxes(element, "t")).strip()


def outside_boxes(element: Element, name: str) -> list[Element]:
    """What is called so below an element, but not in text boxes that hang on it."""
    within = {inner for box in element.iter(f"{W}txbxContent") for inner in box.iter(W + name)}
    return [inner for inner in element.iter(W + name) if inner not in within]


def is_on(element: Element, path: str) -> bool | None:
    """Whether a property that is on or off is on, or None where it is not there."""
    found = find(element, path)
    return None if found is None else found.get(f"{W}val", "true") in ("true", "1", "on")


def by_style(root: Element, said: Callable[[Element], T | None]) -> dict[str, T]:
    """What each style says, by its id: itself, or where it says nothing (None) by the one it rests on."""
    elements = {style.get(f"{W}styleId", ""): style for style in root.iterfind(f"{W}style")}
    found: dict[str, T] = {}
    for name in elements:
        above: str | None = name
        passed: set[str] = set()
        while above in elements and above not in passed:
            passed.add(above)
            own = said(elements[above])
            if own is not None:
                found[name] = own
                break
            above = value_of(elements[above], "basedOn")
    return found
