"""Sets a source as a PDF, with the furniture of a printed manual.

Page headers and footers with page numbers, a contents page, boxed warnings, tables that repeat their
header row on the next page, and hyphenated lines. With `outline: no` in the front matter the file has
no bookmarks, so that only type size tells a heading.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Spacer, TableStyle
from reportlab.platypus import PageBreak as NewPage
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid
from reportlab.platypus.tableofcontents import TableOfContents
from source import Block, Heading, Item, PageBreak, Paragraph, Runs, Source, Table

MARGIN = 20 * mm
BODY = ParagraphStyle(
    "body",
    fontName="Helvetica",
    fontSize=9.5,
    leading=13,
    spaceAfter=5,
    alignment=TA_JUSTIFY,
    hyphenationLang="en_US",
    hyphenationMinWordLength=7,
)
CELL = ParagraphStyle("cell", fontName="Helvetica", fontSize=8.5, leading=11)
NOTE = ParagraphStyle("note", parent=BODY, borderWidth=0.8, borderColor=colors.black, borderPadding=4,
                      leftIndent=6, rightIndent=6, spaceBefore=6, spaceAfter=10)  # fmt: skip
HEADINGS = {
    level: ParagraphStyle(f"h{level}", fontName="Helvetica-Bold", fontSize=size, leading=size * 1.25,
                          spaceBefore=size * 0.8, spaceAfter=size * 0.4, keepWithNext=True)
    for level, size in {1: 20.0, 2: 15.0, 3: 12.0, 4: 10.5}.items()
}  # fmt: skip
GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
        ("BACKGROUND", (0, 0), (-1, 0), colors.Color(0.9, 0.9, 0.9)),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
)


def build_pdf(source: Source, path: Path) -> None:
    """Write the PDF; the same source gives the same bytes."""
    meta = source.meta
    document = _Document(
        str(path),
        meta=meta,
        title=meta["title"],
        author=meta["maker"],
        subject=f"product: {meta['product']}; version: {meta['version']}",
        pagesize=A4,
        invariant=1,
    )
    document.multiBuild([*_front(meta), *(flowable for block in source.blocks for flowable in _set(block))])


class _Document(BaseDocTemplate):  # type: ignore[misc]
    """The page template; notes headings for the contents page and the outline."""

    def __init__(self, path: str, meta: dict[str, str], **options: Any) -> None:
        super().__init__(path, **options)
        self.meta = meta
        width, height = A4
        frame = Frame(MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN)
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=self._furnish))

    def _furnish(self, canvas: Any, _: Any) -> None:
        page = canvas.getPageNumber()
        if page == 1:
            return
        width, height = A4
        canvas.setFont("Helvetica", 8)
        canvas.drawString(MARGIN, height - 13 * mm, self.meta["title"])
        canvas.drawRightString(width - MARGIN, height - 13 * mm, self.meta["document"])
        canvas.drawString(MARGIN, 12 * mm, f"{self.meta['maker']} · Version {self.meta['version']}")
        canvas.drawRightString(width - MARGIN, 12 * mm, f"Page {page}")

    def afterFlowable(self, flowable: Any) -> None:  # noqa: N802
        """Called by reportlab after each flowable is set."""
        level = getattr(flowable, "heading_level", None)
        if level is None:
            return
        title = flowable.getPlainText()
        key = f"heading-{self.canv.getPageNumber()}-{title}"
        if level <= 2:
            self.notify("TOCEntry", (level - 1, escape(title), self.page))
        if self.meta.get("outline", "yes") == "yes":
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(title, key, level=level - 1, closed=level > 1)


def _front(meta: dict[str, str]) -> list[Any]:
    contents = TableOfContents(dotsMinLevel=0)
    contents.levelStyles = [ParagraphStyle(f"toc{n}", parent=CELL, leftIndent=12 * n) for n in range(2)]
    big = ParagraphStyle("big", parent=HEADINGS[1], fontSize=28, leading=34, spaceBefore=60 * mm)
    lines = [f"Document {meta['document']}", f"Version {meta['version']}", meta["maker"]]
    cover = [Text(escape(meta["title"]), big), *(Text(escape(line), BODY) for line in lines)]
    return [*cover, NewPage(), Text("Contents", HEADINGS[1]), contents, NewPage()]


def _set(block: Block) -> list[Any]:
    if isinstance(block, Heading):
        heading = Text(_markup(block.runs), HEADINGS[block.level])
        heading.heading_level = block.level
        return [heading]
    if isinstance(block, Paragraph):
        return [Text(_markup(block.runs), NOTE if block.is_note else BODY)]
    if isinstance(block, Item):
        return [_set_item(block)]
    if isinstance(block, Table):
        return [_set_table(block), Spacer(1, 8)]
    assert isinstance(block, PageBreak)
    return [NewPage()]


def _set_item(item: Item) -> Any:
    indent = 18.0 * (item.level + 1)
    style = ParagraphStyle("item", parent=BODY, leftIndent=indent, bulletIndent=indent - 15, spaceAfter=3)
    marker = "•" if item.number == 0 else None
    if item.number:
        marker = f"{item.number}." if item.level == 0 else f"{chr(ord('a') + item.number - 1)}."
    return Text(_markup(item.runs), style, bulletText=marker)


def _set_table(table: Table) -> Any:
    header = [Text(f"<b>{_markup(cell)}</b>", CELL) for cell in table.header]
    rows = [[Text(_markup(cell), CELL) for cell in row] for row in table.rows]
    columns = list(zip(table.header, *table.rows, strict=True))
    widest_words = [14 + max(_word_width(cell) for cell in column) for column in columns]
    weights = [max(min(60, _length(cell)) for cell in column) for column in columns]
    spare = A4[0] - 2 * MARGIN - 12 - sum(widest_words)
    widths = [
        least + spare * weight / sum(weights) for least, weight in zip(widest_words, weights, strict=True)
    ]
    return Grid([header, *rows], widths, repeatRows=1, style=GRID)


def _length(runs: Runs) -> int:
    return sum(len(run.text) for run in runs)


def _word_width(runs: Runs) -> float:
    """Points that the longest word takes in bold; a narrower column would break it."""
    words = [word for run in runs for word in run.text.split()]
    return max((stringWidth(word, "Helvetica-Bold", CELL.fontSize) for word in words), default=0.0)


def _markup(runs: Runs) -> str:
    return "".join(f"<b>{escape(run.text)}</b>" if run.bold else escape(run.text) for run in runs)
