"""List items carry the numbers that Word shows."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from qa_core.documents import read_content
from qa_core.documents.blocks import Heading
from qa_core.errors import DocumentError


def lines(document: Document) -> list[str]:
    buffer = BytesIO()
    document.save(buffer)
    blocks = read_content(buffer.getvalue(), ".docx").blocks
    return [f"# {b.text}" if isinstance(b, Heading) else str(b) for b in blocks]


LEVELS = [("decimal", "%1."), ("lowerLetter", "%2)")]


def start_lists(
    document: Document, starts: dict[int, int | None], kinds: Sequence[tuple[str, str]] = LEVELS
) -> None:
    """Lists of their own, all of one kind; one with a number starts there."""
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for i, (form, text) in enumerate(kinds)
    )
    abstract = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="70">{levels}</w:abstractNum>'
    numbering.insert(0, parse_xml(abstract))
    for name, start in starts.items():
        override = f'<w:lvlOverride w:ilvl="0"><w:startOverride w:val="{start}"/></w:lvlOverride>'
        numbering.append(
            parse_xml(
                f'<w:num {nsdecls("w")} w:numId="{name}"><w:abstractNumId w:val="70"/>'
                f"{override if start else ''}</w:num>"
            )
        )


def item(document: Document, text: str, name: int, level: int = 0) -> None:
    properties = document.add_paragraph(text)._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{name}"/></w:numPr>')
    )


def test_a_list_goes_on_counting_behind_a_note() -> None:
    document = docx.Document()
    start_lists(document, {71: None})
    item(document, "Unpack it.", 71)
    item(document, "Check it:", 71)
    item(document, "the tray", 71, level=1)
    item(document, "the rack", 71, level=1)
    document.add_paragraph("Note: it is heavy.")
    item(document, "Switch it on.", 71)
    item(document, "the light", 71, level=1)
    assert lines(document) == [
        "1. Unpack it.",
        "2. Check it:",
        "  a) the tray",
        "  b) the rack",
        "Note: it is heavy.",
        "3. Switch it on.",
        "  a) the light",
    ]


@pytest.mark.parametrize(
    ("kinds", "marks"),
    [
        (
            [("decimal", "%1."), ("decimal", "%1.%2."), ("decimal", "%1.%2.%3")],
            "1. 1.1. 1.1.1. 1.1.2. 1.2. 2. 2.1.",
        ),
        ([("upperLetter", "%1."), ("lowerRoman", "(%2)"), ("bullet", "-")], "A. (i) - - (ii) B. (i)"),
        ([("upperRoman", "%1."), ("lowerLetter", "%2)"), ("bullet", "-")], "I. a) - - b) II. a)"),
        ([("decimal", "Step %1:"), ("decimal", "%2)"), ("bullet", "-")], "1. 1. - - 2. 2. 1."),
    ],
)
def test_items_have_the_marks_that_word_shows(kinds: list[tuple[str, str]], marks: str) -> None:
    document = docx.Document()
    start_lists(document, {71: None}, kinds)
    for level in (0, 1, 2, 2, 1, 0, 1):
        item(document, "x", 71, level)
    assert [line.split()[0] for line in lines(document)] == marks.split()


def test_a_level_may_be_told_to_count_on() -> None:
    document = docx.Document()
    start_lists(
        document, {71: None}, [("upperLetter", "%1."), ("decimal", '%1.%2."/><w:lvlRestart w:val="0')]
    )
    for level in (0, 1, 1, 0, 1):
        item(document, "x", 71, level)
    assert [line.split()[0] for line in lines(document)] == ["A.", "A.1.", "A.2.", "B.", "B.3."]


def test_a_list_begins_where_it_is_told_to() -> None:
    document = docx.Document()
    start_lists(document, {71: None, 72: 4, 73: 1})
    for text, name in (("Unpack it.", 71), ("Switch it on.", 72), ("Set the clock.", 72), ("Open it.", 73)):
        item(document, text, name)
    assert [line[:2] for line in lines(document)] == ["1.", "4.", "5.", "1."]


def test_a_list_of_a_style_begins_anew_under_a_heading_and_an_introduction() -> None:
    document = docx.Document()
    for text, style in (
        ("Paper", "Heading 1"),
        ("Open the tray.", "List Number"),
        ("Mind your fingers.", "Normal"),
        ("Close it.", "List Number"),
        ("Toner", "Heading 1"),
        ("Open the door.", "List Number"),
        ("To close it again:", "Normal"),
        ("Push it.", "List Number"),
    ):
        document.add_paragraph(text, style=style)
    assert lines(document) == [
        "# Paper",
        "1. Open the tray.",
        "Mind your fingers.",
        "2. Close it.",
        "# Toner",
        "1. Open the door.",
        "To close it again:",
        "1. Push it.",
    ]


def test_pictures_in_a_numbered_list_do_no_harm() -> None:
    from base64 import b64decode

    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    document = docx.Document()
    document.add_paragraph("Open the tray.", style="List Number")
    document.add_picture(BytesIO(b64decode(pixel)))
    document.add_paragraph("Close it.", style="List Number")
    assert lines(document) == ["1. Open the tray.", "2. Close it."]


@pytest.mark.parametrize(
    ("member", "kind"),
    [("ppt/presentation.xml", "a presentation"), ("xl/workbook.xml", "a spreadsheet")],
)
def test_other_office_files_are_named(member: str, kind: str) -> None:
    import zipfile

    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, "<x/>")
    with pytest.raises(DocumentError, match=f"{kind}, which is no kind of manual"):
        read_content(buffer.getvalue(), ".pptx")
