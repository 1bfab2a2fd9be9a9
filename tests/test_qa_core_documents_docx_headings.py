"""Word's headings: by style, by outline level, and typed in bold."""

from __future__ import annotations

from io import BytesIO

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from qa_core.documents import read_content
from qa_core.documents.blocks import Heading


def lines(document: Document) -> list[str]:
    buffer = BytesIO()
    document.save(buffer)
    blocks = read_content(buffer.getvalue(), ".docx").blocks
    return [f"{'#' * x.level} {x.text}" if isinstance(x, Heading) else str(x) for x in blocks]


def style(document: Document, name: str, base: str, *, level: int | None = None, bold: bool = False) -> None:
    made = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    made.base_style = document.styles[base]
    made.font.bold = bold or None
    if level is not None:
        made.element.get_or_add_pPr().append(outline(level))


def outline(level: int) -> OxmlElement:
    element = OxmlElement("w:outlineLvl")
    element.set(qn("w:val"), str(level))
    return element


def bold(document: Document, text: str) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.add_run(text).bold = True
    return paragraph


def test_bold_lines_below_headings_are_headings_one_level_lower() -> None:
    document = docx.Document()
    document.add_heading("Brinto pump", 0)
    document.add_heading("Operation", 1)
    document.add_paragraph("Read this first.")
    bold(document, "Starting the pump")
    document.add_paragraph("Open the inlet.", style="List Number")
    bold(document, "Note: wear gloves")
    bold(document, "Stopping the pump")
    document.add_paragraph("Close the inlet.")

    assert lines(document) == [
        "# Brinto pump",
        "## Operation",
        "Read this first.",
        "### Starting the pump",
        "1. Open the inlet.",
        "Note: wear gloves",
        "### Stopping the pump",
        "Close the inlet.",
    ]


def test_styles_of_ones_own_head_by_their_outline_level_or_as_the_style_that_they_rest_on() -> None:
    document = docx.Document()
    style(document, "House Chapter", "Heading 1")
    style(document, "House Part", "Normal", level=1)
    style(document, "House Label", "Normal", bold=True)
    document.add_paragraph("Operation", style="House Chapter")
    document.add_paragraph("Starting", style="House Part")
    document.add_paragraph("Press START.")
    document.add_paragraph("After a power cut", style="House Label")
    document.add_paragraph("Press START twice.")
    document.add_paragraph("Care")._p.get_or_add_pPr().append(outline(0))
    document.add_paragraph("Wipe it. " * 20)._p.get_or_add_pPr().append(outline(0))

    assert lines(document) == [
        "# Operation",
        "## Starting",
        "Press START.",
        "### After a power cut",
        "Press START twice.",
        "# Care",
        ("Wipe it. " * 20).strip(),
    ]


def test_names_of_columns_may_be_bold_by_their_style() -> None:
    document = docx.Document()
    style(document, "House Column", "Normal", bold=True)
    table = document.add_table(rows=2, cols=2)
    for cell, name in zip(table.rows[0].cells, ("Part", "Length"), strict=True):
        cell.paragraphs[0].style = "House Column"
        cell.paragraphs[0].add_run(name)
    for cell, text in zip(table.rows[1].cells, ("Hose", "2 m"), strict=True):
        cell.text = text

    assert lines(document) == ["Part: Hose | Length: 2 m"]


def large(document: Document, text: str, size: int) -> None:
    document.add_paragraph().add_run(text).font.size = Pt(size)


def test_larger_type_heads_where_no_paragraph_has_the_style_of_headings() -> None:
    document = docx.Document()
    large(document, "Velto kettle", 24)
    large(document, "User manual", 18)
    large(document, "1. Use", 16)
    document.add_paragraph("Fill it with water.")
    large(document, "1.1 Boiling", 13)
    document.add_paragraph("Press ON.")
    large(document, "Never boil milk.", 13)
    document.add_paragraph("It burns.")
    large(document, "2. Care", 16)
    document.add_paragraph("Descale it.")

    assert lines(document) == [
        "# Velto kettle",
        "User manual",
        "## 1. Use",
        "Fill it with water.",
        "### 1.1 Boiling",
        "Press ON.",
        "Never boil milk.",
        "It burns.",
        "## 2. Care",
        "Descale it.",
    ]

    document.add_heading("Appendix", 1)
    assert "1.1 Boiling" in lines(document)
