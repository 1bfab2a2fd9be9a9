from __future__ import annotations

import struct
import zipfile
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from qa_core.documents import read_document
from qa_core.errors import DocumentError
from qa_core.types import ParsedManual


def parse(folder: Path, data: bytes, name: str = "manual.docx") -> ParsedManual:
    path = folder / name
    path.write_bytes(data)
    return read_document(path, folder)


def build() -> bytes:
    document = docx.Document()
    document.core_properties.title = "Folio 540 User Guide"
    document.core_properties.subject = "product: Folio 540; version: 3.1"
    document.sections[0].header.paragraphs[0].text = "Folio 540"
    document.add_heading("Folio 540", 0)
    document.add_paragraph("Keep this manual.")
    document.add_heading("Paper", 1)
    document.add_heading("Tray 1", 2)
    for text, style in (
        ("To load paper:", "Normal"),
        ("Open the tray.", "List Number"),
        ("Letter", "List Bullet 2"),
        ("Close it.", "List Number"),
    ):
        document.add_paragraph(text, style=style)
    table = document.add_table(rows=0, cols=2)
    for row in (("Code", "Meaning"), ("E-4", "Jam")):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.paragraphs[0].add_run(text).bold = row[0] == "Code"
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    """The DOCX with one member more, or another in its place."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info, old.read(info))
        new.writestr(name, content)
    return buffer.getvalue()


def test_headings_lists_and_tables_are_read_and_page_headers_are_not(tmp_path: Path) -> None:
    parsed = parse(tmp_path, build())

    assert [(section.heading_path, section.text.split("\n")) for section in parsed.sections] == [
        (("Folio 540",), ["Keep this manual."]),
        (("Paper",), [""]),
        (
            ("Paper", "Tray 1"),
            [
                "To load paper:",
                "1. Open the tray.",
                "  - Letter",
                "2. Close it.",
                "Code: E-4 | Meaning: Jam",
            ],
        ),
    ]


def test_properties_name_title_product_and_version(tmp_path: Path) -> None:
    manual = parse(tmp_path, build()).manual

    assert (manual.title, manual.product, manual.version) == ("Folio 540 User Guide", "Folio 540", "3.1")


def test_hidden_text_is_left_out(tmp_path: Path) -> None:
    document = docx.Document()
    style = document.styles.add_style("Internal", WD_STYLE_TYPE.CHARACTER)
    style.font.hidden = True
    based = document.styles.add_style("Internal Note", WD_STYLE_TYPE.CHARACTER)
    based.base_style = style
    paragraph = document.add_paragraph("Wait ")
    paragraph.add_run("two or ").font.hidden = True
    paragraph.add_run("three ", style=based)
    paragraph.add_run("five ", style=based).font.hidden = False
    paragraph.add_run("minutes.")
    for text, is_hidden in (("Open it.", False), ("Ask Joe.", True), ("Close it.", False)):
        item = document.add_paragraph(style="List Number")
        item.add_run(text).font.hidden = is_hidden
        if is_hidden:
            item._p.get_or_add_pPr().append(parse_xml(f"<w:rPr {nsdecls('w')}><w:vanish/></w:rPr>"))
    buffer = BytesIO()
    document.save(buffer)

    [section] = parse(tmp_path, buffer.getvalue()).sections

    assert section.text.split("\n") == ["Wait five minutes.", "1. Open it.", "2. Close it."]


def test_what_is_struck_out_once_or_twice_is_left_out(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Wait ")
    paragraph.add_run("two ").font.strike = True
    paragraph.add_run("three ").font.double_strike = True
    paragraph.add_run("five ").font.double_strike = False
    paragraph.add_run("minutes.")
    buffer = BytesIO()
    document.save(buffer)

    assert parse(tmp_path, buffer.getvalue()).sections[0].text == "Wait five minutes."


@pytest.mark.parametrize("style", ["TOC 1", "toc 1"])
def test_typed_contents_are_left_out(tmp_path: Path, style: str) -> None:
    document = docx.Document()
    document.styles.add_style(style, WD_STYLE_TYPE.PARAGRAPH)
    for entry in ("Daily use\t5", "Cleaning the jug\t7"):
        document.add_paragraph(entry, style=style)
    document.add_heading("Daily use", 1)
    document.add_paragraph("Fill the jug.")
    buffer = BytesIO()
    document.save(buffer)

    assert [section.text for section in parse(tmp_path, buffer.getvalue()).sections] == ["Fill the jug."]


def test_exponents_stay_raised(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("At most 10")
    paragraph.add_run("3").font.superscript = True
    paragraph.add_run(" pages of CO")
    paragraph.add_run("2").font.subscript = True
    buffer = BytesIO()
    document.save(buffer)

    assert parse(tmp_path, buffer.getvalue()).sections[0].text == "At most 10³ pages of CO2"


def test_a_docx_is_recognised_by_its_content(tmp_path: Path) -> None:
    assert parse(tmp_path, build(), "manual.bin").sections[0].text == "Keep this manual."


def test_a_truncated_docx_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"^corrupt DOCX \(.*\); save it anew from Word$"):
        parse(tmp_path, build()[:-500])


def test_a_docx_with_broken_xml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"^corrupt DOCX \("):
        parse(tmp_path, with_member(build(), "word/document.xml", b"<w:document><w:body>"))


def test_a_docx_whose_member_is_damaged_is_refused(tmp_path: Path) -> None:
    data = bytearray(build())
    with zipfile.ZipFile(BytesIO(data)) as archive:
        at = archive.getinfo("word/document.xml").header_offset
    data[at + 100 : at + 200] = bytes(100)

    with pytest.raises(DocumentError, match=r"^corrupt DOCX \("):
        parse(tmp_path, bytes(data))


def test_a_zip_without_a_word_document_is_refused(tmp_path: Path) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")

    with pytest.raises(DocumentError, match=r"^corrupt DOCX: word/document.xml is missing"):
        parse(tmp_path, buffer.getvalue())
    with pytest.raises(DocumentError, match=r"^a ZIP archive and no DOCX"):
        parse(tmp_path, buffer.getvalue(), "manual.md")


def test_a_file_that_is_no_zip_is_refused_by_its_ending(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"^corrupt DOCX: not a Word file inside"):
        parse(tmp_path, b"Press OK.")


def test_an_old_or_encrypted_word_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="old or password-protected Office file; save it as DOCX"):
        parse(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = with_member(build(), "word/media/image1.xml", bytes(64 * 1024 * 1024))

    with pytest.raises(DocumentError, match=r"^unpacks from 0\.1 to 6\d MB, as a zip bomb does"):
        parse(tmp_path, bomb)


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    data = with_member(build(), "word/document.xml", b"<w>" + bytes(32 * 1024 * 1024))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        size = struct.pack("<I", archive.getinfo("word/document.xml").file_size)

    with pytest.raises(DocumentError, match=r"^corrupt DOCX \("):
        parse(tmp_path, data.replace(size, struct.pack("<I", 1000)))


def test_a_strict_file_and_one_with_another_main_part_are_read_as_others(tmp_path: Path) -> None:
    document = docx.Document()
    for text in ("Open the tray.", "Close it."):
        document.add_paragraph(text, style="List Number")
        document.add_paragraph("Wait.")
    document.add_paragraph().add_run("Secret.").font.hidden = True
    buffer = BytesIO()
    document.save(buffer)
    usual = [section.text for section in parse(tmp_path, buffer.getvalue()).sections]

    def changed(name: str, content: bytes) -> tuple[str, bytes]:
        for kind in (b"wordprocessingml", b"officeDocument"):
            old = b"http://schemas.openxmlformats.org/" + kind + b"/2006/"
            content = content.replace(old, b"http://purl.oclc.org/ooxml/" + kind + b"/")
        return name.replace("document.xml", "document2.xml"), content.replace(
            b"/document.xml", b"/document2.xml"
        )

    other = BytesIO()
    with zipfile.ZipFile(buffer) as archive, zipfile.ZipFile(other, "w") as new:
        for name in archive.namelist():
            new.writestr(*changed(name, archive.read(name)))

    assert usual == ["1. Open the tray.\nWait.\n2. Close it.\nWait."]
    assert [section.text for section in parse(tmp_path, other.getvalue()).sections] == usual


@pytest.mark.parametrize(("title", "shown"), [("Brisa 200 fan", "Brisa 200 fan"), ("User guide", "fan 7")])
def test_a_paragraph_in_the_style_of_titles_is_the_manuals_title(
    tmp_path: Path, title: str, shown: str
) -> None:
    document = docx.Document()
    document.core_properties.title = ""
    document.add_heading(title, 0)
    for heading in ("Use", "Care"):
        document.add_heading(heading, 1)
        document.add_paragraph(f"{heading} of it.")
    buffer = BytesIO()
    document.save(buffer)

    parsed = parse(tmp_path, buffer.getvalue(), "fan-7.docx")

    assert parsed.manual.title == shown
    assert [section.heading_path for section in parsed.sections] == [(title,), ("Use",), ("Care",)]
