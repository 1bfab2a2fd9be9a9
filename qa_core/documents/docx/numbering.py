"""The numbers that Word shows in front of list items: counted as Word counts them, over interruptions.

mammoth begins every list at 1. So each item is given its number in a mark of its own before mammoth
reads it, and the marks in mammoth's HTML become the items' values.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from io import BytesIO

from lxml import etree

from qa_core.documents.docx.levels import NumberedList, read_lists
from qa_core.documents.docx.xml import PARSER, Element, W, by_style, value_of
from qa_core.documents.html.lists import LABEL
from qa_core.documents.numerals import step_label

_DOCUMENT = "word/document.xml"
_NEEDED = re.compile(r"\[Content_Types\]|_rels/|word/(?!media/|theme/|fonts/|embeddings/|\w*[sS]ettings\.)")
_ITEM_MARK = re.compile(r"<li>((?:<(?!/?(?:ul|ol|li)\b)[^<>]*>)*)\ue000(\d+)\ue002([^<>\ue001]*)\ue001")
_MARK = re.compile(r"\ue000[^<>\ue001]*\ue001")


@dataclass(frozen=True, slots=True)
class _Item:
    """What Word counts an item as, and its mark where that is not the plain number."""

    number: int
    label: str | None


@dataclass(slots=True)
class _Counter:
    lists: dict[str, NumberedList]
    counts: dict[str, dict[int, int]] = field(default_factory=dict)  # abstract list → level → last number
    seen: set[str] = field(default_factory=set)

    def next(self, name: str, depth: int) -> _Item | None:
        """The next item of a list, or None for a bullet."""
        used = self.lists.get(name)
        if used is None:
            return None
        counts = self.counts.setdefault(used.abstract, {})
        if name not in self.seen:
            self.seen.add(name)
            for overridden in used.starts:
                counts.pop(overridden, None)
        for deeper in [other for other in counts if other > depth]:
            if used.level(deeper).is_restarted_by(depth):
                del counts[deeper]
        level = used.level(depth)
        counts[depth] = counts[depth] + 1 if depth in counts else used.start(depth)
        return _Item(counts[depth], step_label(used.shown(depth, counts))) if level.is_ordered else None

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
    return _MARK.sub("", _ITEM_MARK.sub(rf'<li value="\2" {LABEL}="\3">\1', html))


def _marked(archive: zipfile.ZipFile) -> bytes:
    root = etree.fromstring(archive.read(_DOCUMENT), PARSER)
    lists = read_lists(etree.fromstring(archive.read("word/numbering.xml"), PARSER))
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
        item = counter.next(*place)
        if item is not None:
            _mark(paragraph, item)
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


def _mark(paragraph: Element, item: _Item) -> None:
    run = etree.Element(f"{W}r")
    etree.SubElement(run, f"{W}t").text = f"\ue000{item.number}\ue002{item.label or ''}\ue001"
    properties = paragraph.find(f"{W}pPr")
    paragraph.insert(0 if properties is None else paragraph.index(properties) + 1, run)


def _styles(root: Element) -> dict[str, tuple[str, int]]:
    """The list and level of each style that numbers its paragraphs."""

    def numbering(style: Element) -> tuple[str, int] | None:
        number = value_of(style, "pPr/numPr/numId")
        return None if number is None else (number, int(value_of(style, "pPr/numPr/ilvl") or 0))

    return by_style(root, numbering)
