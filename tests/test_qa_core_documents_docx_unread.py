"""Text of Word files in fields, formulas and text boxes is read."""

from __future__ import annotations

from io import BytesIO

import docx
import pytest
from docx.oxml import parse_xml

from qa_core.documents import read_content
from qa_core.documents.blocks import Block, Heading

OFFICE = "http://schemas.openxmlformats.org"
NAMES = {
    "w": f"{OFFICE}/wordprocessingml/2006/main",
    "m": f"{OFFICE}/officeDocument/2006/math",
    "mc": f"{OFFICE}/markup-compatibility/2006",
    "a": f"{OFFICE}/drawingml/2006/main",
    "wp": f"{OFFICE}/drawingml/2006/wordprocessingDrawing",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "v": "urn:schemas-microsoft-com:vml",
}
PARAGRAPHS = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in ("Hot!", "Wait."))
BOX = f"<w:txbxContent>{PARAGRAPHS}</w:txbxContent>"
DRAWN = (
    "<w:drawing><wp:anchor><a:graphic><a:graphicData><wps:wsp><wps:txbx>"
    f"{BOX}</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing>"
)
OLDER = f"<mc:Fallback><w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape></w:pict></mc:Fallback>"
CHOICE = f"<mc:Choice>{DRAWN}</mc:Choice>"


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def lines(*paragraphs: str) -> list[str]:
    return [block.text if isinstance(block, Heading) else str(block) for block in blocks(*paragraphs)]


def kinds(*paragraphs: str) -> list[str]:
    return [type(block).__name__ for block in blocks(*paragraphs)]


def blocks(*paragraphs: str) -> tuple[Block, ...]:
    document = docx.Document()
    names = " ".join(f'xmlns:{name}="{address}"' for name, address in NAMES.items())
    for content in paragraphs:
        document.element.body.insert(-1, parse_xml(f"<w:p {names}>{content}</w:p>"))
    buffer = BytesIO()
    document.save(buffer)
    return read_content(buffer.getvalue(), ".docx").blocks


def test_the_text_of_a_simple_field_is_read() -> None:
    field = f'<w:fldSimple w:instr="REF tray">{run("Table 7")}</w:fldSimple>'
    assert lines(run("See ") + field + run(".")) == ["See Table 7."]


def test_a_formula_is_read_on_one_line() -> None:
    def math(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    fraction = f"<m:f><m:fPr/><m:num>{math('U+1')}</m:num><m:den>{math('R')}</m:den></m:f>"
    power = f"<m:sSup><m:e>{math('x')}</m:e><m:sup>{math('2')}</m:sup></m:sSup>"
    assert lines(
        run("Set ") + f"<m:oMath>{math('I=')}{fraction}</m:oMath>" + run(" A."),
        f"<m:oMathPara><m:oMath>{power}</m:oMath></m:oMathPara>",
    ) == ["Set I=(U+1)/R A.", "x^2"]


@pytest.mark.parametrize(
    "box",
    [
        DRAWN,
        f"<mc:AlternateContent>{CHOICE}</mc:AlternateContent>",
        f"<mc:AlternateContent>{CHOICE}{OLDER}</mc:AlternateContent>",
        f"<mc:AlternateContent>{CHOICE}<mc:Fallback/></mc:AlternateContent>",
    ],
)
def test_a_text_box_is_read_once_behind_its_paragraph(box: str) -> None:
    assert lines(run("Open it.") + f"<w:r>{box}</w:r>", run("Close it.")) == [
        *("Open it.", "Hot!", "Wait.", "Close it.")
    ]


def test_a_carriage_return_parts_words() -> None:
    assert lines("<w:r><w:t>one</w:t><w:cr/><w:t>two</w:t></w:r>") == ["one two"]


def test_letters_of_the_symbol_font_are_the_signs_that_they_show() -> None:
    font = '<w:rPr><w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/></w:rPr>'
    signs = "".join(f"<w:r>{font}<w:t>{sign}</w:t></w:r>" for sign in ("\uf0b1", "5 \uf0b0", "C, 3 k\uf057"))
    assert lines(f"{run('80 ')}{signs}") == ["80 ±5 °C, 3 kΩ"]


def test_words_with_their_reading_and_words_that_run_in_one_direction_are_read() -> None:
    ruby = f"<w:r><w:ruby><w:rt>{run('den')}</w:rt><w:rubyBase>{run('Strom')}</w:rubyBase></w:ruby></w:r>"
    turned = f'<w:dir w:val="rtl">{run(" an")}</w:dir><w:bdo w:val="ltr">{run(" aus")}</w:bdo>'

    assert lines(ruby + turned) == ["Strom an aus"]


@pytest.mark.parametrize("box", [DRAWN, f"<mc:AlternateContent>{CHOICE}{OLDER}</mc:AlternateContent>"])
def test_a_heading_that_a_long_text_box_hangs_on_is_one(box: str) -> None:
    long = box.replace("Wait.", "Never leave the pan alone on the plate, as the oil in it may burn.")
    heading = '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>' + run("Frying") + f"<w:r>{long}</w:r>"
    assert lines(heading, run("Heat the oil."))[:2] == ["Frying", "Hot!"]
    assert kinds(heading, run("Heat the oil.")) == ["Heading", "Line", "Line", "Line"]
