"""Sets a source as a DOCX with Word's own headings, numbered lists and tables."""

from __future__ import annotations

import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from source import Block, Heading, Item, PageBreak, Paragraph, Runs, Source, Table

BUILT_AT = datetime(2026, 1, 15, 9, 0)
LEVELS = {True: ("decimal", "lowerLetter"), False: ("bullet", "bullet")}


def build_docx(source: Source, path: Path) -> None:
    """Write the DOCX; the same source gives the same bytes."""
    document = docx.Document()
    _describe(document, source.meta)
    document.add_heading(source.meta["title"], 0)
    lists = _Lists(document)
    for block in source.blocks:
        _set(document, lists, block)
    buffer = BytesIO()
    document.save(buffer)
    _write_zip(buffer, path)


def _describe(document: Any, meta: dict[str, str]) -> None:
    core = document.core_properties
    core.title, core.author = meta["title"], meta["maker"]
    core.subject = f"product: {meta['product']}; version: {meta['version']}"
    core.comments = ""
    core.created = core.modified = BUILT_AT
    section = document.sections[0]
    section.header.paragraphs[0].text = f"{meta['title']}\t\t{meta['document']}"
    section.footer.paragraphs[0].text = f"{meta['maker']} · Version {meta['version']}"


class _Lists:
    """Word's numbering: two kinds of list, and a fresh count for each list of steps."""

    def __init__(self, document: Any) -> None:
        self.numbering = document.part.numbering_part.numbering_definitions._numbering
        self.kinds = {ordered: self._add_kind(80 + ordered, ordered) for ordered in (False, True)}
        self.open: dict[int, int] = {}  # level → Word's id of the list that is being set

    def _add_kind(self, kind: int, ordered: bool) -> int:
        levels = "".join(
            f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
            f'<w:lvlText w:val="{f"%{level + 1}." if ordered else "•"}"/>'
            f'<w:pPr><w:ind w:left="{720 * (level + 1)}" w:hanging="360"/></w:pPr></w:lvl>'
            for level, form in enumerate(LEVELS[ordered])
        )
        xml = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{kind}">{levels}</w:abstractNum>'
        self.numbering.insert(0, parse_xml(xml))
        return kind

    def list_id(self, item: Item) -> int:
        """Word's id of the list that the item belongs to."""
        if item.opens_list:
            num = self.numbering.add_num(self.kinds[bool(item.number)])
            num.add_lvlOverride(ilvl=item.level).add_startOverride(1)
            self.open[item.level] = num.numId
        return self.open[item.level]


def _set(document: Any, lists: _Lists, block: Block) -> None:
    if isinstance(block, Heading):
        _add_runs(document.add_heading(level=block.level), block.runs)
    elif isinstance(block, Paragraph):
        _add_runs(document.add_paragraph(style="Intense Quote" if block.is_note else None), block.runs)
    elif isinstance(block, Item):
        _set_item(document, lists, block)
    elif isinstance(block, Table):
        _set_table(document, block)
    else:
        assert isinstance(block, PageBreak)
        document.add_page_break()


def _set_item(document: Any, lists: _Lists, item: Item) -> None:
    paragraph = document.add_paragraph(style="List Paragraph" if item.number is not None else "List Continue")
    if item.number is not None:
        numbering = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        numbering.get_or_add_numId().val = lists.list_id(item)
        numbering.get_or_add_ilvl().val = item.level
    _add_runs(paragraph, item.runs)


def _set_table(document: Any, table: Table) -> None:
    grid = document.add_table(rows=0, cols=len(table.header), style="Table Grid")
    for place, row in enumerate((table.header, *table.rows)):
        cells = grid.add_row().cells
        for cell, runs in zip(cells, row, strict=True):
            _add_runs(cell.paragraphs[0], runs, bold=place == 0)
    grid.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    document.add_paragraph()


def _add_runs(paragraph: Any, runs: Runs, bold: bool = False) -> None:
    for run in runs:
        paragraph.add_run(run.text).bold = run.bold or bold or None


def _write_zip(buffer: BytesIO, path: Path) -> None:
    """Copy the archive with fixed dates: python-docx stamps the time of the build."""
    with zipfile.ZipFile(buffer) as archive, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in archive.namelist():
            fixed.writestr(zipfile.ZipInfo(name, BUILT_AT.timetuple()[:6]), archive.read(name),
                           zipfile.ZIP_DEFLATED)  # fmt: skip
