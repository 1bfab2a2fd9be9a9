"""The numbers that Word shows in front of list items: counted as Word counts them, over interruptions.

mammoth begins every list at 1. So each item is given its number in a mark of its own before mammoth
reads it, and the marks in mammoth's HTML become the items' values.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from lxml import etree

from qa_core.documents.docx_xml import PARSER, Element, W, by_style, value_of

_DOCUMENT = "word/document.xml"
_NEEDED = re.compile(r"\[Content_Types\]|_rels/|word/(?!media/|theme/|fonts/|embeddings/|\w*[sS]ettings\.)")
_ITEM_MARK = re.compile(r"<li>((?:<(?!/?(?:ul|ol|li)\b)[^<>]*>)*)\ue000(\d+)\ue001")
_MARK = re.compile(r"\ue000\d+\ue001")


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    is_ordered: bool


@dataclass(slots=True)
class _List:
    """What `w:num` says: the levels of its abstract list, and where this use of it starts anew."""

    abstract: str
    levels: dict[int, _Level]
    starts: dict[int, int]


@dataclass(slots=True)
class _Counter:
    lists: dict[str, _List]
    counts: dict[str, dict[int, int]] = field(default_factory=dict)  # abstract list → level → last number
    seen: set[str] = field(default_factory=set)

    def next(self, name: str, depth: int) -> int | None:
        """The number of the next item of a list, or None for a bullet."""
        used = self.lists.get(name)
        if used is None:
            return None
        counts = self.counts.setdefault(used.abstract, {})
        if name not in self.seen:
            self.seen.add(name)
            for overridden in used.starts:
                counts.pop(overridden, None)
        for deeper in [other for other in counts if other > depth]:
            del counts[deeper]
        level = used.levels.get(depth, _Level(1, is_ordered=True))
        counts[depth] = counts[depth] + 1 if depth in counts else used.starts.get(depth, level.start)
        return counts[depth] if level.is_ordered else None

    def restart(self, name: str) -> None:
        """Begin a list anew."""
        if name in self.lists:
            self.counts.pop(self.lists[name].abstract, None)


def with_numbers(data: bytes) -> bytes:
    """The Word file with each item's number as a mark in its text, without the unread parts."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        if not {_DOCUMENT, "word/numbering.xml"} <= set(old.namelist()):
            return data
        for info in old.infolist():
            if info.filename == _DOCUMENT:
                new.writestr(_DOCUMENT, _marked(old))
            elif _NEEDED.match(info.filename):
                new.writestr(info.filename, old.read(info))
    return buffer.getvalue()


def with_values(html: str) -> str:
    """mammoth's HTML with the marks as the values of list items."""
    return _MARK.sub("", _ITEM_MARK.sub(r'<li value="\2">\1', html))


def _marked(archive: zipfile.ZipFile) -> bytes:
    root = etree.fromstring(archive.read(_DOCUMENT), PARSER)
    lists = _lists(etree.fromstring(archive.read("word/numbering.xml"), PARSER))
    has_styles = "word/styles.xml" in archive.namelist()
    styles = _styles(etree.fromstring(archive.read("word/styles.xml"), PARSER)) if has_styles else {}
    counter = _Counter(lists)
    by_style = {name for name, _ in styles.values()}
    for paragraph in root.iter(f"{W}p"):
        place = _place(paragraph, styles)
        if place is None:
            if _introduces(paragraph):  # a style that numbers has one list for the whole file
                for name in by_style:
                    counter.restart(name)
            continue
        number = counter.next(*place)
        if number is not None:
            _mark(paragraph, number)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _place(paragraph: Element, styles: dict[str, tuple[str, int]]) -> tuple[str, int] | None:
    """The list and level that a paragraph is an item of."""
    style = styles.get(value_of(paragraph, "pPr/pStyle") or "")
    name = value_of(paragraph, "pPr/numPr/numId") or (style[0] if style else None)
    depth = value_of(paragraph, "pPr/numPr/ilvl")
    if name is None or name == "0":
        return None
    return name, int(depth) if depth else style[1] if style else 0


def _introduces(paragraph: Element) -> bool:
    style = (value_of(paragraph, "pPr/pStyle") or "").lower()
    text = "".join(part.text or "" for part in paragraph.iter(f"{W}t")).rstrip()
    return style.startswith(("heading", "title")) or text.endswith(":")


def _mark(paragraph: Element, number: int) -> None:
    run = etree.Element(f"{W}r")
    etree.SubElement(run, f"{W}t").text = f"\ue000{number}\ue001"
    properties = paragraph.find(f"{W}pPr")
    paragraph.insert(0 if properties is None else paragraph.index(properties) + 1, run)


def _lists(root: Element) -> dict[str, _List]:
    abstracts = {
        abstract.get(f"{W}abstractNumId", ""): {
            int(level.get(f"{W}ilvl", "0")): _Level(
                int(value_of(level, "start") or 1), value_of(level, "numFmt") not in ("bullet", "none")
            )
            for level in abstract.iterfind(f"{W}lvl")
        }
        for abstract in root.iterfind(f"{W}abstractNum")
    }
    return {
        num.get(f"{W}numId", ""): _List(abstract, abstracts.get(abstract, {}), dict(_starts(num)))
        for num in root.iterfind(f"{W}num")
        for abstract in [value_of(num, "abstractNumId") or ""]
    }


def _starts(num: Element) -> Iterator[tuple[int, int]]:
    for override in num.iterfind(f"{W}lvlOverride"):
        start = value_of(override, "startOverride")
        if start is not None:
            yield int(override.get(f"{W}ilvl", "0")), int(start)


def _styles(root: Element) -> dict[str, tuple[str, int]]:
    """The list and level of each style that numbers its paragraphs."""

    def numbering(style: Element) -> tuple[str, int] | None:
        number = value_of(style, "pPr/numPr/numId")
        return None if number is None else (number, int(value_of(style, "pPr/numPr/ilvl") or 0))

    return by_style(root, numbering)
